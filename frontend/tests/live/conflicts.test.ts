import { expect, test } from "vitest";
import { canKeepBoth, realConflicts, resolveConflicts } from "../../src/item/conflicts";
import { countChanges, newEdit, patchOf, setValue, toggleMove } from "../../src/item/edit";
import type { Conflict, Json } from "../../src/live/types";
import { field, finish, form, item } from "./forms";

const conflict = (path: string, yours: Json, theirs: Json): Conflict => ({ path, label: path, yours, theirs, by: "ben", at: null });
const notes = form().fields["steps.scoping.notes"];
const edit = setValue(newEdit(7), "steps.scoping.notes", field({ kind: "text", value: "old" }), "mine");

test("mine goes over theirs, and knows it", () => {
  const patch = patchOf(resolveConflicts(edit, [conflict("steps.scoping.notes", "mine", "theirs")], { "steps.scoping.notes": "mine" }), form());
  expect(patch).toMatchObject({ seen: { "steps.scoping.notes": "theirs" }, changes: { "steps.scoping.notes": "mine" } });
});

test("theirs stays, and nothing of that field is sent", () => {
  const resolved = resolveConflicts(edit, [conflict("steps.scoping.notes", "mine", "theirs")], { "steps.scoping.notes": "theirs" });
  expect(countChanges(resolved)).toBe(0);
  expect(patchOf(resolved, form()).seen).toEqual({});
});

test("both texts survive, one after the other", () => {
  const resolved = resolveConflicts(edit, [conflict("steps.scoping.notes", "mine", "theirs")], { "steps.scoping.notes": "both" });
  expect(resolved.changes["steps.scoping.notes"]).toBe("theirs\n\nmine");
});

test("documents of both are kept, the same link once", () => {
  const [a, b, c] = ["a", "b", "c"].map((name) => ({ title: name, url: `https://${name}` }));
  const documents = setValue(newEdit(7), "steps.scoping.notes", field({ kind: "documents", value: [] }), [a ?? null, b ?? null]);
  const resolved = resolveConflicts(documents, [conflict("steps.scoping.notes", [a ?? null, b ?? null], [a ?? null, c ?? null])], { "steps.scoping.notes": "both" });
  expect(resolved.changes["steps.scoping.notes"]).toEqual([a, c, b]);
});

test("other changes of the same save are left alone", () => {
  const two = setValue(edit, "overview.sponsor", field({ value: "Ana" }), "Ben");
  const resolved = resolveConflicts(two, [conflict("steps.scoping.notes", "mine", "theirs")], { "steps.scoping.notes": "theirs" });
  expect(resolved.changes).toEqual({ "overview.sponsor": "Ben" });
});

test("where both wrote the same there is nothing to ask", () => {
  expect(realConflicts([conflict("a", "x", "x"), conflict("b", null, ""), conflict("c", "x", "y")]).map(({ path }) => path)).toEqual(["c"]);
});

test("a save whose answer was lost is done when sent again", () => {
  const resolved = resolveConflicts(edit, [conflict("steps.scoping.notes", "mine", "mine")], {});
  expect(countChanges(resolved)).toBe(0);
});

test("a status that others changed takes the move with it", () => {
  const moved = toggleMove(newEdit(7), finish, item().steps);
  const path = "steps.build.status";
  expect(countChanges(resolveConflicts(moved, [conflict(path, "ONGOING", "SKIPPED")], { [path]: "theirs" }))).toBe(0);
  const mine = patchOf(resolveConflicts(moved, [conflict(path, "ONGOING", "SKIPPED")], { [path]: "mine" }), form());
  expect(mine.seen[path]).toBe("SKIPPED");
  expect(mine.statuses["build"]).toBe("ONGOING");
});

test("both is offered for texts that both wrote, not for a choice", () => {
  expect(canKeepBoth(conflict("n", "mine", "theirs"), notes)).toBe(true);
  expect(canKeepBoth(conflict("n", "mine", null), notes)).toBe(false);
  expect(canKeepBoth(conflict("s", "Go", "No go"), field({ kind: "category" }))).toBe(false);
});
