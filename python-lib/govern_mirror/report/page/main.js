// Put together: unpack, read the address, draw, listen.

const SHOW = { table: showTable, matrix: showMatrix, kanban: showKanban, summary: showSummary, trends: showTrends };
const NAMES = { table: "Table", matrix: "Matrix", kanban: "Kanban", summary: "Summary", trends: "Trends" };

function tabs() {
  const list = h("div", { role: "tablist", "aria-label": "Views" }, VIEWS.map((view) =>
    h("button", { type: "button", role: "tab", id: `tab-${view}`, "aria-controls": `view-${view}`, onclick: () => go({ view }, { step: true }) }, NAMES[view])));
  list.addEventListener("keydown", (event) => {
    const turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!turn) return;
    const view = VIEWS[(VIEWS.indexOf(state.view) + turn + VIEWS.length) % VIEWS.length];
    go({ view }, { step: true });
    document.getElementById(`tab-${view}`).focus();
  });
  return list;
}

function showView() {
  for (const view of VIEWS) {
    const on = view === state.view;
    document.getElementById(`view-${view}`).hidden = !on;
    const tab = document.getElementById(`tab-${view}`);
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  for (const element of document.querySelectorAll(".gm-only-table")) element.hidden = state.view !== "table";
  document.getElementById("toolbar").hidden = state.view === "trends";
  SHOW[state.view]();
}

// a list that opens near the right edge moves to the left as far as it must
function keepInSight(list) {
  list.style.marginLeft = "0";
  const beyond = list.getBoundingClientRect().right + 8 - document.documentElement.clientWidth;
  if (beyond > 0) list.style.marginLeft = `${-beyond}px`;
}

function listen() {
  window.addEventListener("popstate", () => {
    state = parsed(location.hash);
    tell();
  });
  window.addEventListener("hashchange", () => {
    if (location.hash.replace(/^#/, "") === written(state)) return;
    state = parsed(location.hash);
    tell();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      document.getElementById("search").focus();
    }
    if (event.key === "Escape") {
      const open = document.querySelector(".gm-choice[open]");
      if (open) {
        open.open = false;
        open.querySelector("summary").focus();
      } else if (state.p) go({ p: "" }, { step: true });
    }
  });
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll(".gm-choice[open]")) if (!open.contains(event.target)) open.open = false;
  });
  document.getElementById("table").addEventListener("keydown", walk);
  for (const choice of document.querySelectorAll(".gm-choice")) choice.addEventListener("toggle", () => choice.open && keepInSight(choice.querySelector("fieldset")));
}

let about;
let past;
let rows;

(async () => {
  const data = await unpacked("data");
  about = data.about;
  past = data.past;
  if (past) VIEWS.push("trends");
  rows = rowsOf(data.columns, data.count);
  fitToTemplate();
  state = parsed(location.hash);
  document.getElementById("tabs").append(tabs());
  if (about.no_matrix) document.getElementById("tabs").append(h("p", { class: "gm-small" }, about.no_matrix));
  document.getElementById("toolbar").append(...toolbar().flat());
  listeners.push(showView, showPanel);
  listen();
  if (past) keepCharts();
  tell();
  document.body.dataset.ready = "true";
  prepareSearch();
})();
