// What the page can show, filter and group by: every template has some of it, and this one's `about` says the rest.
import type { PortfolioTable } from "../data/table";

export type View = "table" | "matrix" | "kanban" | "summary" | "trends";
export type RangeKind = "number" | "date";

/** Stands for "has no value" in filters, groups and the address. */
export const NONE = "none";

const DIMENSIONS = ["value", "risk", "feasibility", "cost"];
const BY_ROLE = [...DIMENSIONS, "decision", "initiative", "sponsor", "start", "end"];
const LABELS: Readonly<Record<string, string>> = {
  step: "Step", decision: "Decision", initiative: "Business initiative", sponsor: "Sponsor", owner: "Owner", tag: "Tag",
  value: "Value", risk: "Risk", feasibility: "Feasibility", cost: "Cost", in_flight: "In flight", stale: "Stale",
  overdue: "Overdue", problems: "Problems", unqualified: "Unqualified", priority: "Priority", days: "Days in step",
  start: "Start", end: "Target end", changed: "Last change",
};

export interface Fields {
  readonly views: readonly View[];
  /** The ratings: axes of the matrix, filters, boxes of the summary. */
  readonly dimensions: readonly string[];
  readonly filters: readonly string[];
  readonly ranges: Readonly<Record<string, RangeKind>>;
  readonly flags: readonly string[];
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Whether the template has a field for a column of the page. */
  has(column: string): boolean;
}

/** Leaves out what the template has no field for. */
export function fieldsOf({ about, past }: PortfolioTable): Fields {
  const has = (column: string): boolean => !BY_ROLE.includes(column) || column in about.headings;
  const dimensions = DIMENSIONS.filter(has);
  const ranges: [string, RangeKind][] = [["priority", "number"], ["days", "number"], ["end", "date"], ["changed", "date"]];
  const views: View[] = ["table", ...(about.no_matrix ? [] : ["matrix" as const]), "kanban", "summary"];
  if (past) views.push("trends");
  return {
    views,
    dimensions,
    filters: ["step", "decision", "initiative", "owner", "tag", ...dimensions].filter(has),
    ranges: Object.fromEntries(ranges.filter(([name]) => has(name) && (name !== "priority" || dimensions.length > 0))),
    flags: ["in_flight", "stale", "overdue", "problems", "unqualified"].filter((flag) =>
      flag === "overdue" ? has("end") : flag !== "unqualified" || about.qualifying.length > 0),
    groups: ["initiative", "step", "owner", "decision"].filter(has),
    labels: { ...LABELS, ...about.headings },
    has,
  };
}

export const labelOf = (fields: Fields, name: string): string => fields.labels[name] ?? name;
