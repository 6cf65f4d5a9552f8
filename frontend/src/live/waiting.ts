// What Home says, from the rows of the portfolio and what this browser saw last time.
import { hiddenOf } from "./rows";
import { hashOf } from "./route";
import { CLOSED, type Row } from "../data/table";

export interface Attention {
  label: string;
  count: number;
  hash: string;
}

/** Projects at the step of the decision, or in flight where none is told, that have no decision yet. */
export function toDecide(rows: readonly Row[], step: string | null | undefined): Row[] {
  if (step === null) return [];
  return rows.filter((row) => row.in_flight && row.decision === null && (step === undefined || row.step === step));
}

/** What needs attention, each with the filter of Projects that lists the same ones. */
export function attention(rows: readonly Row[]): Attention[] {
  const kinds: [string, string, (row: Row) => boolean][] = [
    ["Stale", "stale", (row) => row.stale],
    ["Overdue", "overdue", (row) => row.overdue],
    ["Changed by hand", "typed", (row) => row.trust === "typed"],
    ["Problems", "problems", (row) => row.problems > 0],
  ];
  return kinds
    .map(([label, flag, matches]) => ({
      label,
      count: rows.filter(matches).length,
      hash: hashOf("projects", { [flag]: "" }),
    }))
    .filter(({ count }) => count > 0);
}

/** What runs without approval, each with the filter of *Models and bundles*; a count that is not known is left out. */
export function approvalAttention(active: number | null, deployed: number | null): Attention[] {
  const kinds: [string, string, number | null][] = [
    ["Active, not approved", "active", active],
    ["Deployed without approval", "deployed", deployed],
  ];
  return kinds.flatMap(([label, state, count]) => (count === null || count === 0 ? [] : [{ label, count, hash: hashOf("registry", { state }) }]));
}

export function isCopy(row: Row): boolean {
  return !row.governed && row.state === "copied";
}

export function myProjects(rows: readonly Row[], login: string): Row[] {
  return rows.filter((row) => row.governed && row.owner === login && row.step !== CLOSED);
}

const VISIT_MINUTES = 30;

interface Visit {
  at: number;
  keys: string[];
}

interface Visits {
  before: Visit | null;
  last: Visit;
}

function visitsOf(text: string | null): Visits | null {
  try {
    const visits = JSON.parse(text ?? "null") as Visits | null;
    return visits !== null && Array.isArray(visits.last.keys) ? visits : null;
  } catch {
    return null;
  }
}

/**
 * Returns the projects that were not there at the last visit, and remembers those of this one.
 *
 * A visit goes on while the page is opened again within half an hour: a reload does not empty the list.
 */
export function newSince(rows: readonly Row[], storage: Pick<Storage, "getItem" | "setItem"> | null, login: string, now = Date.now()): { rows: Row[]; since: number | null } {
  if (storage === null) return { rows: [], since: null };
  const name = `govern-mirror:visit:${login}`;
  const known = visitsOf(storage.getItem(name));
  const before = known === null ? null : now - known.last.at > VISIT_MINUTES * 60_000 ? known.last : known.before;
  try {
    storage.setItem(name, JSON.stringify({ before, last: { at: now, keys: rows.map((row) => row.key) } }));
  } catch {
    // a full store: the list of new projects is a convenience, nothing that anybody typed
  }
  if (before === null) return { rows: [], since: null };
  const seen = new Set(before.keys);
  return { rows: rows.filter((row) => !row.governed && hiddenOf(row) === null && !seen.has(row.key)), since: before.at };
}
