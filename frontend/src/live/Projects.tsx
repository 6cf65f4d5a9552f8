// Projects: the portfolio's views, and what can be done with the projects that are selected in them.
import { useEffect, useRef, useState } from "preact/hooks";
import { mountPortfolio, type MountedPortfolio, type PortfolioAction, type PortfolioSource } from "../portfolio/mount";
import { whenIdle } from "../parts/idle";
import { goTo } from "../state/fragment";
import type { ProjectSignoffs } from "../data/table";
import type { CardMoves } from "../state/store";
import { ChangeDialog } from "./ChangeDialog";
import { ExportDialog } from "./ExportDialog";
import { MoveDialog } from "./MoveDialog";
import { ReviewChanges } from "./ReviewChanges";
import { moveTo, type BulkChange } from "./bulk";
import { hashOf, itemHash } from "./route";
import { tableOf } from "./rows";
import { useSignoffs } from "./signoffs";
import { useApp, useAppState } from "./store";
import { messageOf, type Api } from "./api";
import { PortfolioPending } from "./PortfolioPending";
import { sentence } from "./text";
import type { Portfolio } from "./types";

type Texts = Readonly<Record<string, string>>;
type Open = { keys: string[]; dialog: "change" | "move" } | { keys: string[]; dialog: "export"; areSelected: boolean } | { keys: string[]; dialog: "review"; change: BulkChange };

const sourceOf = (portfolio: Portfolio, texts: Texts, signoffs: ProjectSignoffs | undefined, api: Api): PortfolioSource => ({
  table: tableOf(portfolio), texts, signoffs, trends: api.trends,
});

export function Projects() {
  const { api, me, store } = useApp();
  const portfolio = useAppState((state) => state.portfolio);
  const refreshes = useAppState((state) => state.refreshes);
  const [unsearched, setUnsearched] = useState<string | null>(null);
  const placeRef = useRef<HTMLDivElement>(null);
  const mountedRef = useRef<MountedPortfolio | null>(null);
  const [open, setOpen] = useState<Open | null>(null);
  const isThere = portfolio !== null;
  const textsRef = useRef<Texts>({});
  const { projects: signoffs, note } = useSignoffs();
  const signoffsRef = useRef(signoffs);

  useEffect(() => {
    const current = store.get().portfolio;
    if (placeRef.current === null || current === null) return;
    const dialog = (id: "change" | "move", label: string): PortfolioAction => ({ id, label, run: (keys) => setOpen({ keys, dialog: id }) });
    const why = sentence(me.reason ?? "You may not write any project.");
    const agenda = (keys: string[]) => {
      store.set({ agenda: keys, keys });
      goTo(hashOf("agenda"));
    };
    // to a reader the reason is told once
    const writing: PortfolioAction[] = me.read_only
      ? [{ ...dialog("change", "Change…"), why_not: why }]
      : [
          dialog("change", "Change…"),
          { id: "advance", label: "Advance…", run: (keys) => setOpen({ keys, dialog: "review", change: { kind: "advance" } }) },
          dialog("move", "Move…"),
          { id: "agenda", label: "Agenda", run: agenda },
        ];
    const toFile: PortfolioAction = { id: "export", label: "Export", takes_all: true, run: (keys, areSelected) => setOpen({ keys, dialog: "export", areSelected }) };
    const actions = [...writing, toFile];
    const cards: CardMoves = {
      why_not: me.read_only ? why : null,
      drop: (key, stage) => setOpen({ keys: [key], dialog: "review", change: moveTo(stage, tableOf(store.get().portfolio ?? current).about.stages) }),
      choose: (key) => setOpen({ keys: [key], dialog: "move" }),
    };
    const openItem = (key: string, keys: string[]) => {
      store.set({ keys });
      goTo(itemHash(key));
    };
    const view = mountPortfolio(placeRef.current, sourceOf(current, textsRef.current, signoffsRef.current, api), { live: true, onOpen: openItem, addressOf: itemHash, cards, actions });
    mountedRef.current = view;
    return () => {
      mountedRef.current = null;
      view.unmount();
    };
  }, [api, isThere, me, store]);

  const columns = portfolio?.columns;
  const shownRef = useRef(columns);
  useEffect(() => {
    const { portfolio: current } = store.get();
    if (current !== null && shownRef.current !== undefined && shownRef.current !== columns) mountedRef.current?.refresh(sourceOf(current, textsRef.current, signoffsRef.current, api));
    shownRef.current = columns;
  }, [api, columns, store]);

  useEffect(() => {
    const { portfolio: current } = store.get();
    if (signoffsRef.current === signoffs) return;
    signoffsRef.current = signoffs;
    if (current !== null) mountedRef.current?.refresh(sourceOf(current, textsRef.current, signoffs, api));
  }, [api, signoffs, store]);

  // notes are searched in as soon as they are there; without them everything else works, and the first rows come first
  useEffect(() => {
    if (!isThere) return;
    let isLeft = false;
    const showTexts = ({ texts }: { texts: Texts }) => {
      if (isLeft) return;
      setUnsearched(null);
      if (texts === textsRef.current) return;
      textsRef.current = texts;
      const { portfolio: current } = store.get();
      if (current !== null) mountedRef.current?.refresh(sourceOf(current, texts, signoffsRef.current, api));
    };
    const callOff = whenIdle(() => void api.texts().then(showTexts, (error: unknown) => !isLeft && setUnsearched(messageOf(error))));
    return () => {
      isLeft = true;
      callOff();
    };
  }, [api, isThere, refreshes, store]);

  const close = () => setOpen(null);
  return (
    <div class="gl-projects gm-page">
      <h1 tabIndex={-1} class="gl-hidden">
        Projects
      </h1>
      {!isThere && <PortfolioPending />}
      {note !== null && <p class="gl-soft">{note}</p>}
      {unsearched !== null && <p class="gl-soft">Notes are not searched: {sentence(unsearched)} Refresh asks again.</p>}
      <div ref={placeRef} id="portfolio" />
      {open?.dialog === "change" && <ChangeDialog keys={open.keys} onClose={close} onReview={(change) => setOpen({ keys: open.keys, dialog: "review", change })} />}
      {open?.dialog === "move" && <MoveDialog keys={open.keys} onClose={close} onReview={(change) => setOpen({ keys: open.keys, dialog: "review", change })} />}
      {open?.dialog === "export" && <ExportDialog keys={open.keys} areSelected={open.areSelected} onClose={close} />}
      {open?.dialog === "review" && <ReviewChanges keys={open.keys} change={open.change} onClose={close} />}
    </div>
  );
}
