// The trends, when a history is there: what changed, the cumulative flow, cycle times and throughput. They tell of every
// governed project of the instance, so the filters do not reach them.

const RANGES = { "": "all", 365: "a year", 90: "90 days", 30: "30 days" };
const MOST_DAYS = 400;
const AT_FIRST = 12;
const BAND_LABEL = 15;

let trendsDrawn = null;

function showTrends() {
  const range = RANGES[state.range] ? state.range : "";
  if (trendsDrawn !== range) {
    trendsDrawn = range;
    forgetCharts();
    document.getElementById("trends").replaceChildren(...trendParts(range).filter(Boolean));
  }
  drawCharts();
}

function trendParts(range) {
  const { days } = past;
  const from = range ? secondsOf(days[days.length - 1]) - range * DAY : -Infinity;
  const first = days.findIndex((day) => secondsOf(day) >= from);
  const told = days.length === 1 ? `one snapshot, of ${days[0]}` : `${days.length.toLocaleString("en")} days with a snapshot, ${days[0]} to ${days[days.length - 1]}`;
  const ahead = days[days.length - 1] < about.day ? " Trends end there; what changed is told up to this report." : "";
  return [
    h("p", { class: "gm-small" }, `From ${told}.${ahead} Trends tell of every governed project of the instance, whatever is filtered in the other views.`),
    past.since ? newsPart() : h("p", { class: "gm-small" }, "What changed is told once there is a snapshot of an earlier day."),
    flowPart(first, range),
    h("div", { class: "gm-pair" }, cyclePart(), throughputPart()),
  ];
}

// since the last report ----------------------------------------------------------------------------------------------

function newsPart() {
  const heading = `Since ${past.since}`;
  if (!past.news.length) return h("section", { class: "gm-box" }, h("h3", null, heading), h("p", { class: "gm-small" }, "Nothing changed."));
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return h("section", { class: "gm-box", "aria-label": heading }, h("h3", null, heading), h("div", { class: "gm-changes" },
    past.news.map(([kind, count, told]) => newsOf(kind, count, told, byKey))));
}

function newsOf(kind, count, told, byKey) {
  const line = ([key, name, words]) => h("li", null, byKey.has(key) ? opener(byKey.get(key)) : own(name),
    words ? h("span", { class: "gm-small" }, " ", own(words)) : null);
  const list = h("ul", null, told.slice(0, AT_FIRST).map(line));
  const rest = told.length - AT_FIRST;
  const more = rest > 0 ? h("button", { type: "button", class: "gm-link", onclick: (event) => {
    list.append(...told.slice(AT_FIRST).map(line));
    list.children[AT_FIRST].querySelector("a")?.focus();
    event.target.remove();
  } }, `Show ${rest.toLocaleString("en")} more`) : null;
  const beyond = count > told.length ? h("p", { class: "gm-small" }, `The first ${told.length.toLocaleString("en")} of ${count.toLocaleString("en")}.`) : null;
  return h("section", { class: "gm-lane", "aria-label": kind }, h("h4", null, kind, " ", h("span", { class: "gm-count" }, count.toLocaleString("en"))),
    list, more, beyond);
}

// cumulative flow ----------------------------------------------------------------------------------------------------

const bandColour = (at) => colour({ complete: "--gm-done", closed: "--gm-wait" }[past.steps[at][0]] ?? `--gm-band-${Math.min(at, 5)}`);

const DAY = 86400;
const MONTH = 28 * DAY;

// ticks on days of the calendar, and in long ranges on the first day of months, so that none is named twice
function calendarTicks(plot, axisAt, from, to, step) {
  const ticks = [];
  if (step < MONTH) {
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
    return ticks;
  }
  const months = Math.max(1, Math.round(step / (30.4 * DAY)));
  const start = dateOf(from);
  for (let month = Math.ceil(start.getUTCMonth() / months) * months; ; month += months) {
    const at = Date.UTC(start.getUTCFullYear(), month, 1) / 1000;
    if (at > to) return ticks;
    if (at >= from) ticks.push(at);
  }
}

function flowPart(first, range) {
  const days = past.days.slice(first);
  const counts = past.steps.map(([id]) => past.flow[id].slice(first));
  const select = h("select", { id: "range", onchange: (event) => go({ range: event.target.value }) },
    Object.entries(RANGES).sort(([a], [b]) => b - a).map(([value, label]) => h("option", { value, selected: value === range }, label)));
  const table = numbers("Projects by day and step, as numbers", ["Day", ...past.steps.map(([, name]) => name)],
    days.map((day, at) => [day, ...counts.map((column) => column[at].toLocaleString("en"))]).reverse().slice(0, MOST_DAYS));
  const body = days.length > 1
    ? chart(`Projects by step, ${days[0]} to ${days[days.length - 1]}, one band a step; the numbers are in the table below`, (width) => flowChart(width, days, counts))
    : h("p", { class: "gm-small" }, "A chart needs two days with a snapshot.");
  return h("section", { class: "gm-box", "aria-label": "Cumulative flow" }, h("h3", null, "Cumulative flow"),
    h("div", { class: "gm-controls" }, h("label", null, "Show ", select)), body, table);
}

