// Charts: uPlot on a canvas, in the page's own colours. A canvas says nothing to a screen reader, so each chart comes
// with its numbers in a table.

const drawnCharts = [];

function colour(name) {
  return getComputedStyle(document.querySelector(".gm-page")).getPropertyValue(name).trim();
}

const utc = (options) => new Intl.DateTimeFormat("en", { ...options, timeZone: "UTC" });
const nearDay = utc({ day: "numeric", month: "short" });
const inMonth = utc({ month: "short", year: "numeric" });
const secondsOf = (text) => Date.parse(`${text}T00:00:00Z`) / 1000;
const dateOf = (seconds) => new Date(seconds * 1000);

function axis(options) {
  const line = { stroke: colour("--gm-line"), width: 1 };
  return { stroke: colour("--gm-soft"), font: "12px system-ui, sans-serif", grid: line, ticks: line, ...options };
}

// draws with what `make(width)` gives as uPlot's options and data, again whenever width or colours change
function chart(label, make) {
  const host = h("div", { class: "gm-chart" });
  const entry = { host, label, make, plot: null, width: 0 };
  drawnCharts.push(entry);
  return host;
}

function draw(entry) {
  const { options, data } = entry.make(entry.width);
  entry.plot?.destroy();
  entry.plot = new uPlot({ ...options, width: entry.width }, data, entry.host);
  const canvas = entry.host.querySelector("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", entry.label);
}

function drawCharts() {
  for (const entry of drawnCharts) {
    const width = Math.floor(entry.host.clientWidth);
    if (!width || width === entry.width) continue;
    entry.width = width;
    draw(entry);
  }
}

function recolour() {
  for (const entry of drawnCharts) if (entry.plot) draw(entry);
}

function forgetCharts() {
  for (const entry of drawnCharts) entry.plot?.destroy();
  drawnCharts.length = 0;
}

function keepCharts() {
  new ResizeObserver(() => requestAnimationFrame(drawCharts)).observe(document.getElementById("views"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
}

function numbers(summary, head, lines) {
  return h("details", { class: "gm-numbers" }, h("summary", null, summary),
    h("div", { class: "gm-scroll", tabindex: "0", role: "region", "aria-label": summary },
      h("table", null, h("thead", null, h("tr", null, head.map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", null, lines.map(([first, ...rest]) => h("tr", null, h("th", { scope: "row" }, first),
          rest.map((cell) => h("td", { class: "gm-number" }, cell))))))));
}
