// The charts of the trends: the cumulative flow, and the deliveries by month.
import UPlot from "uplot";
import type { Past } from "../data/table";
import { axis, type ChartPlan, dateOf, dayFormat, monthFormat, secondsOf } from "../parts/charts";
import { formatCount } from "../parts/text";
import { calendarTicks, DAY, MONTH } from "./ticks";

const BAND_LABEL = 15;

type Colour = (name: string) => string;

function bandColour(past: Past, at: number, colour: Colour): string {
  const id = past.steps[at]?.[0];
  return colour(id === "complete" ? "--gm-done" : id === "closed" ? "--gm-wait" : `--gm-band-${Math.min(at, 5)}`);
}

/** The complete ones lie at the bottom; a band is drawn from the ground up, and the ones below it over it. */
export function flowChart(past: Past, days: readonly string[], counts: readonly (readonly number[])[], width: number, colour: Colour): ChartPlan {
  const tops = counts.map((_, at) => days.map((_day, on) => counts.slice(at).reduce((sum, column) => sum + (column[on] ?? 0), 0)));
  const last = days.length - 1;
  const bands = past.steps.map(([, name], at): UPlot.Series => ({
    label: name, stroke: colour("--gm-ground"), width: 1, fill: bandColour(past, at, colour), points: { show: false },
    value: (_plot, _value, _series, on) => formatCount(counts[at]?.[on ?? last] ?? 0),
  }));
  const isWide = width > 700;
  const options: ChartPlan["options"] = {
    height: 320,
    padding: [10, isWide ? 170 : 10, 0, 0],
    tzDate: (seconds) => UPlot.tzDate(dateOf(seconds), "UTC"),
    cursor: { points: { show: false }, drag: { setScale: false } },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    legend: { markers: { stroke: (_plot, series) => bandColour(past, series - 1, colour), fill: (_plot, series) => bandColour(past, series - 1, colour) } },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high)] } },
    axes: [
      axis(colour, {
        space: 80, incrs: [1, 2, 7, 14, 28, 91, 182, 365].map((count) => count * DAY),
        splits: (_plot, _axis, from, to, step) => calendarTicks(from, to, step),
        values: (_plot, splits, _axis, _space, step) => splits.map((at) => (step >= MONTH ? monthFormat : dayFormat).format(dateOf(at))),
      }),
      axis(colour, { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000], size: 56, values: (_plot, splits) => splits.map(formatCount) }),
    ],
    series: [{ label: "Day", value: (_plot, at: number | null) => dateOf(at ?? secondsOf(days[last] ?? "")).toISOString().slice(0, 10) }, ...bands],
    hooks: isWide ? { draw: [(plot) => nameBands(plot, past, tops, colour)] } : {},
  };
  return { options, data: [days.map(secondsOf), ...tops] };
}

// each band's name at its right end, where it is high enough; the legend has them all
function nameBands(plot: UPlot, past: Past, tops: readonly (readonly number[])[], colour: Colour): void {
  const { ctx, bbox } = plot;
  const endOf = (at: number): number => tops[at]?.at(-1) ?? 0;
  ctx.save();
  ctx.fillStyle = colour("--gm-text");
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  past.steps.forEach(([, name], at) => {
    const top = plot.valToPos(endOf(at), "y", true);
    const bottom = plot.valToPos(endOf(at + 1), "y", true);
    if (bottom - top >= BAND_LABEL * devicePixelRatio) ctx.fillText(name, bbox.left + bbox.width + 8 * devicePixelRatio, (top + bottom) / 2);
  });
  ctx.restore();
}

/** A bar for each month. */
export function throughputChart(months: readonly (readonly [month: string, count: number])[], colour: Colour): ChartPlan {
  const bars = UPlot.paths.bars?.({ size: [0.7, 54] });
  const options: ChartPlan["options"] = {
    height: 220,
    padding: [4, 10, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { time: false, range: [-0.6, months.length - 0.4] }, y: { range: (_plot, _low, high) => [0, Math.max(1, high) * 1.12] } },
    axes: [
      axis(colour, { grid: { show: false }, incrs: [1, 2, 3, 6, 12], space: 70, values: (_plot, splits) => splits.map((at) => months[at]?.[0] ?? "") }),
      axis(colour, { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], size: 46 }),
    ],
    series: [{}, { label: "Delivered", stroke: colour("--gm-done"), fill: colour("--gm-done"), points: { show: false }, ...(bars ? { paths: bars } : {}) }],
    hooks: { draw: [(plot) => nameBars(plot, months, colour)] },
  };
  return { options, data: [months.map((_, at) => at), months.map(([, count]) => count)] };
}

function nameBars(plot: UPlot, months: readonly (readonly [month: string, count: number])[], colour: Colour): void {
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = colour("--gm-text");
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  months.forEach(([, count], at) => {
    if (count) ctx.fillText(formatCount(count), plot.valToPos(at, "x", true), plot.valToPos(count, "y", true) - 2 * devicePixelRatio);
  });
  ctx.restore();
}
