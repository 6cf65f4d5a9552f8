// What the panel tells of a project.
import type { ComponentChildren, JSX } from "preact";
import { cellOf } from "../data/rows";
import type { Details, DocumentLink, EventDetails, RatingDetails, Row, StepDetails } from "../data/table";
import { Badges, Progress, Rating, STATUS, stageName, statusOf } from "../parts/project";
import { nameOf, OuterLink, Own, Small } from "../parts/text";
import { itemHash } from "../live/route";
import { labelOf } from "../state/fields";
import type { Store } from "../state/store";
import { savesOf } from "./saves";

const formatTime = (time: string | null): string => (time ? time.replace("T", " ").replace("Z", " UTC") : "–");
const formatDay = (time: string | null): string => (time ? time.slice(0, 10) : "–");

function Pair({ label, children }: { label: string; children?: ComponentChildren }): JSX.Element {
  return <><dt>{label}</dt><dd>{children ?? "–"}</dd></>;
}

function Notes({ text }: { text: string | null }): JSX.Element | null {
  return text ? <p class="gm-notes"><Own text={text} /></p> : null;
}

function Documents({ documents }: { documents: readonly DocumentLink[] }): JSX.Element | null {
  if (!documents.length) return null;
  return (
    <ul>
      {documents.map(([title, url, address], at) => (
        <li key={at}>
          <OuterLink text={title ?? url} address={address} />
          {title && !address ? <Small> <Own text={url} /></Small> : null}
        </li>
      ))}
    </ul>
  );
}

function Step({ store, row, at, step }: { store: Store; row: Row; at: number; step: StepDetails }): JSX.Element {
  const [letter, started, finished, by, notes, documents] = step;
  const { id = "", name = "" } = store.about.steps[at] ?? {};
  const status = statusOf(letter);
  const facts = [started ? `started ${formatDay(started)}` : "", finished ? `ended ${formatDay(finished)}` : "", by && (started ?? finished) ? `by ${by}` : ""];
  return (
    <li class={id === row.step ? "gm-current" : ""}>
      <div><b>{name}</b> <span class={`gm-status gm-${status[0]}-text`}>{status[1]}</span></div>
      <div class="gm-small"><Own text={facts.filter(Boolean).join(" · ") || "no dates"} /></div>
      <Notes text={notes} />
      <Documents documents={documents} />
    </li>
  );
}

function RatingPair({ store, name, details }: { store: Store; name: string; details: RatingDetails }): JSX.Element {
  const [rating, comment, origin] = details;
  const from = origin === "overview" ? "from the Overview" : origin ? `recorded in ${stageName(store.about, origin)}` : null;
  return (
    <Pair label={labelOf(store.fields, name)}>
      <Rating rating={rating} about={store.about} />
      {from && rating ? <Small>{` ${from}`}</Small> : null}
      <Notes text={comment} />
    </Pair>
  );
}

/** `progress ONGOING` as people say it; anything else as it is. */
function moveText({ about }: Store, text: string | null): string | null {
  const [id, word] = (text ?? "").split(" ");
  const known = Object.values(STATUS).find(([name]) => name === word?.toLowerCase());
  const step = about.steps.find((candidate) => candidate.id === id);
  if (step && known) return `${step.name}, ${known[1].toLowerCase()}`;
  if (text === "not_started") return "Not started";
  return Object.values(STATUS).find(([name]) => name.toUpperCase() === text)?.[1] ?? text;
}

function Change({ store, event }: { store: Store; event: EventDetails }): JSX.Element {
  const [, , , , what, before, after, reason] = event;
  const label = store.about.labels[what];
  return (
    <>
      <div>{label ?? <code>{what}</code>}</div>
      {before ?? after ? <div><Own text={moveText(store, before)} />{" → "}<Own text={moveText(store, after)} /></div> : null}
      <Notes text={reason} />
    </>
  );
}

/** What was saved at once: the events stand together, newest first. */
function Save({ store, events }: { store: Store; events: readonly EventDetails[] }): JSX.Element {
  const [number, at, by, source, , , , , hint] = events[0] ?? [];
  const numbers = events.map(([each]) => each);
  const who = by ?? (hint ? `${hint}?` : "someone");
  const span = number == null ? "pending" : events.length > 1 ? `${numbers.at(-1) ?? ""}–${number}` : String(number);
  return (
    <li data-events={events.length}>
      <div class="gm-small">{`${span} · `}{formatTime(at ?? null)}{" · "}<Own text={who} />{` · ${source ?? ""}`}</div>
      {events.map((event, place) => <Change key={place} store={store} event={event} />)}
    </li>
  );
}

function Problems({ problems }: { problems: Details["problems"] }): JSX.Element | null {
  if (!problems.length) return null;
  return (
    <>
      <h3>Problems</h3>
      <ul class="gm-problems">
        {problems.map(([field, found, message], at) => (
          <li key={at}><b>{field}</b>{found === null ? null : <>{" holds “"}<Own text={found} />{"”"}</>}{": "}<Own text={message} /></li>
        ))}
      </ul>
    </>
  );
}

