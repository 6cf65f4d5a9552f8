// Home: what is to be decided, what needs attention, what is new, what is mine, and what happened.
import { useState } from "preact/hooks";
import type { Row } from "../data/table";
import { nameOf } from "../parts/text";
import { goTo } from "../state/fragment";
import { DeployedWithoutApproval, NotLookedAt, UnreadItems, useDeployed, useReviews, WaitingForMe } from "../review/Waiting";
import { useActiveUnapproved } from "../registry/attention";
import { browserStorage } from "../state/storage";
import { GovernDialog } from "./GovernDialog";
import { HideDialog } from "./HideDialog";
import { PortfolioPending } from "./PortfolioPending";
import { approvalAttention, attention, myProjects, newSince, toDecide } from "./waiting";
import { useListState, useQuery } from "./query";
import { hashOf, itemHash } from "./route";
import { hiddenOf, missingOf, useRows } from "./rows";
import { useApp, useAppState } from "./store";
import { Bdi, isSafeLink, sentence } from "./text";
import { countText, dateText, timeText } from "./time";
import type { About, Portfolio } from "./types";

const MAX_SHOWN = 10;

export function Home() {
  const portfolio = useAppState((state) => state.portfolio);
  const { me } = useApp();
  return (
    <div class="gl-page gl-home">
      <h1 tabIndex={-1}>{me.title}</h1>
      {portfolio === null ? <PortfolioPending /> : <Sections />}
    </div>
  );
}

