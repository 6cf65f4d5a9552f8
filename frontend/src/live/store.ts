// One store: the state goes one way, from actions to the views that read it.
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Api } from "./api";
import type { ProjectSignoffs } from "../data/table";
import type { Route } from "./route";
import type { Me, Person, Portfolio, Signoffs } from "./types";

/** What the list shows of sign-offs. */
export interface KnownSignoffs {
  answer: Signoffs | null;
  /** Undefined: nothing is shown of them. */
  projects: ProjectSignoffs | undefined;
  /** What could not be read, for one line above the list. */
  note: string | null;
}

export interface State {
  route: Route;
  portfolio: Portfolio | null;
  portfolioError: string | null;
  refreshing: boolean;
  /** How often this person asked DSS anew. */
  refreshes: number;
  connected: boolean;
  sessionEnded: boolean;
  /** The backend has another version than this page. */
  updated: boolean;
  /** The keys of the list that was shown last, for previous and next. */
  keys: readonly string[];
  /** What a committee is to decide on. */
  agenda: readonly string[];
  people: readonly Person[];
  /** Of all projects; null while nobody asked. */
  signoffs: KnownSignoffs | null;
  /** The last thing done, read aloud. */
  status: string;
}

export class Store<T extends object> {
  private readonly listeners = new Set<() => void>();

  constructor(private current: T) {}

  get = (): T => this.current;

  set(change: Partial<T>): void {
    this.current = { ...this.current, ...change };
    for (const listener of [...this.listeners]) listener();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export interface AppContext {
  api: Api;
  me: Me;
  store: Store<State>;
  /** Asks for the portfolio again: `fresh` asks DSS anew. */
  refresh: (fresh?: boolean) => Promise<void>;
}

export const Context = createContext<AppContext | null>(null);

export function useApp(): AppContext {
  const app = useContext(Context);
  if (app === null) throw new Error("used outside the live page");
  return app;
}

/** Returns a part of the state, and draws again when that part changes. */
export function useSelected<T>(store: Store<State>, select: (state: State) => T): T {
  const [part, setPart] = useState<{ value: T }>(() => ({ value: select(store.get()) }));
  useEffect(() => {
    const update = () => {
      const value = select(store.get());
      setPart((before) => (Object.is(before.value, value) ? before : { value }));
    };
    update();
    return store.subscribe(update);
    // the selection is a constant of its component
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [store]);
  return part.value;
}

export function useAppState<T>(select: (state: State) => T): T {
  return useSelected(useApp().store, select);
}

/** Says what was done, also to those who do not see it. */
export function tell(store: Store<State>, status: string): void {
  store.set({ status });
}
