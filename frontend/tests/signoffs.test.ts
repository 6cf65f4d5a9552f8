// Reviews in the list of projects: what a row says of them, and what the filter finds.
import { expect, test } from "vitest";
import { optionsOf } from "../src/filters/options";
import { signoffOf, signoffsOf } from "../src/live/signoffs";
import { Store } from "../src/state/store";
import { cellOf } from "../src/data/rows";
import { table } from "./portfolio";

const waiting = { address: "A/bundle/v2", step: "review", state: "waiting" as const, since: null };
const rejected = { address: "A", step: "build", state: "rejected" as const, since: null };
const answer = { off: null, unread: null, projects: { A: [rejected, waiting, waiting], B: [rejected], constructor: [] } };
const data = table([{ key: "A", name: "A" }, { key: "B", name: "B" }, { key: "C", name: "C" }, { key: "constructor", name: "D" }]);
const storeOf = (hasHub = true): Store => {
  history.replaceState(null, "", "#");
  return new Store({ table: data, signoffs: hasHub ? signoffsOf(answer) : undefined }, { isLive: true, draw: () => undefined });
};

test("a project tells how many reviews wait, and leads to the first of them", () => {
  expect(signoffOf([rejected, waiting, waiting])).toEqual({ states: ["Waiting", "Rejected"], text: "2 waiting · Rejected", href: "#page=review&item=A%2Fbundle%2Fv2" });
  expect(signoffOf([rejected])).toEqual({ states: ["Rejected"], text: "Rejected", href: "#page=review&item=A&section=build" });
  expect(signoffOf([])).toBeNull();
});

test("the filter finds who waits, who was rejected, and the rest", () => {
  const store = storeOf();
  const found = (...values: string[]): string[] => {
    store.setFilter("signoff", { kind: "values", values: new Set(values), isNot: false });
    return store.shown.map(({ key }) => key);
  };
  expect(optionsOf(store, "signoff")).toEqual(["Waiting", "Rejected", "none"]);
  expect([found("Waiting"), found("Rejected"), found("none"), found("Waiting", "none")]).toEqual([["A"], ["A", "B"], ["C", "constructor"], ["A", "C", "constructor"]]);
  expect(store.address()).toContain("signoff=Waiting");
});

test("a link to a filter of sign-offs holds until they are there", () => {
  const store = storeOf(false);
  history.replaceState(null, "", "#signoff=Waiting");
  store.readAddress();
  expect([store.shown.length, store.fields.has("signoff_text"), store.address()]).toEqual([4, false, "#signoff=Waiting"]);
  store.refresh({ table: data, signoffs: signoffsOf(answer) });
  expect([store.shown.map(({ key }) => key), store.rows.map((row) => cellOf(row, "signoff_text"))]).toEqual([["A"], ["2 waiting · Rejected", "Rejected", null, null]]);
});
