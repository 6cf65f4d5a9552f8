// Not governed: projects without a workflow, many at once; those that were hidden; and copies that still say what their originals said.
import { useMemo, useRef, useState } from "preact/hooks";
import type { Row } from "../data/table";
import { nameOf } from "../parts/text";
import { ValuesDialog } from "../item/ValuesDialog";
import { Button } from "./Button";
import { GovernDialog } from "./GovernDialog";
import { HideDialog } from "./HideDialog";
import { PortfolioPending } from "./PortfolioPending";
import { isCopy } from "./waiting";
import { goTo } from "../state/fragment";
import { hashOf, itemHash } from "./route";
import { hiddenOf, useRows } from "./rows";
import { tell, useApp, useAppState } from "./store";
import { Bdi, sentence } from "./text";
import { countText, dateText } from "./time";
import type { Closure, Item } from "./types";
import { messageOf } from "./api";

const PAGE = 200;

/** Why nothing is offered for a project: DSS lets this person read it, and not change it. */
const READS_ONLY = "You may only read it";

interface Act {
  kind: "govern" | "hide" | "show";
  keys: string[];
}

export function Ungoverned() {
  const portfolio = useAppState((state) => state.portfolio);
  const seen = useRows();
  const rows = useMemo(() => seen.filter((row) => !row.governed), [seen]);
  const showsHidden = useAppState((state) => state.route.rest.has("hidden"));
  const [act, setAct] = useState<Act | null>(null);
  const plain = rows.filter((row) => !isCopy(row));
  const hidden = plain.filter((row) => hiddenOf(row) !== null);
  const waiting = plain.filter((row) => hiddenOf(row) === null);
  const copies = rows.filter(isCopy);
  return (
    <div class="gl-page">
      <h1 tabIndex={-1}>Not governed</h1>
      {portfolio === null ? (
        <PortfolioPending />
      ) : (
        <>
          {(hidden.length > 0 || showsHidden) && (
            <p>
              <button type="button" class={showsHidden ? "gl-on" : ""} aria-pressed={showsHidden} onClick={() => goTo(hashOf("ungoverned", showsHidden ? {} : { hidden: "" }))}>
                Hidden ({hidden.length.toLocaleString("en")})
              </button>
            </p>
          )}
          {/* what is selected in one list is not selected in the other */}
          <Plain key={String(showsHidden)} rows={showsHidden ? hidden : waiting} areHidden={showsHidden} seen={portfolio.count} onAct={setAct} />
        </>
      )}
      {copies.length > 0 && <Copies rows={copies} />}
      {act?.kind === "govern" && <GovernDialog keys={act.keys} onClose={() => setAct(null)} />}
      {act !== null && act.kind !== "govern" && <HideDialog keys={act.keys} undo={act.kind === "show"} onClose={() => setAct(null)} />}
    </div>
  );
}

function matches(row: Row, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const said = [row.key, row.name, row.owner, hiddenOf(row)?.reason ?? "", ...row.tags].join(" ").toLowerCase();
  return words.every((word) => said.includes(word));
}

interface PlainProps {
  rows: readonly Row[];
  areHidden: boolean;
  seen: number;
  onAct: (act: Act) => void;
}

