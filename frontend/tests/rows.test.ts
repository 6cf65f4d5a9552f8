import { describe, expect, test } from "vitest";
import { unpack } from "../src/data/embedded";
import { cellOf, rowsOf } from "../src/data/rows";
import { projects } from "./portfolio";

describe("columns become rows", () => {
  test("each project has the values of its place", () => {
    const rows = projects([{ key: "A", name: "Alpha", step: "build" }, { key: "B", name: "Beta", step: "build" }, { key: "C", step: null }]);
    expect(rows.map(({ key, step }) => [key, step])).toEqual([["A", "build"], ["B", "build"], ["C", null]]);
  });

  test("a column that is not there is blank", () => {
    const [row] = rowsOf({ key: ["A"] }, 1);
    expect(row && cellOf(row, "nothing")).toBeNull();
  });

  test("what is written into a row changes nothing", () => {
    const [row] = rowsOf({ key: ["A"] }, 1);
    Object.assign(row ?? {}, { key: "B" });
    expect(row?.key).toBe("A");
  });

  test("the search looks through names, keys, people and tags", () => {
    const [row] = projects([{ key: "A", name: "Alpha", owner: "Ada", initiative: "Growth", tags: ["Fraud"] }]);
    expect(row?.words.split("\n")).toEqual(expect.arrayContaining(["alpha", "a", "ada", "growth", "fraud"]));
  });
});

test("data in the file is unpacked", async () => {
  const packed = new Blob(['{"count":1}']).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  expect(await unpack(btoa(String.fromCharCode(...bytes)))).toEqual({ count: 1 });
});
