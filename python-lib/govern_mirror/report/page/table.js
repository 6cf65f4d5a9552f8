// The table: sort, group, choose columns. Tabulator draws only the rows in sight.

const byText = (a, b, rowA, rowB, column, direction) => ordered(a?.toLowerCase(), b?.toLowerCase(), direction);
const byNumber = (a, b, rowA, rowB, column, direction) => ordered(a, b, direction);
const byRating = (a, b, rowA, rowB, column, direction) => ordered(level(a) || null, level(b) || null, direction);

// blanks come last, whichever way the column is sorted
function ordered(a, b, direction) {
  const last = direction === "asc" ? 1 : -1;
  const blankA = a === null || a === undefined;
  const blankB = b === null || b === undefined;
  if (blankA || blankB) return blankA === blankB ? 0 : blankA ? last : -last;
  return a < b ? -1 : a > b ? 1 : 0;
}

const ofRow = (draw) => (cell) => draw(cell.getData());
const plain = ofRowField((value) => own(value));

function ofRowField(draw) {
  return (cell) => draw(cell.getValue());
}

const COLUMNS = [
  { title: "Project", field: "name", width: 190, frozen: true, sorter: byText,
    formatter: ofRow((row) => h("span", { class: "gm-name" }, opener(row), h("span", { class: "gm-small gm-key" }, own(row.key)))) },
  { title: "Current step", field: "place", width: 215, sorter: byNumber, formatter: ofRow((row) => h("span", { class: "gm-name" }, row.governed ? stepName(row.step) : "–",
    h("span", { class: "gm-small gm-key" }, age(row), " ", badges(row)))) },
  { title: "Decision", field: "decision", width: 105, sorter: byText, formatter: plain },
  { title: "Priority", field: "priority", width: 95, sorter: byNumber, hozAlign: "right", formatter: ofRow((row) => row.priority ?? "–") },
  { title: "Workflow", field: "finished", width: 132, sorter: byNumber, formatter: ofRow((row) => (row.governed ? bar(row) : own(row.state))) },
  { title: "Business initiative", field: "initiative", width: 145, sorter: byText, formatter: plain, usual: false },
  ...DIMENSIONS.map((name) => ({ title: LABELS[name], field: name, width: 126, sorter: byRating, formatter: ofRowField(rated), usual: ["value", "risk"].includes(name) })),
  { title: "Target end", field: "end", width: 138, sorter: byText, formatter: plain },
  { title: "Owner", field: "owner", width: 95, sorter: byText, formatter: plain },
  { title: "Days in step", field: "days", width: 125, sorter: byNumber, hozAlign: "right", formatter: ofRow((row) => row.days ?? "–"), usual: false },
  { title: "Problems", field: "problems", width: 100, sorter: byNumber, hozAlign: "right", usual: false },
  { title: "Sponsor", field: "sponsor", width: 140, sorter: byText, formatter: plain, usual: false },
  { title: "Tags", field: "tagged", width: 160, sorter: byText, formatter: plain, usual: false },
  { title: "Start", field: "start", width: 115, sorter: byText, formatter: plain, usual: false },
  { title: "Last change", field: "changed", width: 120, sorter: byText, formatter: plain, usual: false },
  { title: "Changed by", field: "by", width: 120, sorter: byText, formatter: plain, usual: false },
  { title: "Revision", field: "revision", width: 95, sorter: byNumber, hozAlign: "right", usual: false },
];
const GROUPS = { initiative: "Business initiative", step: "Current step", owner: "Owner", decision: "Decision" };

function fitColumns(has) {
  const byKind = { rating: [byRating, ofRowField(rated)], number: [byNumber, ofRowField((value) => value ?? "–")] };
  const others = about.fields.map(([field, title, kind]) => {
    const [sorter, formatter] = byKind[kind] ?? [byText, plain];
    return { title, field, width: 130, sorter, formatter, usual: false };
  });
  const kept = COLUMNS.filter((column) => has(column.field)).map((column) => ({ ...column, title: about.headings[column.field] ?? column.title }));
  COLUMNS.splice(0, COLUMNS.length, ...kept, ...others);
  for (const name of Object.keys(GROUPS)) GROUPS[name] = about.headings[name] ?? GROUPS[name];
}

