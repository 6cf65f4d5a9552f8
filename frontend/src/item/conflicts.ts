// Two people saved the same field: what each one chooses, put into the edit before it is saved again.
import type { Conflict, FormField, Json } from "../live/types";
import { dropChange, dropMoves, isBlank, sameValue, valueText, type Edit } from "./edit";

export type Choice = "mine" | "theirs" | "both";

const STATUS = /^steps\.(.+)\.status$/;

/** Returns the conflicts to ask about: where both wrote the same there is none (also after an answer that was lost). */
export function realConflicts(conflicts: readonly Conflict[]): Conflict[] {
  return conflicts.filter((conflict) => !sameValue(conflict.yours, conflict.theirs));
}

/** Tells whether both texts can be kept, one after the other. */
export function canKeepBoth(conflict: Conflict, field: FormField | undefined): boolean {
  return field !== undefined && (field.kind === "text" || field.kind === "documents") && !isBlank(conflict.yours) && !isBlank(conflict.theirs);
}

function together(theirs: Json, yours: Json): Json {
  if (Array.isArray(theirs) && Array.isArray(yours)) {
    const list: readonly Json[] = theirs;
    return [...list, ...(yours as readonly Json[]).filter((part) => !list.some((other) => sameValue(other, part)))];
  }
  return `${valueText(theirs)}\n\n${valueText(yours)}`;
}

/**
 * Returns the edit as it is to be saved again: what is mine now knows what theirs was.
 *
 * The revision stays that of the opened form, so that the answer tells all that others changed since.
 */
export function resolveConflicts(edit: Edit, conflicts: readonly Conflict[], choices: Readonly<Record<string, Choice>>): Edit {
  let resolved = edit;
  for (const conflict of conflicts) {
    const { path, yours, theirs } = conflict;
    const choice = sameValue(yours, theirs) ? "theirs" : (choices[path] ?? "theirs");
    const step = STATUS.exec(path)?.[1];
    if (step !== undefined && !(path in edit.changes)) {
      resolved = choice === "theirs" ? dropMoves(resolved, step) : { ...resolved, steps: { ...resolved.steps, [step]: valueText(theirs) } };
    } else if (choice === "theirs") {
      resolved = dropChange(resolved, path);
    } else {
      resolved = {
        ...resolved,
        seen: { ...resolved.seen, [path]: theirs },
        changes: { ...resolved.changes, [path]: choice === "both" ? together(theirs, yours) : yours },
      };
    }
  }
  return resolved;
}
