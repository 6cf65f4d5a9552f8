// What several views show: the progress bar, ratings, badges, the name that opens the panel.

const STATUS = { F: ["finished", "Finished"], O: ["ongoing", "On going"], N: ["not_started", "Not started"], S: ["skipped", "Skipped"] };
const LABELS = {
  step: "Step", decision: "Decision", initiative: "Business initiative", owner: "Owner", tag: "Tag",
  value: "Value", risk: "Risk", feasibility: "Feasibility", cost: "Cost",
  in_flight: "In flight", stale: "Stale", overdue: "Overdue", problems: "Problems", unqualified: "Unqualified", priority: "Priority",
  days: "Days in step", end: "Target end", changed: "Last change",
};

const stepName = (id) => about.stages.find(([stage]) => stage === id)?.[1] ?? id;

function labelOf(field, value) {
  if (field === "step") return stepName(value);
  if (value !== NONE) return value;
  return DIMENSIONS.includes(field) ? "Not rated" : field === "decision" ? "Undecided" : "None";
}

function bar(row) {
  const parts = [...row.flow].map((letter, at) => `${about.steps[at].name} ${STATUS[letter][1].toLowerCase()}`);
  const label = `${row.finished} of ${row.flow.length} steps done: ${parts.join(", ")}`;
  const segments = [...row.flow].map((letter, at) =>
    h("span", { class: `gm-${STATUS[letter][0]}`, title: `${about.steps[at].name}: ${STATUS[letter][1]}` }));
  return h("span", { class: "gm-progress" },
    h("span", { class: "gm-bar", role: "img", "aria-label": label }, segments),
    h("span", { class: "gm-small" }, ` ${row.finished}/${row.flow.length}`));
}

const level = (rating) => (rating ? about.ratings.indexOf(rating) + 1 : 0);

// how many of four bars a rating fills, whatever the scale
const barsOf = (rating) => Math.ceil((level(rating) * 4) / about.ratings.length);

function rated(rating) {
  if (!rating) return h("span", { class: "gm-none" }, "–");
  const bars = Array.from({ length: 4 }, () => h("i"));
  return h("span", null, h("span", { class: `gm-rating gm-level-${barsOf(rating)}`, "aria-hidden": "true" }, bars), ` ${rating}`);
}

function badges(row) {
  const found = [];
  if (row.stale) found.push(h("span", { class: "gm-flag gm-warn" }, "stale"));
  if (row.overdue) found.push(h("span", { class: "gm-flag gm-warn" }, "overdue"));
  if (row.problems) found.push(h("span", { class: "gm-flag gm-bad" }, plural(row.problems, "problem")));
  return found.flatMap((badge, at) => (at ? [" ", badge] : [badge]));
}

function opener(row) {
  const address = `#${written({ ...state, p: row.key })}`;
  return h("a", { href: address, class: "gm-open", "data-key": row.key, onclick: (event) => {
    event.preventDefault();
    go({ p: row.key }, { step: true });
  } }, own(row.name));
}

const age = (row) => (row.days === null ? "" : plural(row.days, "day"));

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

// a bar of a share of the width, and behind it a fainter one of a larger share; the number stands beside it
const STROKE = 160;
function stroke(share, behind = 0) {
  const bar = (of, name) => shape("rect", { class: name, width: Math.round(of * STROKE), height: 10, rx: 2 });
  return shape("svg", { class: "gm-stroke", width: STROKE, height: 10, viewBox: `0 0 ${STROKE} 10`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...(behind ? [bar(behind, "gm-behind")] : []), bar(share, "gm-share"));
}
