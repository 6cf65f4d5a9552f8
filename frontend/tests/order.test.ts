import { describe, expect, test } from "vitest";
import { savesOf } from "../src/panel/saves";
import { nameOf, visibleText } from "../src/parts/text";
import type { EventDetails } from "../src/data/table";
import { compareCells, type Direction, textOrder } from "../src/state/order";
import { calendarTicks, DAY, MONTH } from "../src/views/ticks";

// as Tabulator does: the result is turned around when the direction is down
const sorted = <T,>(values: T[], compare: (a: T, b: T, direction: Direction) => number, direction: Direction): T[] =>
  [...values].sort((a, b) => compare(a, b, direction) * (direction === "asc" ? 1 : -1));

describe("order", () => {
  test.each(["asc", "desc"] as const)("blanks come last when the order is %s", (direction) => {
    const expected = direction === "asc" ? [1, 2, null, null] : [2, 1, null, null];
    expect(sorted([null, 2, null, 1], compareCells<number>, direction)).toEqual(expected);
  });

  test("texts are ordered with numbers in mind", () => {
    const texts = ["Model 10", "model 2", null, "Model 1"];
    expect(sorted(texts, textOrder(texts), "asc")).toEqual(["Model 1", "model 2", "Model 10", null]);
  });
});

describe("names", () => {
  test.each(["", "  ", "\u200b\u00a0", "\u202e"])("one that nobody can see is the key: %j", (name) => expect(nameOf({ key: "KEY", name })).toBe("KEY"));
  test("no character turns the others around", () => expect(visibleText("a\u202eb\u2067c")).toBe("a\ufffdb\ufffdc"));
});

describe("ticks", () => {
  const from = Date.UTC(2025, 7, 4) / 1000;
  const to = Date.UTC(2026, 10, 27) / 1000;
  test.each([28, 91, 182, 365])("of long ranges are first days of months, each once: %d days", (days) => {
    const ticks = calendarTicks(from, to, days * DAY).map((at) => new Date(at * 1000).toISOString().slice(0, 10));
    expect(ticks.every((day) => day.endsWith("-01"))).toBe(true);
    expect(new Set(ticks.map((day) => day.slice(0, 7))).size).toBe(ticks.length);
  });
  test("of short ranges are whole days", () => expect(calendarTicks(from, from + 5 * DAY, DAY)).toHaveLength(6));
  test("a month is four weeks at least", () => expect(MONTH).toBe(28 * DAY));
});

test("what was saved at once is one save", () => {
  const event = (number: number | null, at: string, by: string | null, what: string): EventDetails => [number, at, by, "page", what, null, null, null, null];
  const saves = savesOf([event(null, "t3", null, "a"), event(null, "t3", null, "b"), event(3, "t2", "ada", "a"), event(2, "t2", "ada", "b"), event(1, "t2", "ben", "b")]);
  expect(saves.map((events) => events.length)).toEqual([2, 2, 1]);
});
