// Charts: uPlot on a canvas, in the page's own colours. A canvas says nothing to a screen reader, so each chart comes
// with its numbers in a table.
import UPlot from "uplot";

export interface ChartPlan {
  readonly options: Omit<UPlot.Options, "width">;
  readonly data: UPlot.AlignedData;
}

const utc = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => new Intl.DateTimeFormat("en", { ...options, timeZone: "UTC" });
export const dayFormat = utc({ day: "numeric", month: "short" });
export const monthFormat = utc({ month: "short", year: "numeric" });
export const secondsOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;
export const dateOf = (seconds: number): Date => new Date(seconds * 1000);

/** A colour of the style sheet, as it is now at an element. */
export const colourAt = (element: Element) => (name: string): string => getComputedStyle(element).getPropertyValue(name).trim();

export function axis(colour: (name: string) => string, options: UPlot.Axis): UPlot.Axis {
  const line = { stroke: colour("--gm-line"), width: 1 };
  return { stroke: colour("--gm-soft"), font: "12px system-ui, sans-serif", grid: line, ticks: line, ...options };
}

/** Draws a chart into an element again whenever its width or the colours change; returns what ends that. */
export function keepChart(host: HTMLElement, label: string, plan: (width: number, colour: (name: string) => string) => ChartPlan): () => void {
  let plot: UPlot | null = null;
  let width = 0;
  const draw = (): void => {
    const { options, data } = plan(width, colourAt(host));
    plot?.destroy();
    plot = new UPlot({ ...options, width }, data, host);
    const canvas = host.querySelector("canvas");
    canvas?.setAttribute("role", "img");
    canvas?.setAttribute("aria-label", label);
  };
  const fit = (): void => {
    const next = Math.floor(host.clientWidth);
    if (!next || next === width) return;
    width = next;
    draw();
  };
  const observer = new ResizeObserver(() => requestAnimationFrame(fit));
  observer.observe(host);
  const schemes = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  const recolour = (): void => {
    if (plot) draw();
  };
  for (const scheme of schemes) scheme.addEventListener("change", recolour);
  fit();
  return () => {
    observer.disconnect();
    for (const scheme of schemes) scheme.removeEventListener("change", recolour);
    plot?.destroy();
  };
}
