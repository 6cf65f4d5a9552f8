import { expect, test } from "vitest";
import { configurationIn, formOf } from "../../src/hub/form";
import type { Configuration, Hub } from "../../src/hub/types";

const FULL: Configuration = {
  reviewers: {
    final_approvers: ["user:ana", "group:Risk, credit"],
    it_operations: [],
    risk_compliance: ["group:risk"],
    business: ["user:nobody"],
    initiatives: { "Retail credit": { projects: ["CHURN", "SCORECARD"], business: ["user:carla"] } },
    projects: { FRAUD: { final_approvers: ["user:fred"], business: [] }, EMPTY: {} },
  },
  managers: ["group:governance"],
  emergency: ["user:max"],
  govern_node: { id: "govern", url: "https://govern.example.com" },
  published: { CHURN: ["CHURN", "OTHER"] },
  deputies: [{ of: "ben", to: "dan", until: "2027-01-15T00:00:00Z" }, { of: "ana", to: "max", until: null }],
  addresses: { ana: "ana@bank.example", ben: "ben@bank.example" },
  mail: { channel: "smtp", people: { ana: "all", ben: "must_act", zoe: "never" } },
  switches: { mandatory: true, delegation: false, models_block_bundles: false, project_steps: ["qualification"], reminder_days: [3, 7] },
};

function hubOf(configuration: Configuration, switches = FULL.switches ?? {}): Hub {
  return { project_key: "GOVERNANCE", entry: "e", by: "admin", at: "2026-11-01T10:00:00Z", configuration, switches, why_not: null, why_not_node: null };
}

test("a configuration that nobody changes comes back as it was", () => {
  const hub = hubOf(FULL);
  expect(configurationIn(formOf(hub), hub)).toEqual(FULL);
});

test("lists that nobody gave stay so", () => {
  const hub = hubOf({ reviewers: { final_approvers: ["user:ana"] } });
  expect(Object.keys(configurationIn(formOf(hub), hub).reviewers ?? {})).toEqual(["final_approvers", "initiatives", "projects"]);
});

test("what the form does not know is not lost", () => {
  const newer = { ...FULL, exempt: { A: ["user:x"] }, mail: { ...FULL.mail, footer: "text" } };
  const hub = hubOf(newer);
  expect(configurationIn(formOf(hub), hub)).toEqual(newer);
});

test("a name without user: is a login, and blank lines are none", () => {
  const hub = hubOf({});
  const form = { ...formOf(hub), managers: " max \n\ngroup:board\n" };
  expect(configurationIn(form, hub).managers).toEqual(["user:max", "group:board"]);
});

test("a Govern node is named, taken away, and told to the hub where half of it is missing", () => {
  const hub = hubOf({});
  const node = (governNode: { id: string; url: string }, of = hub) => configurationIn({ ...formOf(of), governNode }, of).govern_node;
  expect(node({ id: " govern ", url: "https://g.example " })).toEqual({ id: "govern", url: "https://g.example" });
  expect(node({ id: "", url: " " }, hubOf(FULL))).toBeUndefined();
  expect(node({ id: "", url: "https://g.example" })).toEqual({ id: "", url: "https://g.example" });
});

test("an empty list of a project is that for all, and nobody asks nobody", () => {
  const hub = hubOf({});
  const form = { ...formOf(hub), projects: [{ name: "P", projects: "", lists: { business: "nobody", risk_compliance: "", final_approvers: "ana" } }] };
  expect(configurationIn(form, hub).reviewers?.projects).toEqual({ P: { business: [], final_approvers: ["user:ana"] } });
});

test("two rows of one name are refused, and none is dropped in silence", () => {
  const hub = hubOf({});
  const row = { name: "P", projects: "", lists: { business: "ana" } };
  expect(() => configurationIn({ ...formOf(hub), projects: [row, row] }, hub)).toThrow("P stands there twice");
  expect(() => configurationIn({ ...formOf(hub), projects: [{ ...row, name: "" }] }, hub)).toThrow("no name");
  expect(configurationIn({ ...formOf(hub), projects: [{ name: "", projects: "", lists: {} }] }, hub).reviewers?.projects).toEqual({});
});

test("what is no number of days is left for the hub to refuse", () => {
  const hub = hubOf({});
  const form = formOf(hub);
  const switches = { ...form.switches, reminder_days: "3, soon" };
  expect(configurationIn({ ...form, switches }, hub).switches?.["reminder_days"]).toEqual([3, "soon"]);
});
