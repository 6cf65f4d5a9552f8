// The summary: what is where, how it is rated, what needs attention. Each bar leads to its projects.

function bars(title, field, entries) {
  const most = Math.max(1, ...entries.map(([, , count]) => count));
  const list = entries.map(([value, label, count]) => {
    const open = () => go({ view: "table", filters: { ...state.filters, [field]: new Set([value]) } }, { step: true });
    return h("tr", null, h("th", { scope: "row" }, h("button", { type: "button", class: "gm-link", onclick: open }, own(label))),
      h("td", null, stroke(count / most)), h("td", { class: "gm-number" }, count.toLocaleString("en")));
  });
  return h("section", { class: "gm-box" }, h("h3", null, title), h("table", null, h("caption", { class: "gm-hidden" }, title), h("tbody", null, list)));
}

function counted(field, values) {
  const counts = new Map(values.map((value) => [value, 0]));
  for (const row of shown) {
    if (!row.governed) continue;
    const value = valueOf(row, field);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => [value, labelOf(field, value), count]);
}

function showSummary() {
  const governed = shown.filter((row) => row.governed);
  const tile = (label, count, note, flag) => h("div", flag && flag !== "in_flight" && count ? { class: "gm-attention" } : null, h("dt", null, label),
    h("dd", null, flag ? h("button", { type: "button", class: "gm-link", onclick: () =>
      go({ view: "table", flags: new Set([...state.flags, flag]) }, { step: true }) }, count.toLocaleString("en")) : count.toLocaleString("en")),
    note ? h("dd", { class: "gm-small" }, note) : null);
  const having = (flag) => shown.filter((row) => row[flag]).length;
  const tiles = h("dl", { class: "gm-tiles" },
    tile("Governed", governed.length, `of ${about.summary.projects.toLocaleString("en")} visible projects`),
    tile("Complete", governed.filter((row) => row.complete).length),
    tile("In flight", having("in_flight"), "started, neither complete nor closed", "in_flight"),
    tile("Stale", having("stale"), `${about.stale_days} days or more in a step`, "stale"),
    FLAGS.includes("overdue") ? tile("Overdue", having("overdue"), "past their target end date", "overdue") : null,
    FLAGS.includes("unqualified") ? tile("Unqualified", having("unqualified"), `without ${about.qualifying.join(", ").toLowerCase()}, or one of them`, "unqualified") : null,
    tile("With problems", having("problems"), null, "problems"),
    tile("Copied", about.summary.copied, about.summary.copied ? ["not counted until adopted: ", own(about.summary.copies)] : null));
  const top = counted("initiative", []).sort((a, b) => b[2] - a[2]).slice(0, 12);
  const boxes = h("div", { class: "gm-boxes" },
    bars("By step", "step", counted("step", about.stages.map(([id]) => id))),
    FILTERS.includes("decision") ? bars("By decision", "decision", counted("decision", [...about.decisions, NONE])) : null,
    FILTERS.includes("initiative") ? bars(`By ${LABELS.initiative.toLowerCase()}`, "initiative", top) : null,
    DIMENSIONS.map((name) => bars(LABELS[name], name, counted(name, [...about.ratings, NONE]))));
  document.getElementById("summary").replaceChildren(tiles, boxes);
}
