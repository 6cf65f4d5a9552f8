// What lets something pass in an emergency is asked for whole, and told in times that people read.
import { expect, test } from "vitest";
import { emergencyIn, passesText } from "../../src/review/Emergency";

const FIELDS = { infrastructure: " PROD ", reason: "outage", ticket: "INC-1", hours: "2" };

test("an emergency names where, why, the ticket and how long", () => {
  expect(emergencyIn(FIELDS, 336)).toEqual({ infrastructure: "PROD", comment: "outage", ticket: "INC-1", hours: 2 });
});

test.each([{ infrastructure: " " }, { reason: "" }, { ticket: "" }, { hours: "" }, { hours: "0" }, { hours: "1.5" }, { hours: "337" }, { hours: "soon" }])(
  "nothing passes while something is missing: %o",
  (missing) => {
    expect(emergencyIn({ ...FIELDS, ...missing }, 336)).toBeNull();
  },
);

test("until when it passes is told as a time of this browser", () => {
  const told = passesText("on PROD until 2020-03-01T12:00:00Z; its review is due");
  expect(told).toMatch(/^on PROD until .*Mar 2020, \d\d:\d\d; its review is due$/);
  expect(passesText(undefined)).toBe("");
});
