// The shape of the table that the page shows, as `report/page_data.py` writes it and the live page's API answers it.

export type Cell = string | number | boolean | null | readonly string[];

/** A column: a value for each project, or each distinct value once and where it stands. */
export type Column = readonly Cell[] | { readonly values: readonly Cell[]; readonly codes: readonly number[] };

/** The stages that are no step of the template. */
export const NOT_STARTED = "not_started";
export const COMPLETE = "complete";
export const CLOSED = "closed";

export interface About {
  readonly chunk: number;
  readonly day: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly headings: Readonly<Record<string, string>>;
  readonly fields: readonly (readonly [name: string, heading: string, kind: string])[];
  readonly plan: string | null;
  readonly qualifying: readonly string[];
  /** The step that qualifies; null where the template has none. */
  readonly decision_step?: string | null;
  readonly no_matrix: string | null;
  readonly stale_days: number;
  readonly steps: readonly { readonly id: string; readonly name: string }[];
  readonly stages: readonly (readonly [id: string, name: string])[];
  readonly ratings: readonly string[];
  readonly decisions: readonly string[];
  /** Where the live page is; null where nobody has set it. */
  readonly page_address: string | null;
  readonly summary: { readonly projects: number; readonly copied: number; readonly copies: string };
}

export type ChangeExample = readonly [key: string, name: string, words: string | null];

export interface Past {
  readonly days: readonly string[];
  readonly steps: readonly (readonly [id: string, name: string])[];
  readonly flow: Readonly<Record<string, readonly number[]>>;
  readonly cycle_times: readonly (readonly [step: string, finished: number, median: number, p85: number])[];
  readonly throughput: readonly (readonly [month: string, count: number])[];
  readonly since: string | null;
  readonly news: readonly (readonly [kind: string, count: number, examples: readonly ChangeExample[]])[];
}

export interface PortfolioTable {
  readonly about: About;
  readonly past: Past | null;
  readonly count: number;
  readonly columns: Readonly<Record<string, Column>>;
}

/** The reviews of a project that wait, or were rejected last. */
export interface ProjectSignoff {
  readonly states: readonly string[];
  readonly text: string;
  /** Where the one is that waits the longest. */
  readonly href: string;
}

/** By the project's key; who has none is not among them. */
export type ProjectSignoffs = ReadonlyMap<string, ProjectSignoff>;

/** A project as the views read it: each value is looked up in its column when it is asked for. */
export interface Row {
  readonly at: number;
  /** Whether it passes the filters; the table asks for it. */
  on: boolean;
  /** What the search looks through, in lower case. */
  readonly words: string;
  readonly key: string;
  readonly name: string;
  readonly url: string | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  readonly tagged: string | null;
  readonly governed: boolean;
  readonly state: string;
  readonly step: string | null;
  readonly place: number | null;
  readonly flow: string;
  readonly finished: number | null;
  readonly complete: boolean;
  readonly in_flight: boolean;
  readonly trust: string | null;
  readonly initiative: string | null;
  readonly sponsor: string | null;
  readonly start: string | null;
  readonly end: string | null;
  readonly decision: string | null;
  readonly value_score: number | null;
  readonly risk_score: number | null;
  readonly priority: number | null;
  readonly days: number | null;
  readonly stale: boolean;
  readonly overdue: boolean;
  readonly unqualified: boolean;
  readonly problems: number;
  readonly changed: string | null;
  readonly revision: number;
  /** When DSS says that the project changed last, where the rows come from the API. */
  readonly modified?: string | null;
  /** Whether DSS lets this person change it, where the rows come from the API. */
  readonly writable?: boolean;
}

export type DocumentLink = readonly [title: string | null, url: string, address: string | null];
export type StepDetails = readonly [
  status: string, started: string | null, finished: string | null, by: string | null, notes: string | null, documents: readonly DocumentLink[],
];
export type RatingDetails = readonly [rating: string | null, comment: string | null, origin: string | null];
export type EventDetails = readonly [
  number: number | null, at: string | null, by: string | null, source: string, what: string, before: string | null,
  after: string | null, reason: string | null, hint: string | null,
];

/** What the panel shows of a project besides its row. */
export interface Details {
  readonly steps: readonly StepDetails[];
  readonly ratings: readonly RatingDetails[];
  readonly texts: readonly (readonly [label: string, text: string | null, documents: readonly DocumentLink[]])[];
  readonly closed: readonly [at: string | null, by: string | null, reason: string | null] | null;
  readonly decision_comment: string | null;
  readonly project_plan: readonly DocumentLink[];
  readonly events: readonly EventDetails[];
  readonly moved: number | null;
  readonly problems: readonly (readonly [field: string, found: string | null, message: string])[];
}

/** Where the projects come from: the data in the file, or the API. */
export interface PortfolioSource {
  readonly table: PortfolioTable;
  readonly details?: (row: Row) => Promise<Details>;
  /** What people wrote into long fields and documents, by project, to be searched in. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Where reviews stand, by project; without it nothing is shown of them. */
  readonly signoffs?: ProjectSignoffs | undefined;
  /** Asks for the trends of these projects, or of all that are there; in the file they stand in the table. */
  readonly trends?: (keys: string[] | null) => Promise<PastAnswer>;
}

/** The trends, or why there are none. */
export interface PastAnswer {
  readonly past: Past | null;
  readonly why_not: string | null;
}
