import { describe, expect, test } from "vitest";
import type { Filters } from "../src/state/address";
import { countFlag, countValues, filterKey, filterOf, hasFlag, inRange, valuesFilter, withFilter } from "../src/state/filter";
import { parseAddress } from "../src/state/address";
import { fieldsOf } from "../src/state/fields";
import { projects, table } from "./portfolio";

const rows = projects([
  { key: "A", name: "Alpha", step: "build", decision: "Go", tags: ["x", "y"], priority: 80, stale: true },
  { key: "B", name: "Beta", step: "build", decision: "No go", priority: 20, trust: "typed" },
  { key: "C", name: "Gamma", step: "run", decision: null, tags: ["y"], priority: null, end: "2026-06-30", problems: 2 },
]);
const fields = fieldsOf(table([]));
const passing = (hash: string): string => rows.filter(filterOf(parseAddress(hash, fields))).map(({ key }) => key).join("");

describe("filters", () => {
  test.each([
    ["#", "ABC"], ["#q=alp", "A"], ["#q=a+MM", "C"], ["#step=build", "AB"], ["#step=build&step=run", "ABC"], ["#-step=build", "C"],
    ["#step=build&decision=Go", "A"], ["#decision=none", "C"], ["#-decision=none", "AB"], ["#tag=y", "AC"], ["#-tag=y", "B"], ["#tag=none", "B"],
    ["#priority=20..80", "AB"], ["#priority=21..", "A"], ["#-priority=21..", "BC"], ["#end=..2026-06-30", "C"], ["#stale=", "A"], ["#-stale=", "BC"],
    ["#attention=", "ABC"], ["#typed=", "B"], ["#problems=&stale=", ""],
  ])("%s leaves %s", (hash, keys) => expect(passing(hash)).toBe(keys));

  test("limits count as inside, and nothing lies nowhere", () => {
    expect([inRange(5, ["5", "5"]), inRange(4.9, ["5", ""]), inRange(null, ["", "9"]), inRange("2026-01-02", ["2026-01-02", ""])]).toEqual([true, false, false, true]);
  });

  test("a project without marks needs no attention", () => expect(projects([{ key: "D" }]).some((row) => hasFlag(row, "attention"))).toBe(false));
});

describe("counts", () => {
  test("tell what each value would leave beside the other fields' filters", () => {
    const state = parseAddress("#step=run&-decision=Go", fields);
    expect(Object.fromEntries(countValues(rows, state, "step"))).toEqual({ build: 1, run: 1 });
    expect(Object.fromEntries(countValues(rows, state, "tag"))).toEqual({ y: 1 });
  });

  test("tell how many have a mark", () => {
    expect(countFlag(rows, parseAddress("#-attention=&step=build", fields), "attention")).toBe(2);
  });
});

test("a filter is set, replaced and taken away", () => {
  const filters: Filters = withFilter({}, "step", valuesFilter(["build"]));
  expect(Object.keys(withFilter(filters, "tag", valuesFilter(["x"])))).toEqual(["step", "tag"]);
  expect(withFilter(filters, "step", valuesFilter([]))).toEqual({});
});

test("the key differs with the filters and with nothing else", () => {
  const of = (hash: string): string => filterKey(parseAddress(hash, fields));
  expect(of("#view=kanban&p=A")).toBe(of("#"));
  expect(new Set(["#", "#q=a", "#tag=x", "#tag=x&tag=y", "#-tag=x", "#priority=1..", "#priority=2.."].map(of)).size).toBe(7);
});
