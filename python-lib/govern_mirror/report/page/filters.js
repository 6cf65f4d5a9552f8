// The filters, for all views: choices in lists that open, flags, search.

const optionsOf = {};

function options(field) {
  if (optionsOf[field]) return optionsOf[field];
  let found;
  if (DIMENSIONS.includes(field)) found = [...about.ratings, NONE];
  else if (field === "step") found = about.stages.map(([id]) => id);
  else if (field === "decision") found = [...about.decisions, NONE];
  else if (field === "tag") found = [...new Set(rows.flatMap((row) => row.tags))].sort();
  else found = [...new Set(rows.map((row) => valueOf(row, field)))].sort((a, b) => (a === NONE ? 1 : b === NONE ? -1 : a.localeCompare(b)));
  optionsOf[field] = found;
  return found;
}

const MANY = 12;
const LISTED = 200;

function choice(field) {
  const summary = h("summary", null, LABELS[field]);
  const list = h("div", { class: "gm-options" });
  const search = h("input", { type: "search", "aria-label": `Find in ${LABELS[field]}`, placeholder: "Find…", oninput: () => draw() });
  const element = h("details", { class: "gm-choice", "data-field": field }, summary,
    h("fieldset", null, h("legend", { class: "gm-hidden" }, LABELS[field]), search, list));

  function toggle(value, on) {
    const values = new Set(state.filters[field] ?? []);
    if (on) values.add(value);
    else values.delete(value);
    const { [field]: _, ...others } = state.filters;
    go({ filters: values.size ? { ...others, [field]: values } : others });
  }

  function draw() {
    const all = options(field);
    search.hidden = all.length <= MANY;
    const wanted = search.value.toLowerCase();
    const chosen = state.filters[field] ?? new Set();
    const fitting = all.filter((value) => labelOf(field, value).toLowerCase().includes(wanted));
    list.replaceChildren(...fitting.slice(0, LISTED).map((value) => h("label", null,
      h("input", { type: "checkbox", checked: chosen.has(value), onchange: (event) => toggle(value, event.target.checked) }),
      own(labelOf(field, value)))),
    ...(fitting.length > LISTED ? [h("div", { class: "gm-small" }, `and ${fitting.length - LISTED} more: type to find them`)] : []));
  }

  element.addEventListener("toggle", () => element.open && draw());
  listeners.push(() => {
    const chosen = state.filters[field];
    summary.textContent = chosen ? `${LABELS[field]} (${chosen.size})` : LABELS[field];
    summary.classList.toggle("gm-active", Boolean(chosen));
  });
  return element;
}

function between() {
  const summary = h("summary", null, "Numbers, dates");
  const set = (field, place, value) => {
    const limits = [...(state.between[field] ?? ["", ""])];
    limits[place] = value;
    const { [field]: _, ...others } = state.between;
    go({ between: limits[0] || limits[1] ? { ...others, [field]: limits } : others });
  };
  const inputs = [];
  const limit = (field, place) => {
    const word = ["from", "to"][place];
    let waiting = 0;
    const input = h("input", { type: BETWEEN[field], id: `${field}-${word}`, "aria-label": `${LABELS[field]} ${word}`, step: BETWEEN[field] === "number" ? "any" : null,
      oninput: (event) => {
        cancelAnimationFrame(waiting);
        waiting = requestAnimationFrame(() => set(field, place, event.target.value));
      } });
    inputs.push([input, field, place]);
    return [` ${word} `, input];
  };
  const lines = Object.keys(BETWEEN).map((field) => h("div", { class: "gm-between" }, h("span", null, LABELS[field]), limit(field, 0), limit(field, 1)));
  listeners.push(() => {
    const count = Object.keys(state.between).length;
    summary.textContent = count ? `Numbers, dates (${count})` : "Numbers, dates";
    summary.classList.toggle("gm-active", count > 0);
    for (const [input, field, place] of inputs) if (document.activeElement !== input) input.value = state.between[field]?.[place] ?? "";
  });
  return h("details", { class: "gm-choice", "data-field": "between" }, summary,
    h("fieldset", null, h("legend", { class: "gm-hidden" }, "Numbers and dates"), lines));
}

function flagBox(flag) {
  const box = h("input", { type: "checkbox", id: `flag-${flag}`, onchange: (event) => {
    const flags = new Set(state.flags);
    if (event.target.checked) flags.add(flag);
    else flags.delete(flag);
    go({ flags });
  } });
  listeners.push(() => { box.checked = state.flags.has(flag); });
  return h("label", { class: "gm-flagbox" }, box, LABELS[flag]);
}

function columnChoice() {
  const list = h("div", { class: "gm-options" });
  const element = h("details", { class: "gm-choice gm-only-table" }, h("summary", null, "Columns"),
    h("fieldset", null, h("legend", { class: "gm-hidden" }, "Columns"), list));
  element.addEventListener("toggle", () => {
    if (!element.open) return;
    const hidden = hiddenNow();
    list.replaceChildren(...COLUMNS.slice(1).map((column) => h("label", null, h("input", { type: "checkbox", checked: !hidden.has(column.field),
      onchange: (event) => {
        const now = hiddenNow();
        if (event.target.checked) now.delete(column.field);
        else now.add(column.field);
        go({ hide: [...now].join(",") });
      } }), column.title)));
  });
  return element;
}

function groupChoice() {
  const select = h("select", { id: "group", onchange: (event) => go({ group: event.target.value }) },
    h("option", { value: "" }, "nothing"), Object.entries(GROUPS).map(([value, label]) => h("option", { value }, label)));
  listeners.push(() => { select.value = GROUPS[state.group] ? state.group : ""; });
  return h("label", { class: "gm-only-table" }, "Group by ", select);
}

function toolbar() {
  let waiting = 0;
  const search = h("input", { type: "search", id: "search", placeholder: "Search name, key, owner, initiative, tag", "aria-label": "Search projects",
    oninput: (event) => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(() => go({ q: event.target.value }));
    } });
  const clear = h("button", { type: "button", class: "gm-link", id: "clear", onclick: () => {
    go({ q: "", filters: {}, between: {}, flags: new Set() }, { step: true });
    search.focus();
  } }, "Clear");
  const count = h("output", { id: "count", "aria-live": "polite" });
  listeners.push(() => {
    if (document.activeElement !== search) search.value = state.q;
    clear.hidden = !(state.q || state.flags.size || Object.keys(state.filters).length || Object.keys(state.between).length);
    count.textContent = shown.length === rows.length ? plural(rows.length, "project")
      : `${shown.length.toLocaleString("en")} of ${plural(rows.length, "project")}`;
  });
  return [search, FILTERS.map(choice), between(), FLAGS.map(flagBox), groupChoice(), columnChoice(), clear, count];
}