interface BodyProps {
  readonly store: Store;
  readonly row: Row;
  readonly details: Details;
}

export function PanelBody({ store, row, details }: BodyProps): JSX.Element {
  const page = store.about.page_address;
  const editAddress = page && row.governed ? page + itemHash(row.key) : null;
  return (
    <>
      <h2 id="panel-title" tabIndex={-1}><bdi>{nameOf(row)}</bdi></h2>
      <p class="gm-small">
        <Own text={row.key} />{row.owner ? <>{" · owned by "}<Own text={row.owner} /></> : null}{" · "}
        {row.url ? <a href={row.url} target="_blank" rel="noopener noreferrer">Open in DSS</a> : "no link"}
        {editAddress ? <>{" · "}<a href={editAddress} target="_blank" rel="noopener noreferrer">Edit on the live page</a></> : null}
      </p>
      {row.governed ? <Governed store={store} row={row} details={details} /> : <Ungoverned row={row} details={details} />}
    </>
  );
}

function Ungoverned({ row, details }: Omit<BodyProps, "store">): JSX.Element {
  return (
    <>
      <p>{row.state === "copied" ? "A copy of a governed project: not counted until adopted." : "Not governed."}</p>
      <Problems problems={details.problems} />
    </>
  );
}

function Governed({ store, row, details }: BodyProps): JSX.Element {
  const { about } = store;
  const [closedAt, closedBy, reason] = details.closed ?? [];
  return (
    <>
      <div><Progress row={row} about={about} /> <Badges row={row} /></div>
      {details.closed
        ? <p><b>Closed</b>{` on ${formatDay(closedAt ?? null)} by `}<Own text={closedBy ?? "someone"} />{reason ? <>: <Own text={reason} /></> : null}</p>
        : null}
      {row.trust === "typed" ? <p class="gm-small">Some of this was typed into DSS, and nobody has recorded it since.</p> : null}
      <Problems problems={details.problems} />
      <h3>Workflow</h3>
      <ol class="gm-steps">{details.steps.map((step, at) => <Step key={at} store={store} row={row} at={at} step={step} />)}</ol>
      <h3>{about.steps.find(({ id }) => id === about.decision_step)?.name ?? "Scores"}</h3>
      <Qualification store={store} row={row} details={details} />
      <h3>Overview</h3>
      <Overview store={store} row={row} details={details} />
      <h3>History</h3>
      {details.moved ? <p class="gm-small">{`Events up to ${details.moved} are in the project's wiki, article “Govern timeline”.`}</p> : null}
      <ol class="gm-events">{savesOf(details.events).map((events, at) => <Save key={at} store={store} events={events} />)}</ol>
    </>
  );
}

function Qualification({ store, row, details }: BodyProps): JSX.Element {
  const { about, fields } = store;
  const scores = `value ${row.value_score ?? "–"}, risk ${row.risk_score ?? "–"}, priority ${row.priority ?? "–"}`;
  return (
    <dl class="gm-pairs">
      {fields.dimensions.map((name, at) => <RatingPair key={name} store={store} name={name} details={details.ratings[at] ?? [null, null, null]} />)}
      {"decision" in about.headings
        ? <Pair label={labelOf(fields, "decision")}><Own text={row.decision ?? "Undecided"} /><Notes text={details.decision_comment} /></Pair> : null}
      {about.plan ? <Pair label={about.plan}>{details.project_plan.length ? <Documents documents={details.project_plan} /> : null}</Pair> : null}
      <Pair label="Scores">{scores}</Pair>
    </dl>
  );
}

function Overview({ store, row, details }: BodyProps): JSX.Element {
  const { about, fields } = store;
  const known = (name: string, value: ComponentChildren): JSX.Element | null =>
    name in about.headings ? <Pair label={labelOf(fields, name)}>{value}</Pair> : null;
  return (
    <dl class="gm-pairs">
      {known("initiative", <Own text={row.initiative} />)}
      {known("sponsor", <Own text={row.sponsor} />)}
      {known("start", row.start ?? "–")}
      {known("end", <>{row.end ?? "–"}{row.overdue ? <> <span class="gm-flag gm-warn">overdue</span></> : null}</>)}
      {about.fields.map(([name, label]) => {
        const value = cellOf(row, name);
        return <Pair key={name} label={label}><Own text={value === null ? null : String(value)} /></Pair>;
      })}
      {details.texts.map(([label, text, documents]) => (
        <Pair key={label} label={label}>{documents.length ? <Documents documents={documents} /> : <p class="gm-notes"><Own text={text} /></p>}</Pair>
      ))}
      <Pair label="Tags"><Own text={row.tagged ?? null} /></Pair>
    </dl>
  );
}
