import { expect, test } from "vitest";
import { confirmValue, countChanges, lastEventOf, newEdit, patchOf, sameValue, setValue, splitUnknown, toggleMove, unknownPaths, valueOf } from "../../src/item/edit";
import { field, finish, form, item } from "./forms";

const sponsor = field({ value: "Ana" });

test("only changed paths are sent, each with the value seen before", () => {
  const edit = setValue(newEdit(7), "overview.sponsor", sponsor, "Ben");
  expect(patchOf(edit, form())).toEqual({ revision: 7, seen: { "overview.sponsor": "Ana" }, changes: { "overview.sponsor": "Ben" }, statuses: {}, reason: null });
});

test("a value typed back to what it was is no change", () => {
  const edit = setValue(setValue(newEdit(7), "overview.sponsor", sponsor, "Ben"), "overview.sponsor", sponsor, "Ana");
  expect(countChanges(edit)).toBe(0);
  expect(patchOf(edit, form()).seen).toEqual({});
});

test("what was seen first stays when the item is read anew meanwhile", () => {
  const first = setValue(newEdit(7), "overview.sponsor", sponsor, "Ben");
  const later = setValue(first, "overview.sponsor", field({ value: "Cora" }), "Bert");
  expect(patchOf(later, form())).toMatchObject({ seen: { "overview.sponsor": "Ana" }, changes: { "overview.sponsor": "Bert" } });
});

test("a cleared value is sent as null", () => {
  for (const blank of ["", [], null]) expect(setValue(newEdit(7), "overview.sponsor", sponsor, blank).changes).toEqual({ "overview.sponsor": null });
});

test("an inherited rating that is confirmed is a change with the same value", () => {
  const rating = field({ kind: "rating", value: "High", origin: "overview" });
  const edit = confirmValue(newEdit(7), "overview.sponsor", rating);
  expect(countChanges(edit)).toBe(1);
  expect(patchOf(edit, form()).changes).toEqual({ "overview.sponsor": "High" });
});

test("a move sends the statuses of all steps that it changes, as seen", () => {
  const edit = toggleMove(newEdit(7), finish, item().steps);
  expect(patchOf(edit, form())).toMatchObject({
    statuses: { scoping: "FINISHED", build: "ONGOING" },
    seen: { "steps.scoping.status": "ONGOING", "steps.build.status": "NOT_STARTED" },
  });
  expect(countChanges(edit)).toBe(1);
});

test("a move pressed twice is taken back, with what was seen for it", () => {
  const { steps } = item();
  const patch = patchOf(toggleMove(toggleMove(newEdit(7), finish, steps), finish, steps), form());
  expect(patch.statuses).toEqual({});
  expect(patch.seen).toEqual({});
});

test("a path that the template lost is not sent, and is named", () => {
  const edit = setValue(newEdit(7), "overview.gone", field({ label: "Gone" }), "typed");
  expect(unknownPaths(edit, form())).toEqual(["overview.gone"]);
  expect(patchOf(edit, form()).changes).toEqual({});
  expect(edit.labels["overview.gone"]).toBe("Gone");
});

test("what the template lost is kept apart from what can be saved", () => {
  const both = setValue(setValue(newEdit(7), "overview.gone", field({ label: "Gone" }), "typed"), "overview.sponsor", sponsor, "Ben");
  const { known, unknown } = splitUnknown(toggleMove(both, finish, item().steps), form());
  expect([Object.keys(known.changes), countChanges(known)]).toEqual([["overview.sponsor"], 2]);
  expect([unknown.changes, unknown.labels, countChanges(unknown)]).toEqual([{ "overview.gone": "typed" }, { "overview.gone": "Gone" }, 1]);
});

test("the form shows the change, else what is saved", () => {
  const edit = setValue(newEdit(7), "overview.sponsor", sponsor, "Ben");
  expect(valueOf(edit, "overview.sponsor", sponsor)).toBe("Ben");
  expect(valueOf(null, "overview.sponsor", sponsor)).toBe("Ana");
});

test("documents are compared by title and link, and in their order", () => {
  const [one, two] = [{ title: "Plan", url: "https://a" }, { title: null, url: "https://b" }];
  expect(sameValue([one, two], [{ ...one }, { title: "", url: "https://b" }])).toBe(true);
  expect(sameValue([one, two], [two, one])).toBe(false);
  expect(sameValue(0, null)).toBe(false);
  expect(sameValue(false, null)).toBe(false);
});

test("a save tells the last event that was seen", () => {
  const entry = { at: null, by: null, source: "page", reason: null, sentences: [] };
  const timeline = [{ ...entry, number: null, pending: true }, { ...entry, number: 12, pending: false }, { ...entry, number: 9, pending: false }];
  expect(lastEventOf({ timeline })).toBe(12);
  expect(patchOf(newEdit(7, lastEventOf({ timeline })), form()).last_event).toBe(12);
  expect(patchOf(newEdit(7, lastEventOf({ timeline: [] })), form()).last_event).toBe(0);
});
