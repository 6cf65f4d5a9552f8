// The shapes of the API, as documented in docs/webapp.md; nothing here knows a path of the template.

import type { Column } from "../data/table";

export type Json = boolean | number | string | null | readonly Json[] | { readonly [name: string]: Json };

export type Values = Record<string, Json>;

export interface Me {
  login: string;
  display_name: string | null;
  groups: string[];
  version: string;
  instance: { url: string | null; node_id: string | null };
  read_only: boolean;
  reason: string | null;
  rules_unreadable: string | null;
  /** Whether files may be uploaded as documents, and which. */
  uploads: { allowed: boolean; reason: string | null; types: string[]; max_bytes: number; sentence: string };
  /** Where the published report stands, for those who may read no governed project; null where nobody said. */
  status_page: string | null;
  /** Whom they ask. */
  ask: string | null;
  /** Whether a hub is named, so that approvals are on. */
  hub: boolean;
  title: string;
}

export interface About {
  day: string;
  steps: { id: string; name: string }[];
  labels: Record<string, string>;
  /** The step whose section holds the decision; null where the template has no decision. */
  decision_step?: string | null;
  [name: string]: unknown;
}

export interface Table {
  about: About;
  past: unknown;
  count: number;
  columns: Record<string, Column>;
}

export interface Portfolio extends Table {
  token: string;
  at: string;
  unreadable?: { project_key: string; message: string }[];
  scope?: { seen: number };
}

/** Which projects have a review that waits, or whose last one was rejected, the oldest first. */
export interface Signoffs {
  off: string | null;
  unread: string | null;
  projects: Record<string, { address: string; step: string; state: "waiting" | "rejected"; since: string | null }[]>;
}

/** How many governed projects there are in all, as the last snapshot of the history has it. */
export interface Total {
  governed: number | null;
  at: string | null;
}

export interface PortfolioDelta {
  token: string;
  at: string;
  since: true;
  scope?: { seen: number };
  about: About;
  count: number;
  columns: Record<string, Column>;
  gone: string[];
}

export interface DocumentLink {
  title: string | null;
  url: string;
}

export type FieldKind =
  | "status" | "rating" | "category" | "date" | "line" | "text" | "number" | "flag" | "documents" | "reference" | "people";

export interface FormField {
  label: string;
  help: string | null;
  kind: FieldKind;
  role: string | null;
  choices: string[];
  several: boolean;
  turned: boolean;
  value: Json;
  origin: string | null;
  comment_path: string | null;
  required_for: string[];
  trust: "typed" | "recorded" | "attested" | null;
  problem: string | null;
  pending: boolean;
}

export interface Section {
  id: string;
  name: string;
  kind: "overview" | "step";
  paths: string[];
}

export interface Move {
  step: string;
  status: string;
  label: string;
  says: string;
  statuses: Record<string, string>;
  needs_reason: boolean;
  allowed: boolean;
  why_not: string | null;
  /** What the rules ask for before the step is done, and is not there yet. */
  missing?: { path: string; label: string; message: string }[];
}

export interface Permission {
  allowed: boolean;
  why_not: string | null;
}

export type ActionName = "adopt" | "govern" | "close" | "undo_close" | "ungovern" | "confirm" | "hide" | "undo_hide";

export interface Form {
  can_edit: boolean;
  why_not: string | null;
  sections: Section[];
  fields: Record<string, FormField>;
  moves: Move[];
  actions: Partial<Record<ActionName, Permission>>;
}

export interface Step {
  id: string;
  name: string;
  status: string;
  started_on: string | null;
  finished_on: string | null;
  by: string | null;
}

export interface TimelineEntry {
  at: string | null;
  by: string | null;
  source: string;
  number: number | null;
  sentences: string[];
  pending: boolean;
  reason: string | null;
}

export interface ItemEvent {
  at: string | null;
  by: string | null;
  what: string;
}

export interface Source {
  description: string | null;
  created: string | null;
  last_modified: string | null;
  owner: string | null;
  /** When a bundle was exported or a version trained, as DSS tells it. */
  made?: string | null;
  url: string | null;
  tags: string[];
}

export interface Closure {
  at: string | null;
  by: string | null;
  reason: string | null;
}

/** The sign-off of a step, as the hub has it. */
export interface StepSignoff {
  step: string;
  name: string;
  status: string;
  status_label: string;
  mandatory: boolean;
  /** Rejected or abandoned: the workflow stands still until it is reset. */
  locked: boolean;
  unchanged: boolean | null;
  by: string | null;
  at: string | null;
  comment: string | null;
  approvers: string[];
  /** What it holds against the step being done. */
  missing: string | null;
}

export interface Item {
  project_key: string;
  /** The project's key, or where the bundle or version stands. */
  address: string;
  name: string | null;
  url: string | null;
  governed: boolean;
  state: string;
  /** The key of the original, where this is a copy. */
  copied_from: string | null;
  revision: number;
  current_step: string | null;
  days_in_step: number | null;
  stage: string | null;
  steps: Step[];
  problems: { path?: string | null; field?: string | null; message: string }[];
  events: ItemEvent[];
  closed: Closure | null;
  /** That people hid it from those that wait to be governed. */
  hidden: Closure | null;
  trust: string | null;
  pending: string[];
  labels: Record<string, string>;
  owner: string | null;
  tags: string[];
  overdue: boolean;
  stale: boolean;
  source: Source;
  timeline: TimelineEntry[];
  summary: string | null;
  form: Form;
  /** Of the steps that the hub has signed off; null where approvals are off, or this person may not read the hub. */
  signoffs?: StepSignoff[] | null;
  signoffs_unreadable?: string | null;
  /** Whether this person may record the decision in the hub, and the paths that it is about. */
  attest?: Permission & { paths: string[] };
  /** Of a bundle or version: where its sign-off stands; null where that is not known. */
  signoff?: ItemSignoff | null;
  /** Of a bundle: where it runs; null where nobody can say. */
  deployments?: { deployment: string; infrastructure: string }[] | null;
  /** What could not be looked at, and why. */
  unread?: string[];
}

export interface ItemSignoff {
  step: string;
  status: string;
  unchanged: boolean | null;
  approved: boolean;
  by: string | null;
  at: string | null;
}

export interface TextChange {
  path: string | null;
  label: string;
  before: string | null;
  after: string | null;
}

export interface Saved {
  sentence: string;
  changes: TextChange[];
  also_changed: (TextChange & { by: string | null; at: string | null })[];
  warnings: string[];
  written: boolean;
}

export type SavedItem = Item & { saved: Saved };

export interface Patch {
  revision: number;
  seen: Values;
  changes: Values;
  statuses: Record<string, string>;
  reason: string | null;
  override?: boolean;
  /** The number of the last event that was seen: it tells exactly what others saved since. */
  last_event?: number;
}

export interface Conflict {
  path: string;
  label: string;
  yours: Json;
  theirs: Json;
  by: string | null;
  at: string | null;
}

export interface FieldError {
  path: string | null;
  message: string;
  hint?: string;
}

export interface Problem {
  title?: string;
  status?: number;
  detail?: string;
  hint?: string;
  conflicts?: Conflict[];
  revision?: number;
  item?: Item;
  errors?: FieldError[];
  /** Whether rules alone refuse it, so that it can be done with a reason. */
  overridable?: boolean;
}

export interface Person {
  login: string;
  name: string;
}

export interface RecentEvent {
  project_key: string;
  name: string | null;
  at: string | null;
  by: string | null;
  sentence: string;
}
