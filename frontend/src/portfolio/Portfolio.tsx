// The portfolio: tabs, filters, the view that is chosen, and the panel of a project.
import type { ComponentChildren, JSX } from "preact";
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Toolbar } from "../filters/Toolbar";
import { Panel } from "../panel/Panel";
import { formatCount, plural } from "../parts/text";
import type { View } from "../state/fields";
import type { Store } from "../state/store";
import { type Grid, MAX_PRINTED } from "../views/grid";
import { Kanban } from "../views/Kanban";
import { LiveTrends } from "../views/LiveTrends";
import { Matrix } from "../views/Matrix";
import { Summary } from "../views/Summary";
import { Trends } from "../views/Trends";
import { type PortfolioAction, Selection } from "./Selection";

const NAMES: Readonly<Record<View, string>> = { table: "Table", matrix: "Matrix", kanban: "Kanban", summary: "Summary", trends: "Trends" };

interface PortfolioProps {
  readonly store: Store;
  readonly grid: Grid;
  readonly actions: readonly PortfolioAction[];
}

function Tabs({ store }: { store: Store }): JSX.Element {
  const { views } = store.fields;
  const list = useRef<HTMLDivElement>(null);
  const turn = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const view = views[(views.indexOf(store.state.view) + by + views.length) % views.length];
    if (!by || !view) return;
    store.setState({ view }, { step: true });
    list.current?.querySelector<HTMLElement>(`#tab-${view}`)?.focus();
  };
  return (
    <div id="tabs">
      <div role="tablist" aria-label="Views" ref={list} onKeyDown={turn}>
        {views.map((view) => (
          <button key={view} type="button" role="tab" id={`tab-${view}`} aria-controls={`view-${view}`} aria-selected={store.state.view === view}
            tabIndex={store.state.view === view ? 0 : -1} onClick={() => store.setState({ view }, { step: true })}>
            {NAMES[view]}
          </button>
        ))}
      </div>
      {store.about.no_matrix ? <p class="gm-small">{store.about.no_matrix}</p> : null}
    </div>
  );
}

function ViewPanel({ store, view, children }: { store: Store; view: View; children: ComponentChildren }): JSX.Element {
  const isOn = store.state.view === view;
  const isEmpty = view === "table" ? store.shown.length === 0 : view !== "trends" && !store.shown.some((row) => row.governed);
  return (
    <section id={`view-${view}`} role="tabpanel" aria-labelledby={`tab-${view}`} tabIndex={view === "table" ? undefined : 0} hidden={!isOn}>
      {isOn && isEmpty ? <Nothing store={store} /> : null}
      {view === "table" ? children : isOn && !isEmpty ? children : null}
    </section>
  );
}

/** Says that nothing is there, and the way out. */
function Nothing({ store }: { store: Store }): JSX.Element {
  const isTable = store.state.view === "table";
  return (
    <p id="nothing" class="gm-empty">
      {store.isFiltered ? "No project matches." : isTable ? "There is no project." : "No project is governed yet."}
      {store.isFiltered && !isTable && store.shown.length ? " Projects that are not governed are in the table only." : ""}
      {store.isFiltered ? <>{" "}<button type="button" class="gm-link" onClick={() => store.clearFilters()}>Clear all filters</button></> : null}
    </p>
  );
}

function TableView({ store, grid }: Omit<PortfolioProps, "actions">): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.append(grid.element);
  }, [grid]);
  // the table is built when it is first in sight, since it measures itself
  useLayoutEffect(() => {
    if (store.state.view === "table") grid.update();
  });
  return (
    <>
      <div class="gm-grid" ref={place} hidden={store.shown.length === 0} />
      {store.shown.length > MAX_PRINTED
        ? <p class="gm-only-print">{`The first ${formatCount(MAX_PRINTED)} of ${plural(store.shown.length, "project")}; a filter prints the others.`}</p> : null}
    </>
  );
}

// where the panel covers the views, as `page.css` has it
const NARROW = "(max-width: 1000px)";

function useIsNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useLayoutEffect(() => {
    const query = matchMedia(NARROW);
    const take = (): void => setNarrow(query.matches);
    query.addEventListener("change", take);
    return () => query.removeEventListener("change", take);
  }, []);
  return isNarrow;
}

export function Portfolio({ store, grid, actions }: PortfolioProps): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  // the keyboard stays in a panel that covers the rest
  const isCovered = useIsNarrow() && store.hasPanel && store.state.p !== "";
  // the rows may have been drawn anew meanwhile, so the place to return to is looked up
  const returnFocus = useCallback((key: string): void => {
    const { view } = store.state;
    const opener = root.current?.querySelector<HTMLElement>(`#view-${view} .gm-open[data-key="${CSS.escape(key)}"]`);
    (opener ?? root.current?.querySelector<HTMLElement>(`#tab-${view}`))?.focus();
  }, [store]);
  return (
    <div class="govern-mirror gm-portfolio" ref={root}>
      <div class="gm-top" inert={isCovered}>
        <Tabs store={store} />
        <Toolbar store={store} actions={store.selected.size ? [] : actions.filter(({ takes_all: takesAll }) => takesAll)} />
        <Selection store={store} actions={actions} />
      </div>
      <div id="views" inert={isCovered}>
        <ViewPanel store={store} view="table"><TableView store={store} grid={grid} /></ViewPanel>
        {store.fields.views.includes("matrix") ? <ViewPanel store={store} view="matrix"><Matrix store={store} /></ViewPanel> : null}
        <ViewPanel store={store} view="kanban"><Kanban store={store} /></ViewPanel>
        <ViewPanel store={store} view="summary"><Summary store={store} /></ViewPanel>
        {store.past ? <ViewPanel store={store} view="trends"><Trends store={store} past={store.past} /></ViewPanel> : null}
        {store.source.trends ? <ViewPanel store={store} view="trends"><LiveTrends store={store} ask={store.source.trends} /></ViewPanel> : null}
      </div>
      {store.hasPanel ? <Panel store={store} onClosed={returnFocus} /> : null}
    </div>
  );
}
