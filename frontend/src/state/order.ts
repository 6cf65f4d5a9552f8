// The order of values in a sorted column: blanks come last, whichever way; and of projects where no column says another.
import type { Row } from "../data/table";

export type Direction = "asc" | "desc";

/** Compares two values as Tabulator's sorters do, which turns the result around when the direction is `desc`. */
export function compareCells<T extends string | number>(a: T | null, b: T | null, direction: Direction): number {
  const last = direction === "asc" ? 1 : -1;
  if (a === null || b === null) return a === b ? 0 : a === null ? last : -last;
  return a < b ? -1 : a > b ? 1 : 0;
}

const collator = new Intl.Collator("en", { numeric: true });

/** Compares texts as people read them: with numbers in mind, capitals beside small letters. */
export const compareTexts = (a: string, b: string): number => collator.compare(a, b);

/** Projects by priority, then by name: the order of what no column sorts, such as a cell of the matrix or a lane. */
export const inOrder = (rows: readonly Row[]): Row[] =>
  [...rows].sort((a, b) => -compareCells(a.priority, b.priority, "desc") || compareTexts(a.name, b.name) || compareCells(a.key, b.key, "asc"));

/** Compares texts of a sorted column. Each text's place is found once: a comparison by the collator is slow. */
export function textOrder(texts: Iterable<string | null>): (a: string | null, b: string | null, direction: Direction) => number {
  const distinct = new Set(texts);
  distinct.delete(null);
  const places = new Map<string | null, number>([...(distinct as Set<string>)].sort(compareTexts).map((text, place) => [text, place]));
  return (a, b, direction) => compareCells(places.get(a) ?? null, places.get(b) ?? null, direction);
}
