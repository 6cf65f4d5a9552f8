// What a person has changed in the form and not saved yet: pure, so that drafts, conflicts and views share it.
import type { DocumentLink, Form, FormField, Item, Json, Move, Patch, Step, Values } from "../live/types";

export interface Edit {
  /** The item's revision when the form was opened. */
  revision: number;
  /** The number of the last event then. */
  lastEvent?: number;
  /** The value of each changed path when it was first touched. */
  seen: Values;
  changes: Values;
  /** The chosen move of each step. */
  moves: Record<string, Move>;
  /** The status of each step that the moves change, when the first one was chosen. */
  steps: Record<string, string>;
  /** Labels of what was changed: a template that changes meanwhile may know the path no more. */
  labels: Record<string, string>;
  reason: string;
}

export function newEdit(revision: number, lastEvent?: number): Edit {
  return { revision, ...(lastEvent === undefined ? {} : { lastEvent }), seen: {}, changes: {}, moves: {}, steps: {}, labels: {}, reason: "" };
}

/** Returns the number of the last event that the item shows; what somebody typed into DSS has none yet. */
export function lastEventOf(item: Pick<Item, "timeline">): number {
  return item.timeline.find(({ pending }) => !pending)?.number ?? 0;
}

export function isBlank(value: Json | undefined): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Tells whether two values say the same; all blanks are one. */
export function sameValue(one: Json | undefined, other: Json | undefined): boolean {
  if (isBlank(one) || isBlank(other)) return isBlank(one) && isBlank(other);
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((part: Json, at) => sameValue(part, other[at] as Json));
  if (typeof one === "object" && typeof other === "object" && one !== null && other !== null) {
    const [first, second] = [one as Values, other as Values];
    return [...new Set([...Object.keys(first), ...Object.keys(second)])].every((name) => sameValue(first[name], second[name]));
  }
  return one === other;
}

export function without<T>(record: Record<string, T>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([each]) => each !== name));
}

/** Returns the edit with a value set; one that is again what it was is no change. */
export function setValue(edit: Edit, path: string, field: FormField, value: Json): Edit {
  const seen = path in edit.seen ? edit.seen[path] : field.value;
  if (sameValue(value, seen)) return dropChange(edit, path);
  return withChange(edit, path, field, seen, value);
}

/** Returns the edit with an inherited value taken as the item's own: the same value is a change then. */
export function confirmValue(edit: Edit, path: string, field: FormField): Edit {
  return withChange(edit, path, field, field.value, field.value);
}

function withChange(edit: Edit, path: string, field: FormField, seen: Json | undefined, value: Json): Edit {
  return {
    ...edit,
    seen: { ...edit.seen, [path]: seen ?? null },
    changes: { ...edit.changes, [path]: isBlank(value) ? null : value },
    labels: { ...edit.labels, [path]: field.label },
  };
}

export function dropChange(edit: Edit, path: string): Edit {
  return { ...edit, seen: without(edit.seen, path), changes: without(edit.changes, path), labels: without(edit.labels, path) };
}

export const statusPath = (step: string): string => `steps.${step}.status`;

/** Returns the edit with a step's move chosen, or taken back where it was. */
export function toggleMove(edit: Edit, move: Move, steps: readonly Step[]): Edit {
  if (edit.moves[move.step]?.status === move.status) return { ...edit, moves: without(edit.moves, move.step) };
  const statuses = Object.fromEntries(steps.filter(({ id }) => id in move.statuses).map(({ id, status }) => [id, status]));
  return { ...edit, moves: { ...edit.moves, [move.step]: move }, steps: { ...statuses, ...edit.steps } };
}

/** Returns the edit without the moves that would change a step's status. */
export function dropMoves(edit: Edit, step: string): Edit {
  const moves = Object.fromEntries(Object.entries(edit.moves).filter(([, move]) => !(step in move.statuses)));
  return { ...edit, moves, steps: without(edit.steps, step) };
}

export function countChanges(edit: Edit): number {
  return Object.keys(edit.changes).length + Object.keys(edit.moves).length;
}

export function needsReason(edit: Edit): boolean {
  return Object.values(edit.moves).some((move) => move.needs_reason);
}

/** Returns the value that the form shows for a path. */
export function valueOf(edit: Edit | null, path: string, field: FormField): Json {
  const changed = edit !== null && path in edit.changes ? edit.changes[path] : field.value;
  return changed ?? null;
}

/** Returns the value of a field of documents. */
export function documentsOf(value: Json): DocumentLink[] {
  if (!Array.isArray(value)) return [];
  const parts: readonly unknown[] = value;
  return parts as DocumentLink[];
}

/** Returns the changed paths that the form does not know (any more). */
export function unknownPaths(edit: Edit, form: Form): string[] {
  return Object.keys(edit.changes).filter((path) => !(path in form.fields));
}

/** Returns the part of the edit that the form can save, and the part that it knows no more. */
export function splitUnknown(edit: Edit, form: Form): { known: Edit; unknown: Edit } {
  const lost = unknownPaths(edit, form);
  const known = lost.reduce(dropChange, edit);
  const unknown = Object.keys(known.changes).reduce(dropChange, { ...edit, moves: {}, steps: {} });
  return { known, unknown };
}

/** Returns what is sent: the changed paths only, each with the value that was seen before. */
export function patchOf(edit: Edit, form: Form): Patch {
  const unknown = new Set(unknownPaths(edit, form));
  const known = (values: Values) => Object.fromEntries(Object.entries(values).filter(([path]) => !unknown.has(path)));
  const statuses = Object.assign({}, ...Object.values(edit.moves).map((move) => move.statuses)) as Record<string, string>;
  const seen = Object.fromEntries(Object.keys(statuses).flatMap((step) => (step in edit.steps ? [[statusPath(step), edit.steps[step] ?? null]] : [])));
  const lastEvent = edit.lastEvent === undefined ? {} : { last_event: edit.lastEvent };
  return { revision: edit.revision, ...lastEvent, seen: { ...known(edit.seen), ...seen }, changes: known(edit.changes), statuses, reason: edit.reason.trim() || null };
}

/** Returns a value as text for people: in conflicts, and for what no field can show. */
export function valueText(value: Json | undefined): string {
  if (isBlank(value)) return "(blank)";
  if (Array.isArray(value)) return value.map((part: Json) => valueText(part)).join(", ");
  if (value === true) return "Yes";
  if (value === false) return "No";
  if (typeof value === "object" && value !== null) {
    const link = value as { title?: string | null; url?: string };
    return link.title ? `${link.title} (${link.url ?? ""})` : (link.url ?? JSON.stringify(value));
  }
  return String(value);
}
