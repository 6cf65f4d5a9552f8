// Where reviews stand, for the list of projects: asked for after the rows are there, and again when the list changed.
import { useEffect } from "preact/hooks";
import { SIGNOFF_STATES } from "../data/signoffs";
import type { ProjectSignoff, ProjectSignoffs } from "../data/table";
import { whenIdle } from "../parts/idle";
import { messageOf } from "./api";
import { useListState } from "./query";
import { reviewHash } from "./route";
import { useApp, useAppState, type KnownSignoffs } from "./store";
import { sentence } from "./text";
import type { Signoffs } from "./types";

const [WAITING, REJECTED] = SIGNOFF_STATES as [string, string];

function counted(count: number, word: string): string[] {
  return count === 0 ? [] : [count === 1 ? word : `${count} ${word.toLowerCase()}`];
}

/** "Waiting", "2 waiting · Rejected"; it leads to the review that waits the longest. */
export function signoffOf(reviews: Signoffs["projects"][string]): ProjectSignoff | null {
  const waiting = reviews.filter(({ state }) => state === "waiting");
  const rejected = reviews.length - waiting.length;
  const first = waiting[0] ?? reviews[0];
  if (first === undefined) return null;
  return {
    states: [...(waiting.length > 0 ? [WAITING] : []), ...(rejected > 0 ? [REJECTED] : [])],
    text: [...counted(waiting.length, WAITING), ...counted(rejected, REJECTED)].join(" · "),
    href: reviewHash(first.address, first.address.includes("/") ? null : first.step),
  };
}

export function signoffsOf(answer: Signoffs): ProjectSignoffs {
  return new Map(Object.entries(answer.projects).flatMap(([key, reviews]): [string, ProjectSignoff][] => {
    const found = signoffOf(reviews);
    return found === null ? [] : [[key, found]];
  }));
}

/** Returns what is known of sign-offs; the column is there before they are, so that the table is built once. */
export function useSignoffs(): KnownSignoffs {
  const { api, me, store } = useApp();
  const list = useListState();
  const known = useAppState((state) => state.signoffs);
  useEffect(() => {
    if (!me.hub || store.get().portfolio === null) return;
    let current = true;
    const show = (signoffs: KnownSignoffs) => current && store.set({ signoffs });
    const ask = () =>
      api.signoffs().then(
        (answer) => {
          if (answer === store.get().signoffs?.answer) return;
          show({ answer, projects: answer.off === null ? signoffsOf(answer) : undefined, note: answer.unread === null ? null : `Not all sign-offs are shown: ${sentence(answer.unread)}` });
        },
        (error: unknown) => show({ answer: null, projects: undefined, note: `Sign-offs are not shown: ${sentence(messageOf(error))} Refresh asks again.` }),
      );
    const callOff = whenIdle(() => void ask());
    return () => {
      current = false;
      callOff();
    };
  }, [api, me, store, list]);
  return known ?? { answer: null, projects: me.hub ? NONE_YET : undefined, note: null };
}

const NONE_YET: ProjectSignoffs = new Map();
