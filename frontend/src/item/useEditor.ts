// Edit → change → Save or Cancel over the whole item: the state of one form, and what saving it may end in.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, isOverridable, messageOf } from "../live/api";
import { useApp } from "../live/store";
import { countText } from "../live/time";
import type { Conflict, FieldError, Form, FormField, Item, Json, Move, Saved, SavedItem } from "../live/types";
import { realConflicts, resolveConflicts, type Choice } from "./conflicts";
import { browserStorage } from "../state/storage";
import { Drafts } from "./draft";
import { confirmValue, countChanges, lastEventOf, newEdit, patchOf, setValue, splitUnknown, toggleMove, unknownPaths, type Edit } from "./edit";

export interface Editor {
  edit: Edit | null;
  /** The part of it that can be saved. */
  known: Edit | null;
  /** When the restored draft was last changed; null where nothing was restored. */
  restoredAt: number | null;
  /** What was typed and can be saved no more: its fields are gone, or the right to edit is. */
  stranded: [label: string, value: Json][];
  kept: boolean;
  saving: boolean;
  errors: readonly FieldError[];
  failure: string | null;
  conflicts: readonly Conflict[];
  /** Whether rules alone refused the save, so that it can be saved with a reason. */
  overridable: boolean;
  start: () => void;
  cancel: () => void;
  discardStranded: () => void;
  change: (path: string, field: FormField, value: Json) => void;
  confirm: (path: string, field: FormField) => void;
  move: (move: Move) => void;
  setReason: (reason: string) => void;
  /** Whether the decision that is saved is recorded in the hub, too; null where this person may not, or none is saved. */
  attest: boolean | null;
  setAttest: (attest: boolean) => void;
  save: () => void;
  /** Saves against the rules, with the reason. */
  override: () => void;
  resolve: (choices: Readonly<Record<string, Choice>>) => void;
  closeConflict: () => void;
}

interface Outcome {
  errors: readonly FieldError[];
  failure: string | null;
  conflicts: readonly Conflict[];
  overridable: boolean;
}

const NOTHING: Outcome = { errors: [], failure: null, conflicts: [], overridable: false };

const notSaved = (count: number): string => `Not saved: ${countText(count, "thing")} to correct, told at ${count === 1 ? "its field" : "their fields"}.`;

/** Why nothing is saved, though what is left in the form can be. */
const notTaken = (edit: Edit, paths: readonly string[]): string =>
  `Not saved: the template has no ${paths.map((path) => edit.labels[path] ?? path).join(", ")} any more. What you typed there is above, to be copied; save the rest.`;

const hasKnown = (edit: Edit, form: Form): boolean => countChanges(splitUnknown(edit, form).known) > 0;

function strandedOf(edit: Edit | null, item: Item): [string, Json][] {
  if (edit === null) return [];
  const paths = item.form.can_edit ? unknownPaths(edit, item.form) : Object.keys(edit.changes);
  return paths.map((path) => [edit.labels[path] ?? path, edit.changes[path] ?? null]);
}

/** Tells whether a decision is among what is changed. */
function decides(edit: Edit, item: Item): boolean {
  const decision = item.attest?.paths[0];
  return decision !== undefined && decision in edit.changes && edit.changes[decision] !== null;
}

export function useDrafts<T>(): Drafts<T> {
  const { me } = useApp();
  return useMemo(() => new Drafts<T>(browserStorage(), me.login, me.instance.url ?? ""), [me]);
}

