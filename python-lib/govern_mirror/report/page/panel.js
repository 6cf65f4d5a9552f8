// The panel of one project: workflow, qualification with origins, history, problems.

let panelKey = "";

const pair = (label, value) => [h("dt", null, label), h("dd", null, value ?? "–")];
const moment = (time) => (time ? time.replace("T", " ").replace("Z", " UTC") : "–");
const day = (time) => (time ? time.slice(0, 10) : "–");

const documents = (found) => h("ul", null, found.map(([title, url, address]) => h("li", null, link(title || url, address),
  title && !address ? h("span", { class: "gm-small" }, " ", own(url)) : null)));

function stepPart(step, at, row) {
  const [status, started, finished, by, notes, docs] = step;
  const facts = [started ? `started ${day(started)}` : null, finished ? `ended ${day(finished)}` : null, by && (started || finished) ? `by ${by}` : null];
  return h("li", { class: about.steps[at].id === row.step ? "gm-current" : null },
    h("div", null, h("b", null, about.steps[at].name), " ", h("span", { class: `gm-status gm-${STATUS[status][0]}-text` }, STATUS[status][1])),
    h("div", { class: "gm-small" }, own(facts.filter(Boolean).join(" · ") || "no dates")),
    notes ? h("p", { class: "gm-notes" }, own(notes)) : null, docs.length ? documents(docs) : null);
}

function ratingPart(name, [rating, comment, origin]) {
  const from = origin === "overview" ? "from the Overview" : origin ? `recorded in ${stepName(origin)}` : null;
  return pair(LABELS[name], h("span", null, rated(rating), from && rating ? h("span", { class: "gm-small" }, ` ${from}`) : null,
    comment ? h("p", { class: "gm-notes" }, own(comment)) : null));
}

// `progress ONGOING` as people say it; anything else as it is
function spoken(text) {
  const [id, status] = (text ?? "").split(" ");
  const known = Object.values(STATUS).find(([name]) => name === status?.toLowerCase());
  const step = about.steps.find((each) => each.id === id);
  if (step && known) return `${step.name}, ${known[1].toLowerCase()}`;
  return text === "not_started" ? "Not started" : Object.values(STATUS).find(([name]) => name.toUpperCase() === text)?.[1] ?? text;
}

function eventPart([number, at, by, source, what, before, after, reason, hint]) {
  const who = by ?? (hint ? `${hint}?` : "someone");
  const moved = before || after ? h("div", null, own(spoken(before) ?? "–"), " → ", own(spoken(after) ?? "–")) : null;
  return h("li", null, h("div", { class: "gm-small" }, number ? `${number} · ` : "pending · ", moment(at), " · ", own(who), ` · ${source}`),
    h("div", null, about.labels[what] ?? h("code", null, what)), moved, reason ? h("p", { class: "gm-notes" }, own(reason)) : null);
}

async function showPanel() {
  const panel = document.getElementById("panel");
  const row = state.p ? rows.find((each) => each.key === state.p) : null;
  if (!row) {
    if (!panel.hidden) {
      panel.hidden = true;
      document.body.classList.remove("gm-with-panel");
      // the rows may have been drawn anew meanwhile, so the place to return to is looked up
      const opener = document.querySelector(`#view-${state.view} .gm-open[data-key="${CSS.escape(panelKey)}"]`);
      (opener ?? document.getElementById(`tab-${state.view}`)).focus();
    }
    panelKey = "";
    return;
  }
  if (panelKey === row.key) return;
  panelKey = row.key;
  const details = await detailsOf(row);
  if (panelKey !== row.key) return;
  panel.replaceChildren(...panelParts(row, details).flat(Infinity).filter((part) => part !== null && part !== undefined));
  panel.hidden = false;
  panel.scrollTop = 0;
  document.body.classList.add("gm-with-panel");
  document.getElementById("panel-title").focus();
}

function panelParts(row, details) {
  const close = h("button", { type: "button", class: "gm-close", "aria-label": "Close", onclick: () => go({ p: "" }, { step: true }) }, "×");
  const head = [close, h("h2", { id: "panel-title", tabindex: "-1" }, own(row.name)),
    h("p", { class: "gm-small" }, own(row.key), row.owner ? [" · owned by ", own(row.owner)] : null, " · ",
      row.url ? h("a", { href: row.url, target: "_blank", rel: "noopener noreferrer" }, "Open in DSS") : "no link")];
  const problems = details.problems.length ? [h("h3", null, "Problems"), h("ul", { class: "gm-problems" }, details.problems.map(([field, found, message]) =>
    h("li", null, h("b", null, field), found === null ? null : [" holds “", own(found), "”"], ": ", own(message))))] : [];
  if (!row.governed) return [...head, h("p", null, row.state === "copied" ? "A copy of a governed project: not counted until adopted." : "Not governed."), ...problems];
  const known = (name, value) => (name in about.headings ? pair(LABELS[name], value) : null);
  const texts = details.texts.map(([label, text, docs]) => pair(label, docs.length ? documents(docs) : h("p", { class: "gm-notes" }, own(text))));
  const overview = h("dl", { class: "gm-pairs" }, known("initiative", own(row.initiative)), known("sponsor", own(row.sponsor)),
    known("start", row.start), known("end", h("span", null, row.end ?? "–", row.overdue ? [" ", h("span", { class: "gm-flag gm-warn" }, "overdue")] : null)),
    about.fields.map(([name, label]) => pair(label, own(row[name] === null ? null : String(row[name])))), texts, pair("Tags", own(row.tagged || null)));
  const qualification = h("dl", { class: "gm-pairs" }, DIMENSIONS.map((name, at) => ratingPart(name, details.ratings[at])),
    known("decision", h("span", null, own(row.decision ?? "Undecided"), details.decision_comment ? h("p", { class: "gm-notes" }, own(details.decision_comment)) : null)),
    about.plan && pair(about.plan, details.project_plan.length ? documents(details.project_plan) : null),
    pair("Scores", `value ${row.value_score ?? "–"}, risk ${row.risk_score ?? "–"}, priority ${row.priority ?? "–"}`));
  const earlier = details.moved ? h("p", { class: "gm-small" }, `Events up to ${details.moved} are in the project's wiki, article “Govern timeline”.`) : null;
  const closed = details.closed && h("p", null, h("b", null, "Closed"), ` on ${day(details.closed[0])} by `, own(details.closed[1] ?? "someone"),
    details.closed[2] ? [": ", own(details.closed[2])] : null);
  const typed = row.trust === "typed" ? h("p", { class: "gm-small" }, "Some of this was typed into DSS, and nobody has recorded it since.") : null;
  return [...head, h("div", null, bar(row), " ", badges(row)), closed, typed, ...problems, h("h3", null, "Workflow"),
    h("ol", { class: "gm-steps" }, details.steps.map((step, at) => stepPart(step, at, row))), h("h3", null, "Qualification"), qualification,
    h("h3", null, "Overview"), overview, h("h3", null, "History"), earlier, h("ol", { class: "gm-events" }, details.events.map(eventPart))];
}
