// The first search must not wait for the words of every project: they are made when the page has nothing else to do.
import type { Row } from "../data/table";
import { whenIdle } from "../parts/idle";

const AT_ONCE = 200;

/** Makes what the search looks through, in idle times; returns what ends that. */
export function prepareSearch(rows: readonly Row[]): () => void {
  let at = 0;
  const work = (idle: IdleDeadline | null): void => {
    do {
      rows.slice(at, at + AT_ONCE).forEach((row) => row.words);
      at += AT_ONCE;
    } while (at < rows.length && (idle?.timeRemaining() ?? 0) > 2);
    if (at < rows.length) end = whenIdle(work);
  };
  let end = whenIdle(work);
  return () => end();
}
