// The matrix: two ratings as axes, a third as mark. Crowded cells show the first few and lead to the rest.
import type { JSX } from "preact";
import { cellOf } from "../data/rows";
import type { Row } from "../data/table";
import { Opener, ratingBars, valueLabel } from "../parts/project";
import { formatCount } from "../parts/text";
import { labelOf, NONE } from "../state/fields";
import { valueOf, valuesFilter, withFilter } from "../state/filter";
import type { Store } from "../state/store";

const MAX_NAMES = 8;
// marks that differ in kind and not in size: a decision is no amount
const SHAPES = ["◌", "●", "■", "▲", "◆", "★", "✚"];

function rowMark(row: Row, { about, fields, state }: Store): [place: number, label: string] {
  if (state.mark === "decision") return [about.decisions.indexOf(row.decision ?? "") + 1, row.decision ?? "Undecided"];
  if (state.mark === "priority") {
    if (row.priority === null) return [0, "no priority"];
    return [Math.min(4, 1 + Math.floor(row.priority / 25)), `priority ${row.priority}`];
  }
  const rating = cellOf(row, state.mark) as string | null;
  return [ratingBars(about, rating), `${labelOf(fields, state.mark).toLowerCase()} ${rating ?? "not rated"}`];
}

function Mark({ store, place, label }: { store: Store; place: number; label?: string }): JSX.Element {
  const words = label === undefined ? { "aria-hidden": true } : { title: label, role: "img" as const, "aria-label": label };
  return store.state.mark === "decision"
    ? <span class={`gm-shape gm-shape-${Math.min(place, 3)}`} {...words}>{SHAPES[Math.min(place, SHAPES.length - 1)]}</span>
    : <span class={`gm-dot gm-dot-${place}`} {...words} />;
}

function Chip({ store, row }: { store: Store; row: Row }): JSX.Element {
  const [place, label] = rowMark(row, store);
  return <div class="gm-chip">{store.state.mark ? <Mark store={store} place={place} label={label} /> : null}<Opener row={row} store={store} /></div>;
}

function MatrixCell({ store, rows, x, y }: { store: Store; rows: readonly Row[]; x: string; y: string }): JSX.Element {
  const { state } = store;
  if (!rows.length) return <td />;
  const showAll = (): void =>
    store.setState(
      { view: "table", filters: withFilter(withFilter(state.filters, state.x, valuesFilter([x])), state.y, valuesFilter([y])) }, { step: true });
  return (
    <td class="gm-filled">
      <div class="gm-count">{formatCount(rows.length)}</div>
      {rows.slice(0, MAX_NAMES).map((row) => <Chip key={row.key} store={store} row={row} />)}
      {rows.length > MAX_NAMES
        ? <button type="button" class="gm-link" onClick={showAll}>{`All ${formatCount(rows.length)} in the table`}</button>
        : null}
    </td>
  );
}

export function Matrix({ store }: { store: Store }): JSX.Element {
  const { about, fields, state } = store;
  const placed = new Map<string, Row[]>();
  for (const row of store.shown) {
    if (!row.governed) continue;
    const cell = `${valueOf(row, state.y)}\n${valueOf(row, state.x)}`;
    const rows = placed.get(cell);
    if (rows) rows.push(row);
    else placed.set(cell, [row]);
  }
  const across = [...about.ratings, NONE];
  const down = [...[...about.ratings].reverse(), NONE];
  return (
    <div id="matrix">
      <MatrixControls store={store} />
      <table class="gm-matrix">
        <caption class="gm-hidden">{`Projects by ${state.y} and ${state.x}`}</caption>
        <thead>
          <tr>
            <th scope="col">{`${labelOf(fields, state.y)} ↓  ${labelOf(fields, state.x)} →`}</th>
            {across.map((x) => <th key={x} scope="col">{valueLabel(about, fields, state.x, x)}</th>)}
          </tr>
        </thead>
        <tbody>
          {down.map((y) => (
            <tr key={y}>
              <th scope="row">{valueLabel(about, fields, state.y, y)}</th>
              {across.map((x) => <MatrixCell key={x} store={store} rows={placed.get(`${y}\n${x}`) ?? []} x={x} y={y} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ChoiceProps {
  readonly store: Store;
  readonly name: "x" | "y" | "mark";
  readonly label: string;
  readonly choices: readonly (readonly [value: string, label: string])[];
}

function AxisChoice({ store, name, label, choices }: ChoiceProps): JSX.Element {
  return (
    <label>
      {`${label} `}
      <select id={`axis-${name}`} value={store.state[name]} onChange={(event) => store.setState({ [name]: event.currentTarget.value }, { step: true })}>
        {choices.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </label>
  );
}

function MatrixControls({ store }: { store: Store }): JSX.Element {
  const { fields } = store;
  const axes = fields.dimensions.map((name) => [name, labelOf(fields, name)] as const);
  const decision = "decision" in fields.filters ? [["decision", labelOf(fields, "decision")] as const] : [];
  const marks = [["", "nothing"], ["priority", "Priority"], ...decision, ...axes] as const;
  return (
    <div class="gm-controls">
      <AxisChoice store={store} name="y" label="Down" choices={axes} />
      <AxisChoice store={store} name="x" label="Across" choices={axes} />
      <AxisChoice store={store} name="mark" label="Mark" choices={marks} />
      <Legend store={store} />
    </div>
  );
}

function Legend({ store }: { store: Store }): JSX.Element | null {
  const { about, fields, state } = store;
  if (!state.mark) return null;
  const labels =
    state.mark === "decision" ? ["Undecided", ...about.decisions]
    : state.mark === "priority" ? ["none", "under 25", "25 to 49", "50 to 74", "75 and more"]
    : ["Not rated", ...about.ratings];
  const bars = fields.dimensions.includes(state.mark) ? [0, ...about.ratings.map((rating) => ratingBars(about, rating))] : null;
  return (
    <span class="gm-legend">
      {labels.map((label, at) => <span key={label}><Mark store={store} place={bars?.[at] ?? at} />{` ${label}`}</span>)}
    </span>
  );
}
