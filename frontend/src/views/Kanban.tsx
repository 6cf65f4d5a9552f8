// The Kanban: one column per stage.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Row } from "../data/table";
import { ageText, Badges, Opener, stageName } from "../parts/project";
import { formatCount, Own } from "../parts/text";
import type { Store } from "../state/store";

const PAGE = 50;

function Card({ store, row }: { store: Store; row: Row }): JSX.Element {
  return (
    <li class="gm-card">
      <Opener row={row} store={store} />
      <div class="gm-small">{ageText(row)} <Badges row={row} /></div>
      {row.initiative ? <div class="gm-small"><Own text={row.initiative} /></div> : null}
    </li>
  );
}

function Lane({ store, stage, rows }: { store: Store; stage: string; rows: readonly Row[] }): JSX.Element {
  const [pages, setPages] = useState(1);
  const limit = pages * PAGE;
  return (
    <section class="gm-lane" aria-labelledby={`lane-${stage}`}>
      <h3 id={`lane-${stage}`}>{stageName(store.about, stage)} <span class="gm-count">{formatCount(rows.length)}</span></h3>
      <ul>{rows.slice(0, limit).map((row) => <Card key={row.key} store={store} row={row} />)}</ul>
      {rows.length > limit
        ? <button type="button" class="gm-link" onClick={() => setPages(pages + 2)}>{`Show more of ${formatCount(rows.length)}`}</button>
        : null}
    </section>
  );
}

export function Kanban({ store }: { store: Store }): JSX.Element {
  const lanes = new Map<string, Row[]>(store.about.stages.map(([id]) => [id, []]));
  for (const row of store.shown) if (row.governed && row.step) lanes.get(row.step)?.push(row);
  return (
    <div id="kanban">
      <div class="gm-lanes">{[...lanes].map(([stage, rows]) => <Lane key={stage} store={store} stage={stage} rows={rows} />)}</div>
    </div>
  );
}
