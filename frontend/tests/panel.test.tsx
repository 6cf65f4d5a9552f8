import { render } from "preact";
import { expect, test, vi } from "vitest";
import type { Details } from "../src/data/table";
import { PanelBody } from "../src/panel/PanelBody";
import { Store } from "../src/state/store";
import { about, table } from "./portfolio";

const details: Details = {
  steps: [], ratings: [], texts: [], closed: null, decision_comment: null, project_plan: [], events: [], moved: null, problems: [],
};

function headings(decisionStep: string | null): (string | null)[] {
  const data = table([{ key: "A", name: "Alpha" }], { about: { ...about, decision_step: decisionStep } });
  const store = new Store({ table: data }, { isLive: false, draw: vi.fn() });
  const [row] = store.shown;
  if (row === undefined) throw new Error("no row");
  const root = document.createElement("div");
  render(<PanelBody store={store} row={row} details={details} />, root);
  return [...root.querySelectorAll("h3")].map(({ textContent }) => textContent);
}

test("the panel calls the step that qualifies by its own name", () => {
  expect(headings("run")).toEqual(["Workflow", "Run", "Overview", "History"]);
  expect(headings(null)).toEqual(["Workflow", "Scores", "Overview", "History"]);
});
