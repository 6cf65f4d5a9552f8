// The panel of one project: workflow, qualification with origins, history, problems.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Details, Row } from "../data/table";
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

export function Panel({ store, onClosed }: PanelProps): JSX.Element {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const panelRef = useRef<HTMLDivElement>(null);
  const row = store.byKey.get(store.state.p) ?? null;
  const { details } = store.source;
  useLayoutEffect(() => {
    if (!row || !details) {
      setLoaded(null);
      return undefined;
    }
    let isWanted = true;
    details(row).then(
      (found) => {
        if (isWanted) setLoaded({ row, details: found });
      },
      (error: unknown) => {
        throw error;
      },
    );
    return () => {
      isWanted = false;
    };
  }, [row, details]);
  const open = row ? loaded : null;
  const key = open?.row.key ?? "";
  const beforeRef = useRef("");
  useLayoutEffect(() => {
    if (key && panelRef.current) {
      panelRef.current.scrollTop = 0;
      panelRef.current.querySelector<HTMLElement>("#panel-title")?.focus();
    } else if (beforeRef.current) onClosed(beforeRef.current);
    beforeRef.current = key;
  }, [key, onClosed]);
  return (
    <div id="panel" role="dialog" aria-labelledby="panel-title" hidden={!open} ref={panelRef}>
      {open ? <PanelBody key={key} store={store} row={open.row} details={open.details} /> : null}
    </div>
  );
}
