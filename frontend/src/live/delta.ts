// What changed since the last answer, merged into the portfolio's table.
import { columnValues } from "../data/rows";
import type { Cell, Column } from "../data/table";
import type { Portfolio, PortfolioDelta } from "./types";

/** Returns values that repeat: each once, and where it stands. */
function dictionary(values: readonly Cell[]): Column {
  const places = new Map<Cell, number>();
  const once: Cell[] = [];
  const codes = values.map((value) => {
    // lists, such as tags, are objects of their own in each row: they are looked up as text
    const name = typeof value === "object" && value !== null ? `list ${JSON.stringify(value)}` : value;
    const place = places.get(name) ?? once.length;
    if (place === once.length) {
      places.set(name, place);
      once.push(value);
    }
    return place;
  });
  return { values: once, codes };
}

/** Returns the portfolio with what changed since: rows that are new or other, and without those that are gone. */
export function mergeDelta(before: Portfolio, delta: PortfolioDelta): Portfolio {
  const { token, at, about, scope = before.scope } = delta;
  // the views are drawn anew when the columns are others
  if (delta.count === 0 && delta.gone.length === 0) return { ...before, token, at, ...(scope && { scope }) };
  const changedKeys = columnValues(delta.columns["key"], delta.count);
  const changed = new Map(changedKeys.map((key, place) => [key, place]));
  const gone = new Set<Cell>(delta.gone);
  const keys = columnValues(before.columns["key"], before.count);
  const kept = keys.map((_, place) => place).filter((place) => !gone.has(keys[place] ?? null));
  const known = new Set(keys);
  const added = changedKeys.map((_, place) => place).filter((place) => !known.has(changedKeys[place] ?? null));
  const columns: Record<string, Column> = {};
  for (const name of new Set([...Object.keys(before.columns), ...Object.keys(delta.columns)])) {
    const old = columnValues(before.columns[name], before.count);
    const other = columnValues(delta.columns[name], delta.count);
    const merged = kept.map((place) => {
      const at = changed.get(keys[place] ?? null);
      return (at === undefined ? old[place] : other[at]) ?? null;
    });
    merged.push(...added.map((place) => other[place] ?? null));
    columns[name] = "codes" in (before.columns[name] ?? delta.columns[name] ?? []) ? dictionary(merged) : merged;
  }
  return { ...before, token, at, ...(scope && { scope }), about, columns, count: kept.length + added.length };
}

/** Tells whether the projects that cannot be read are those that the portfolio names: changes since name none. */
export function namesUnreadable({ columns, count, scope, unreadable = [] }: Portfolio): boolean {
  if (scope !== undefined && scope.seen !== count + unreadable.length) return false;
  const keys = new Set(unreadable.length > 0 ? columnValues(columns["key"], count) : []);
  return unreadable.every(({ project_key: key }) => !keys.has(key));
}
