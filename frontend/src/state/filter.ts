// Which projects pass the filters: or within a field, and between fields; each can be turned around.
import { cellOf } from "../data/rows";
import type { Cell, Row } from "../data/table";
import type { Filter, Filters, Limits, State } from "./address";
import { ATTENTION, NONE } from "./fields";

type Test = (row: Row) => boolean;

/** A project's value of a field, as filters and groups name it. */
export function valueOf(row: Row, field: string): string {
  const value = cellOf(row, field);
  return value === null ? NONE : String(value);
}

/** The fields of which a project has several values. */
const LISTS: Readonly<Record<string, string>> = { tag: "tags", signoff: "signoff" };

/** A project's values of a field: a field of tags has several. */
export function valuesOf(row: Row, field: string): readonly string[] {
  const list = LISTS[field];
  if (list === undefined) return [valueOf(row, field)];
  const values = cellOf(row, list);
  return Array.isArray(values) && values.length ? (values as readonly string[]) : [NONE];
}

/** Whether a mark is set. */
export function hasFlag(row: Row, flag: string): boolean {
  if (flag === "typed") return row.trust === "typed";
  if (flag === "attention") return ATTENTION.some((part) => hasFlag(row, part));
  return Boolean(cellOf(row, flag));
}

/** Whether a value lies within limits, which both count as inside; what has no value lies nowhere. */
export function inRange(value: Cell, [from, to]: Limits): boolean {
  if (value === null) return false;
  if (typeof value === "number") return (!from || value >= Number(from)) && (!to || value <= Number(to));
  const text = String(value);
  return (!from || text >= from) && (!to || text <= to);
}

function testOf(field: string, filter: Filter): Test {
  if (filter.kind === "flag") return (row) => hasFlag(row, field) !== filter.isNot;
  if (filter.kind === "range") return (row) => inRange(cellOf(row, field), filter.limits) !== filter.isNot;
  const { values, isNot } = filter;
  if (field in LISTS) return (row) => valuesOf(row, field).some((value) => values.has(value)) !== isNot;
  return (row) => values.has(valueOf(row, field)) !== isNot;
}

/** Whether a project passes one field's filter alone. */
export const passesFilter = (row: Row, field: string, filter: Filter): boolean => testOf(field, filter)(row);

/** A test for one state, to be asked for each project; `except` leaves one field's filter out. */
export function filterOf({ q, filters }: Pick<State, "q" | "filters">, except?: string): Test {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const tests = Object.entries(filters).filter(([field]) => field !== except).map(([field, filter]) => testOf(field, filter));
  return (row) => words.every((word) => row.words.includes(word)) && tests.every((test) => test(row));
}

/** A text that differs when the filters do. */
export const filterKey = ({ q, filters }: State): string =>
  JSON.stringify([q, Object.entries(filters), Object.values(filters).map((filter) => (filter.kind === "values" ? [...filter.values] : []))]);

/** How many projects each value of a field would leave, beside the filters of the other fields. */
export function countValues(rows: readonly Row[], state: Pick<State, "q" | "filters">, field: string): Map<string, number> {
  const passes = filterOf(state, field);
  const counts = new Map<string, number>();
  for (const row of rows) {
    if (!passes(row)) continue;
    for (const value of valuesOf(row, field)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** How many projects have a mark, beside the filters of the other fields. */
export function countFlag(rows: readonly Row[], state: Pick<State, "q" | "filters">, flag: string): number {
  const passes = filterOf(state, flag);
  return rows.reduce((count, row) => count + Number(hasFlag(row, flag) && passes(row)), 0);
}

/** The filters without one field's, or with another. */
export function withFilter(filters: Filters, field: string, filter: Filter | null): Filters {
  if (filter) return { ...filters, [field]: filter };
  return Object.fromEntries(Object.entries(filters).filter(([name]) => name !== field));
}

/** A filter for these values; null for none, which asks for nothing. */
export const valuesFilter = (values: Iterable<string>, isNot = false): Filter | null => {
  const set = new Set(values);
  return set.size ? { kind: "values", values: set, isNot } : null;
};
