// The panel of one project, beside the view that it was opened from.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Details, Row } from "../data/table";
import { formatCount, Own } from "../parts/text";
import type { Store } from "../state/store";
import { PanelBody } from "./PanelBody";

interface Loaded {
  readonly row: Row;
  readonly details: Details;
}

interface PanelProps {
  readonly store: Store;
  /** Called when the panel of a project is gone, to put the focus back. */
  readonly onClosed: (key: string) => void;
}

/** A project's details, once they are there: null before, and a sentence where they cannot be had. */
function useDetails(row: Row | null, load: ((row: Row) => Promise<Details>) | undefined): Loaded | string | null {
  const [result, setResult] = useState<{ row: Row; details: Details | string } | null>(null);
  useLayoutEffect(() => {
    if (!row || !load) return undefined;
    let isWanted = true;
    const take = (details: Details | string): void => {
      if (isWanted) setResult({ row, details });
    };
    load(row).then(take, (error: unknown) => take(error instanceof Error ? error.message : String(error)));
    return () => {
      isWanted = false;
    };
  }, [row, load]);
  if (!row || result?.row !== row) return null;
  return typeof result.details === "string" ? result.details : { row, details: result.details };
}

export function Panel({ store, onClosed }: PanelProps): JSX.Element {
  const wanted = store.state.p;
  const row = store.byKey.get(wanted) ?? null;
  const loaded = useDetails(row, store.source.details);
  // the project before stays in sight until the next one's details are there
  const [last, setLast] = useState<Loaded | null>(null);
  if (loaded && typeof loaded !== "string" && loaded.row !== last?.row) setLast(loaded);
  const open = !row ? null : loaded && typeof loaded !== "string" ? loaded : loaded === null ? last : null;
  const isOpen = Boolean(open) || Boolean(wanted && !row) || typeof loaded === "string";
  const panelRef = useRef<HTMLDivElement>(null);
  const openedRef = useRef("");
  const key = isOpen ? wanted : "";
  useLayoutEffect(() => {
    const panel = panelRef.current;
    if (key && panel) {
      panel.scrollTop = 0;
      // who goes on with "Next" stays on that button
      if (!panel.contains(document.activeElement)) panel.querySelector<HTMLElement>("#panel-title")?.focus();
    } else if (openedRef.current) onClosed(openedRef.current);
    openedRef.current = key;
  }, [key, onClosed]);
  const close = (): void => store.setState({ p: "" }, { step: true });
  return (
    <div id="panel" role="dialog" aria-labelledby="panel-title" hidden={!isOpen} ref={panelRef}>
      {isOpen
        ? <>
            <div class="gm-panel-bar">
              <Neighbours store={store} />
              <button type="button" class="gm-close" aria-label="Close" onClick={close}>×</button>
            </div>
            {open
              ? <PanelBody key={open.row.key} store={store} row={open.row} details={open.details} />
              : <Missing store={store} wanted={wanted} reason={typeof loaded === "string" ? loaded : null} />}
          </>
        : null}
    </div>
  );
}

function Missing({ store, wanted, reason }: { store: Store; wanted: string; reason: string | null }): JSX.Element {
  const why = store.isLive ? "it may be gone, or you may not see it" : "it may be gone, hidden from you, or left out by the filters that the report was made with";
  return (
    <>
      <h2 id="panel-title" tabIndex={-1}>{"No project "}<Own text={wanted} /></h2>
      <p>{reason ?? `The link names a project that is not here: ${why}.`}</p>
    </>
  );
}

/** The way to the projects before and after, in the order of the view. */
function Neighbours({ store }: { store: Store }): JSX.Element | null {
  const rows = store.sequence;
  const at = rows.findIndex(({ key }) => key === store.state.p);
  if (at < 0) return null;
  // not a step of the history: Back leads out of the panel
  const go = (row: Row | undefined): void => {
    if (row) store.setState({ p: row.key });
  };
  return (
    <>
      <button type="button" class="gm-button" id="panel-previous" aria-disabled={at === 0} onClick={() => go(rows[at - 1])}>‹ Previous</button>
      <button type="button" class="gm-button" id="panel-next" aria-disabled={at === rows.length - 1} onClick={() => go(rows[at + 1])}>Next ›</button>
      <span class="gm-small">{`${formatCount(at + 1)} of ${formatCount(rows.length)}`}</span>
    </>
  );
}
