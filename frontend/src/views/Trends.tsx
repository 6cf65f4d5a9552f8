// The trends, when a history is there: what changed, the cumulative flow, cycle times and throughput. They tell of every
// governed project of the instance; the filters reach what changed, which is told project by project.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChangeExample, Past } from "../data/table";
import { type ChartPlan, dateOf, keepChart, monthFormat, secondsOf } from "../parts/charts";
import { Opener, Stroke } from "../parts/project";
import { formatCount, Own, Small } from "../parts/text";
import type { Store } from "../state/store";
import { flowChart, throughputChart } from "./flow";
import { DAY } from "./ticks";

const RANGES: readonly (readonly [days: string, label: string])[] = [["365", "a year"], ["90", "90 days"], ["30", "30 days"], ["", "all"]];
const MAX_DAYS = 400;
const AT_FIRST = 12;

interface TrendsProps {
  readonly store: Store;
  readonly past: Past;
}

/** Of the report, every governed project of the instance; of the live page, those that somebody sees. */
export function Trends({ store, past }: TrendsProps): JSX.Element {
  const { days } = past;
  const last = days.at(-1) ?? "";
  const span = days.length === 1 ? `one snapshot, of ${last}` : `${formatCount(days.length)} days with a snapshot, ${days[0] ?? ""} to ${last}`;
  const ahead = last < store.about.day ? ` Trends end there; what changed is told up to ${store.isLive ? "now" : "this report"}.` : "";
  return (
    <div id="trends">
      <p class="gm-small">{`From ${span}.${ahead} `}{store.isLive
        ? store.isFiltered ? "Of the projects you see that pass the filters." : "Of all governed projects you see."
        : <>Flow, cycle times and throughput tell of every governed project of the instance
          {store.isFiltered ? ", whatever is filtered; what changed is told of the projects that pass the filters." : "."}</>}</p>
      {past.since
        ? <News store={store} since={past.since} news={past.news} />
        : <p class="gm-small">What changed is told once there is a snapshot of an earlier day.</p>}
      <Flow store={store} past={past} />
      <div class="gm-pair"><CycleTimes past={past} /><Throughput past={past} /></div>
    </div>
  );
}

// since the last report ----------------------------------------------------------------------------------------------

function News({ store, since, news }: { store: Store; since: string; news: Past["news"] }): JSX.Element {
  const heading = `Since ${since}`;
  return (
    <section class="gm-box" aria-label={heading}>
      <h2>{heading}</h2>
      {news.length
        ? <div class="gm-changes">{news.map(([kind, count, examples]) => <Changes key={kind} store={store} kind={kind} count={count} listed={examples} />)}</div>
        : <p class="gm-small">Nothing changed.</p>}
    </section>
  );
}

interface ChangesProps {
  readonly store: Store;
  readonly kind: string;
  readonly count: number;
  /** The first of them. */
  readonly listed: readonly ChangeExample[];
}

function Changes({ store, kind, count, listed }: ChangesProps): JSX.Element {
  const examples = store.isFiltered ? listed.filter(([key]) => store.byKey.get(key)?.on) : listed;
  const [all, setAll] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  // the keyboard goes on where the list does
  useLayoutEffect(() => {
    if (all) list.current?.children.item(AT_FIRST)?.querySelector("a")?.focus();
  }, [all]);
  const rest = examples.length - AT_FIRST;
  return (
    <section class="gm-lane" aria-label={kind}>
      <h3>{kind} <span class="gm-count">{formatCount(store.isFiltered ? examples.length : count)}</span></h3>
      <ul ref={list}>
        {examples.slice(0, all ? examples.length : AT_FIRST).map(([key, name, words], at) => {
          const row = store.byKey.get(key);
          return <li key={at}>{row ? <Opener row={row} store={store} /> : <Own text={name} />}{words ? <Small> <Own text={words} /></Small> : null}</li>;
        })}
      </ul>
      {rest > 0 && !all ? <button type="button" class="gm-link" onClick={() => setAll(true)}>{`Show ${formatCount(rest)} more`}</button> : null}
      {count > listed.length
        ? <p class="gm-small">{`${store.isFiltered ? "Among the" : "The"} first ${formatCount(listed.length)} of ${formatCount(count)}.`}</p> : null}
    </section>
  );
}

// charts and their numbers -------------------------------------------------------------------------------------------

interface ChartProps {
  readonly label: string;
  /** What the chart shows; it is drawn anew when this changes. */
  readonly of: unknown;
  readonly plan: (width: number, colour: (name: string) => string) => ChartPlan;
}