function Plain({ rows, areHidden, seen, onAct }: PlainProps) {
  const { me } = useApp();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [limit, setLimit] = useState(PAGE);
  const shown = rows.filter((row) => matches(row, text));
  const writable = shown.filter((row) => row.writable);
  const selected = writable.filter((row) => chosen.has(row.key));
  const all = writable.length > 0 && selected.length === writable.length;
  const toggle = (key: string) => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    setChosen(next);
  };
  if (rows.length === 0) {
    return (
      <p class="gl-empty">
        {areHidden ? "No project is hidden" : "No project waits to be governed"}, of the {countText(seen, "project")} you see.
      </p>
    );
  }
  const begin = (kind: Act["kind"]) => onAct({ kind, keys: selected.map((row) => row.key) });
  return (
    <>
      <p class="gl-soft">
        {countText(rows.length, "project")} of the {seen.toLocaleString("en")} you see
      </p>
      <div class="gl-toolbar">
        <input type="search" aria-label="Search projects that are not governed" placeholder="Search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        {!me.read_only && (
          <>
            <Button kind="primary" ready={selected.length > 0} onPress={() => begin("govern")}>
              Govern…
            </Button>
            <Button ready={selected.length > 0} onPress={() => begin(areHidden ? "show" : "hide")}>
              {areHidden ? "Show again…" : "Hide…"}
            </Button>
          </>
        )}
        <span role="status" class="gl-soft">
          {me.read_only ? sentence(me.reason ?? "") : selected.length === 0 ? areHidden ? "Select projects to show again" : "Select projects to govern or to hide" : `${selected.length} selected`}
        </span>
      </div>
      <div class="gl-scroll" tabIndex={0} role="region" aria-label={areHidden ? "Hidden projects" : "Projects that are not governed"}>
        <table>
          <thead>
            <tr>
              {!me.read_only && (
                <th scope="col">
                  <input type="checkbox" aria-label="Select all" disabled={writable.length === 0} checked={all} onChange={() => setChosen(all ? new Set() : new Set(writable.map((row) => row.key)))} />
                </th>
              )}
              <th scope="col">Project</th>
              <th scope="col">Owner</th>
              <th scope="col">Tags</th>
              <th scope="col">{areHidden ? "Hidden" : "Last change"}</th>
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, limit).map((row) => (
              <tr key={row.key}>
                {!me.read_only && (
                  <td>
                    {row.writable ? (
                      <input type="checkbox" aria-label={`Select ${nameOf(row)}`} checked={chosen.has(row.key)} onChange={() => toggle(row.key)} />
                    ) : (
                      <span class="gl-soft">{READS_ONLY}</span>
                    )}
                  </td>
                )}
                <NameCell row={row} />
                <td>{row.owner !== null && <Bdi text={row.owner} />}</td>
                <td>
                  <Bdi text={row.tags.join(", ") || "–"} />
                </td>
                <td>
                  <LastChange row={row} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && <p class="gl-empty">No project matches.</p>}
      {shown.length > limit && (
        <p>
          <button type="button" onClick={() => setLimit(limit + PAGE)}>
            Show {Math.min(PAGE, shown.length - limit)} more
          </button>
        </p>
      )}
    </>
  );
}

function LastChange({ row }: { row: Row }) {
  const hidden = hiddenOf(row);
  return hidden !== null ? <HiddenText hidden={hidden} /> : <>{dateText(row.modified ?? row.changed) || "–"}</>;
}

function HiddenText({ hidden: { at, by, reason } }: { hidden: Closure }) {
  return (
    <>
      <Bdi text={reason ?? ""} /> <span class="gl-soft">{[by, at === null ? null : dateText(at)].filter(Boolean).join(", ")}</span>
    </>
  );
}

function NameCell({ row }: { row: Row }) {
  return (
    <th scope="row">
      <a href={itemHash(row.key)}>
        <Bdi text={nameOf(row)} />
      </a>{" "}
      <code>{row.key}</code>
    </th>
  );
}

function Copies({ rows }: { rows: readonly Row[] }) {
  const { api, me, refresh, store } = useApp();
  const [item, setItem] = useState<Item | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const wantedRef = useRef("");
  const open = (key: string) => {
    setFailure(null);
    wantedRef.current = key;
    api.item(key).then(
      (asked) => {
        if (wantedRef.current !== key) return;
        // told before anything is typed that could not be saved
        const { adopt } = asked.form.actions;
        if (adopt?.allowed) setItem(asked);
        else setFailure(sentence(adopt?.why_not ?? ""));
      },
      (error: unknown) => wantedRef.current === key && setFailure(messageOf(error)),
    );
  };
  return (
    <section aria-labelledby="copies">
      <h2 id="copies">
        Copies <span class="gl-soft">{countText(rows.length, "project")}: what they say was written for another one</span>
      </h2>
      <div role="alert">{failure !== null && <p class="gl-failure">{failure}</p>}</div>
      <ul class="gl-list">
        {rows.map((row) => (
          <li key={row.key}>
            <a href={itemHash(row.key)}>
              <Bdi text={nameOf(row)} />
            </a>{" "}
            <code>{row.key}</code> <span class="gl-soft">{row.owner !== null && <Bdi text={row.owner} />}</span>{" "}
            {!row.writable && <span class="gl-soft">{READS_ONLY}</span>}
            {!me.read_only && row.writable && (
              <button type="button" class="gl-small" aria-label={`Adopt ${nameOf(row)}…`} onClick={() => open(row.key)}>
                Adopt…
              </button>
            )}
          </li>
        ))}
      </ul>
      {item !== null && (
        <ValuesDialog
          act="adopt"
          item={item}
          onClose={() => setItem(null)}
          onDone={(done) => {
            setItem(null);
            tell(store, done.saved.sentence);
            void refresh();
          }}
        />
      )}
    </section>
  );
}
