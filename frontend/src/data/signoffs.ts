// Reviews in the list of projects: two columns that come after the rows, where there is a hub.
import { columnValues } from "./rows";
import type { Column, ProjectSignoffs } from "./table";

/** What a filter of sign-offs offers, in this order. */
export const SIGNOFF_STATES = ["Waiting", "Rejected"];
/** What is filtered, and what is shown. */
export const SIGNOFF_COLUMNS = ["signoff", "signoff_text"];

/** Returns the columns with those of the sign-offs; the same where there are none to show. */
export function withSignoffs(columns: Readonly<Record<string, Column>>, count: number, signoffs: ProjectSignoffs | undefined): Readonly<Record<string, Column>> {
  if (signoffs === undefined) return columns;
  const found = columnValues(columns["key"], count).map((key) => signoffs.get(String(key)));
  return { ...columns, signoff: found.map((one) => one?.states ?? null), signoff_text: found.map((one) => one?.text ?? null) };
}
