import { beforeEach, expect, test } from "vitest";
import { statusesTo } from "../../src/live/bulk";
import { mergeDelta, rowsOf, scopeText, type Row } from "../../src/live/rows";
import { minutesText, pastedKeys, sittingOf, withSitting, type AgendaDecision } from "../../src/live/sitting";
import { newTasks, runTasks } from "../../src/live/tasks";
import type { Portfolio, PortfolioDelta } from "../../src/live/types";
import { attention, myProjects, newSince, toDecide } from "../../src/live/waiting";
import { item } from "./forms";

const about = { day: "2026-11-27", steps: [], labels: {} };
const portfolio: Portfolio = {
  token: "1", at: "2026-11-27T10:00:00Z", about, past: null, count: 3,
  columns: { key: ["A", "B", "C"], name: ["a", "b", "c"], owner: { values: ["ana", null], codes: [0, 1, 0] }, governed: { values: [true, false], codes: [0, 0, 1] } },
};
const row = (part: Partial<Row>): Row => ({
  key: "A", name: null, url: null, owner: "ana", tags: [], governed: true, state: "governed", step: "build", flow: "FO", decision: null,
  inFlight: true, trust: "recorded", stale: false, overdue: false, problems: 0, days: 1, changed: null, modified: null, revision: 1, writable: true, hidden: null, missing: null, ...part,
});

beforeEach(() => localStorage.clear());

test("changes since are put in, new rows added, those gone left out", () => {
  const delta: PortfolioDelta = {
    token: "2", at: "2026-11-27T10:05:00Z", since: true, about, count: 2, gone: ["B"],
    columns: { key: ["C", "D"], name: ["c2", "d"], owner: { values: ["ben"], codes: [0, 0] }, governed: { values: [true], codes: [0, 0] } },
  };
  const merged = mergeDelta(portfolio, delta);
  expect(merged).toMatchObject({ token: "2", count: 3, at: "2026-11-27T10:05:00Z" });
  expect(rowsOf(merged).map(({ key, name, owner, governed }) => [key, name, owner, governed])).toEqual([
    ["A", "a", "ana", true], ["C", "c2", "ben", true], ["D", "d", "ben", true],
  ]);
});

test("no changes since leave the rows as they are", () => {
  const delta: PortfolioDelta = { token: "1", at: "x", since: true, about, count: 0, gone: [], columns: { key: [], name: [], owner: { values: [], codes: [] } } };
  expect(rowsOf(mergeDelta(portfolio, delta))).toEqual(rowsOf(portfolio));
});

test("to decide is what stands at the decision's step without one", () => {
  const rows = [row({ key: "A" }), row({ key: "B", decision: "Go" }), row({ key: "C", step: "run" }), row({ key: "D", inFlight: false })];
  expect(toDecide(rows, "build").map(({ key }) => key)).toEqual(["A"]);
  expect(toDecide(rows, null)).toEqual([]);
});

test("attention counts what its filter lists, and leaves out zeros", () => {
  const kinds = attention([row({ stale: true }), row({ stale: true, trust: "typed" }), row({ governed: false, problems: 2 })]);
  expect(kinds.map(({ label, count }) => [label, count])).toEqual([["Stale", 2], ["Changed by hand", 1], ["Problems", 1]]);
});

test("closed projects are not among mine", () => {
  expect(myProjects([row({ key: "A" }), row({ key: "B", step: "closed" }), row({ key: "C", owner: "ben" })], "ana").map(({ key }) => key)).toEqual(["A"]);
});

test("new projects stay listed for the visit, and are old at the next", () => {
  const [old, fresh] = [row({ key: "A", governed: false }), row({ key: "N", governed: false })];
  const hour = 3_600_000;
  const listed = (rows: Row[], at: number) => newSince(rows, localStorage, "ana", at).rows.map(({ key }) => key);
  expect(listed([old], 0)).toEqual([]);
  expect(listed([old, fresh], hour)).toEqual(["N"]);
  expect(listed([old, fresh], hour + 60_000)).toEqual(["N"]);
  expect(listed([old, fresh], 3 * hour)).toEqual([]);
});

