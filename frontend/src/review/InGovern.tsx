// What Govern says of a sign-off, shown as Govern's: it was recorded in the hub, and may count there.

import { Bdi } from "../live/text";
import { timeText } from "../live/time";
import type { InGovern } from "./types";

/** A status as people read it, such as `waiting for approval`. */
export function governStatus(status: string | null): string {
  return status === null ? "not readable" : status.toLowerCase().replaceAll("_", " ");
}

export function InGovernNote({ said }: { said: InGovern | null }) {
  if (said === null) return null;
  return (
    <p class="gl-banner gl-note">
      In Govern: {governStatus(said.status)}
      {said.read_at !== null && `, as of ${timeText(said.read_at)}`}
      {said.approved && ". It counts as approved"}
      {!said.approved && said.status === "APPROVED" && said.why_not !== null && (
        <>
          . It does not count: <Bdi text={said.why_not} />
        </>
      )}
    </p>
  );
}
