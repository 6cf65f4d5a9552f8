import { expect, test } from "vitest";
import { timelineCsv } from "../../src/item/Timeline";
import { csvText } from "../../src/live/csv";

test("no cell is a formula to a spreadsheet", () => {
  for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]) expect(csvText([[text]]).replace(/^"/, "")).toMatch(/^'/);
  expect(csvText([["a=1"]])).toBe("a=1\r\n");
});

test("quotes, commas and lines stay within their cell", () => {
  expect(csvText([['say "hi"', "a,b", "one\ntwo"]])).toBe('"say ""hi""","a,b","one\ntwo"\r\n');
});

test("a timeline has one line for each change", () => {
  const entry = { at: "2026-11-03T10:00:00Z", by: "=cmd()", source: "page", number: 4, sentences: ["Risk: Low → High", "Notes changed"], pending: false, reason: null };
  const lines = timelineCsv([entry]).trimEnd().split("\r\n");
  expect(lines).toHaveLength(3);
  expect(lines[1]).toBe("2026-11-03T10:00:00Z,'=cmd(),page,4,Risk: Low → High,,yes");
});
