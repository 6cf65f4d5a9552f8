// The Kanban: one column per stage.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { cellOf } from "../data/rows";
import type { Row } from "../data/table";
import { ageText, Badges, Opener, Rating, stageName } from "../parts/project";
import { formatCount, Own } from "../parts/text";
import { labelOf } from "../state/fields";
import type { Store } from "../state/store";
import { isOnControl } from "./pointer";

const PAGE = 50;

function CardRatings({ store, row }: { store: Store; row: Row }): JSX.Element | null {
  const rated = store.fields.dimensions.slice(0, 2).flatMap((name) => {
    const rating = cellOf(row, name);
    return typeof rating === "string" ? [{ name, rating }] : [];
  });
  if (!rated.length) return null;
  return (
    <div class="gm-small gm-card-ratings">
      {rated.map(({ name, rating }) => <span key={name}>{`${labelOf(store.fields, name)} `}<Rating rating={rating} about={store.about} /></span>)}
    </div>
  );
}

function Card({ store, row }: { store: Store; row: Row }): JSX.Element {
  return (
    <li class="gm-card" onClick={(event) => {
      if (!isOnControl(event)) store.open(row.key);
    }}>
      <Opener row={row} store={store} />
      <div class="gm-small">{ageText(row)} <Badges row={row} /></div>
      {row.decision ? <div class="gm-small"><b><Own text={row.decision} /></b></div> : null}
      <CardRatings store={store} row={row} />
      {row.owner ? <div class="gm-small">{"Owner "}<Own text={row.owner} /></div> : null}
      {row.initiative ? <div class="gm-small"><Own text={row.initiative} /></div> : null}
    </li>
  );
}

function Lane({ store, stage, rows }: { store: Store; stage: string; rows: readonly Row[] }): JSX.Element {
  const [pages, setPages] = useState(1);
  const limit = pages * PAGE;
  return (
    <section class="gm-lane" aria-labelledby={`lane-${stage}`}>
      <h2 id={`lane-${stage}`}><span>{stageName(store.about, stage)}</span> <span class="gm-count">{formatCount(rows.length)}</span></h2>
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