const usuallyHidden = () => COLUMNS.filter((column) => column.usual === false).map((column) => column.field);
const hiddenNow = () => new Set(state.hide === null ? usuallyHidden() : state.hide.split(",").filter(Boolean));

let table = null;
let tableReady = false;
let marked = "";

function tableSort() {
  const [field, direction] = state.sort.split(":");
  const known = COLUMNS.some((column) => column.field === field);
  return [{ column: known ? field : "priority", dir: direction === "asc" ? "asc" : "desc" }];
}

function makeTable() {
  const hidden = hiddenNow();
  table = new Tabulator("#table", {
    data: rows,
    index: "key",
    height: "100%",
    rowHeight: 44,
    layout: "fitDataFill",
    movableColumns: true,
    columnDefaults: { headerSortTristate: false, minWidth: 70, resizable: "header" },
    columns: COLUMNS.map(({ usual, ...column }) => ({ ...column, visible: !hidden.has(column.field) })),
    initialSort: tableSort(),
    initialFilter: [{ field: (row) => row.on, type: "function" }],
    groupBy: groupBy(),
    groupStartOpen: true,
    groupHeader: (value, count) => h("span", { class: "gm-group", role: "gridcell" }, own(labelOf(state.group, value)), ` (${count})`),
    printAsHtml: true,
    printRowRange: "active",
  });
  table.on("tableBuilt", () => {
    tableReady = true;
    const holder = document.querySelector("#table .tabulator-tableholder");
    holder.setAttribute("role", "rowgroup");
    holder.setAttribute("aria-label", "Projects");
    document.querySelector("#table .tabulator-table").setAttribute("role", "presentation");
    document.querySelector("#table").setAttribute("aria-label", "Governed projects");
    marked = markOf(state);
  });
  // a group's line is a row of the grid, not a group inside a group
  const lines = (groups) => groups.forEach((group) => group.getElement().setAttribute("role", "row"));
  table.on("dataGrouped", lines);
  table.on("renderComplete", () => {
    if (GROUPS[state.group]) lines(table.getGroups());
  });
  table.on("dataSorted", (sorters) => {
    if (!tableReady || !sorters.length) return;
    const sort = `${sorters[0].field}:${sorters[0].dir}`;
    if (sort !== state.sort) go({ sort });
  });
}

const groupBy = () => (GROUPS[state.group] ? (row) => valueOf(row, state.group) : false);

const markOf = (of) => JSON.stringify([of.q, Object.entries(of.filters).map(([name, values]) => [name, ...values]), of.between, [...of.flags]]);

let drawn = { group: "", hide: null, sort: DEFAULTS.sort };

function showTable() {
  document.getElementById("nothing").hidden = shown.length > 0;
  document.getElementById("table").hidden = shown.length === 0;
  if (!shown.length) return undefined;
  if (!table) {
    drawn = { group: state.group, hide: state.hide, sort: state.sort };
    return makeTable();
  }
  if (!tableReady) return undefined;
  const mark = markOf(state);
  if (mark !== marked) {
    marked = mark;
    table.setFilter((row) => row.on);
  }
  if (state.group !== drawn.group) table.setGroupBy(groupBy());
  if (state.hide !== drawn.hide) {
    const hidden = hiddenNow();
    for (const column of COLUMNS) table[hidden.has(column.field) ? "hideColumn" : "showColumn"](column.field);
  }
  if (state.sort !== drawn.sort) {
    const [wanted] = tableSort();
    const [now] = table.getSorters();
    if (!now || now.field !== wanted.column || now.dir !== wanted.dir) table.setSort([wanted]);
  }
  drawn = { group: state.group, hide: state.hide, sort: state.sort };
  return undefined;
}

// arrows go from name to name, also to rows that are not drawn yet
function walk(event) {
  if (!["ArrowDown", "ArrowUp"].includes(event.key) || !event.target.matches(".gm-open")) return;
  event.preventDefault();
  const row = table.getRow(event.target.dataset.key);
  const next = row && (event.key === "ArrowDown" ? row.getNextRow() : row.getPrevRow());
  if (!next) return;
  const focus = () => document.querySelector(`#table .gm-open[data-key="${CSS.escape(next.getData().key)}"]`)?.focus();
  table.scrollToRow(next, "nearest", false).then(focus, focus);
}
