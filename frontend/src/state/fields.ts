// What the page can show, filter and group by: every template has some of it, and this one's `about` says the rest.
import { SIGNOFF_COLUMNS } from "../data/signoffs";
import type { PortfolioTable } from "../data/table";

export type View = "table" | "matrix" | "kanban" | "summary" | "trends";
/** What a filter asks for: some of a field's values, from and to, or whether a mark is set. */
export type FilterKind = "values" | "number" | "date" | "flag";

/** Stands for "has no value" in filters, groups and the address. */
export const NONE = "none";

const DIMENSIONS = ["value", "risk", "feasibility", "cost"];
const BY_ROLE = [...DIMENSIONS, "decision", "initiative", "sponsor", "start", "end"];
/** What "needs attention" sums up. */
export const ATTENTION = ["stale", "overdue", "problems", "typed"];
const LABELS: Readonly<Record<string, string>> = {
  step: "Step", signoff: "Sign-off", decision: "Decision", initiative: "Business initiative", sponsor: "Sponsor", owner: "Owner", tag: "Tag",
  value: "Value", risk: "Risk", feasibility: "Feasibility", cost: "Cost", in_flight: "In flight", attention: "Needs attention",
  stale: "Stale", overdue: "Overdue", problems: "Problems", unqualified: "Unqualified", typed: "Changed by hand", priority: "Priority",
  days: "Days in step", start: "Start", end: "Target end", changed: "Last change", by: "Changed by",
};

export interface Fields {
  readonly views: readonly View[];
  /** The ratings: axes of the matrix, filters, boxes of the summary. */
  readonly dimensions: readonly string[];
  /** What can be filtered, in the order in which it is offered. */
  readonly filters: Readonly<Record<string, FilterKind>>;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Whether the template has a field for a column of the page. */
  has(column: string): boolean;
}

/** Leaves out what the template has no field for. */
export function fieldsOf({ about, past }: PortfolioTable, hasTrends = past !== null, hasSignoffs = false): Fields {
  const has = (column: string): boolean => SIGNOFF_COLUMNS.includes(column) ? hasSignoffs : !BY_ROLE.includes(column) || column in about.headings;
  const dimensions = DIMENSIONS.filter(has);
  const views: View[] = ["table", ...(about.no_matrix ? [] : ["matrix" as const]), "kanban", "summary"];
  if (hasTrends) views.push("trends");
  const isKnown = (name: string): boolean =>
    name === "overdue" ? has("end")
    : name === "unqualified" ? about.qualifying.length > 0
    : name === "priority" ? dimensions.length > 0
    : has(name);
  const kinds: [string, FilterKind][] = [
    ...["in_flight", "attention", "stale", "overdue", "problems", "unqualified", "typed"].map((flag): [string, FilterKind] => [flag, "flag"]),
    ...["step", "signoff", "decision", "initiative", "sponsor", "owner", "tag", ...dimensions].map((field): [string, FilterKind] => [field, "values"]),
    ...about.fields.map(([name, , kind]): [string, FilterKind] => [name, kind === "number" || kind === "date" ? kind : "values"]),
    ["by", "values"], ["priority", "number"], ["days", "number"], ["start", "date"], ["end", "date"], ["changed", "date"],
  ];
  return {
    views,
    dimensions,
    filters: Object.fromEntries(kinds.filter(([name]) => isKnown(name))),
    groups: ["initiative", "step", "owner", "decision"].filter(has),
    labels: { ...LABELS, ...Object.fromEntries(about.fields.map(([name, heading]): [string, string] => [name, heading])), ...about.headings },
    has,
  };
}

export const labelOf = (fields: Fields, name: string): string => fields.labels[name] ?? name;
