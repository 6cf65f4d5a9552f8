import { expect, test } from "vitest";
import type { RegistryAnswer, RegistryItems, RegistryRow } from "../src/registry/types";
import { approvalAttention } from "../src/live/waiting";
import { CHUNK, isComplete, readRegistry, type Reading } from "../src/registry/read";
import { filtered, grouped, reviewWords, STATES } from "../src/registry/states";

function row(address: string, part: Partial<RegistryRow> = {}): RegistryRow {
  const [project = "", kind = "", ...ids] = address.split("/");
  return {
    address, kind: kind as RegistryRow["kind"], project_key: project, project_name: `Project ${project}`, model_id: kind === "bundle" ? null : (ids[0] ?? null),
    model: kind === "bundle" ? null : `Model ${ids[0]}`, item: ids.at(-1) ?? "", made_on: null, made_by: null, active: kind === "bundle" ? null : false,
    approval: "not_asked", status: "NOT_STARTED", unchanged: null, approved: false, active_not_approved: false, deployed_without_approval: false,
    deployed_on: null, standards: null, ...part,
  };
}

const ALL = { text: "", state: "", kind: "" };
const ROWS = [
  row("A/model/m/2", { active: true, active_not_approved: true }),
  row("A/model/m/1", { approval: "approved", status: "APPROVED", approved: true, unchanged: true }),
  row("A/bundle/v1", { made_by: "ana", deployed_on: [{ infrastructure: "PROD", deployment: "d" }], deployed_without_approval: true }),
  row("B/agent/g/v1", { approval: "rejected", status: "REJECTED", unchanged: true }),
];
const addresses = (rows: readonly RegistryRow[]) => rows.map(({ address }) => address);

test("each state finds its items and no other", () => {
  const found = Object.fromEntries(STATES.map(([state]) => [state, addresses(filtered(ROWS, { ...ALL, state }))]));
  expect(found).toEqual({
    active: ["A/model/m/2"], deployed: ["A/bundle/v1"], approved: ["A/model/m/1"], waiting: [], rejected: ["B/agent/g/v1"], changed: [], not_asked: ["A/model/m/2", "A/bundle/v1"],
  });
});

test("every word must stand in the item", () => {
  expect(addresses(filtered(ROWS, { ...ALL, text: "PROD ana" }))).toEqual(["A/bundle/v1"]);
  expect(filtered(ROWS, { ...ALL, text: "prod nobody" })).toEqual([]);
  expect(addresses(filtered(ROWS, { ...ALL, kind: "bundles" }))).toEqual(["A/bundle/v1"]);
  expect(filtered(ROWS, { ...ALL, kind: "models" })).toHaveLength(3);
  expect(filtered(ROWS, { ...ALL, state: "nosuch" })).toHaveLength(4);
});

test("versions stand below their models, and bundles below their project", () => {
  const [a, b] = grouped(ROWS);
  expect([a?.key, a?.bundles.length, a?.models.map(({ name, rows }) => [name, rows.length])]).toEqual(["A", 1, [["Model Model m", 2]]]);
  expect(b?.models[0]?.name).toBe("Agent Model g");
});

test("models of one name in two projects are not put together", () => {
  expect(grouped([row("A/model/m/1"), row("B/model/m/1")]).map(({ models }) => models.length)).toEqual([1, 1]);
});

test("what cannot be read is not called approved", () => {
  expect(reviewWords(row("A/bundle/v1", { approval: "unknown", status: null }))).toBe("Cannot be read");
  expect(reviewWords(row("A/bundle/v1", { approval: "off", status: null }))).toBe("");
  expect(reviewWords(row("A/bundle/v1", { approval: "changed", status: "APPROVED", unchanged: false }))).toBe("Approved, changed since");
  expect(reviewWords(row("A/bundle/v1", { approval: "approved", approved: true, status: "NOT_STARTED" }))).toBe("Approved in Govern");
  expect(reviewWords(row("A/bundle/v1", { approval: "rejected", status: "APPROVED", unchanged: true }))).toBe("Refused in Govern");
});

test("Home leads to what runs without approval, and leaves out what is not known", () => {
  expect(approvalAttention(null, 0)).toEqual([]);
  expect(approvalAttention(2, 1).map(({ count, hash }) => [count, hash])).toEqual([[2, "#page=registry&state=active"], [1, "#page=registry&state=deployed"]]);
});

function answering(fail = -1) {
  const asked: [RegistryItems, number][] = [];
  const registry = (items: RegistryItems, keys: readonly string[]): Promise<RegistryAnswer> => {
    if (asked.length === fail) return Promise.reject(new Error("It broke."));
    asked.push([items, keys.length]);
    return Promise.resolve({
      generated_on: `2026-01-0${asked.length}T00:00:00Z`, items, projects: keys.length, off: null, deployments: items === "all" ? 3 : null,
      not_looked_at: ["the same"], unreadable: [{ project_key: keys[0] ?? "", message: "no" }], rows: keys.map((key) => row(`${key}/bundle/v1`)),
    });
  };
  return { api: { registry }, asked };
}

const KEYS = Array.from({ length: CHUNK + 1 }, (_, at) => `P${at}`);

test("many projects are read in parts, and shown after each", async () => {
  const { api, asked } = answering();
  const shown: Reading[] = [];
  const reading = await readRegistry(api, "all", KEYS, (part) => shown.push(part));
  expect(asked).toEqual([["all", CHUNK], ["all", 1]]);
  expect(shown.map(({ done }) => done)).toEqual([0, CHUNK, CHUNK + 1]);
  expect([isComplete(reading), reading.rows.length, reading.deployments, reading.at]).toEqual([true, CHUNK + 1, 3, "2026-01-01T00:00:00Z"]);
  expect([reading.notLookedAt, reading.unreadable.length]).toEqual([["the same"], 2]);
});

test("a part that fails keeps what was read, and says so", async () => {
  const { api } = answering(1);
  const reading = await readRegistry(api, "all", KEYS, () => undefined);
  expect([reading.failure, reading.done, reading.rows.length, isComplete(reading)]).toEqual(["It broke.", CHUNK, CHUNK, false]);
});

test("a page that was left asks for no more", async () => {
  const { api, asked } = answering();
  const shown: Reading[] = [];
  await readRegistry(api, "models", KEYS, (part) => shown.push(part), () => asked.length > 0);
  expect([asked.length, shown.length]).toEqual([1, 1]);
});
