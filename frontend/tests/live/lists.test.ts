import { beforeEach, expect, test } from "vitest";
import { nextStage, statusesTo } from "../../src/live/bulk";
import type { Cell, Row } from "../../src/data/table";
import { mergeDelta } from "../../src/live/delta";
import { hiddenOf, missingOf, portfolioRows, scopeText } from "../../src/live/rows";
import { minutesText, pastedKeys, sittingOf, withSitting, type AgendaDecision } from "../../src/live/sitting";
import { newTasks, runTasks } from "../../src/live/tasks";
import type { Portfolio, PortfolioDelta } from "../../src/live/types";
import { attention, myProjects, newSince, toDecide } from "../../src/live/waiting";
import { projects } from "../portfolio";
import { item } from "./forms";

const about = { day: "2026-11-27", steps: [], labels: {} };
const portfolio: Portfolio = {
  token: "1", at: "2026-11-27T10:00:00Z", about, past: null, count: 3,
  columns: { key: ["A", "B", "C"], name: ["a", "b", "c"], owner: { values: ["ana", null], codes: [0, 1, 0] }, governed: { values: [true, false], codes: [0, 0, 1] } },
};
const row = (part: Readonly<Record<string, Cell>>): Row => {
  const [made] = projects([{ owner: "ana", key: "A", ...part }]);
  if (made === undefined) throw new Error("no row");
  return made;
};

beforeEach(() => localStorage.clear());

test("changes since are put in, new rows added, those gone left out", () => {
  const delta: PortfolioDelta = {
    token: "2", at: "2026-11-27T10:05:00Z", since: true, about, count: 2, gone: ["B"],
    columns: { key: ["C", "D"], name: ["c2", "d"], owner: { values: ["ben"], codes: [0, 0] }, governed: { values: [true], codes: [0, 0] } },
  };
  const merged = mergeDelta(portfolio, delta);
  expect(merged).toMatchObject({ token: "2", count: 3, at: "2026-11-27T10:05:00Z" });
  expect(portfolioRows(merged).map(({ key, name, owner, governed }) => [key, name, owner, governed])).toEqual([
    ["A", "a", "ana", true], ["C", "c2", "ben", true], ["D", "d", "ben", true],
  ]);
});

test("no changes since leave the rows as they are", () => {
  const delta: PortfolioDelta = { token: "1", at: "x", since: true, about, count: 0, gone: [], columns: { key: [], name: [], owner: { values: [], codes: [] } } };
  expect(mergeDelta(portfolio, delta).columns).toBe(portfolio.columns);
});

test("P28: lists of projects are in the order of names, with accents and numbers in mind", () => {
  const names = ["Model 10", "Zebra", "Árbol", "model 2", "arbor"];
  const columns = { key: names, name: names };
  expect(portfolioRows({ ...portfolio, count: names.length, columns }).map(({ name }) => name)).toEqual(["Árbol", "arbor", "model 2", "Model 10", "Zebra"]);
});

test("to decide is what stands at the decision's step without one", () => {
  const rows = [row({ key: "A" }), row({ key: "B", decision: "Go" }), row({ key: "C", step: "run" }), row({ key: "D", in_flight: false })];
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
  expect(statusesTo(item(), "complete")).toEqual({ scoping: "FINISHED", build: "FINISHED" });
  expect(statusesTo(done, "not_started")).toEqual({ scoping: "NOT_STARTED", build: "NOT_STARTED" });
});

test("a card moves on to the next stage unless somebody says another", () => {
  const stages = [["a", "A"], ["b", "B"], ["complete", "Complete"]] as const;
  expect(["not_started", "a", "b", "complete"].map((stage) => nextStage(stages, stage))).toEqual(["a", "b", "complete", "a"]);
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
  const hidden = ["2026-11-27T10:00:00Z", "ana", "a sandbox"];
  newSince([row({})], localStorage, "ana", 0);
  const rows = [row({}), row({ key: "N", governed: false }), row({ key: "H", governed: false, hidden })];
  expect(newSince(rows, localStorage, "ana", hour).rows.map(({ key }) => key)).toEqual(["N"]);
});

test("what hides a project, and what it lacks, is read from their columns", () => {
  const columns = { ...portfolio.columns, hidden: [null, null, ["2026-11-27T10:00:00Z", "ana", "a sandbox"]], missing: { values: [["Risk"], null], codes: [0, 1, 1] } };
  const byKey = new Map(portfolioRows({ ...portfolio, columns }).map((each) => [each.key, each] as const));
  const keys = portfolioRows(portfolio).map(({ key }) => key);
  expect(keys.filter((key) => hiddenOf(byKey.get(key) ?? row({})) !== null)).toHaveLength(1);
  expect([...byKey.values()].map((each) => hiddenOf(each)?.reason).filter(Boolean)).toEqual(["a sandbox"]);
  expect([...byKey.values()].map(missingOf).filter((missing) => missing !== null)).toEqual([["Risk"]]);
});

test("the bar tells of how many governed projects a person sees some", () => {
  expect(scopeText(portfolio, null)).toBe("3 projects");
  expect(scopeText(portfolio, { governed: null, at: null })).toBe("3 projects");
  expect(scopeText(portfolio, { governed: 846, at: "2026-11-27T10:00:00Z" })).toBe("2 of 846 governed projects, 1 other");
  // a snapshot that is older than what was governed since is no total
  expect(scopeText(portfolio, { governed: 1, at: "2026-11-27T10:00:00Z" })).toBe("3 projects");
});