function Chart({ label, of, plan }: ChartProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
    useLayoutEffect(() => {
    const element = host.current;
    return element ? keepChart(element, label, plan) : undefined;
    // `plan` is another function at each drawing: label and data say when it draws something else
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [label, of]);
  return <div class="gm-chart" ref={host} />;
}

interface NumbersProps {
  readonly summary: string;
  readonly head: readonly string[];
  readonly lines: readonly (readonly (string | number)[])[];
}

function Numbers({ summary, head, lines }: NumbersProps): JSX.Element {
  return (
    <details class="gm-numbers">
      <summary>{summary}</summary>
      <div class="gm-scroll" tabIndex={0} role="region" aria-label={summary}>
        <table>
          <thead><tr>{head.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
          <tbody>
            {lines.map(([first, ...rest]) => (
              <tr key={first}><th scope="row">{first}</th>{rest.map((cell, at) => <td key={at} class="gm-number">{cell}</td>)}</tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

// cumulative flow ----------------------------------------------------------------------------------------------------

function Flow({ store, past }: TrendsProps): JSX.Element {
  const range = RANGES.some(([days]) => days === store.state.range) ? store.state.range : "";
  const from = range ? secondsOf(past.days.at(-1) ?? "") - Number(range) * DAY : -Infinity;
  const first = past.days.findIndex((day) => secondsOf(day) >= from);
  const days = past.days.slice(first);
  const counts = past.steps.map(([id]) => (past.flow[id] ?? []).slice(first));
  const lines = days.map((day, on) => [day, ...counts.map((column) => formatCount(column[on] ?? 0))]).reverse().slice(0, MAX_DAYS);
  const label = `Projects by step, ${days[0] ?? ""} to ${days.at(-1) ?? ""}, one band a step; the numbers are in the table below`;
  return (
    <section class="gm-box" aria-label="Cumulative flow">
      <h2>Cumulative flow</h2>
      <div class="gm-controls">
        <label>Show <select id="range" value={range} onChange={(event) => store.setState({ range: event.currentTarget.value }, { step: true })}>
          {RANGES.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
        </select></label>
      </div>
      {days.length > 1
        ? <Chart label={label} of={past} plan={(width, colour) => flowChart(past, days, counts, width, colour)} />
        : <p class="gm-small">A chart needs two days with a snapshot.</p>}
      <Numbers summary="Projects by day and step, as numbers" head={["Day", ...past.steps.map(([, name]) => name)]} lines={lines} />
    </section>
  );
}

// cycle times and throughput -----------------------------------------------------------------------------------------

const inDays = (days: number): string => `${days.toLocaleString("en")} d`;

function CycleTimes({ past }: { past: Past }): JSX.Element {
  const longest = Math.max(1, ...past.cycle_times.map(([, , , p85]) => p85));
  return (
    <section class="gm-box" aria-label="Cycle times">
      <h2>Days that a step takes</h2>
      <p class="gm-small">From its start to its end, for the projects that finished it: half of them within the median, 85 of 100 within the second number.</p>
      {past.cycle_times.length
        ? <table>
            <thead><tr>
              <th scope="col">Step</th><td class="gm-wide-only" />
              {["Median", "85 of 100 within", "Projects"].map((name) => <th key={name} scope="col" class="gm-number">{name}</th>)}
            </tr></thead>
            <tbody>
              {past.cycle_times.map(([step, finished, median, p85]) => (
                <tr key={step}>
                  <th scope="row">{step}</th>
                  <td class="gm-wide-only"><Stroke share={median / longest} behind={p85 / longest} /></td>
                  <td class="gm-number">{inDays(median)}</td><td class="gm-number">{inDays(p85)}</td>
                  <td class="gm-number">{formatCount(finished)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        : <p class="gm-small">No project has finished a step yet.</p>}
    </section>
  );
}

function Throughput({ past }: { past: Past }): JSX.Element {
  const months = past.throughput.map(([month, count]) => [monthFormat.format(dateOf(secondsOf(`${month}-01`))), count] as const);
  return (
    <section class="gm-box" aria-label="Throughput">
      <h2>Delivered a month</h2>
      {months.length
        ? <>
            <p class="gm-small">Projects whose last step ended in that month. One that was reopened does not count.</p>
            <Chart label="Projects delivered, by month; the numbers are in the table below" of={past} plan={(_width, colour) => throughputChart(months, colour)} />
            <Numbers summary="Delivered a month, as numbers" head={["Month", "Delivered"]} lines={[...months].reverse()} />
          </>
        : <p class="gm-small">No project has been delivered yet.</p>}
    </section>
  );
}
