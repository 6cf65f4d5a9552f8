// What stands around every page: the bar, what is wrong with the connection, and the last thing done, read aloud.
import { useEffect, useErrorBoundary, useRef, useState } from "preact/hooks";
import { ItemPage } from "../item/ItemPage";
import { HubPage } from "../hub/HubPage";
import { RegistryPage } from "../registry/RegistryPage";
import { Approvals } from "../review/Approvals";
import { ReviewPage } from "../review/ReviewPage";
import { failureText } from "../parts/failure";
import { goTo } from "../state/fragment";
import { SESSION_ENDED } from "./api";
import { Agenda } from "./Agenda";
import { Button } from "./Button";
import { Home } from "./Home";
import { Projects } from "./Projects";
import { hashOf, samePage, type PageName, type Route } from "./route";
import { useApp, useAppState } from "./store";
import { Bdi, sentence } from "./text";
import { clockText, timeText } from "./time";
import { scopeText } from "./rows";
import type { Total } from "./types";
import { Ungoverned } from "./Ungoverned";

const PLACES: [PageName, string][] = [
  ["home", "Home"],
  ["projects", "Projects"],
  ["registry", "Models and bundles"],
  ["ungoverned", "Not governed"],
  ["approvals", "Approvals"],
];

export function Shell() {
  const route = useAppState((state) => state.route);
  const status = useAppState((state) => state.status);
  const beforeRef = useRef(route);
  const mainRef = useRef<HTMLElement>(null);
  // a new page is told to screen readers by its heading; the first one is read anyway
  useEffect(() => {
    if (!samePage(beforeRef.current, route)) {
      const sameItem = beforeRef.current.page === "item" && route.page === "item" && beforeRef.current.item === route.item;
      const heading = mainRef.current?.querySelector<HTMLElement>(sameItem ? "#section-name" : "h1");
      const active = document.activeElement;
      // a form that moved focus into its field keeps it
      if (!(sameItem && active !== null && active.matches("input, select, textarea"))) heading?.focus();
      if (!sameItem) window.scrollTo(0, 0);
    }
    beforeRef.current = route;
  }, [route]);
  return (
    <>
      <a class="gl-skip" href="#main" onClick={(event) => skipTo(event, mainRef.current)}>
        Skip to content
      </a>
      <Bar page={route.page} />
      <Notices />
      <main id="main" ref={mainRef} tabIndex={-1}>
        <Place key={`${route.page} ${route.item ?? ""}`} route={route} />
      </main>
      <p class="gl-hidden" role="status" aria-live="polite">
        {status}
      </p>
    </>
  );
}

/** The page that the address names; a page that breaks says so, and the bar leads to the others. */
function Place({ route }: { route: Route }) {
  const [error, reset] = useErrorBoundary() as [unknown, () => void];
  if (error !== undefined) return <Broken error={error} onRetry={reset} />;
  if (route.page === "home") return <Home />;
  if (route.page === "projects") return <Projects />;
  if (route.page === "ungoverned") return <Ungoverned />;
  if (route.page === "agenda") return <Agenda />;
  if (route.page === "registry") return <RegistryPage />;
  if (route.page === "approvals") return <Approvals />;
  if (route.page === "hub") return <HubPage />;
  if (route.page === "review") return <ReviewPage key={`${route.item ?? ""} ${route.section ?? ""}`} address={route.item ?? ""} step={route.section} />;
  return <ItemPage projectKey={route.item ?? ""} section={route.section} />;
}

function Broken({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div class="gl-page" role="alert">
      <h1 tabIndex={-1}>This page cannot be shown</h1>
      <p class="gl-failure">{failureText(error)} What you typed is kept.</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

// the fragment is the route: the link must not change it
function skipTo(event: Event, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}

function Bar({ page }: { page: PageName }) {
  return (
    <header class="gl-bar">
      <nav aria-label="Pages">
        <ul>
          {PLACES.map(([name, label]) => (
            <li key={name}>
              <a href={hashOf(name)} aria-current={name === page ? "page" : undefined}>
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Search />
      <Scope />
      <Person />
    </header>
  );
}

function Search() {
  const [text, setText] = useState("");
  return (
    <form
      role="search"
      class="gl-search"
      onSubmit={(event) => {
        event.preventDefault();
        goTo(hashOf("projects", { q: text.trim() }));
        // what is searched for stands in the page's own field now
        setText("");
      }}
    >
      <input type="search" aria-label="Search projects" placeholder="Search projects" value={text} onInput={(event) => setText(event.currentTarget.value)} />
    </form>
  );
}

function Scope() {
  const { api, refresh } = useApp();
  const portfolio = useAppState((state) => state.portfolio);
  const refreshing = useAppState((state) => state.refreshing);
  const [total, setTotal] = useState<Total | null>(null);
  const isThere = portfolio !== null;
  useEffect(() => {
    // the total is a help: without it the bar says what is seen
    if (isThere) api.total().then(setTotal, () => undefined);
  }, [api, isThere]);
  if (portfolio === null) return null;
  return (
    <p class="gl-scope">
      <span title={total?.at == null ? undefined : `The total is that of the snapshot of ${timeText(total.at)}`}>You see {scopeText(portfolio, total)}</span> · {clockText(portfolio.at)} ·{" "}
      <Button kind="link" ready={!refreshing} onPress={() => void refresh(true)}>
        Refresh
      </Button>
    </p>
  );
}

function Person() {
  const { me } = useApp();
  const [open, setOpen] = useState(false);
  return (
    <p class="gl-person">
      <Bdi text={me.display_name ?? me.login} />
      {me.read_only && (
        <>
          {" · Read only: "}
          <button type="button" class="gl-link" aria-expanded={open} aria-controls="read-only-reason" onClick={() => setOpen(!open)}>
            why?
          </button>
          <span id="read-only-reason" class="gl-reason" hidden={!open}>
            {sentence(me.reason ?? "You may not write any project.")}
          </span>
        </>
      )}
    </p>
  );
}

function Notices() {
  const { me, refresh } = useApp();
  const connected = useAppState((state) => state.connected);
  const ended = useAppState((state) => state.sessionEnded);
  const updated = useAppState((state) => state.updated);
  const portfolio = useAppState((state) => state.portfolio);
  const failure = useAppState((state) => state.portfolioError);
  return (
    <div role="alert" class="gl-notices">
      {!connected && (
        <p class="gl-banner gl-warn">
          The connection is lost. What you typed is kept.{" "}
          <button type="button" onClick={() => void refresh()}>
            Retry
          </button>
        </p>
      )}
      {ended && (
        <p class="gl-banner gl-warn">
          {SESSION_ENDED}{" "}
          <button type="button" onClick={() => void refresh()}>
            I am signed in again
          </button>
        </p>
      )}
      {connected && !ended && portfolio !== null && failure !== null && (
        <p class="gl-banner gl-warn">
          What is shown is of {clockText(portfolio.at)}, since the projects could not be read again: {sentence(failure)}{" "}
          <button type="button" onClick={() => void refresh(true)}>
            Refresh
          </button>
        </p>
      )}
      {updated && (
        <p class="gl-banner gl-note">
          The page was updated. What you typed is kept.{" "}
          <button type="button" onClick={() => location.reload()}>
            Reload
          </button>
        </p>
      )}
      {me.rules_unreadable !== null && <p class="gl-banner gl-warn">{sentence(me.rules_unreadable)}</p>}
    </div>
  );
}
