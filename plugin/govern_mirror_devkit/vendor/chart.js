// The charts of the page's trends.
import uPlot from "uplot";

globalThis.uPlot = uPlot;
