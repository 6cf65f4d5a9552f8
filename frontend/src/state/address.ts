// What the page shows, in the address's fragment, so that a link can be sent and Back goes back.
import type { Fields, FilterKind, View } from "./fields";

export type Limits = readonly [from: string, to: string];

/** What is asked of one field; `isNot` turns it around. */
export type Filter =
  | { readonly kind: "values"; readonly values: ReadonlySet<string>; readonly isNot: boolean }
  | { readonly kind: "range"; readonly limits: Limits; readonly isNot: boolean }
  | { readonly kind: "flag"; readonly isNot: boolean };

export type Filters = Readonly<Record<string, Filter>>;

export interface State {
  readonly view: View;
  readonly q: string;
  readonly x: string;
  readonly y: string;
  readonly mark: string;
  readonly sort: string;
  readonly group: string;
  /** Columns that are hidden, by comma; null for those that usually are. */
  readonly hide: string | null;
  readonly range: string;
  /** The project whose panel is open. */
  readonly p: string;
  /** By field, in the order in which they were set. */
  readonly filters: Filters;
}

export const DEFAULTS = {
  view: "table", q: "", x: "risk", y: "value", mark: "priority", sort: "priority:desc", group: "", hide: null, range: "", p: "",
} as const;

const LIMIT: Readonly<Record<"number" | "date", RegExp>> = { number: /^-?\d+(\.\d+)?$/, date: /^\d{4}-\d{2}-\d{2}$/ };
/** Stands before a filter's name in the address when it is turned around. */
const NOT = "-";

const paramsOf = (hash: string): URLSearchParams => new URLSearchParams(hash.replace(/^#/, ""));

function parseFilter(kind: FilterKind, texts: readonly string[], isNot: boolean): Filter | null {
  if (kind === "flag") return { kind: "flag", isNot };
  if (kind === "values") return { kind: "values", values: new Set(texts), isNot };
  const limits = (texts[0] ?? "").split("..").map((limit) => (LIMIT[kind].test(limit) ? limit : ""));
  const [from = "", to = ""] = limits;
  return limits.length === 2 && (from || to) ? { kind: "range", limits: [from, to], isNot } : null;
}

/** Reads an address; what it does not know or cannot read is as usual. */
export function parseAddress(hash: string, fields: Fields): State {
  const params = paramsOf(hash);
  const text = (name: keyof typeof DEFAULTS): string => params.get(name) ?? DEFAULTS[name] ?? "";
  const oneOf = (name: "x" | "y" | "mark" | "view", allowed: readonly string[]): string => {
    const value = params.get(name);
    return value !== null && allowed.includes(value) ? value : DEFAULTS[name];
  };
  const filters: Record<string, Filter> = {};
  for (const key of new Set(params.keys())) {
    const isNot = key.startsWith(NOT);
    const name = isNot ? key.slice(NOT.length) : key;
    const kind = Object.hasOwn(fields.filters, name) ? fields.filters[name] : undefined;
    const filter = kind && parseFilter(kind, params.getAll(key), isNot);
    if (filter) filters[name] = filter;
  }
  return {
    view: oneOf("view", fields.views) as View,
    q: text("q"),
    x: oneOf("x", fields.dimensions),
    y: oneOf("y", fields.dimensions),
    mark: oneOf("mark", ["", "priority", ...("decision" in fields.filters ? ["decision"] : []), ...fields.dimensions]),
    sort: text("sort"),
    group: text("group"),
    hide: params.get("hide"),
    range: text("range"),
    p: text("p"),
    filters,
  };
}

/** Writes a state as a fragment without `#`; keys of `hash` that are not the page's own go on as they are. */
export function writeAddress(state: State, fields: Fields, hash = ""): string {
  const params = new URLSearchParams();
  for (const [name, value] of paramsOf(hash)) {
    const isOwn = name in DEFAULTS || Object.hasOwn(fields.filters, name.startsWith(NOT) ? name.slice(NOT.length) : name);
    if (!isOwn) params.append(name, value);
  }
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    const value = state[name as keyof typeof DEFAULTS];
    if (value !== null && value !== usual) params.set(name, value);
  }
  for (const [name, filter] of Object.entries(state.filters)) {
    const key = filter.isNot ? `${NOT}${name}` : name;
    if (filter.kind === "values") for (const value of filter.values) params.append(key, value);
    else params.set(key, filter.kind === "range" ? filter.limits.join("..") : "");
  }
  return params.toString();
}
