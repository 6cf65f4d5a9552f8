// How many active versions are not approved, for Home: read at most every ten minutes, and of so many projects.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Row } from "../data/table";
import type { Api } from "../live/api";
import { useApp } from "../live/store";
import type { ReviewsState } from "../review/Waiting";
import { isComplete, readRegistry } from "./read";

/** Of more projects, Home does not read the models: the page *Models and bundles* does. */
export const MAX_PROJECTS = 200;
const MAX_AGE_MS = 600_000;

/** How many active versions are not approved, and whether some could not be looked at. */
export interface Unapproved {
  count: number;
  incomplete: boolean;
}

interface Known extends Unapproved {
  api: Api;
  projects: string;
  reviews: string;
  at: number;
}

let known: Known | null = null;

/** Returns how many there are: none where approvals are off or the hub is not for this person; null while they are counted. */
export function useActiveUnapproved(rows: readonly Row[], { reviews: waiting, failure, pending }: ReviewsState): Unapproved | null {
  const { api } = useApp();
  // who reviewed something meanwhile is not told the count from before
  const reviews = waiting === null || waiting.off !== null ? null : waiting.reviews.map(({ address, status }) => `${address} ${status}`).join("\n");
  // named only where approvals are on: of thousands, each drawing would sort them
  const projects = useMemo(() => (reviews === null ? "" : rows.filter((row) => row.governed).map((row) => row.key).sort().join(" ")), [rows, reviews]);
  const [unapproved, setUnapproved] = useState<Unapproved | null>(null);
  useEffect(() => {
    if (reviews === null || projects === "") return;
    const before = known?.api === api && known.projects === projects ? known : null;
    if (before !== null && before.reviews === reviews && Date.now() - before.at < MAX_AGE_MS) {
      setUnapproved(before);
      return;
    }
    const wanted = projects.split(" ");
    if (wanted.length > MAX_PROJECTS) {
      setUnapproved({ count: 0, incomplete: true });
      return;
    }
    let current = true;
    const stopped = () => !current;
    void readRegistry(api, "models", wanted, () => undefined, stopped, before !== null && before.reviews !== reviews).then((reading) => {
      if (!current) return;
      const incomplete = !isComplete(reading) || reading.off !== null || reading.unreadable.length > 0;
      const count = reading.rows.filter((row) => row.active_not_approved && row.approval !== "unknown").length;
      setUnapproved({ count, incomplete });
      if (reading.failure === null) known = { api, projects, reviews, at: Date.now(), count, incomplete };
    });
    return () => {
      current = false;
    };
  }, [api, projects, reviews]);
  if (pending) return null;
  if (failure !== null) return { count: 0, incomplete: true };
  return projects === "" ? { count: 0, incomplete: false } : unapproved;
}
