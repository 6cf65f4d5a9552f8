// A project's bundles and the versions of its models and agents, with where their sign-off stands; each leads to its review.
import { useCallback } from "preact/hooks";
import { useQuery } from "../live/query";
import { useApp } from "../live/store";
import { Bdi, sentence } from "../live/text";
import { timeText } from "../live/time";
import { governStatus } from "./InGovern";
import type { GovernedItem } from "./types";
import { itemHash, reviewHash } from "../live/route";
import { standing } from "./words";

export function ProjectItems({ projectKey }: { projectKey: string }) {
  const { api } = useApp();
  const { answer: listed, failure } = useQuery(useCallback(() => api.governedItems(projectKey), [api, projectKey]));
  if (failure !== null) return <p class="gl-failure">{failure}</p>;
  if (listed === null) return <p class="gl-soft">Reading bundles and models…</p>;
  return (
    <>
      {listed.off !== null && <p class="gl-soft">{sentence(listed.off)}</p>}
      {listed.warnings.map((warning) => (
        <p key={warning} class="gl-banner gl-warn">
          {sentence(warning)}
        </p>
      ))}
      {listed.items.length === 0 && listed.warnings.length === 0 && <p class="gl-soft">No bundles and no models.</p>}
      <ul class="gl-list">
        {listed.items.map((item) => (
          <ItemLine key={item.address} item={item} />
        ))}
      </ul>
    </>
  );
}

/** What somebody has to look at is marked: what was rejected, what waits, and what is not what was approved. */
function toneOf({ status, unchanged }: GovernedItem): string {
  if (status === "REJECTED") return "gl-bad";
  return status?.startsWith("WAITING") === true || unchanged === false ? "gl-warn" : "";
}

function ItemLine({ item }: { item: GovernedItem }) {
  const [, kind, ...ids] = item.address.split("/");
  const version = ids.at(-1) ?? "";
  const state = item.status === null ? null : standing(item.status);
  return (
    <li>
      <a href={itemHash(item.address)}>
        {kind === "bundle" ? "Bundle" : <Bdi text={item.name} />} <Bdi text={version} />
      </a>{" "}
      {state !== null && (
        <span class={`gl-chip ${toneOf(item)}`}>
          {state}
          {item.unchanged === false && ", changed since"}
        </span>
      )}{" "}
      {item.active === true && <span class={state !== null && !item.approved ? "gl-chip gl-bad" : "gl-chip"}>{state !== null && !item.approved ? "Active, not approved" : "Active"}</span>}{" "}
      <span class="gl-soft">
        {item.superseded && "superseded · "}
        {item.made_on !== null && timeText(item.made_on)}
        {item.made_by !== null && (
          <>
            , <Bdi text={item.made_by} />
          </>
        )}
        {item.govern !== null && ` · in Govern ${governStatus(item.govern.status)}${item.govern.counts ? ", which counts" : ""}`}
      </span>{" "}
      {state !== null && (
        <a class="gl-small" href={reviewHash(item.address)} aria-label={`Review of ${item.address}`}>
          Review
        </a>
      )}
    </li>
  );
}
