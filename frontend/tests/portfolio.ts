// Projects for the tests, in the shape of the table.
import { rowsOf } from "../src/data/rows";
import type { About, Cell, Column, PortfolioTable, Row } from "../src/data/table";

const BLANK: Readonly<Record<string, Cell>> = {
  key: "", name: "", url: null, owner: null, tags: [], tagged: null, governed: true, state: "governed", step: "build", place: 1,
  flow: "ON", finished: 0, complete: false, in_flight: true, trust: "recorded", initiative: null, sponsor: null, start: null, end: null,
  decision: null, value: null, risk: null, value_score: null, risk_score: null, priority: null, days: null, stale: false, overdue: false,
  unqualified: false, problems: 0, changed: null, by: null, revision: 1,
};

export const about: About = {
  chunk: 500, day: "2026-11-27", labels: {},
  headings: { value: "Value", risk: "Risk", decision: "Decision", initiative: "Business initiative", sponsor: "Sponsor", start: "Start", end: "Target end" },
  fields: [["field_country", "Country", "category"]], plan: null, qualifying: ["Value"], no_matrix: null, page_address: null, stale_days: 30,
  steps: [{ id: "build", name: "Build" }, { id: "run", name: "Run" }],
  stages: [["not_started", "Not started"], ["build", "Build"], ["run", "Run"], ["complete", "Complete"]],
  ratings: ["Low", "Medium", "High"], decisions: ["Go", "No go"], summary: { projects: 3, copied: 0, copies: "" },
};

const columnsOf = (values: readonly Readonly<Record<string, Cell>>[]): Record<string, Column> => {
  const names = new Set([...Object.keys(BLANK), ...values.flatMap((value) => Object.keys(value))]);
  return Object.fromEntries(Array.from(names, (name) => {
    const cells = values.map((value) => (name in value ? value[name] : BLANK[name]) ?? null);
    const distinct = [...new Set(cells)];
    return [name, name === "key" ? cells : { values: distinct, codes: cells.map((cell) => distinct.indexOf(cell)) }];
  }));
};

/** Rows with these values, and what an ordinary project has besides. */
export const projects = (values: readonly Readonly<Record<string, Cell>>[]): Row[] => rowsOf(columnsOf(values), values.length);

export const table = (values: readonly Readonly<Record<string, Cell>>[], changes: Partial<PortfolioTable> = {}): PortfolioTable => ({
  about, past: null, count: values.length, columns: columnsOf(values), ...changes,
});
