// The projects of the portfolio as rows, for the pages around the views.
import { useMemo } from "preact/hooks";
import { rowsOf } from "../data/rows";
import type { PortfolioTable, Row } from "../data/table";
import { inOrder } from "../state/order";
import { useApp, useAppState } from "./store";
import type { Portfolio } from "./types";

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
