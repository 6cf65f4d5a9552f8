// The live page begins: who is there, what they see, and where the address says they are.
import "./live.css";
import "../item/item.css";
import { render } from "preact";
import { failureText } from "../parts/failure";
import { Api, apiBase, messageOf, ApiError } from "./api";
import { Drafts } from "../item/draft";
import { followFragment, followLink, readFragment, writeFragment } from "../state/fragment";
import { compareTexts } from "../state/order";
import { browserStorage } from "../state/storage";
import { parseRoute, startHash } from "./route";
import { mergeDelta, namesUnreadable } from "./delta";
import { Shell } from "./Shell";
import { Context, Store, type AppContext, type State } from "./store";
import type { Me, Portfolio } from "./types";

/** How often the page looks for changes while it is in sight. */
const POLL_MS = 60_000;

function initialState(): State {
  return {
    route: parseRoute(readFragment()), portfolio: null, portfolioError: null, refreshing: false, refreshes: 0, connected: true,
    sessionEnded: false, updated: false, keys: [], agenda: [], people: [], signoffs: null, status: "",
  };
}

function apiFor(element: HTMLElement, store: Store<State>): Api {
  const set = (name: "connected" | "sessionEnded" | "updated", value: boolean) => {
    if (store.get()[name] !== value) store.set({ [name]: value });
  };
  return new Api(apiBase(element), {
    connected: (connected) => set("connected", connected),
    sessionEnded: (ended) => set("sessionEnded", ended),
    updated: () => set("updated", true),
  });
}

/** Asks for what changed since, or for all; calls while one is under way are one more after it. */
function refresher(api: Api, store: Store<State>): AppContext["refresh"] {
  let running: Promise<void> | null = null;
  let queued: { fresh: boolean } | null = null;
  const ask = async (fresh: boolean) => {
    store.set({ refreshing: true });
    // counted in one change with the answer: what else is asked then is asked once
    const refreshes = store.get().refreshes + (fresh ? 1 : 0);
    try {
      const { portfolio } = store.get();
      const answer = portfolio === null || fresh ? await api.portfolio(fresh) : await api.portfolioSince(portfolio.token);
      const merged = "since" in answer && portfolio !== null ? mergeDelta(portfolio, answer) : (answer as Portfolio);
      // which projects cannot be read, only the whole list tells
      store.set({ portfolio: namesUnreadable(merged) ? merged : await api.portfolio(), portfolioError: null, refreshes });
    } catch (error) {
      store.set({ portfolioError: messageOf(error), refreshes });
    } finally {
      store.set({ refreshing: false });
    }
  };
  const run = async (fresh: boolean) => {
    await ask(fresh);
    for (let next = queued; next !== null; next = queued) {
      queued = null;
      await ask(next.fresh);
    }
    running = null;
  };
  return (fresh = false) => {
    if (running !== null) queued = { fresh: fresh || queued?.fresh === true };
    return (running ??= run(fresh));
  };
}

/** Draws the live page into its element. */
export function startLive(): void {
  const element = document.getElementById("gm-live");
  if (element === null) return;
  element.classList.add("govern-mirror", "gl");
  const hash = startHash(window);
  if (hash !== "") writeFragment(hash);
  const store = new Store(initialState());
  const api = apiFor(element, store);
  const refresh = refresher(api, store);
  followFragment(() => store.set({ route: parseRoute(readFragment()) }));
  element.addEventListener("click", followLink);
  void open(element, store, api, refresh);
}

async function open(element: HTMLElement, store: Store<State>, api: Api, refresh: AppContext["refresh"]): Promise<void> {
  render(<p class="gl-page gl-soft">Opening…</p>, element);
  // the list is asked for at once: who somebody is tells it, too, and waits for the same reading
  void refresh();
  try {
    begin(element, store, api, refresh, await api.me());
  } catch (error) {
    const ended = error instanceof ApiError && error.status === 401;
    render(<Unopened message={ended ? "You are not signed in. Open the page from its address again." : failureText(error)} onRetry={() => void open(element, store, api, refresh)} />, element);
  }
}

function begin(element: HTMLElement, store: Store<State>, api: Api, refresh: AppContext["refresh"], me: Me): void {
  document.title = me.title;
  new Drafts<unknown>(browserStorage(), me.login, me.instance.url ?? "").clean();
  render(
    <Context.Provider value={{ api, me, store, refresh }}>
      <Shell />
    </Context.Provider>,
    element,
  );
  // without a list of people, names are typed
  api.people().then(
    ({ people }) => store.set({ people: [...people].sort((one, other) => compareTexts(one.name, other.name)) }),
    () => undefined,
  );
  setInterval(() => {
    if (!document.hidden && !store.get().sessionEnded) void refresh();
  }, POLL_MS);
}

function Unopened({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <main class="gl-page">
      <h1>Governed projects</h1>
      <p role="alert" class="gl-failure">
        {message}
      </p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </main>
  );
}
