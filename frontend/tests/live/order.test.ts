import { expect, test } from "vitest";
import { suggestions } from "../../src/item/PeopleInput";
import { placedFields, sectionOf } from "../../src/item/order";
import { stepWords } from "../../src/item/StepBar";
import { dateText, timeText } from "../../src/live/time";
import { field, form } from "./forms";

const fields = {
  "q.plan": field({ kind: "documents" }),
  "q.note": field({ kind: "text" }),
  "q.risk": field({ kind: "rating", comment_path: "q.why", required_for: ["scoping"] }),
  "q.why": field({ kind: "text" }),
  "q.size": field({ kind: "number" }),
};
const section = { id: "scoping", name: "Scoping", kind: "step" as const, paths: Object.keys(fields) };

test("what is required comes first, notes and documents last", () => {
  expect(placedFields(section, form(fields)).map(({ path }) => path)).toEqual(["q.risk", "q.size", "q.note", "q.plan"]);
});

test("a comment stands below what it comments on", () => {
  expect(placedFields(section, form(fields))[0]).toEqual({ path: "q.risk", comment: "q.why" });
});

test("an error of a status is told in its step", () => {
  expect(sectionOf("steps.build.status", form())).toBe("build");
  expect(sectionOf("overview.sponsor", form())).toBe("overview");
  expect(sectionOf("nowhere", form())).toBeNull();
});

test("people are found by name or login, behind the last comma", () => {
  const people = [{ login: "amartin", name: "Alice Martin" }, { login: "bruno", name: "Bruno Roux" }];
  expect(suggestions(people, "Bruno Roux, ali").map(({ login }) => login)).toEqual(["amartin"]);
  expect(suggestions(people, "AMART")).toHaveLength(1);
  expect(suggestions(people, "Bruno, ")).toEqual([]);
});

test("a step tells its status and days", () => {
  const step = { id: "a", name: "A", status: "FINISHED", started_on: "2026-11-01T00:00:00Z", finished_on: "2026-11-13T00:00:00Z", by: null };
  expect(stepWords(step)).toBe("Finished · 12 days");
  expect(stepWords({ ...step, status: "NOT_STARTED", started_on: null })).toBe("Not started");
  expect(stepWords({ ...step, status: "ONGOING", finished_on: null }, new Date("2026-11-02T01:00:00Z"))).toBe("On going · 1 day");
});

test("a date is the same day in every zone; another year is named", () => {
  const now = new Date(2026, 10, 27, 12);
  expect(dateText("2026-11-03", now)).toBe("3 Nov");
  expect(dateText("2025-11-03", now)).toBe("3 Nov 2025");
  expect(timeText(now.toISOString(), now)).toBe("12:00");
  expect(dateText("no date", now)).toBe("no date");
});
