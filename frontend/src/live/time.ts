// Times and dates in words; days are counted and shown in the zone of the browser.

const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const DATE_WITH_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = 86_400_000;

function parse(text: string | null): Date | null {
  if (text === null) return null;
  // a bare date is a day of the calendar, whatever the zone
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const time = day === undefined ? new Date(text) : new Date(Number(year), Number(month) - 1, Number(day));
  return Number.isNaN(time.getTime()) ? null : time;
}

/** "3 Nov", with the year where it is another one. */
export function dateText(text: string | null, now = new Date()): string {
  const time = parse(text);
  if (time === null) return text ?? "";
  return (time.getFullYear() === now.getFullYear() ? DATE : DATE_WITH_YEAR).format(time);
}

/** "3 Nov 2026". */
export function fullDateText(text: string): string {
  const time = parse(text);
  return time === null ? text : DATE_WITH_YEAR.format(time);
}

/** "10:02". */
export function clockText(text: string | null): string {
  const time = parse(text);
  return time === null ? "" : CLOCK.format(time);
}

/** "10:02" for today, else "3 Nov, 10:02". */
export function timeText(text: string | null, now = new Date()): string {
  const time = parse(text);
  if (time === null) return text ?? "";
  const clock = CLOCK.format(time);
  return time.toDateString() === now.toDateString() ? clock : `${dateText(text, now)}, ${clock}`;
}

export function daysBetween(from: string | null, to: string | null, now = new Date()): number | null {
  const [start, end] = [parse(from), to === null ? now : parse(to)];
  return start === null || end === null ? null : Math.max(0, Math.floor((end.getTime() - start.getTime()) / DAY));
}

export function daysText(days: number): string {
  return days === 1 ? "1 day" : `${days} days`;
}

/** "1 change", "3 changes". */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
