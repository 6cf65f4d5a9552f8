// One save makes several events: one for each field. People see it as one.
import type { EventDetails } from "../data/table";

/** The events by save, in their order: those of the same time, person and source. Pending ones stand together, too. */
export function savesOf(events: readonly EventDetails[]): EventDetails[][] {
  const saves: EventDetails[][] = [];
  let last = "";
  for (const event of events) {
    const [number, at, by, source, , , , , hint] = event;
    const key = JSON.stringify([number === null, at, by, source, hint]);
    if (key === last) saves.at(-1)?.push(event);
    else saves.push([event]);
    last = key;
  }
  return saves;
}
