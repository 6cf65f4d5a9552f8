import { beforeEach, expect, test } from "vitest";
import { Drafts } from "../../src/item/draft";

const DAY = 86_400_000;
const DSS = "https://dss.example.com";
let now = 1_000_000_000_000;
const draftsOf = (login: string, instance = DSS) => new Drafts<string>(localStorage, login, instance, () => now);

beforeEach(() => {
  localStorage.clear();
  now = 1_000_000_000_000;
});

test("what was typed is there after a reload", () => {
  expect(draftsOf("ana").keep("CHURN", "typed")).toBe(true);
  expect(draftsOf("ana").find("CHURN")).toEqual({ at: now, content: "typed" });
});

test("another login, project or DSS finds nothing", () => {
  draftsOf("ana").keep("CHURN", "typed");
  expect(draftsOf("ben").find("CHURN")).toBeNull();
  expect(draftsOf("ana").find("FRAUD")).toBeNull();
  expect(draftsOf("ana", "https://other.example.com").find("CHURN")).toBeNull();
});

test("a week later it is gone", () => {
  draftsOf("ana").keep("CHURN", "typed");
  now += 7 * DAY;
  expect(draftsOf("ana").find("CHURN")?.content).toBe("typed");
  now += 1;
  expect(draftsOf("ana").find("CHURN")).toBeNull();
});

test("saved or cancelled it is gone", () => {
  draftsOf("ana").keep("CHURN", "typed");
  draftsOf("ana").drop("CHURN");
  expect(draftsOf("ana").find("CHURN")).toBeNull();
});

test("another login that opens the page leaves nothing of the first", () => {
  draftsOf("ana").keep("CHURN", "typed");
  localStorage.setItem("of another page", "stays");
  draftsOf("ben").keep("FRAUD", "mine");
  draftsOf("ben").clean();
  expect(draftsOf("ana").find("CHURN")).toBeNull();
  expect(draftsOf("ben").find("FRAUD")?.content).toBe("mine");
  expect(localStorage.getItem("of another page")).toBe("stays");
});

test("a browser that keeps nothing is told, not broken", () => {
  const full = { length: 0, key: () => null, getItem: () => null, removeItem: () => undefined, setItem: () => { throw new Error("full"); } };
  expect(new Drafts(full, "ana", DSS).keep("CHURN", "typed")).toBe(false);
  expect(new Drafts(null, "ana", DSS).keep("CHURN", "typed")).toBe(false);
  expect(new Drafts(null, "ana", DSS).find("CHURN")).toBeNull();
});

test("what is no draft of this version is not read", () => {
  draftsOf("ana").keep("CHURN", "typed");
  const name = localStorage.key(0) ?? "";
  for (const broken of ["{", "null", '{"format":0,"login":"ana","at":1,"content":"x"}']) {
    localStorage.setItem(name, broken);
    expect(draftsOf("ana").find("CHURN")).toBeNull();
  }
});
