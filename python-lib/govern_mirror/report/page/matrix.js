// The matrix: two ratings as axes, a third as mark. Crowded cells show the first few and lead to the rest.

const MAX_NAMES = 8;
// marks that differ in kind and not in size: a decision is no amount
const SHAPES = ["◌", "●", "■", "▲", "◆", "★", "✚"];

function markOfRow(row) {
  if (!state.mark) return [0, ""];
  if (state.mark === "decision") return [about.decisions.indexOf(row.decision) + 1, row.decision ?? "Undecided"];
  if (state.mark === "priority") {
    if (row.priority === null) return [0, "no priority"];
    return [Math.min(4, 1 + Math.floor(row.priority / 25)), `priority ${row.priority}`];
  }
  return [barsOf(row[state.mark]), `${LABELS[state.mark].toLowerCase()} ${row[state.mark] ?? "not rated"}`];
}

const mark = (at, attributes) => (state.mark === "decision"
  ? h("span", { class: `gm-shape gm-shape-${Math.min(at, 3)}`, ...attributes }, SHAPES[Math.min(at, SHAPES.length - 1)])
  : h("span", { class: `gm-dot gm-dot-${at}`, ...attributes }));

function dot(row) {
  const [at, label] = markOfRow(row);
  return state.mark ? mark(at, { title: label, role: "img", "aria-label": label }) : null;
}

function matrixCell(found, x, y) {
  if (!found.length) return h("td");
  const names = found.slice(0, MAX_NAMES).map((row) => h("div", { class: "gm-chip" }, dot(row), opener(row)));
  const filters = { ...state.filters, [state.x]: new Set([x]), [state.y]: new Set([y]) };
  const more = found.length > MAX_NAMES
    ? h("button", { type: "button", class: "gm-link", onclick: () => go({ view: "table", filters }, { step: true }) },
      `All ${found.length.toLocaleString("en")} in the table`)
    : null;
  return h("td", { class: "gm-filled" }, h("div", { class: "gm-count" }, found.length.toLocaleString("en")), names, more);
}

function showMatrix() {
  const placed = new Map();
  for (const row of shown) {
    if (!row.governed) continue;
    const cell = `${valueOf(row, state.y)}\n${valueOf(row, state.x)}`;
    if (!placed.has(cell)) placed.set(cell, []);
    placed.get(cell).push(row);
  }
  const across = [...about.ratings, NONE];
  const down = [...about.ratings].reverse().concat(NONE);
  const head = h("tr", null,
    h("th", { scope: "col" }, `${LABELS[state.y]} ↓  ${LABELS[state.x]} →`),
    across.map((x) => h("th", { scope: "col" }, labelOf(state.x, x))));
  const lines = down.map((y) => h("tr", null, h("th", { scope: "row" }, labelOf(state.y, y)),
    across.map((x) => matrixCell(placed.get(`${y}\n${x}`) ?? [], x, y))));
  const drawnTable = h("table", { class: "gm-matrix" }, h("caption", { class: "gm-hidden" }, `Projects by ${state.y} and ${state.x}`),
    h("thead", null, head), h("tbody", null, lines));
  document.getElementById("matrix").replaceChildren(matrixControls(), drawnTable);
}

function matrixControls() {
  const select = (name, label, options) =>
    h("label", null, `${label} `, h("select", { id: `axis-${name}`, onchange: (event) => go({ [name]: event.target.value }) },
      options.map(([value, shownAs]) => h("option", { value, selected: state[name] === value }, shownAs))));
  const axes = DIMENSIONS.map((name) => [name, LABELS[name]]);
  const marks = [["", "nothing"], ["priority", "Priority"], ...(FILTERS.includes("decision") ? [["decision", LABELS.decision]] : []), ...axes];
  return h("div", { class: "gm-controls" }, select("y", "Down", axes), select("x", "Across", axes), select("mark", "Mark", marks),
    legend());
}

function legend() {
  if (!state.mark) return null;
  const labels = state.mark === "decision" ? ["Undecided", ...about.decisions]
    : state.mark === "priority" ? ["none", "under 25", "25 to 49", "50 to 74", "75 and more"] : ["Not rated", ...about.ratings];
  const places = DIMENSIONS.includes(state.mark) ? [0, ...about.ratings.map(barsOf)] : labels.map((_, at) => at);
  return h("span", { class: "gm-legend" }, labels.map((label, at) =>
    h("span", null, mark(places[at], { "aria-hidden": "true" }), ` ${label}`)));
}
