// Reads bundles and models of many projects, some at a time: what is there is shown while the rest is read.
import { messageOf, type Api } from "../live/api";
import type { RegistryItems, RegistryRow } from "./types";

/** How many projects are asked for at once. */
export const CHUNK = 20;

export interface Reading {
  rows: readonly RegistryRow[];
  /** How many of the projects were read. */
  done: number;
  of: number;
  /** Why approvals are off, or the hub cannot be read. */
  off: string | null;
  /** When the oldest part was read. */
  at: string | null;
  deployments: number | null;
  /** What could not be looked at, a sentence each. */
  notLookedAt: readonly string[];
  unreadable: readonly { project_key: string; message: string }[];
  /** Why reading came to no end. */
  failure: string | null;
}

export function emptyReading(of: number): Reading {
  return { rows: [], done: 0, of, off: null, at: null, deployments: null, notLookedAt: [], unreadable: [], failure: null };
}

export function isComplete(reading: Reading): boolean {
  return reading.done === reading.of;
}

/** Reads the projects, one part after the other, and shows what there is after each; it ends early where one fails. */
export async function readRegistry(
  api: Pick<Api, "registry">, items: RegistryItems, keys: readonly string[], show: (reading: Reading) => void, isStopped: () => boolean = () => false, fresh = false,
): Promise<Reading> {
  let reading = emptyReading(keys.length);
  show(reading);
  for (let begin = 0; begin < keys.length && !isStopped(); begin += CHUNK) {
    const part = keys.slice(begin, begin + CHUNK);
    try {
      reading = withAnswer(reading, await api.registry(items, part, fresh));
    } catch (error) {
      reading = { ...reading, failure: messageOf(error) };
      if (!isStopped()) show(reading);
      return reading;
    }
    reading = { ...reading, done: Math.min(keys.length, begin + CHUNK) };
    if (!isStopped()) show(reading);
  }
  return reading;
}

function withAnswer(reading: Reading, answer: Awaited<ReturnType<Api["registry"]>>): Reading {
  const known = new Set(reading.unreadable.map((project) => project.project_key));
  return {
    ...reading,
    rows: [...reading.rows, ...answer.rows],
    off: reading.off ?? answer.off,
    at: reading.at === null || answer.generated_on < reading.at ? answer.generated_on : reading.at,
    deployments: answer.deployments ?? reading.deployments,
    notLookedAt: [...new Set([...reading.notLookedAt, ...answer.not_looked_at])],
    unreadable: [...reading.unreadable, ...answer.unreadable.filter((project) => !known.has(project.project_key))],
  };
}
