// The Kanban: one column per stage.

const PAGE = 50;
const opened = {};

function showKanban() {
  const lanes = new Map(about.stages.map(([id]) => [id, []]));
  for (const row of shown) if (row.governed) lanes.get(row.step)?.push(row);
  const drawnLanes = [...lanes].map(([id, found]) => {
    const count = (opened[id] ?? 1) * PAGE;
    const cards = found.slice(0, count).map((row) => h("li", { class: "gm-card" }, opener(row),
      h("div", { class: "gm-small" }, age(row), " ", badges(row)),
      row.initiative ? h("div", { class: "gm-small" }, own(row.initiative)) : null));
    const more = found.length > count
      ? h("button", { type: "button", class: "gm-link", onclick: () => {
        opened[id] = (opened[id] ?? 1) + 2;
        showKanban();
      } }, `Show more of ${found.length.toLocaleString("en")}`)
      : null;
    const heading = `lane-${id}`;
    return h("section", { class: "gm-lane", "aria-labelledby": heading },
      h("h3", { id: heading }, stepName(id), " ", h("span", { class: "gm-count" }, found.length.toLocaleString("en"))), h("ul", null, cards), more);
  });
  document.getElementById("kanban").replaceChildren(h("div", { class: "gm-lanes" }, drawnLanes));
}
