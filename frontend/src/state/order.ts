// The order of values in a sorted column: blanks come last, whichever way.

export type Direction = "asc" | "desc";

/** Compares two values as Tabulator's sorters do, which turns the result around when the direction is `desc`. */
export function compareCells<T extends string | number>(a: T | null, b: T | null, direction: Direction): number {
  const last = direction === "asc" ? 1 : -1;
  if (a === null || b === null) return a === b ? 0 : a === null ? last : -last;
  return a < b ? -1 : a > b ? 1 : 0;
}
