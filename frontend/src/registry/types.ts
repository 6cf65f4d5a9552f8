// What the API tells of bundles and models; see docs/live-page.schema.json.

/** What is asked for: both, or the versions of models and agents alone. */
export type RegistryItems = "all" | "models";

export type ApprovalState = "off" | "unknown" | "not_asked" | "waiting" | "approved" | "changed" | "rejected" | "abandoned";

/** A bundle, or a version of a model or agent. */
export interface RegistryRow {
  address: string;
  kind: "bundle" | "model" | "agent";
  project_key: string;
  project_name: string;
  model_id: string | null;
  model: string | null;
  item: string;
  made_on: string | null;
  made_by: string | null;
  active: boolean | null;
  approval: ApprovalState;
  status: string | null;
  unchanged: boolean | null;
  approved: boolean;
  active_not_approved: boolean;
  deployed_without_approval: boolean;
  deployed_on: { infrastructure: string; deployment: string }[] | null;
  /** Of the project, not of the item. */
  standards: { severity: number | null; label: string; ran_on: string | null } | null;
}

export interface RegistryAnswer {
  generated_on: string;
  items: RegistryItems;
  projects: number;
  off: string | null;
  deployments: number | null;
  not_looked_at: string[];
  unreadable: { project_key: string; message: string }[];
  rows: RegistryRow[];
}
