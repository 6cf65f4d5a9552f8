// Where an axis of days has its ticks.
import { dateOf } from "../parts/charts";

export const DAY = 86400;
export const MONTH = 28 * DAY;

/** Ticks on days of the calendar, and in long ranges on the first day of months, so that none is named twice. */
export function calendarTicks(from: number, to: number, step: number): number[] {
  const ticks: number[] = [];
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
