// The only module that asks the API. What went wrong comes back as one of two errors, in words for people.
import type { PastAnswer } from "../data/table";
import type { Configuration, Hub } from "../hub/types";
import type { RegistryAnswer, RegistryItems } from "../registry/types";
import type { Approvals, Deployed, GovernedItems, Review, Reviews } from "../review/types";
import { sentence } from "./text";
import type { DocumentLink, Item, Me, Patch, Person, Portfolio, PortfolioDelta, Problem, RecentEvent, SavedItem, Signoffs, Total, Values } from "./types";

export const SESSION_ENDED = "Your session has ended. Sign in again; what you typed is kept.";
export const NO_CONNECTION = "The connection is lost. What you typed is kept; try again when it is back.";

/** What the API refused, with its reason. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super([problem.detail ?? problem.title ?? `The server answered ${status}`, problem.hint ?? ""].map(sentence).filter(Boolean).join(" "));
  }
}

/** No answer at all: whether a write was done is not known. */
export class ConnectionError extends Error {
  constructor() {
    super(NO_CONNECTION);
  }
}

export interface ApiListener {
  /** The connection is there again, or gone. */
  connected(yes: boolean): void;
  /** The person is not signed in any more, or is again. */
  sessionEnded(ended: boolean): void;
  /** The backend answers with another version than at first. */
  updated(): void;
}

interface Kept {
  tag: string;
  body: unknown;
}

export type Action = "govern" | "adopt" | "move" | "skip" | "close" | "undo-close" | "confirm" | "hide" | "undo-hide" | "ungovern";

export class Api {
  private version: string | null = null;
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly base: string,
    private readonly listener: ApiListener,
    private readonly ask: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  me = () => this.read<Me>("me");
  people = () => this.read<{ people: Person[]; reason: string | null }>("people");
  texts = () => this.read<{ token: string; texts: Record<string, string> }>("portfolio/texts");
  recent = () => this.read<{ events: RecentEvent[] }>("recent");
  total = () => this.read<Total>("total");
  /** The trends of these projects, or of all that this person sees. */
  trends = async (keys: readonly string[] | null): Promise<PastAnswer> => {
    if (keys === null) return this.read<PastAnswer>("trends");
    return (await (await this.answer("trends", { method: "POST", body: JSON.stringify({ keys }) })).json()) as PastAnswer;
  };
  item = (key: string) => this.read<Item>(`items/${addressPath(key)}`);
  portfolio = (fresh = false) => this.read<Portfolio>(fresh ? "portfolio?fresh=1" : "portfolio");
  portfolioSince = (token: string) => this.read<Portfolio | PortfolioDelta>(`portfolio?since=${encodeURIComponent(token)}`, false);

  signoffs = () => this.read<Signoffs>("signoffs");
  reviews = () => this.read<Reviews>("reviews", false);
  review = (address: string, step: string | null = null) => this.read<Review>(`reviews/${addressPath(address)}${step === null ? "" : `?step=${encodeURIComponent(step)}`}`);

  approvals = (filter: Record<string, string>) => this.read<Approvals>(`approvals?${queryOf(filter)}`, false);

  /** All that the filter finds, also what the page does not show, as CSV. */
  approvalsFile = async (filter: Record<string, string>): Promise<Blob> => (await this.answer(`approvals.csv?${queryOf(filter)}`, {})).blob();

  hub = () => this.read<Hub>("hub", false);

  /** Changes the hub's configuration, or says what would change; `seen` is the entry that was read. */
  async configureHub(seen: string, configuration: Configuration, dryRun: boolean): Promise<Hub> {
    const answer = await this.answer("hub", { method: "POST", body: JSON.stringify({ seen, configuration, dry_run: dryRun }) });
    return (await answer.json()) as Hub;
  }

  governedItems = (key: string) => this.read<GovernedItems>(`items/${encodeURIComponent(key)}/items`);

  deployed = () => this.read<Deployed>("deployed", false);

  /** Models, and bundles with the results of Project Standards, of some of the projects that this person sees. */
  registry = async (items: RegistryItems, keys: readonly string[], fresh = false): Promise<RegistryAnswer> => {
    const body = JSON.stringify({ items, keys, fresh, standards: items === "all" });
    return (await (await this.answer("registry", { method: "POST", body })).json()) as RegistryAnswer;
  };

  async takePart(address: string, form: Record<string, string | number | boolean>): Promise<Review> {
    const answer = await this.answer(`reviews/${addressPath(address)}`, { method: "POST", body: JSON.stringify(form) });
    return (await answer.json()) as Review;
  }

