// The projects of the portfolio as rows, for the pages around the views.
import { useMemo } from "preact/hooks";
import { cellOf, columnValues, rowsOf } from "../data/rows";
import type { PortfolioTable, Row } from "../data/table";
import { inOrder } from "../state/order";
import { useApp, useAppState } from "./store";
import { countText } from "./time";
import type { Closure, Portfolio, Total } from "./types";

/** The API's table as the views read it: one function of the library makes both. */
export const tableOf = (portfolio: Portfolio): PortfolioTable => portfolio as unknown as PortfolioTable;

/** Returns the projects by priority, then by name. */
export function portfolioRows(portfolio: Portfolio): Row[] {
  const { columns, count } = tableOf(portfolio);
  return inOrder(rowsOf(columns, count));
}

/** The projects that are seen; the same list while none of them changes. */
export function useRows(): readonly Row[] {
  const { store } = useApp();
  const columns = useAppState((state) => state.portfolio?.columns);
  return useMemo(() => {
    const { portfolio } = store.get();
    return columns === undefined || portfolio === null ? [] : portfolioRows(portfolio);
  }, [columns, store]);
}

/** The names of the projects by their keys. */
export function useNames(): ReadonlyMap<string, string> {
  const rows = useRows();
  return useMemo(() => new Map(rows.map(({ key, name }) => [key, name])), [rows]);
}

/** When, by whom and why a project was hidden from those that wait to be governed; null for one that is not. */
export function hiddenOf(row: Row): Closure | null {
  const held = cellOf(row, "hidden");
  if (!Array.isArray(held)) return null;
  const [at, by, reason] = held as readonly (string | null)[];
  return { at: at ?? null, by: by ?? null, reason: reason ?? null };
}

/** What its current step needs and does not have, by heading; null where nothing goes on. */
export function missingOf(row: Row): readonly string[] | null {
  const held = cellOf(row, "missing");
  return Array.isArray(held) ? (held as readonly string[]) : null;
}

/** "412 of 846 governed projects, 30 others"; without a total, or one that is older than what is seen, "442 projects". */
export function scopeText(portfolio: Portfolio, total: Total | null): string {
  const { columns, count } = tableOf(portfolio);
  const seen = portfolio.scope?.seen ?? count;
  const governed = columnValues(columns["governed"], count).filter((is) => is === true).length;
  const all = total?.governed ?? null;
  if (all === null || all < governed) return countText(seen, "project");
  const others = seen - governed;
  return `${governed.toLocaleString("en")} of ${countText(all, "governed project")}${others > 0 ? `, ${countText(others, "other")}` : ""}`;
}
