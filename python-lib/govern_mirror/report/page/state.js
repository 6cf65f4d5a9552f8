// What the page shows, kept in the address's fragment, so that a link can be sent and Back goes back.

const VIEWS = ["table", "matrix", "kanban", "summary"];
const DIMENSIONS = ["value", "risk", "feasibility", "cost"];
const NONE = "none";
const FILTERS = ["step", "decision", "initiative", "owner", "tag", ...DIMENSIONS];
const BETWEEN = { priority: "number", days: "number", end: "date", changed: "date" };
const LIMIT = { number: /^-?\d+(\.\d+)?$/, date: /^\d{4}-\d{2}-\d{2}$/ };
const FLAGS = ["in_flight", "stale", "overdue", "problems", "unqualified"];
// what the page asks of a project besides what every template has: `about.headings` names those that this one has
const BY_ROLE = [...DIMENSIONS, "decision", "initiative", "sponsor", "start", "end"];
const DEFAULTS = { view: "table", q: "", x: "risk", y: "value", mark: "priority", sort: "priority:desc", group: "", hide: null, range: "", p: "" };

// leaves out what the template has no field for
function fitToTemplate() {
  const keep = (list, test) => list.splice(0, list.length, ...list.filter(test));
  const has = (name) => !BY_ROLE.includes(name) || name in about.headings;
  Object.assign(LABELS, about.headings);
  for (const list of [DIMENSIONS, FILTERS]) keep(list, has);
  for (const part of [BETWEEN, GROUPS]) for (const name of Object.keys(part)) if (!has(name)) delete part[name];
  if (!DIMENSIONS.length) delete BETWEEN.priority;
  keep(FLAGS, (flag) => (flag === "overdue" ? has("end") : flag !== "unqualified" || about.qualifying.length > 0));
  if (about.no_matrix) keep(VIEWS, (view) => view !== "matrix");
  fitColumns(has);
}

function parsed(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const state = { ...DEFAULTS, filters: {}, between: {}, flags: new Set(FLAGS.filter((flag) => given.has(flag))) };
  for (const name of ["q", "p", "group", "hide", "sort", "range"]) if (given.has(name)) state[name] = given.get(name);
  if (VIEWS.includes(given.get("view"))) state.view = given.get("view");
  for (const axis of ["x", "y"]) if (DIMENSIONS.includes(given.get(axis))) state[axis] = given.get(axis);
  if (["", "priority", "decision", ...DIMENSIONS].includes(given.get("mark") ?? "priority")) state.mark = given.get("mark") ?? "priority";
  for (const name of FILTERS) {
    const values = given.getAll(name);
    if (values.length) state.filters[name] = new Set(values);
  }
  for (const [name, kind] of Object.entries(BETWEEN)) {
    const limits = (given.get(name) ?? "").split("..").map((text) => (LIMIT[kind].test(text) ? text : ""));
    if (limits.length === 2 && (limits[0] || limits[1])) state.between[name] = limits;
  }
  return state;
}

function written(state) {
  const given = new URLSearchParams();
  for (const [name, usual] of Object.entries(DEFAULTS)) if (state[name] !== usual) given.set(name, state[name]);
  for (const [name, values] of Object.entries(state.filters)) for (const value of values) given.append(name, value);
  for (const [name, limits] of Object.entries(state.between)) given.set(name, limits.join(".."));
  for (const flag of state.flags) given.set(flag, "");
  return given.toString();
}

let state = parsed("");
const listeners = [];

// `step: true` makes an entry that Back returns from; typing and sorting only replace the address
function go(change, { step = false } = {}) {
  state = { ...state, ...change };
  const address = `#${written(state)}`;
  if (address === (location.hash || "#")) return tell();
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  return tell();
}

function tell() {
  remark();
  for (const listener of listeners) listener(state);
}

function valueOf(row, field) {
  return row[field] ?? NONE;
}

// both limits count as inside; what has no value lies nowhere
function lies(value, kind, [from, to]) {
  if (value === null || value === undefined) return false;
  if (kind === "date") return (!from || value >= from) && (!to || value <= to);
  return (!from || value >= Number(from)) && (!to || value <= Number(to));
}

function passes(row, words) {
  for (const word of words) if (!row.found.includes(word)) return false;
  for (const flag of state.flags) if (!row[flag]) return false;
  for (const [field, limits] of Object.entries(state.between)) if (!lies(row[field], BETWEEN[field], limits)) return false;
  for (const [field, values] of Object.entries(state.filters)) {
    if (field === "tag") {
      if (!row.tags.some((tag) => values.has(tag))) return false;
    } else if (!values.has(valueOf(row, field))) return false;
  }
  return true;
}

let shown = [];

// one pass marks the rows that pass; every view shows these
function remark() {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  shown = [];
  for (const row of rows) {
    row.on = passes(row, words);
    if (row.on) shown.push(row);
  }
}
