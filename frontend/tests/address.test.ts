import { describe, expect, test } from "vitest";
import { type Filters, parseAddress, type State, writeAddress } from "../src/state/address";
import { fieldsOf } from "../src/state/fields";
import { table } from "./portfolio";

const fields = fieldsOf(table([]));
const parse = (hash: string): State => parseAddress(hash, fields);
const write = (state: State, hash = ""): string => writeAddress(state, fields, hash);

const filters: Filters = {
  step: { kind: "values", values: new Set(["build", "none"]), isNot: false },
  tag: { kind: "values", values: new Set(["a&b=c", "ü"]), isNot: true },
  priority: { kind: "range", limits: ["50", ""], isNot: false },
  end: { kind: "range", limits: ["2026-01-01", "2026-12-31"], isNot: true },
  stale: { kind: "flag", isNot: false },
  typed: { kind: "flag", isNot: true },
};

describe("the address", () => {
  test("holds all of a state", () => {
    const state: State = { ...parse(""), view: "kanban", q: "fraud & co", x: "value", mark: "", group: "step", hide: "", range: "90", p: "KEY", filters };
    expect(parse(write(state))).toEqual(state);
  });

  test("is empty for what is usual", () => expect(write(parse("#"))).toBe(""));

  test("keeps the order of the filters", () => expect(Object.keys(parse(write({ ...parse(""), filters })).filters)).toEqual(Object.keys(filters)));

  test("leaves other keys alone, in their place", () => {
    expect(write({ ...parse(""), q: "x" }, "#page=home&q=old&-stale=&item=A&item=B")).toBe("page=home&item=A&item=B&q=x");
  });

  test.each(["#view=nothing&x=colour&mark=x", "#priority=a..b&end=..&days=7", "#view=trends", "#constructor=1&__proto__=2", "#%E0%A4%A"])(
    "that says nonsense says nothing: %s", (hash) => {
      expect(parse(hash)).toEqual(parse(""));
    });

  test("offers no filter that the template has no field for", () => {
    const bare = fieldsOf(table([], { about: { ...table([]).about, headings: {}, fields: [], qualifying: [] } }));
    expect(Object.keys(parseAddress("#decision=Go&overdue=&unqualified=&priority=5..&step=build", bare).filters)).toEqual(["step"]);
  });
});
