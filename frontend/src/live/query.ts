// What a view asks of the API: on its way, failed and empty are three things, and a late answer takes no newer one's place.
import { useCallback, useEffect, useState } from "preact/hooks";
import { messageOf } from "./api";
import { useApp, useAppState } from "./store";
import type { Item } from "./types";

export interface Query<T> {
  /** Null while it is on its way, and where it failed. */
  answer: T | null;
  /** What went wrong; null where nothing did. */
  error: unknown;
  /** The same in words for people. */
  failure: string | null;
  pending: boolean;
}

/** Asks when it is drawn first, and again when `ask` or `again` is another one: of one `ask`, the last answer stays meanwhile. */
export function useQuery<T>(ask: () => Promise<T>, again: unknown = null): Query<T> {
  const [last, setLast] = useState<{ ask: () => Promise<T>; answer: T | null; error: unknown } | null>(null);
  useEffect(() => {
    let current = true;
    const show = (answer: T | null, error: unknown) => {
      if (current) setLast({ ask, answer, error });
    };
    ask().then((answer) => show(answer, null), (error: unknown) => show(null, error));
    return () => {
      current = false;
    };
  }, [ask, again]);
  if (last?.ask !== ask) return { answer: null, error: null, failure: null, pending: true };
  return { answer: last.answer, error: last.error, failure: last.error === null ? null : messageOf(last.error), pending: false };
}

/** Returns what is another one once the list of projects is, and whenever this person refreshes. */
export function useListState(): string {
  return useAppState(({ portfolio, refreshes }) => `${portfolio?.token ?? ""} ${refreshes}`);
}

/** Asks for a project. */
export function useItem(key: string): Query<Item> {
  const { api } = useApp();
  return useQuery(useCallback(() => api.item(key), [api, key]));
}
