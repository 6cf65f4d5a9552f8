// The trends of the live page: asked for when the view is opened, and again when filters or projects change.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PastAnswer } from "../data/table";
import { plural } from "../parts/text";
import type { Store } from "../state/store";
import { Trends } from "./Trends";

interface LiveTrendsProps {
  readonly store: Store;
  readonly ask: (keys: string[] | null) => Promise<PastAnswer>;
}

const WAIT_MS = 400;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function LiveTrends({ store, ask }: LiveTrendsProps): JSX.Element {
  const [answer, setAnswer] = useState<PastAnswer | null>(null);
  const [isOld, setOld] = useState(true);
  // the list is the same object until a filter or the projects change
  const { shown } = store;
  useEffect(() => {
    let isCurrent = true;
    setOld(true);
    const take = (told: PastAnswer): void => {
      if (!isCurrent) return;
      setAnswer(told);
      setOld(false);
    };
    const keys = store.isFiltered ? shown.map((row) => row.key) : null;
    const read = (): void => void ask(keys).then(take, (error: unknown) => take({ past: null, why_not: messageOf(error) }));
    // while somebody types, not every letter is worth a reading
    const waiting = setTimeout(read, keys === null ? 0 : WAIT_MS);
    return () => {
      isCurrent = false;
      clearTimeout(waiting);
    };
  }, [ask, shown, store]);
  return (
    <div aria-busy={isOld}>
      <p class="gm-small" role="status">{isOld ? `Reading the history of ${plural(shown.length, "project")}…` : ""}</p>
      {answer?.past ? <Trends store={store} past={answer.past} /> : null}
      {answer && !answer.past && !isOld ? <p class="gm-empty">{`No trends: ${answer.why_not ?? "there is no history"}.`}</p> : null}
    </div>
  );
}
