// How many active versions are not approved, for Home: read at most every ten minutes, and of so many projects.
import { useEffect, useState } from "preact/hooks";
import type { Row } from "../data/table";
import type { Api } from "../live/api";
import { useApp } from "../live/store";
import type { Reviews } from "../review/types";
import { isComplete, readRegistry } from "./read";

/** Of more projects, Home does not read the models: the page *Models and bundles* does. */
export const MAX_PROJECTS = 200;
const MAX_AGE_MS = 600_000;

interface Known {
  api: Api;
  projects: string;
  reviews: string;
  at: number;
  count: number;
}

let known: Known | null = null;

/** Returns how many there are; null while it is not known, where approvals are off, and of too many projects. */
export function useActiveUnapproved(rows: readonly Row[], waiting: Reviews | null): number | null {
  const { api } = useApp();
  const keys = rows.filter((row) => row.governed).map((row) => row.key);
  const projects = [...keys].sort().join(" ");
  // who reviewed something meanwhile is not told the count from before
  const reviews = waiting === null || waiting.off !== null ? null : waiting.reviews.map(({ address, status }) => `${address} ${status}`).join("\n");
  const [count, setCount] = useState<number | null>(null);
  useEffect(() => {
    if (reviews === null || projects === "") return;
    const before = known?.api === api && known.projects === projects ? known : null;
    if (before !== null && before.reviews === reviews && Date.now() - before.at < MAX_AGE_MS) {
      setCount(before.count);
      return;
    }
    const wanted = projects.split(" ");
    if (wanted.length > MAX_PROJECTS) return;
    let current = true;
    const stopped = () => !current;
    void readRegistry(api, ["models"], wanted, () => undefined, stopped, before !== null && before.reviews !== reviews).then((reading) => {
      if (!current || !isComplete(reading)) return;
      const unapproved = reading.rows.filter((row) => row.active_not_approved).length;
      known = { api, projects, reviews, at: Date.now(), count: unapproved };
      setCount(unapproved);
    });
    return () => {
      current = false;
    };
  }, [api, projects, reviews]);
  return count;
}
