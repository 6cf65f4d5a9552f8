// The summary: what is where, how it is rated, what needs attention. Each bar leads to its projects.
import type { ComponentChildren, JSX } from "preact";
import { Stroke, valueLabel } from "../parts/project";
import { formatCount, Own, plural } from "../parts/text";
import { labelOf, NONE } from "../state/fields";
import { hasFlag, valueOf, valuesFilter, withFilter } from "../state/filter";
import { compareTexts } from "../state/order";
import type { Store } from "../state/store";

type Counted = readonly (readonly [value: string, count: number])[];

function countBy(store: Store, field: string, values: readonly string[]): Counted {
  const counts = new Map(values.map((value) => [value, 0]));
  for (const row of store.shown) {
    if (!row.governed) continue;
    const value = valueOf(row, field);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts];
}

function Bars({ store, title, field, entries }: { store: Store; title: string; field: string; entries: Counted }): JSX.Element {
  const { about, fields, state } = store;
  const most = Math.max(1, ...entries.map(([, count]) => count));
  return (
    <section class="gm-box">
      <h2>{title}</h2>
      <table>
        <caption class="gm-hidden">{title}</caption>
        <tbody>
          {entries.map(([value, count]) => (
            <tr key={value}>
              <th scope="row">
                <button type="button" class="gm-link"
                  onClick={() => store.setState({ view: "table", filters: withFilter(state.filters, field, valuesFilter([value])) }, { step: true })}>
                  <Own text={valueLabel(about, fields, field, value)} />
                </button>
              </th>
              <td><Stroke share={count / most} /></td>
              <td class="gm-number">{formatCount(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface TileProps {
  readonly store: Store;
  readonly label: string;
  readonly count: number;
  readonly flag?: string;
  readonly children?: ComponentChildren;
}

function Tile({ store, label, count, flag, children }: TileProps): JSX.Element {
  const open = (): void => {
    if (flag) store.setState({ view: "table", filters: withFilter(store.state.filters, flag, { kind: "flag", isNot: false }) }, { step: true });
  };
  return (
    <div class={flag && flag !== "in_flight" && count ? "gm-attention" : ""}>
      <dt>{label}</dt>
      <dd>{flag ? <button type="button" class="gm-link" aria-label={`${label}: ${plural(count, "project")}`} onClick={open}>{formatCount(count)}</button> : formatCount(count)}</dd>
      {children ? <dd class="gm-small">{children}</dd> : null}
    </div>
  );
}

export function Summary({ store }: { store: Store }): JSX.Element {
  const { about, fields, shown } = store;
  const governed = shown.filter((row) => row.governed);
  const having = (flag: string): number => shown.filter((row) => hasFlag(row, flag)).length;
  const top = [...countBy(store, "initiative", [])].sort((a, b) => b[1] - a[1] || compareTexts(a[0], b[0])).slice(0, 12);
  return (
    <div id="summary">
      <dl class="gm-tiles">
        <Tile store={store} label="Governed" count={governed.length}>{`of ${formatCount(about.summary.projects)} visible projects`}</Tile>
        <Tile store={store} label="Complete" count={governed.filter((row) => row.complete).length} />
        <Tile store={store} label="In flight" count={having("in_flight")} flag="in_flight">started, neither complete nor closed</Tile>
        <Tile store={store} label="Stale" count={having("stale")} flag="stale">{`${about.stale_days} days or more in a step`}</Tile>
        {"overdue" in fields.filters
          ? <Tile store={store} label="Overdue" count={having("overdue")} flag="overdue">past their target end date</Tile> : null}
        {"unqualified" in fields.filters
          ? <Tile store={store} label="Unqualified" count={having("unqualified")} flag="unqualified">
              {`without ${about.qualifying.join(", ").toLowerCase()}, or one of them`}
            </Tile> : null}
        <Tile store={store} label="With problems" count={having("problems")} flag="problems" />
        <Tile store={store} label="Copied" count={about.summary.copied}>
          {about.summary.copied ? <>not counted until adopted: <Own text={about.summary.copies} /></> : null}
        </Tile>
      </dl>
      <div class="gm-boxes">
        <Bars store={store} title="By step" field="step" entries={countBy(store, "step", about.stages.map(([id]) => id))} />
        {"decision" in fields.filters
          ? <Bars store={store} title="By decision" field="decision" entries={countBy(store, "decision", [...about.decisions, NONE])} /> : null}
        {"initiative" in fields.filters
          ? <Bars store={store} title={`By ${labelOf(fields, "initiative").toLowerCase()}`} field="initiative" entries={top} /> : null}
        {fields.dimensions.map((name) =>
          <Bars key={name} store={store} title={labelOf(fields, name)} field={name} entries={countBy(store, name, [...about.ratings, NONE])} />)}
      </div>
    </div>
  );
}