test("one failure stops none of the others, and only it is tried again", async () => {
  const tried: string[] = [];
  const run = (key: string) => {
    tried.push(key);
    return key === "B" && tried.length < 4 ? Promise.reject(new Error("no")) : Promise.resolve("ok");
  };
  const first = await runTasks(newTasks(["A", "B", "C"]), run, () => undefined);
  expect(first.map(({ state, message }) => [state, message])).toEqual([["done", "ok"], ["failed", "no"], ["done", "ok"]]);
  await runTasks(first, run, () => undefined);
  expect(tried).toEqual(["A", "B", "C", "B"]);
});

test("a card moved on finishes what lies before, moved back reopens", () => {
  expect(statusesTo(item(), "build")).toEqual({ scoping: "FINISHED", build: "ONGOING" });
  const done = item({ steps: item().steps.map((step) => ({ ...step, status: "FINISHED" })) });
  expect(statusesTo(done, "scoping")).toEqual({ scoping: "ONGOING" });
});

test("pasted keys are taken once each, in their order", () => {
  expect(pastedKeys(" B, A;B\nC\t")).toEqual(["B", "A", "C"]);
});

test("the comment names the sitting, the minutes what was not saved", () => {
  const sitting = { date: "2026-11-27", body: "Board" };
  expect(withSitting("ok", sitting)).toBe("Board, 2026-11-27: ok");
  expect(withSitting("", { date: "", body: "" })).toBe("");
  const decision: AgendaDecision = { key: "A", name: "Alpha", decision: "Go", comment: "ok", failure: null, saved: true };
  const text = minutesText(sitting, [decision, { ...decision, key: "B", saved: false, failure: "Forbidden." }, { ...decision, key: "C", saved: false, comment: "" }]);
  expect(text).toContain("1. Alpha (A): Go\n   ok");
  expect(text).toContain("2. Alpha (B): NOT SAVED: Forbidden.");
  expect(text).toContain("3. Alpha (C): not decided");
});

test("a sitting goes on where it was left, another agenda begins anew", () => {
  const kept = { keys: ["A", "B"], sitting: { date: "2026-11-26", body: "Board" }, place: 1, decisions: {} };
  expect(sittingOf(["A", "B"], kept, "2026-11-27")).toBe(kept);
  expect(sittingOf(["B"], kept, "2026-11-27")).toMatchObject({ keys: ["B"], place: 0, sitting: { date: "2026-11-27", body: "" } });
});

test("a hidden project is no new one", () => {
  const hour = 3_600_000;
  const hidden = { at: null, by: "ana", reason: "a sandbox" };
  newSince([row({})], localStorage, "ana", 0);
  const rows = [row({}), row({ key: "N", governed: false }), row({ key: "H", governed: false, hidden })];
  expect(newSince(rows, localStorage, "ana", hour).rows.map(({ key }) => key)).toEqual(["N"]);
});

test("what hides a project, and what it lacks, is read from their columns", () => {
  const columns = { ...portfolio.columns, hidden: [null, null, ["2026-11-27T10:00:00Z", "ana", "a sandbox"]], missing: { values: [["Risk"], null], codes: [0, 1, 1] } };
  const rows = rowsOf({ ...portfolio, columns });
  expect(rows.map((each) => each.hidden?.reason ?? null)).toEqual([null, null, "a sandbox"]);
  expect(rows.map((each) => each.missing)).toEqual([["Risk"], null, null]);
});

test("the bar tells of how many governed projects a person sees some", () => {
  expect(scopeText(portfolio, null)).toBe("3 projects");
  expect(scopeText(portfolio, { governed: null, at: null })).toBe("3 projects");
  expect(scopeText(portfolio, { governed: 846, at: "2026-11-27T10:00:00Z" })).toBe("2 of 846 governed projects, 1 other");
  // a snapshot that is older than what was governed since is no total
  expect(scopeText(portfolio, { governed: 1, at: "2026-11-27T10:00:00Z" })).toBe("3 projects");
});
