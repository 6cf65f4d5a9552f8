// Which bundles and versions are shown, and how they stand under their projects and models.
import { standing } from "../review/words";
import type { RegistryRow } from "./types";

/** The states that can be filtered by, with their labels. */
export const STATES: readonly [name: string, label: string, matches: (row: RegistryRow) => boolean][] = [
  ["active", "Active, not approved", (row) => row.active_not_approved],
  ["deployed", "Deployed without approval", (row) => row.deployed_without_approval],
  ["approved", "Approved", (row) => row.approved],
  ["waiting", "Waiting for review", (row) => row.approval === "waiting"],
  ["rejected", "Rejected", (row) => row.approval === "rejected"],
  ["changed", "Approved, changed since", (row) => row.approval === "changed"],
  ["not_asked", "Not asked", (row) => row.approval === "not_asked"],
];

export interface RegistryFilter {
  text: string;
  /** One of the states; empty for all. */
  state: string;
  /** `bundles` or `models`; empty for both. */
  kind: string;
}

/** Returns the rows that pass; every word of the text must stand somewhere in a row. */
export function filtered(rows: readonly RegistryRow[], { text, state, kind }: RegistryFilter): RegistryRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = STATES.find(([name]) => name === state)?.[2] ?? (() => true);
  return rows.filter((row) => {
    if (kind !== "" && (row.kind === "bundle") !== (kind === "bundles")) return false;
    if (!matches(row)) return false;
    if (words.length === 0) return true;
    const places = (row.deployed_on ?? []).map(({ infrastructure, deployment }) => `${infrastructure} ${deployment}`);
    const said = [row.address, row.project_name, row.model ?? "", row.made_by ?? "", ...places].join(" ").toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** The bundles of a project, or the versions of one of its models. */
export interface Group {
  name: string;
  rows: RegistryRow[];
}

export interface ProjectGroup {
  key: string;
  name: string;
  standards: RegistryRow["standards"];
  bundles: RegistryRow[];
  models: Group[];
}

/** Returns rows below their projects and models, in their order. */
export function grouped(rows: readonly RegistryRow[]): ProjectGroup[] {
  const projects = new Map<string, ProjectGroup>();
  const models = new Map<string, Group>();
  for (const row of rows) {
    let project = projects.get(row.project_key);
    if (project === undefined) {
      project = { key: row.project_key, name: row.project_name, standards: row.standards, bundles: [], models: [] };
      projects.set(row.project_key, project);
    }
    if (row.kind === "bundle") {
      project.bundles.push(row);
      continue;
    }
    const id = `${row.project_key}/${row.model_id ?? ""}`;
    let model = models.get(id);
    if (model === undefined) {
      model = { name: `${row.kind === "agent" ? "Agent" : "Model"} ${row.model ?? row.model_id ?? ""}`, rows: [] };
      models.set(id, model);
      project.models.push(model);
    }
    model.rows.push(row);
  }
  return [...projects.values()];
}

/** "Approved", "Waiting for feedback, changed since"; nothing where approvals are off. */
export function reviewWords(row: RegistryRow): string {
  if (row.approval === "off") return "";
  if (row.approval === "unknown" || row.status === null) return "Cannot be read";
  // what Govern says outweighs the hub's own review where it counts, or refuses
  if (row.approved && (row.status !== "APPROVED" || row.unchanged === false)) return "Approved in Govern";
  if (row.approval === "rejected" && row.status !== "REJECTED") return "Refused in Govern";
  const status = standing(row.status);
  return row.unchanged === false ? `${status}, changed since` : status;
}
