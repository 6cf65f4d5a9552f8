// Which projects pass the filters: or within a field, and between fields.
import { cellOf } from "../data/rows";
import type { Cell, Row } from "../data/table";
import type { Limits, State } from "./address";
import { type Fields, NONE, type RangeKind } from "./fields";

/** A project's value of a field, as filters and groups name it. */
export function valueOf(row: Row, field: string): string {
  const value = cellOf(row, field);
  return value === null ? NONE : String(value);
}

/** Whether a value lies within limits, which both count as inside; what has no value lies nowhere. */
export function inRange(value: Cell, kind: RangeKind, [from, to]: Limits): boolean {
  if (value === null) return false;
  if (kind === "date") return (!from || value >= from) && (!to || value <= to);
  return (!from || Number(value) >= Number(from)) && (!to || Number(value) <= Number(to));
}

/** A test for one state, to be asked for each project. */
export function filterOf(state: State, fields: Fields): (row: Row) => boolean {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const ranges = Object.entries(state.ranges);
  const filters = Object.entries(state.filters);
  return (row) => {
    for (const word of words) if (!row.words.includes(word)) return false;
    for (const flag of state.flags) if (!cellOf(row, flag)) return false;
    for (const [field, limits] of ranges) {
      const kind = fields.ranges[field];
      if (kind && !inRange(cellOf(row, field), kind, limits)) return false;
    }
    for (const [field, values] of filters) {
      if (field === "tag") {
        if (!row.tags.some((tag) => values.has(tag))) return false;
      } else if (!values.has(valueOf(row, field))) return false;
    }
    return true;
  };
}

/** A text that differs when the filters do. */
export const filterKey = ({ q, filters, ranges, flags }: State): string =>
  JSON.stringify([q, Object.entries(filters).map(([field, values]) => [field, ...values]), ranges, [...flags]]);
