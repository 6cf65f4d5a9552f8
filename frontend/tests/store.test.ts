import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { orderedValues } from "../src/filters/options";
import { readViews, writeViews } from "../src/state/savedViews";
import { Store } from "../src/state/store";
import { table } from "./portfolio";

const data = table([
  { key: "A", name: "Alpha", step: "run", owner: "user10" },
  { key: "B", name: "Beta", step: "build", owner: "user9", stale: true },
  { key: "C", name: "Gamma", step: "build", owner: null },
]);
const storeOf = (onOpen?: (key: string, keys: string[]) => void): { store: Store; draw: ReturnType<typeof vi.fn> } => {
  const draw = vi.fn();
  return { store: new Store({ table: data }, { isLive: false, draw, onOpen }), draw };
};

beforeEach(() => history.replaceState(null, "", "#page=projects"));
afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

describe("the store", () => {
  test("filters, draws and writes the address, whose other keys stay", () => {
    const { store, draw } = storeOf();
    store.setFilter("step", { kind: "values", values: new Set(["build"]), isNot: false });
    expect([store.shown.map(({ key }) => key), location.hash, draw.mock.calls.length]).toEqual([["B", "C"], "#page=projects&step=build", 1]);
  });

  test("keeps the same list while no filter changes", () => {
    const { store } = storeOf();
    const { shown } = store;
    store.setState({ view: "kanban", p: "A" });
    expect(store.shown).toBe(shown);
  });

  test("counts anew after a filter", () => {
    const { store } = storeOf();
    expect(store.countOfFlag("stale")).toBe(1);
    store.setState({ q: "alpha" });
    expect([store.countOfFlag("stale"), store.countsOf("step").get("run")]).toEqual([0, 1]);
  });

  test("tells who opens a project elsewhere what is shown", () => {
    const onOpen = vi.fn();
    const { store } = storeOf(onOpen);
    store.setState({ q: "a" });
    store.open("B");
    expect(onOpen).toHaveBeenCalledWith("B", ["A", "B", "C"]);
    expect(store.state.p).toBe("");
  });

  test("shows other data with the same filters, and forgets the selection of what is gone", () => {
    const { store } = storeOf();
    store.select(["A", "B"]);
    store.setState({ q: "alpha" });
    store.refresh({ table: table([{ key: "A", name: "Alpha" }, { key: "D", name: "Delta" }]) });
    expect([store.shown.map(({ key }) => key), [...store.selected]]).toEqual([["A"], ["A"]]);
  });

  test("a saved view takes another one's place, not the page around it", () => {
    const { store } = storeOf();
    store.setState({ view: "kanban", q: "x", p: "A" });
    const saved = store.ownAddress();
    store.setState({ view: "summary", q: "", p: "" });
    store.openAddress(saved);
    expect([saved, location.hash]).toEqual(["view=kanban&q=x", "#page=projects&view=kanban&q=x"]);
  });
});

test("values are in the workflow's order, names with numbers in mind, blanks last", () => {
  const { store } = storeOf();
  expect(orderedValues(store, "step", ["run", "build", "gone", "none"])).toEqual(["not_started", "build", "run", "complete", "gone", "none"]);
  expect(orderedValues(store, "owner", ["user10", "none", "user9"])).toEqual(["user9", "user10", "none"]);
});

describe("saved views", () => {
  test("are read as they were written", () => {
    expect(writeViews([{ name: "Board", address: "view=kanban" }])).toBe(true);
    expect(readViews()).toEqual([{ name: "Board", address: "view=kanban" }]);
  });

  test.each(["{", "{}", '[1, null, {"name": 2}]'])("are none where somebody else wrote %s", (text) => {
    localStorage.setItem("govern-mirror.views", text);
    expect(readViews()).toEqual([]);
  });

  test("are none where the browser keeps nothing", () => {
    const refuse = (): never => {
      throw new DOMException("no", "SecurityError");
    };
    vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse, clear: () => undefined });
    expect([readViews(), writeViews([])]).toEqual([null, false]);
  });
});