export function useEditor(item: Item, setItem: (item: Item) => void, onSaved: (saved: Saved) => void, onErrors: (errors: readonly FieldError[]) => void): Editor {
  const { api } = useApp();
  const drafts = useDrafts<Edit>();
  const key = item.address;
  const draft = useMemo(() => drafts.find(key), [drafts, key]);
  const [edit, setEdit] = useState<Edit | null>(() => (draft !== null && item.form.can_edit && hasKnown(draft.content, item.form) ? draft.content : null));
  // what was typed into fields that the template has no more: no form is open for it, and it is not forgotten
  const [left, setLeft] = useState<Edit | null>(() => (draft !== null && !(item.form.can_edit && hasKnown(draft.content, item.form)) ? draft.content : null));
  const [restoredAt, setRestoredAt] = useState<number | null>(draft?.at ?? null);
  const [kept, setKept] = useState(true);
  const [saving, setSaving] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>(NOTHING);
  const [attest, setAttest] = useState(false);
  const busyRef = useRef(false);

  const dirty = edit !== null && countChanges(edit) > 0;
  useEffect(() => {
    if (!dirty || kept) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty, kept]);

  const put = (changed: Edit) => {
    setEdit(changed);
    setLeft(null);
    if (countChanges(changed) > 0) setKept(drafts.keep(key, changed));
    else drafts.drop(key);
  };
  const end = () => {
    drafts.drop(key);
    setEdit(null);
    setLeft(null);
    setRestoredAt(null);
    setAttest(false);
    setOutcome(NOTHING);
  };
  // what the form knows no more is not saved, and so not forgotten
  const finish = (unknown: Edit) => {
    end();
    if (countChanges(unknown) === 0) return;
    setKept(drafts.keep(key, unknown));
    setLeft(unknown);
  };
  const update = (path: string, changed: Edit) => {
    put(changed);
    setOutcome((before) => ({ ...before, errors: before.errors.filter((error) => error.path !== path) }));
  };

  const fail = async (error: unknown, current: Edit): Promise<void> => {
    const problem = error instanceof ApiError ? error.problem : null;
    if (problem?.conflicts && problem.conflicts.length > 0) {
      if (problem.item) setItem(problem.item);
      if (realConflicts(problem.conflicts).length > 0) setOutcome({ ...NOTHING, conflicts: problem.conflicts });
      else await send(resolveConflicts(current, problem.conflicts, {}), false);
    } else if (problem?.errors && problem.errors.length > 0) {
      // the form may be older than the template that refused it: what it knows no more is then shown as text
      const now = await api.item(key).catch(() => null);
      if (now !== null) setItem(now);
      const dropped = now === null ? [] : unknownPaths(current, now.form);
      const errors = problem.errors.filter(({ path }) => path === null || !dropped.includes(path));
      if (now !== null && errors.length === 0 && !hasKnown(current, now.form)) {
        finish(splitUnknown(current, now.form).unknown);
        return;
      }
      const atFields = errors.every(({ path }) => path !== null);
      setOutcome({ ...NOTHING, errors, failure: errors.length === 0 ? notTaken(current, dropped) : atFields ? notSaved(errors.length) : null, overridable: isOverridable(error) });
      onErrors(errors);
    } else {
      setOutcome({ ...NOTHING, failure: messageOf(error) });
    }
  };

  // the save is done by then: what fails here is told beside it
  const attested = async (saved: Saved): Promise<Saved> => {
    try {
      const { recorded, ...now } = await api.throughMacro(key, "attest");
      setItem(now);
      return { ...saved, sentence: `${saved.sentence}. Decision recorded in the hub ${recorded}` };
    } catch (error) {
      return { ...saved, warnings: [...saved.warnings, `It is saved, and not recorded in the hub: ${messageOf(error)}`] };
    }
  };

  // `again`: whether a conflict may still be looked at; an answer that was lost is no reason to ask for ever
  const send = async (current: Edit, again = true, override = false): Promise<void> => {
    const { known, unknown } = splitUnknown(current, item.form);
    put(current);
    if (countChanges(known) === 0) {
      finish(unknown);
      return;
    }
    try {
      const { saved, ...rest }: SavedItem = await api.save(key, { ...patchOf(current, item.form), ...(override ? { override } : {}) });
      finish(unknown);
      setItem(rest);
      // what was asked about in a conflict is told already, and so is what waited to be confirmed when the form was opened
      const vouched = attest && decides(current, item) ? await attested(saved) : saved;
      const isNews = (path: string | null) => path === null || (!(path in current.changes) && !item.pending.includes(path));
      onSaved({ ...vouched, also_changed: saved.also_changed.filter(({ path }) => isNews(path)) });
    } catch (error) {
      if (again) await fail(error, current);
      else setOutcome({ ...NOTHING, failure: messageOf(error) });
    }
  };
  const run = (current: Edit, override = false) => {
    if (busyRef.current) return;
    busyRef.current = true;
    setSaving(true);
    void send(current, true, override).finally(() => {
      busyRef.current = false;
      setSaving(false);
    });
  };

  const current = edit ?? { ...(left ?? newEdit(item.revision, lastEventOf(item))), revision: item.revision };
  return {
    edit, restoredAt, stranded: strandedOf(edit ?? left, item), kept, saving, ...outcome,
    attest: edit !== null && item.attest?.allowed === true && decides(edit, item) ? attest : null,
    setAttest,
    known: edit === null ? null : splitUnknown(edit, item.form).known,
    start: () => put(current),
    cancel: end,
    discardStranded: () => {
      if (edit === null || countChanges(splitUnknown(edit, item.form).known) === 0) end();
      else put(splitUnknown(edit, item.form).known);
    },
    change: (path, field, value) => update(path, setValue(current, path, field, value)),
    confirm: (path, field) => update(path, confirmValue(current, path, field)),
    move: (move) => update(`steps.${move.step}.status`, toggleMove(current, move, item.steps)),
    setReason: (reason) => put({ ...current, reason }),
    save: () => run(current),
    override: () => run(current, true),
    resolve: (choices) => {
      setOutcome(NOTHING);
      run(resolveConflicts(current, outcome.conflicts, choices));
    },
    closeConflict: () => setOutcome(NOTHING),
  };
}
