// The Kanban: one column per stage.
import type { JSX } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { cellOf } from "../data/rows";
import type { Row } from "../data/table";
import { ageText, Badges, Opener, Rating, stageName } from "../parts/project";
import { formatCount, nameOf, Own } from "../parts/text";
import { labelOf } from "../state/fields";
import type { Store } from "../state/store";
import { isOnControl } from "./pointer";

// cards that a lane begins with: as many as are drawn in a blink beside those of the other lanes
const PAGE = 40;

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

/** What a card that is dragged brings along: its project's key. */
const DRAGGED = "application/x-govern-mirror-project";

function Card({ store, row }: { store: Store; row: Row }): JSX.Element {
  const { cards } = store;
  const canMove = cards !== null && cards.why_not === null && row.writable !== false;
  const take = (event: DragEvent): void => {
    if (!canMove || !event.dataTransfer) return;
    event.dataTransfer.setData(DRAGGED, row.key);
    event.dataTransfer.effectAllowed = "move";
  };
  return (
    <li class="gm-card" draggable={canMove} onDragStart={take} onClick={(event) => {
      if (!isOnControl(event)) store.open(row.key);
    }}>
      <Opener row={row} store={store} />
      <div class="gm-small">{ageText(row)} <Badges row={row} /></div>
      {row.decision ? <div class="gm-small"><b><Own text={row.decision} /></b></div> : null}
      <CardRatings store={store} row={row} />
      {row.owner ? <div class="gm-small">{"Owner "}<Own text={row.owner} /></div> : null}
      {row.initiative ? <div class="gm-small"><Own text={row.initiative} /></div> : null}
      {canMove
        ? <button type="button" class="gm-link gm-move" id={`move-${row.key}`} aria-label={`Move ${nameOf(row)}…`} onClick={() => cards.choose(row.key)}>Move…</button>
        : cards?.why_not === null ? <div class="gm-small">You may only read it, so it stays here</div> : null}
    </li>
  );
}

function Lane({ store, stage, rows }: { store: Store; stage: string; rows: readonly Row[] }): JSX.Element {
  const [pages, setPages] = useState(1);
  const limit = pages * PAGE;
  const [isOver, setOver] = useState(false);
  const offer = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes(DRAGGED)) return;
    event.preventDefault();
    setOver(true);
  };
  const leave = ({ currentTarget, relatedTarget }: DragEvent): void => {
    if (!(currentTarget instanceof Element && relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setOver(false);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const key = event.dataTransfer?.getData(DRAGGED);
    if (key && store.byKey.get(key)?.step !== stage) store.cards?.drop(key, stage);
  };
  return (
    <section class={`gm-lane${isOver ? " gm-over" : ""}`} aria-labelledby={`lane-${stage}`} onDragOver={offer} onDragLeave={leave} onDrop={drop}>
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
  // a card that has moved is drawn anew in its lane, and the focus would be lost
  const focused = document.activeElement?.closest(".gm-card") ? document.activeElement.id : "";
  useLayoutEffect(() => {
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
  });
  return (
    <div id="kanban">
      {store.cards?.why_not ? <p class="gm-small">{store.cards.why_not}</p> : null}
      <div class="gm-lanes">{[...lanes].map(([stage, rows]) => <Lane key={stage} store={store} stage={stage} rows={rows} />)}</div>
    </div>
  );
}
