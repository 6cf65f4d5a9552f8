// What the page shows, in the address's fragment, so that a link can be sent and Back goes back.
import { type Fields, type RangeKind, type View } from "./fields";

export type Limits = readonly [from: string, to: string];

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
  readonly filters: Readonly<Record<string, ReadonlySet<string>>>;
  readonly ranges: Readonly<Record<string, Limits>>;
  readonly flags: ReadonlySet<string>;
}

export const DEFAULTS = {
  view: "table", q: "", x: "risk", y: "value", mark: "priority", sort: "priority:desc", group: "", hide: null, range: "", p: "",
} as const;

const LIMIT: Readonly<Record<RangeKind, RegExp>> = { number: /^-?\d+(\.\d+)?$/, date: /^\d{4}-\d{2}-\d{2}$/ };

const paramsOf = (hash: string): URLSearchParams => new URLSearchParams(hash.replace(/^#/, ""));

/** Reads an address; what it does not know or cannot read is as usual. */
export function parseAddress(hash: string, fields: Fields): State {
  const params = paramsOf(hash);
  const text = (name: keyof typeof DEFAULTS): string => params.get(name) ?? DEFAULTS[name] ?? "";
  const oneOf = (name: "x" | "y" | "mark" | "view", allowed: readonly string[]): string => {
    const value = params.get(name);
    return value !== null && allowed.includes(value) ? value : DEFAULTS[name];
  };
  const filters: Record<string, ReadonlySet<string>> = {};
  for (const name of fields.filters) {
    const values = params.getAll(name);
    if (values.length) filters[name] = new Set(values);
  }
  const ranges: Record<string, Limits> = {};
  for (const [name, kind] of Object.entries(fields.ranges)) {
    const limits = (params.get(name) ?? "").split("..").map((limit) => (LIMIT[kind].test(limit) ? limit : ""));
    const [from = "", to = ""] = limits;
    if (limits.length === 2 && (from || to)) ranges[name] = [from, to];
  }
  return {
    view: oneOf("view", fields.views) as View,
    q: text("q"),
    x: oneOf("x", fields.dimensions),
    y: oneOf("y", fields.dimensions),
    mark: oneOf("mark", ["", "priority", "decision", ...fields.dimensions]),
    sort: text("sort"),
    group: text("group"),
    hide: params.get("hide"),
    range: text("range"),
    p: text("p"),
    filters,
    ranges,
    flags: new Set(fields.flags.filter((flag) => params.has(flag))),
  };
}

/** Writes a state as a fragment without `#`; keys of `hash` that are not the page's own go on as they are. */
export function writeAddress(state: State, fields: Fields, hash = ""): string {
  const params = new URLSearchParams();
  const own = new Set([...Object.keys(DEFAULTS), ...fields.filters, ...Object.keys(fields.ranges), ...fields.flags]);
  for (const [name, value] of paramsOf(hash)) if (!own.has(name)) params.append(name, value);
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    const value = state[name as keyof typeof DEFAULTS];
    if (value !== null && value !== usual) params.set(name, value);
  }
  for (const [name, values] of Object.entries(state.filters)) for (const value of values) params.append(name, value);
  for (const [name, limits] of Object.entries(state.ranges)) params.set(name, limits.join(".."));
  for (const flag of state.flags) params.set(flag, "");
  return params.toString();
}
