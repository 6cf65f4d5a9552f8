// What the API tells of the hub's configuration; see docs/live-page.schema.json.

export interface ReviewerLists {
  [role: string]: unknown;
}

export interface Configuration {
  reviewers?: ReviewerLists & { initiatives?: Record<string, ReviewerLists & { projects?: string[] }>; projects?: Record<string, ReviewerLists> };
  managers?: string[];
  emergency?: string[];
  published?: Record<string, string[]>;
  deputies?: { of: string; to: string; until?: string | null }[];
  addresses?: Record<string, string>;
  mail?: { channel?: string; people?: Record<string, string> };
  govern_node?: { id?: string; url?: string } | null;
  switches?: Record<string, unknown>;
  [name: string]: unknown;
}

export interface Change {
  place: string;
  from: unknown;
  to: unknown;
}

export interface Hub {
  project_key: string;
  entry: string;
  by: string;
  at: string;
  configuration: Configuration;
  /** All switches, those that are not given among them. */
  switches: Record<string, unknown>;
  why_not: string | null;
  /** Why I may not name the Govern node. */
  why_not_node: string | null;
  changes?: Change[];
  recorded?: string;
}