// the complete ones lie at the bottom; a band is drawn from the ground up, and the ones below it over it
function flowChart(width, days, counts) {
  const tops = counts.map((_, at) => days.map((_day, on) => counts.slice(at).reduce((sum, column) => sum + column[on], 0)));
  const bands = past.steps.map(([, name], at) => ({
    label: name, stroke: colour("--gm-ground"), width: 1, fill: bandColour(at), points: { show: false },
    value: (plot, value, series, on) => counts[at][on ?? days.length - 1].toLocaleString("en"),
  }));
  const options = {
    height: 320,
    padding: [10, width > 700 ? 170 : 10, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(dateOf(seconds), "UTC"),
    cursor: { points: { show: false }, drag: { setScale: false } },
    select: { show: false },
    legend: { markers: { stroke: (plot, series) => bandColour(series - 1), fill: (plot, series) => bandColour(series - 1) } },
    scales: { y: { range: (plot, low, high) => [0, Math.max(1, high)] } },
    axes: [
      axis({ space: 80, incrs: [1, 2, 7, 14, 28, 91, 182, 365].map((days) => days * DAY), splits: calendarTicks, values: (plot, splits, _, space, step) => splits.map((at) => (step >= MONTH ? inMonth : nearDay).format(dateOf(at))) }),
      axis({ incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000], size: 56, values: (plot, splits) => splits.map((at) => at.toLocaleString("en")) }),
    ],
    series: [{ label: "Day", value: (plot, at) => dateOf(at ?? secondsOf(days[days.length - 1])).toISOString().slice(0, 10) }, ...bands],
    hooks: width > 700 ? { draw: [(plot) => nameBands(plot, tops)] } : {},
  };
  return { options, data: [days.map(secondsOf), ...tops] };
}

// each band's name at its right end, where it is high enough; the legend has them all
function nameBands(plot, tops) {
  const { ctx, bbox } = plot;
  const last = tops[0].length - 1;
  ctx.save();
  ctx.fillStyle = colour("--gm-text");
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  past.steps.forEach(([, name], at) => {
    const top = plot.valToPos(tops[at][last], "y", true);
    const bottom = plot.valToPos(at + 1 < tops.length ? tops[at + 1][last] : 0, "y", true);
    if (bottom - top >= BAND_LABEL * devicePixelRatio) ctx.fillText(name, bbox.left + bbox.width + 8 * devicePixelRatio, (top + bottom) / 2);
  });
  ctx.restore();
}

// cycle times and throughput -----------------------------------------------------------------------------------------

const inDays = (days) => `${days.toLocaleString("en")} d`;

function cyclePart() {
  const most = Math.max(1, ...past.cycle_times.map(([, , , most85]) => most85));
  const lines = past.cycle_times.map(([name, finished, median, most85]) => h("tr", null, h("th", { scope: "row" }, name),
    h("td", { class: "gm-wide-only" }, stroke(median / most, most85 / most)), h("td", { class: "gm-number" }, inDays(median)), h("td", { class: "gm-number" }, inDays(most85)),
    h("td", { class: "gm-number" }, finished.toLocaleString("en"))));
  const head = ["Step", "", "Median", "85 of 100 within", "Projects"];
  return h("section", { class: "gm-box", "aria-label": "Cycle times" }, h("h3", null, "Days that a step takes"),
    h("p", { class: "gm-small" }, "From its start to its end, for the projects that finished it: half of them within the median, 85 of 100 within the second number."),
    lines.length ? h("table", null, h("thead", null, h("tr", null, head.map((name, at) => (name ? h("th", { scope: "col", class: at > 1 ? "gm-number" : null }, name) : h("td", { class: "gm-wide-only" }))))),
      h("tbody", null, lines)) : h("p", { class: "gm-small" }, "No project has finished a step yet."));
}

function throughputPart() {
  const months = past.throughput;
  const title = h("h3", null, "Delivered a month");
  if (!months.length) return h("section", { class: "gm-box", "aria-label": "Throughput" }, title, h("p", { class: "gm-small" }, "No project has been delivered yet."));
  const named = months.map(([month, count]) => [inMonth.format(dateOf(secondsOf(`${month}-01`))), count]);
  return h("section", { class: "gm-box", "aria-label": "Throughput" }, title,
    h("p", { class: "gm-small" }, "Projects whose last step ended in that month. One that was reopened does not count."),
    chart("Projects delivered, by month; the numbers are in the table below", () => throughputChart(named)),
    numbers("Delivered a month, as numbers", ["Month", "Delivered"], [...named].reverse()));
}

function throughputChart(named) {
  const places = named.map((_, at) => at);
  const options = {
    height: 220,
    padding: [4, 10, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { time: false, range: [-0.6, named.length - 0.4] }, y: { range: (plot, low, high) => [0, Math.max(1, high) * 1.12] } },
    axes: [
      axis({ grid: { show: false }, incrs: [1, 2, 3, 6, 12], space: 70, values: (plot, splits) => splits.map((at) => named[at]?.[0] ?? "") }),
      axis({ incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], size: 46 }),
    ],
    series: [{}, { label: "Delivered", stroke: colour("--gm-done"), fill: colour("--gm-done"), points: { show: false }, paths: uPlot.paths.bars({ size: [0.7, 54] }) }],
    hooks: { draw: [(plot) => nameBars(plot, named)] },
  };
  return { options, data: [places, named.map(([, count]) => count)] };
}

function nameBars(plot, named) {
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = colour("--gm-text");
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  named.forEach(([, count], at) => {
    if (count) ctx.fillText(count.toLocaleString("en"), plot.valToPos(at, "x", true), plot.valToPos(count, "y", true) - 2 * devicePixelRatio);
  });
  ctx.restore();
}
