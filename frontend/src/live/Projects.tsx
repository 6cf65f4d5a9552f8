// Projects: the portfolio's views, and what can be done with the projects that are selected in them.
import { useEffect, useRef, useState } from "preact/hooks";
import { mountPortfolio, type MountedPortfolio, type PortfolioAction, type PortfolioSource } from "../portfolio/mount";
import { ChangeDialog } from "./ChangeDialog";
import { ExportDialog } from "./ExportDialog";
import { MoveDialog } from "./MoveDialog";
import { ReviewChanges } from "./ReviewChanges";
import type { BulkChange } from "./bulk";
import { goTo, hashOf, itemHash } from "./route";
import { rowsOf } from "./rows";
import { useApp, useAppState } from "./store";
import type { Portfolio } from "./types";

type Open = { keys: string[]; dialog: "change" | "export" | "move" } | { keys: string[]; dialog: "review"; change: BulkChange };

// The API's table is the report's: both are made by one function.
const sourceOf = (portfolio: Portfolio): PortfolioSource => ({ table: portfolio as unknown as PortfolioSource["table"] });

export function Projects() {
  const { me, store } = useApp();
  const portfolio = useAppState((state) => state.portfolio);
  const failure = useAppState((state) => state.portfolioError);
  const placeRef = useRef<HTMLDivElement>(null);
  const mountedRef = useRef<MountedPortfolio | null>(null);
  const [open, setOpen] = useState<Open | null>(null);
  const isThere = portfolio !== null;

  useEffect(() => {
    const current = store.get().portfolio;
    if (placeRef.current === null || current === null) return;
    const why = me.read_only ? (me.reason ?? "You may not write any project.") : null;
    const dialog = (id: "change" | "export" | "move", label: string, reason: string | null): PortfolioAction => ({ id, label, why_not: reason, run: (keys) => setOpen({ keys, dialog: id }) });
    const actions: PortfolioAction[] = [
      dialog("change", "Change…", why),
      { id: "advance", label: "Advance…", why_not: why, run: (keys) => setOpen({ keys, dialog: "review", change: { kind: "advance" } }) },
      dialog("move", "Move…", why),
      {
        id: "agenda", label: "Agenda", why_not: why, run: (keys) => {
          store.set({ agenda: keys, keys });
          goTo(hashOf("agenda"));
        },
      },
      dialog("export", "Export", null),
    ];
    const view = mountPortfolio(placeRef.current, sourceOf(current), { live: true, onOpen: (key) => openItem(key), actions });
    const openItem = (key: string) => {
      store.set({ keys: rowsOf(current).filter((row) => row.governed).map((row) => row.key) });
      goTo(itemHash(key));
    };
    mountedRef.current = view;
    return () => {
      mountedRef.current = null;
      view.unmount();
    };
  }, [isThere, me, store]);

  const shownRef = useRef(portfolio);
  useEffect(() => {
    if (portfolio !== null && shownRef.current !== null && shownRef.current !== portfolio) mountedRef.current?.refresh(sourceOf(portfolio));
    shownRef.current = portfolio;
  }, [portfolio]);

  const close = () => setOpen(null);
  return (
    <div class="gl-projects gm-page">
      <h1 tabIndex={-1} class="gl-hidden">
        Projects
      </h1>
      {!isThere && (failure === null ? <p class="gl-soft">Reading the projects…</p> : <p class="gl-failure">{failure}</p>)}
      <div ref={placeRef} id="portfolio" />
      {open?.dialog === "change" && <ChangeDialog keys={open.keys} onClose={close} onReview={(change) => setOpen({ keys: open.keys, dialog: "review", change })} />}
      {open?.dialog === "move" && <MoveDialog keys={open.keys} onClose={close} onReview={(change) => setOpen({ keys: open.keys, dialog: "review", change })} />}
      {open?.dialog === "export" && <ExportDialog keys={open.keys} onClose={close} />}
      {open?.dialog === "review" && <ReviewChanges keys={open.keys} change={open.change} onClose={close} />}
    </div>
  );
}
