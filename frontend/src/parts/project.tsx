// What several views show of a project: the progress bar, ratings, badges, the name that opens it.
import { Fragment, type JSX } from "preact";
import type { About, Row } from "../data/table";
import { type Fields, NONE } from "../state/fields";
import type { Store } from "../state/store";
import { nameOf, plural } from "./text";

/** The words for the letters of the column `flow`. */
export const STATUS: Readonly<Record<string, readonly [name: string, label: string]>> = {
  F: ["finished", "Finished"], O: ["ongoing", "On going"], N: ["not_started", "Not started"], S: ["skipped", "Skipped"],
};

export const statusOf = (letter: string): readonly [name: string, label: string] => STATUS[letter] ?? [letter, letter];

export const stageName = (about: About, id: string): string => about.stages.find(([stage]) => stage === id)?.[1] ?? id;

/** A value of a filter's field, as people read it. */
export function valueLabel(about: About, fields: Fields, field: string, value: string): string {
  if (field === "step") return value === NONE ? "None" : stageName(about, value);
  if (value !== NONE) return value;
  return fields.dimensions.includes(field) ? "Not rated" : field === "decision" ? "Undecided" : "None";
}

export function Progress({ row, about }: { row: Row; about: About }): JSX.Element {
  const steps = Array.from(row.flow, (letter, at) => ({ name: about.steps[at]?.name ?? "", status: statusOf(letter) }));
  const words = steps.map(({ name, status }) => `${name} ${status[1].toLowerCase()}`).join(", ");
  return (
    <span class="gm-progress">
      <span class="gm-bar" role="img" aria-label={`${row.finished ?? 0} of ${steps.length} steps done: ${words}`}>
        {steps.map(({ name, status }) => <span class={`gm-${status[0]}`} title={`${name}: ${status[1]}`} />)}
      </span>
      <span class="gm-small">{` ${row.finished ?? 0}/${steps.length}`}</span>
    </span>
  );
}

export const ratingLevel = (about: About, rating: string | null): number => (rating ? about.ratings.indexOf(rating) + 1 : 0);

/** How many of four bars a rating fills, whatever the scale. */
export const ratingBars = (about: About, rating: string | null): number => Math.ceil((ratingLevel(about, rating) * 4) / about.ratings.length);

export function Rating({ rating, about }: { rating: string | null; about: About }): JSX.Element {
  if (!rating) return <span class="gm-none">–</span>;
  return (
    <span>
      <span class={`gm-rating gm-level-${ratingBars(about, rating)}`} aria-hidden="true"><i /><i /><i /><i /></span>
      {` ${rating}`}
    </span>
  );
}

export function Badges({ row }: { row: Row }): JSX.Element {
  const badges: [kind: string, text: string][] = [];
  if (row.stale) badges.push(["warn", "stale"]);
  if (row.overdue) badges.push(["warn", "overdue"]);
  if (row.problems) badges.push(["bad", plural(row.problems, "problem")]);
  return <>{badges.map(([kind, text], at) => <Fragment key={text}>{at ? " " : ""}<span class={`gm-flag gm-${kind}`}>{text}</span></Fragment>)}</>;
}

export const ageText = (row: Row): string => (row.days === null ? "" : plural(row.days, "day"));

/** A project's name, which opens it. */
export function Opener({ row, store }: { row: Row; store: Store }): JSX.Element {
  return (
    <a href={store.addressOf(row.key)} class="gm-open" data-key={row.key} dir="auto"
      onClick={(event) => {
        event.preventDefault();
        store.open(row.key);
      }}>
      {nameOf(row)}
    </a>
  );
}

const STROKE = 160;

/** A bar of a share of the width, and behind it a fainter one of a larger share; the number stands beside it. */
export function Stroke({ share, behind = 0 }: { share: number; behind?: number }): JSX.Element {
  return (
    <svg class="gm-stroke" width={STROKE} height="10" viewBox={`0 0 ${STROKE} 10`} preserveAspectRatio="none" aria-hidden="true">
      {behind ? <rect class="gm-behind" width={Math.round(behind * STROKE)} height="10" rx="2" /> : null}
      <rect class="gm-share" width={Math.round(share * STROKE)} height="10" rx="2" />
    </svg>
  );
}