  save(key: string, patch: Patch, dryRun = false): Promise<SavedItem> {
    return this.send("PATCH", `items/${addressPath(key)}${dryRun ? "?dry_run=1" : ""}`, patch);
  }

  /** Does what takes the hub's own key, which only the plugin's macros hold. */
  async throughMacro(key: string, action: "finish-step" | "attest", body: Record<string, string> = {}): Promise<Item & { recorded: string }> {
    const answer = await this.answer(`items/${encodeURIComponent(key)}/${action}`, { method: "POST", body: JSON.stringify(body) });
    return (await answer.json()) as Item & { recorded: string };
  }

  act(key: string, action: Action, body: Record<string, unknown> = {}): Promise<SavedItem> {
    return this.send("POST", `items/${addressPath(key)}/${action}`, body);
  }

  async exportTable(keys: readonly string[], format: "csv" | "xlsx"): Promise<Blob> {
    const answer = await this.answer("export", { method: "POST", body: JSON.stringify({ keys, format }) });
    return answer.blob();
  }

  /** Sends a file, which becomes an attachment of the wiki, and returns the document that links to it. */
  async upload(key: string, file: File): Promise<{ document: DocumentLink }> {
    const headers = { "Content-Type": "application/octet-stream" };
    const path = `items/${encodeURIComponent(key)}/uploads?name=${encodeURIComponent(file.name)}`;
    const answer = await this.answer(path, { method: "POST", body: file, headers });
    return (await answer.json()) as { document: DocumentLink };
  }

  fileAddress = (key: string, id: string) => `${this.base}items/${encodeURIComponent(key)}/uploads/${encodeURIComponent(id)}`;

  // Bodies with an ETag are kept, so that an unchanged portfolio is neither sent nor parsed again.
  private async read<T>(path: string, keep = true): Promise<T> {
    const known = keep ? this.kept.get(path) : undefined;
    const answer = await this.answer(path, { headers: known ? { "If-None-Match": known.tag } : {} });
    if (answer.status === 304 && known) return known.body as T;
    const body = (await answer.json()) as T;
    const tag = answer.headers.get("ETag");
    if (tag && keep) this.kept.set(path, { tag, body });
    return body;
  }

  private async send(method: string, path: string, body: object): Promise<SavedItem> {
    const answer = await this.answer(path, { method, body: JSON.stringify(body) });
    return (await answer.json()) as SavedItem;
  }

  private async answer(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("X-Requested-With", "govern-mirror");
    headers.set("Accept", "application/json");
    if (init.body && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
    let answer: Response;
    try {
      answer = await this.ask(this.base + path, { ...init, headers, credentials: "same-origin", cache: "no-store" });
    } catch {
      this.listener.connected(false);
      throw new ConnectionError();
    }
    this.listener.connected(true);
    this.compareVersion(answer.headers.get("X-Govern-Mirror-Version"));
    if (answer.status !== 401) this.listener.sessionEnded(false);
    if (answer.ok || answer.status === 304) return answer;
    const problem = await problemOf(answer);
    if (answer.status === 401) {
      this.listener.sessionEnded(true);
      throw new ApiError(401, { ...problem, detail: SESSION_ENDED, hint: "" });
    }
    throw new ApiError(answer.status, problem);
  }

  private compareVersion(version: string | null): void {
    if (version === null) return;
    if (this.version !== null && this.version !== version) this.listener.updated();
    else this.version = version;
  }
}

// what is blank does not matter
function queryOf(filter: Record<string, string>): string {
  return new URLSearchParams(Object.entries(filter).filter(([, value]) => value.trim() !== "")).toString();
}

// the slashes of an address part its ids, and stay
function addressPath(address: string): string {
  const parts = address.split("/");
  // a browser takes dots for steps up, also those that are encoded
  return parts.some((part) => /^\.{0,2}$/.test(part)) ? encodeURIComponent(address) : parts.map(encodeURIComponent).join("/");
}

// A proxy in front of the backend answers in HTML: its text helps nobody.
async function problemOf(answer: Response): Promise<Problem> {
  try {
    const body: unknown = await answer.json();
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** Tells whether rules alone refused it, so that it can be done with a reason. */
export function isOverridable(error: unknown): boolean {
  return error instanceof ApiError && error.problem.overridable === true;
}

/** Returns the words for people of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns the address of the API: DSS knows it by a function, another server tells it in the page. */
export function apiBase(element: HTMLElement): string {
  const told = (window as { getWebAppBackendUrl?: (path: string) => string }).getWebAppBackendUrl;
  return typeof told === "function" ? told("api/") : (element.dataset["api"] ?? "api/");
}

/** Returns the values that a `govern` or `adopt` may hold: what is blank is left out. */
export function filledValues(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)),
  );
}
