// A change or a move of many projects: what each one would do, asked of the API before anything is written.
import type { Api } from "./api";
import { isBlank } from "../item/edit";
import type { Form, FormField, Item, Json, Patch, SavedItem, TextChange } from "./types";
import { requestId } from "./requests";

export type BulkChange =
  | { kind: "value"; path: string; label: string; value: Json }
  | { kind: "advance" }
  | { kind: "step"; step: string; name: string };

/** Returns the fields that can be set to one value in many projects. */
export function bulkFields(form: Form): [string, FormField][] {
  return Object.entries(form.fields).filter(([, { kind }]) => !["status", "documents", "text"].includes(kind));
}

/** What one project would do, with the state it was seen in. */
export interface Planned {
  says: string;
  /** Does it; what changed since the review is a conflict. */
  apply: () => Promise<string>;
}

function sentenceOf(saved: { sentence: string; changes: readonly TextChange[]; warnings: readonly string[] }): string {
  const changes = saved.changes.map(({ label, before, after }) => `${label}: ${before ?? "blank"} → ${after ?? "blank"}`);
  return [...(changes.length > 0 ? changes : [saved.sentence]), ...saved.warnings].join(". ");
}

/** Asks what a change would do to one project; what it may not do is thrown with the reason. */
export async function plan(api: Api, key: string, change: BulkChange): Promise<Planned> {
  const item = await api.item(key);
  const send = (dryRun: boolean): Promise<SavedItem> => {
    if (change.kind === "advance") return api.act(key, "move", { move: "advance", revision: item.revision, request, ...(dryRun ? { dry_run: true } : {}) });
    return api.save(key, patch, dryRun);
  };
  const request = requestId();
  const patch = patchFor(item, change);
  const would = await send(true);
  return { says: sentenceOf(would.saved), apply: async () => (await send(false)).saved.sentence };
}

function patchFor(item: Item, change: BulkChange): Patch {
  const empty: Patch = { revision: item.revision, seen: {}, changes: {}, statuses: {}, reason: null };
  if (change.kind === "value") {
    const field = item.form.fields[change.path];
    if (field === undefined) throw new Error(`This project has no field ${change.label}.`);
    return { ...empty, seen: { [change.path]: field.value }, changes: { [change.path]: isBlank(change.value) ? null : change.value } };
  }
  if (change.kind === "step") {
    const seen = Object.fromEntries(item.steps.map(({ id, status }) => [`steps.${id}.status`, status]));
    return { ...empty, seen, statuses: statusesTo(item, change.step) };
  }
  return empty;
}

/** Returns the statuses that make a step the current one: those before it finished, or reopened where it is done. */
export function statusesTo(item: Item, target: string): Record<string, string> {
  const at = item.steps.findIndex(({ id }) => id === target);
  const statuses: Record<string, string> = {};
  item.steps.forEach(({ id, status }, place) => {
    const wanted = place < at ? (status === "SKIPPED" ? "SKIPPED" : "FINISHED") : place === at ? "ONGOING" : status;
    if (wanted !== status) statuses[id] = wanted;
  });
  return statuses;
}
