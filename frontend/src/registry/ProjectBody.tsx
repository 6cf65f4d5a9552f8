// One project of the registry: its models with their versions, and its bundles.
import { useState } from "preact/hooks";
import { itemHash, reviewHash } from "../live/route";
import { Bdi } from "../live/text";
import { countText, dateText, timeText } from "../live/time";
import { reviewWords, type Group, type ProjectGroup } from "./states";
import type { RegistryRow } from "./types";

/** How many bundles, or versions of a model, are shown before more are asked for. */
const PAGE = 20;
const COLUMNS = 7;

/** Severities from which on a result of Project Standards is marked. */
const HIGH = 4;

export function ProjectBody({ project, isOpen }: { project: ProjectGroup; isOpen: boolean }) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? isOpen;
  const { key, name, bundles, models, standards } = project;
  const versions = models.reduce((sum, model) => sum + model.rows.length, 0);
  const counts = [versions > 0 ? countText(versions, "version") : "", bundles.length > 0 ? countText(bundles.length, "bundle") : ""].filter(Boolean);
  return (
    <tbody>
      <tr class="gl-registry-project">
        <th scope="rowgroup" colSpan={COLUMNS}>
          <button type="button" class="gl-quiet" aria-expanded={open} aria-label={`${open ? "Close" : "Open"} ${name}`} onClick={() => setChosen(!open)}>
            {open ? "▾" : "▸"}
          </button>{" "}
          <a href={itemHash(key, "items")}>
            <Bdi text={name} />
          </a>{" "}
          <span class="gl-soft">
            {key} · {counts.join(", ")}
          </span>{" "}
          {standards !== null && (
            <span class={(standards.severity ?? HIGH) >= HIGH ? "gl-chip gl-warn" : "gl-chip"}>
              Project Standards: {standards.label}
              {standards.ran_on !== null && `, ${dateText(standards.ran_on)}`}
            </span>
          )}
        </th>
      </tr>
      {open && models.map((model) => <GroupRows key={model.rows[0]?.address} group={model} />)}
      {open && bundles.length > 0 && <GroupRows group={{ name: "Bundles", rows: bundles }} />}
    </tbody>
  );
}

function GroupRows({ group }: { group: Group }) {
  const [limit, setLimit] = useState(PAGE);
  const { name, rows } = group;
  return (
    <>
      <tr class="gl-registry-group">
        <th scope="rowgroup" colSpan={COLUMNS}>
          <Bdi text={name} /> <span class="gl-soft">{rows.length.toLocaleString("en")}</span>
        </th>
      </tr>
      {rows.slice(0, limit).map((row) => (
        <ItemRow key={row.address} row={row} />
      ))}
      {rows.length > limit && (
        <tr>
          <td colSpan={COLUMNS}>
            <button type="button" class="gl-small" onClick={() => setLimit(limit + 10 * PAGE)}>
              Show {Math.min(10 * PAGE, rows.length - limit).toLocaleString("en")} more of {(rows.length - limit).toLocaleString("en")}
            </button>
          </td>
        </tr>
      )}
    </>
  );
}

function ItemRow({ row }: { row: RegistryRow }) {
  const words = reviewWords(row);
  const places = row.deployed_on ?? [];
  return (
    <tr>
      <th scope="row">
        <Bdi text={row.item} />
      </th>
      <td>
        {words || "–"} {row.active_not_approved && <span class="gl-chip gl-bad">Active, not approved</span>}
      </td>
      <td>{row.active === true ? "Active" : ""}</td>
      <td>
        {places.length === 0 && "–"}
        {places.map(({ infrastructure, deployment }, at) => (
          <span key={deployment}>
            {at > 0 && ", "}
            <Bdi text={infrastructure} />{" "}
            <span class="gl-soft">
              <Bdi text={deployment} />
            </span>
          </span>
        ))}{" "}
        {row.deployed_without_approval && <span class="gl-chip gl-bad">Deployed without approval</span>}
      </td>
      <td class="gl-nowrap">{row.made_on === null ? "–" : timeText(row.made_on)}</td>
      <td class="gl-nowrap">{row.made_by === null ? "–" : <Bdi text={row.made_by} />}</td>
      <td>
        {row.approval !== "off" && (
          <a href={reviewHash(row.address)} aria-label={`Review of ${row.address}`}>
            Review
          </a>
        )}
      </td>
    </tr>
  );
}
