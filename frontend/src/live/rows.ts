// The portfolio's table as rows for Home and Not governed, and changes of it merged in.
import type { Closure, Dictionary, Json, Portfolio, PortfolioDelta, Table, Total } from "./types";
import { countText } from "./time";

export interface Row {
  key: string;
  name: string | null;
  url: string | null;
  owner: string | null;
  tags: readonly string[];
  governed: boolean;
  /** governed, copied or not governed, in the words of `show` */
  state: string;
  /** the id of the current step, or another stage */
  step: string | null;
  /** one letter a step: F(inished), O(ngoing), N(ot started), S(kipped) */
  flow: string;
  decision: string | null;
  inFlight: boolean;
  trust: string | null;
  stale: boolean;
  overdue: boolean;
  problems: number;
  days: number | null;
  /** when its governance changed last */
  changed: string | null;
  /** when the project changed last in DSS */
  modified: string | null;
  /** Whether DSS lets this person change it. */
  writable: boolean;
  /** When, by whom and why it was hidden from those that wait to be governed. */
  hidden: Closure | null;
  /** What its current step needs and does not have, by heading; null where nothing goes on. */
  missing: readonly string[] | null;
  revision: number;
}

type Column = Dictionary | Json[];

function plain(column: Column | undefined, count: number): Json[] {
  if (column === undefined) return Array.from({ length: count }, () => null);
  if (Array.isArray(column)) return column;
  return column.codes.map((code) => column.values[code] ?? null);
}

/** Returns values that repeat: each once, and where it stands. */
function dictionary(values: readonly Json[]): Dictionary {
  const places = new Map<Json, number>();
  const once: Json[] = [];
  const codes = values.map((value) => {
    // lists, such as tags, are objects of their own in each row: they are looked up as text
    const name = typeof value === "object" && value !== null ? `list ${JSON.stringify(value)}` : value;
    const place = places.get(name) ?? once.length;
    if (place === once.length) {
      places.set(name, place);
      once.push(value);
    }
    return place;
  });
  return { values: once, codes };
}

/** Returns a key or name; the columns of both hold texts only. */
export const keyText = (value: Json): string => (typeof value === "string" ? value : "");

const text = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);
const number = (value: Json | undefined): number | null => (typeof value === "number" ? value : null);

function hiddenOf(value: Json | undefined): Closure | null {
  if (!Array.isArray(value)) return null;
  const [at, by, reason] = value as readonly Json[];
  return { at: text(at), by: text(by), reason: text(reason) };
}

export function rowsOf(table: Table): Row[] {
  const column = (name: string) => plain(table.columns[name], table.count);
  const [keys, names, urls, owners, tags] = [column("key"), column("name"), column("url"), column("owner"), column("tags")];
  const [governed, states, steps, flows] = [column("governed"), column("state"), column("step"), column("flow")];
  const [decisions, flight, trust, stale] = [column("decision"), column("in_flight"), column("trust"), column("stale")];
  const [overdue, problems, days] = [column("overdue"), column("problems"), column("days")];
  const [changed, modified, revisions, writable] = [column("changed"), column("modified"), column("revision"), column("writable")];
  const [hidden, missing] = [column("hidden"), column("missing")];
  return keys.map((key, at) => ({
    key: keyText(key),
    name: text(names[at]),
    url: text(urls[at]),
    owner: text(owners[at]),
    tags: (tags[at] ?? []) as string[],
    governed: governed[at] === true,
    state: text(states[at]) ?? "",
    step: text(steps[at]),
    flow: text(flows[at]) ?? "",
    decision: text(decisions[at]),
    inFlight: flight[at] === true,
    trust: text(trust[at]),
    stale: stale[at] === true,
    overdue: overdue[at] === true,
    problems: number(problems[at]) ?? 0,
    days: number(days[at]),
    changed: text(changed[at]),
    modified: text(modified[at]) ?? text(changed[at]),
    revision: number(revisions[at]) ?? 0,
    writable: writable[at] !== false,
    hidden: hiddenOf(hidden[at]),
    missing: (missing[at] ?? null) as string[] | null,
  }));
}

/** "412 of 846 governed projects, 30 others"; without a total, or one that is older than what is seen, "442 projects". */
export function scopeText(portfolio: Portfolio, total: Total | null): string {
  const seen = portfolio.scope?.seen ?? portfolio.count;
  const governed = plain(portfolio.columns["governed"], portfolio.count).filter((is) => is === true).length;
  const all = total?.governed ?? null;
  if (all === null || all < governed) return countText(seen, "project");
  const others = seen - governed;
  return `${governed.toLocaleString("en")} of ${countText(all, "governed project")}${others > 0 ? `, ${countText(others, "other")}` : ""}`;
}

/** Returns the portfolio with what changed since: rows that are new or other, and without those that are gone. */
export function mergeDelta(before: Portfolio, delta: PortfolioDelta): Portfolio {
  const { token, at, about } = delta;
  // the views are drawn anew when the columns are others
  if (delta.count === 0 && delta.gone.length === 0) return { ...before, token, at };
  const changedKeys = plain(delta.columns["key"], 0).map(keyText);
  const changed = new Map(changedKeys.map((key, at) => [key, at]));
  const gone = new Set(delta.gone);
  const kept: number[] = [];
  const keys = plain(before.columns["key"], before.count).map(keyText);
  keys.forEach((key, at) => {
    if (!gone.has(key)) kept.push(at);
  });
  const known = new Set(keys);
  const added = changedKeys.map((_, at) => at).filter((at) => !known.has(changedKeys[at] ?? ""));
  const columns: Record<string, Column> = {};
  for (const name of new Set([...Object.keys(before.columns), ...Object.keys(delta.columns)])) {
    const old = plain(before.columns[name], before.count);
    const other = plain(delta.columns[name], changedKeys.length);
    const merged = kept.map((at) => {
      const place = changed.get(keys[at] ?? "");
      return (place === undefined ? old[at] : other[place]) ?? null;
    });
    merged.push(...added.map((at) => other[at] ?? null));
    columns[name] = Array.isArray(before.columns[name] ?? delta.columns[name]) ? merged : dictionary(merged);
  }
  return { ...before, token, at, about, columns, count: kept.length + added.length };
}
