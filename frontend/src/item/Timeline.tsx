// One line a save, opened to what it changed; as CSV to take along.
import { csvText } from "../live/csv";
import { download } from "../live/download";
import { Bdi } from "../live/text";
import { countText, timeText } from "../live/time";
import type { Item, TimelineEntry } from "../live/types";

const HEADINGS = ["time", "by", "through", "number", "change", "reason", "recorded"];

export function timelineCsv(entries: readonly TimelineEntry[]): string {
  const lines = entries.flatMap((entry) =>
    entry.sentences.map((sentence) => [
      entry.at ?? "", entry.by ?? "", entry.source, entry.number === null ? "" : String(entry.number), sentence, entry.reason ?? "", entry.pending ? "no" : "yes",
    ]),
  );
  return csvText([HEADINGS, ...lines]);
}

function headline(entry: TimelineEntry): string {
  const [first, ...others] = entry.sentences;
  if (first === undefined) return "Saved without a change";
  return others.length === 0 ? first : `${first}, and ${countText(others.length, "other change")}`;
}

function Entry({ entry }: { entry: TimelineEntry }) {
  return (
    <li>
      <details class="gl-entry">
        <summary>
          <span class="gl-entry-time">{entry.at === null ? "Time unknown" : timeText(entry.at)}</span>
          <span class="gl-entry-text">
            <Bdi text={headline(entry)} />
          </span>
          <span class="gl-soft">
            {entry.by !== null && <Bdi text={entry.by} />}
            {entry.pending && <span class="gl-chip gl-warn">Changed by hand, not confirmed</span>}
          </span>
        </summary>
        <ul>
          {entry.sentences.map((sentence, at) => (
            <li key={at}>
              <Bdi text={sentence} />
            </li>
          ))}
        </ul>
        {entry.reason !== null && (
          <p>
            Reason: <Bdi text={entry.reason} />
          </p>
        )}
        <p class="gl-soft">
          {entry.number === null ? "Not recorded yet" : `Event ${entry.number}`}, through {entry.source}
        </p>
      </details>
    </li>
  );
}

export function Timeline({ item }: { item: Item }) {
  if (item.timeline.length === 0) return <p class="gl-soft">Nothing has been recorded yet.</p>;
  return (
    <>
      <p>
        <button type="button" onClick={() => download(`${item.address}-timeline.csv`, timelineCsv(item.timeline), "text/csv")}>
          Export
        </button>{" "}
        <span class="gl-soft">{countText(item.timeline.length, "save")}, newest first</span>
      </p>
      <ol class="gl-timeline">
        {item.timeline.map((entry, at) => (
          <Entry key={`${entry.number ?? "typed"}-${at}`} entry={entry} />
        ))}
      </ol>
    </>
  );
}
