// What the API tells of reviews; see docs/live-page.schema.json.

export interface WaitingReview {
  address: string;
  step: string;
  status: string;
  requested_by: string;
  since: string;
  roles: { role: string; for: string | null }[];
}

/** An item whose entries in the hub are not as they were written; of which one, nobody may be able to say. */
export interface UnreadItem {
  address: string | null;
  message: string;
}

export interface Reviews {
  off: string | null;
  /** Whether approvals are off, and this is an administrator, who could set up a hub. */
  set_up_hub: boolean;
  reviews: WaitingReview[];
  unread: UnreadItem[];
}

export interface ReviewEntry {
  id: string;
  at: string;
  by: string;
  for: string | null;
  act: string;
  words: string;
  role: string;
  role_label: string;
  feedback: string | null;
  comment: string | null;
}

/** What Govern says of an item, as a sync recorded it in the hub. */
export interface InGovern {
  status: string | null;
  approved: boolean;
  why_not: string | null;
  read_at: string | null;
}

/** As what this person can hand a review over: their own, and, for a governance manager, somebody else's. */
export interface HandOver {
  own: string[];
  others: string[];
}

export interface Emergency {
  id: string;
  at: string;
  by: string;
  until: string;
  infrastructure: string;
  reason: string;
  ticket: string;
  /** Whether it is of the item as it is now. */
  unchanged: boolean;
}

/** What the form of an emergency needs; nobody has it but those whom the hub names. */
export interface EmergencyForm {
  infrastructures: string[];
  max_hours: number;
}

export type ReviewAct = "delegate" | "request_feedback" | "request_approval" | "feedback" | "approve" | "reject" | "back" | "abandon" | "cancel" | "reset";

export interface Review {
  address: string;
  project_key: string;
  label: string;
  kind: "project" | "bundle" | "model" | "agent";
  step: string;
  step_name: string;
  status: string;
  status_label: string;
  open: boolean;
  subject: Record<string, unknown> | null;
  unchanged: boolean | null;
  /** Why there is nothing to review, where the item is not in DSS any more. */
  gone?: string | null;
  requested: ReviewEntry | null;
  verdict: ReviewEntry | null;
  in_govern: InGovern | null;
  groups: { role: string; label: string; names: string[] }[];
  feedback: ReviewEntry[];
  values: { path: string; label: string; value: unknown }[];
  earlier: { address: string; label: string; by: string; at: string; changes: { path: string; label: string; from: unknown; to: unknown }[] } | null;
  problems?: { field: string; found: string | null; expected: string; message: string }[];
  /** The last Project Standards report; null where the checks never ran. */
  standards?: { severity: number | null; label: string | null; ran_on: string | null; unreadable: string | null } | null;
  /** The versions that are active in a bundle's project; null for what holds none. */
  models?: { block: boolean; unreadable: string | null; items: ModelInside[] } | null;
  /** What lets the item pass now without approval. */
  emergencies?: Emergency[];
  you: { login: string; rights: string[]; is_editor: boolean; may: Partial<Record<ReviewAct, string | null>>; groups: string[]; hand_over: HandOver; emergency?: EmergencyForm | null };
  recorded?: string;
  /** After an emergency, also a dry run of one: where it passes, and until when. */
  passes?: string | null;
  /** After an act: to whom mails were sent, and who was not told, and why. */
  mail?: string[];
  not_told?: string[];
}

/** A version that a bundle may hold. */
export interface ModelInside {
  address: string;
  name: string;
  version: string;
  status: string;
  status_label: string;
  approved: boolean;
  unchanged: boolean | null;
  /** Trained after the export: the bundle holds another version. */
  newer: boolean;
}

/** One entry of the register. */
export interface Approval {
  id: string;
  at: string;
  by: string;
  for: string | null;
  item: string;
  step: string | null;
  act: string;
  words: string;
  role: string | null;
  feedback: string | null;
  comment: string | null;
  subject: Record<string, unknown> | null;
  values: { path: string; label: string; value: unknown }[];
  reviewers: Record<string, string[]>;
}

export interface Approvals {
  found: number;
  all: number;
  checked_at: string;
  breaks: { path: string; message: string }[];
  entries: Approval[];
}

/** A bundle, or a version of a model or agent. */
export interface GovernedItem {
  address: string;
  kind: "bundle" | "model" | "agent";
  name: string | null;
  made_on: string | null;
  made_by: string | null;
  active: boolean | null;
  status: string | null;
  unchanged: boolean | null;
  approved: boolean;
  /** Where its own workflow stands; null where that is not known. */
  stage: string | null;
  superseded: boolean;
  govern: { status: string | null; counts: boolean; why_not: string | null } | null;
}

export interface GovernedItems {
  off: string | null;
  warnings: string[];
  items: GovernedItem[];
}

/** Bundles that the Deployer runs without approval. */
export interface DeployedBundle {
  deployment: string;
  infrastructure: string;
  bundle: string;
  address: string | null;
  why: string;
}

export interface Deployed {
  /** Why approvals are off; null where they are not. */
  off: string | null;
  looked_at: number;
  unapproved: DeployedBundle[];
  /** Approved ones, of which nobody can say whether the approved export runs. */
  unsure: DeployedBundle[];
}
