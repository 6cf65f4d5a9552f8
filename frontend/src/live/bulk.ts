// A change or a move of many projects: what each one would do, asked of the API before anything is written.
import { CLOSED, COMPLETE, NOT_STARTED, type About } from "../data/table";
import type { Api } from "./api";
import { isBlank } from "../item/edit";
import type { Form, FormField, Item, Json, Patch, SavedItem, TextChange } from "./types";
import { requestId } from "./requests";
import { sentence } from "./text";

export type BulkChange =
  | { kind: "value"; path: string; label: string; value: Json }
  | { kind: "advance" }
  | { kind: "stage"; stage: string; name: string }
  | { kind: "close" };

/** Why something is done that is refused without a reason. */
export interface Grounds {
  reason: string;
  /** Whether it goes on against the rules. */
  override: boolean;
}

/** Returns the fields that can be set to one value in many projects. */
export function bulkFields(form: Form): [string, FormField][] {
  return Object.entries(form.fields).filter(([, { kind }]) => !["status", "documents", "text"].includes(kind));
}

/** Returns the stages that a project can be moved to by moves of its steps. */
export function stagesOf(about: About): About["stages"] {
  return about.stages.filter(([stage]) => stage !== NOT_STARTED && stage !== CLOSED);
}

/** Returns the stage that follows another one, the first where there is none. */
export function nextStage(stages: About["stages"], stage: string | null | undefined): string {
  const at = stages.findIndex(([id]) => id === stage);
  return (stages[at + 1] ?? stages[0])?.[0] ?? "";
}

/** Returns the change that brings a project to a stage. */
export function moveTo(stage: string, stages: About["stages"]): BulkChange {
  if (stage === CLOSED) return { kind: "close" };
  return { kind: "stage", stage, name: stages.find(([id]) => id === stage)?.[1] ?? stage };
}

/** What one project would do, with the state it was seen in. */
export interface Planned {
  says: string;
  /** Does it; what changed since the review is a conflict. */
  apply: () => Promise<string>;
}

function sentenceOf(saved: { sentence: string; changes: readonly TextChange[]; warnings: readonly string[] }): string {
  const changes = saved.changes.map(({ label, before, after }) => `${label}: ${before ?? "blank"} → ${after ?? "blank"}`);
  return [...(changes.length > 0 ? changes : [saved.sentence]), ...saved.warnings].map(sentence).join("\n");
}

/** Asks what a change would do to one project; what it may not do is thrown with the reason. */
export async function plan(api: Api, key: string, change: BulkChange, grounds: Grounds | null = null): Promise<Planned> {
  const item = await api.item(key);
  const { revision } = item;
  const request = requestId();
  const send = (dryRun: boolean): Promise<SavedItem> => {
    const dry = dryRun ? { dry_run: true } : {};
    if (change.kind === "close") return api.act(key, "close", { revision, reason: grounds?.reason ?? "", ...dry });
    if (change.kind === "advance") return api.act(key, "move", { move: "advance", revision, request, ...grounds, ...dry });
    return api.save(key, { ...patchFor(item, change), ...grounds }, dryRun);
  };
  const would = await send(true);
  return { says: sentenceOf(would.saved), apply: async () => (await send(false)).saved.sentence };
}

function patchFor(item: Item, change: Extract<BulkChange, { kind: "value" | "stage" }>): Patch {
  const empty: Patch = { revision: item.revision, seen: {}, changes: {}, statuses: {}, reason: null };
  if (change.kind === "value") {
    const field = item.form.fields[change.path];
    if (field === undefined) throw new Error(`This project has no field ${change.label}.`);
    return { ...empty, seen: { [change.path]: field.value }, changes: { [change.path]: isBlank(change.value) ? null : change.value } };
  }
  const seen = Object.fromEntries(item.steps.map(({ id, status }) => [`steps.${id}.status`, status]));
  return { ...empty, seen, statuses: statusesTo(item, change.stage) };
}

/** Returns the statuses that bring a project to a stage: the steps before it finished, its own started or reopened. */
export function statusesTo(item: Item, stage: string): Record<string, string> {
  const at = stage === COMPLETE ? item.steps.length : item.steps.findIndex(({ id }) => id === stage);
  const statuses: Record<string, string> = {};
  item.steps.forEach(({ id, status }, place) => {
    const isSkipped = status === "SKIPPED";
    const wanted = stage === NOT_STARTED ? "NOT_STARTED" : place < at ? (isSkipped ? status : "FINISHED") : place === at ? "ONGOING" : status;
    if (wanted !== status) statuses[id] = wanted;
  });
  return statuses;
}