function Sections() {
  const { me, store } = useApp();
  const portfolio = useAppState((state) => state.portfolio);
  const rows = useRows();
  // once for each visit: a refresh does not make the list of new projects longer
  const [fresh] = useState(() => newSince(rows, browserStorage(), me.login));
  const [governing, setGoverning] = useState<readonly string[]>([]);
  const asked = useReviews();
  const { reviews: waiting } = asked;
  const reviews = waiting?.reviews.filter((review) => review.roles.length > 0) ?? [];
  const unread = waiting?.unread ?? [];
  const deployments = useDeployed();
  const { answer: deployed } = deployments;
  const active = useActiveUnapproved(rows, asked);
  const [hiding, setHiding] = useState<readonly string[]>([]);
  const there = new Set(rows.filter((row) => !row.governed && hiddenOf(row) === null).map((row) => row.key));
  const unseen = fresh.rows.filter((row) => there.has(row.key));
  const [decide, mine] = [toDecide(rows, portfolio?.about.decision_step), myProjects(rows, me.login)];
  const warnings = [...attention(rows), ...approvalAttention(active?.count ?? null, deployed?.unapproved.length ?? null)];
  const scope = `among the ${countText(rows.length, "project")} you see`;
  const governed = rows.some((row) => row.governed);
  const unreadable = portfolio?.unreadable ?? [];
  // not where approvals are off, and not for who may not read the hub: nothing of it is theirs to look at
  const looksAtDeployments = waiting?.off === null || asked.failure !== null;
  const isPending = asked.pending || deployments.pending || active === null;
  const isLookedAt = !isPending && asked.failure === null && unreadable.length === 0;
  const isEmpty = [reviews, unread, decide, warnings, unseen].every(({ length }) => length === 0);
  if (!governed && unseen.length === 0 && unreadable.length === 0) {
    return (
      <>
        <p class="gl-empty">
          You may read no governed project.{" "}
          {isSafeLink(me.status_page) && (
            <>
              See the published status page{" "}
              <a href={me.status_page} target="_blank" rel="noopener noreferrer">
                Open
              </a>
              , or ask
            </>
          )}
          {!isSafeLink(me.status_page) && "Ask"} {me.ask === null ? "an administrator of this DSS" : <Bdi text={me.ask} />} for the right to read those you work on.
        </p>
        {rows.length > 0 && (
          <p>
            <a href={hashOf("ungoverned")}>{countText(rows.length, "project")} not governed</a>
          </p>
        )}
      </>
    );
  }
  const openAgenda = () => {
    store.set({ agenda: decide.map((row) => row.key), keys: decide.map((row) => row.key) });
    goTo(hashOf("agenda"));
  };
  return (
    <>
      <WaitingForMe reviews={reviews} />
      <UnreadItems items={unread} />
      <NotLookedAt what="Which reviews wait for you" failure={asked.failure} />
      {isLookedAt && isEmpty && <p class="gl-empty">Nothing waits for you.</p>}
      {decide.length > 0 && (
        <section aria-labelledby="to-decide">
          <h2 id="to-decide">
            To decide <Count count={decide.length} scope={scope} />
          </h2>
          <ProjectList rows={decide} />
          {!me.read_only && (
            <p>
              <button type="button" onClick={openAgenda}>
                Open as agenda
              </button>
            </p>
          )}
        </section>
      )}
      {warnings.length > 0 && (
        <section aria-labelledby="attention">
          <h2 id="attention">
            Needs attention <span class="gl-soft">{scope}</span>
          </h2>
          <ul class="gl-tiles">
            {warnings.map(({ label, count, hash }) => (
              <li key={label}>
                <a href={hash}>
                  <b>{count.toLocaleString("en")}</b>
                  <span>{label}</span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
      {active?.incomplete === true && (
        <p class="gl-soft">
          Not all models were looked at here: <a class="gl-inline" href={hashOf("registry", { state: "active" })}>Active, not approved</a> under Models and bundles tells.
        </p>
      )}
      <DeployedWithoutApproval deployed={deployed} />
      {looksAtDeployments && <NotLookedAt what="Whether something is deployed without approval" failure={deployments.failure} />}
      {unseen.length > 0 && <NewProjects rows={unseen} since={fresh.since} scope={scope} onGovern={(key) => setGoverning([key])} onHide={(key) => setHiding([key])} />}
      {mine.length > 0 && <Mine rows={mine} steps={portfolio?.about.steps ?? []} />}
      <Recently />
      <Unreadable projects={unreadable} />
      {waiting?.set_up_hub === true && <ApprovalsOff />}
      {governing.length > 0 && <GovernDialog keys={governing} onClose={() => setGoverning([])} />}
      {hiding.length > 0 && <HideDialog keys={hiding} onClose={() => setHiding([])} />}
    </>
  );
}

/** For administrators only: what to do so that bundles and models can be approved. */
function ApprovalsOff() {
  return (
    <section aria-labelledby="approvals-off">
      <h2 id="approvals-off">Approvals are off</h2>
      <details>
        <summary>Set up the hub</summary>
        <ol>
          <li>Create a project for it, such as GOVERNANCE, that nobody but administrators may write. Auditors and pipelines may read it.</li>
          <li>Make an API key of that project with the right ADMIN, and a connection for managed folders that no group may use.</li>
          <li>
            Run its macro <i>Set up the governance hub</i> with that connection, name the project as <i>Hub project</i> in the plugin’s settings, and restart this page’s backend.
          </li>
          <li>
            Keep project and key in a preset <code>hub</code> of the parameter set <i>Governance hub</i>, which everybody may use who reviews.
          </li>
          <li>
            Name the reviewers under <i>Approvals › Hub</i>. <code>govern-mirror hub check</code> says who could write there.
          </li>
        </ol>
        <p class="gl-soft">All of it, with who can forge what: docs/hub.md.</p>
      </details>
    </section>
  );
}

function Count({ count, scope }: { count: number; scope: string }) {
  return (
    <span class="gl-soft">
      {count.toLocaleString("en")} {scope}
    </span>
  );
}

function ProjectList({ rows }: { rows: readonly Row[] }) {
  const { store } = useApp();
  const remember = () => store.set({ keys: rows.map((row) => row.key) });
  return (
    <ul class="gl-list">
      {rows.slice(0, MAX_SHOWN).map((row) => (
        <li key={row.key}>
          <a href={itemHash(row.key)} onClick={remember}>
            <Bdi text={nameOf(row)} />
          </a>{" "}
          <span class="gl-soft">
            {row.owner !== null && <Bdi text={row.owner} />}
            {row.days !== null && ` · ${countText(row.days, "day")} in this step`}
          </span>
        </li>
      ))}
      {rows.length > MAX_SHOWN && <li class="gl-soft">and {rows.length - MAX_SHOWN} more</li>}
    </ul>
  );
}

interface NewProps {
  rows: readonly Row[];
  since: number | null;
  scope: string;
  onGovern: (key: string) => void;
  onHide: (key: string) => void;
}

function NewProjects({ rows, since, scope, onGovern, onHide }: NewProps) {
  const { me } = useApp();
  return (
    <section aria-labelledby="new-projects">
      <h2 id="new-projects">
        New projects since your last visit{since !== null && `, ${timeText(new Date(since).toISOString())}`} <Count count={rows.length} scope={scope} />
      </h2>
      <ul class="gl-list">
        {rows.slice(0, MAX_SHOWN).map((row) => (
          <li key={row.key}>
            <a href={itemHash(row.key)}>
              <Bdi text={nameOf(row)} />
            </a>{" "}
            <span class="gl-soft">{row.owner !== null && <Bdi text={row.owner} />}</span>{" "}
            {!me.read_only && row.writable && (
              <>
                <button type="button" class="gl-small" aria-label={`Govern ${nameOf(row)}…`} onClick={() => onGovern(row.key)}>
                  Govern…
                </button>{" "}
                <button type="button" class="gl-small" aria-label={`Hide ${nameOf(row)}…`} onClick={() => onHide(row.key)}>
                  Hide…
                </button>
              </>
            )}
          </li>
        ))}
        {rows.length > MAX_SHOWN && (
          <li>
            <a href={hashOf("ungoverned")}>All that are not governed</a>
          </li>
        )}
      </ul>
    </section>
  );
}

const FLOW: Record<string, string> = { F: "finished", O: "ongoing", N: "not_started", S: "skipped" };
const MAX_MINE = 8;

type Step = About["steps"][number];

function Mine({ rows, steps }: { rows: readonly Row[]; steps: readonly Step[] }) {
  return (
    <section aria-labelledby="mine">
      <h2 id="mine">
        My projects <span class="gl-soft">{countText(rows.length, "governed project")} of which you are the owner</span>
      </h2>
      <ul class="gl-cards">
        {rows.slice(0, MAX_MINE).map((row) => (
          <MyProject key={row.key} row={row} steps={steps} />
        ))}
      </ul>
      {rows.length > MAX_MINE && (
        <p>
          <a href={hashOf("projects", { owner: rows[0]?.owner })}>All {rows.length}</a>
        </p>
      )}
    </section>
  );
}

function MyProject({ row, steps }: { row: Row; steps: readonly Step[] }) {
  const current = steps.find(({ id }) => id === row.step)?.name ?? (row.step === "complete" ? "Complete" : "Not started");
  const missing = missingOf(row);
  return (
    <li>
      <h3>
        <Bdi text={nameOf(row)} />
      </h3>
      <ol class="gl-dots" aria-label="Steps">
        {Array.from(row.flow).map((letter, at) => (
          <li key={at} class={`gl-${FLOW[letter] ?? ""}`}>
            <span class="gl-hidden">
              {steps[at]?.name}: {(FLOW[letter] ?? "").replace("_", " ")}
            </span>
          </li>
        ))}
      </ol>
      <p class="gl-soft">
        {current}
        {row.days !== null && `, ${countText(row.days, "day")}`}
        {missing !== null && missing.length > 0 && (
          <>
            {" · next: "}
            <b>{missing[0]}</b>
            {missing.length > 1 && `, then ${missing.slice(1).join(", ")}`}
          </>
        )}
      </p>
      <a href={itemHash(row.key)} aria-label={`Open ${nameOf(row)}`}>
        Open
      </a>
    </li>
  );
}

function Unreadable({ projects }: { projects: NonNullable<Portfolio["unreadable"]> }) {
  if (projects.length === 0) return null;
  return (
    <details class="gl-problems">
      <summary>{countText(projects.length, "project")} could not be read, and are not counted here</summary>
      <ul>
        {projects.map(({ project_key: key, message }) => (
          <li key={key}>
            <code>{key}</code> <Bdi text={sentence(message)} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Recently() {
  const { api } = useApp();
  const { answer, failure } = useQuery(api.recent, useListState());
  const events = answer?.events;
  return (
    <section aria-labelledby="recently">
      <h2 id="recently">Recently</h2>
      {failure !== null && <p class="gl-failure">{failure}</p>}
      {events?.length === 0 && <p class="gl-soft">Nothing has happened yet.</p>}
      <ul class="gl-list">
        {events?.map((event, at) => (
          <li key={at}>
            <a href={itemHash(event.project_key)}>
              <Bdi text={event.name ?? event.project_key} />
            </a>
            : <Bdi text={event.sentence} />{" "}
            <span class="gl-soft">
              {event.by !== null && (
                <>
                  <Bdi text={event.by} />,{" "}
                </>
              )}
              {dateText(event.at)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
