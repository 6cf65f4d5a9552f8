// The portfolio's views within an element: of the standalone report, and of the live page.
import { render } from "preact";
import type { PortfolioSource } from "../data/table";
import { closeDropdowns } from "../filters/Dropdown";
import { followFragment, readFragment } from "../state/fragment";
import { type CardMoves, Store } from "../state/store";
import { Grid } from "../views/grid";
import { Portfolio } from "./Portfolio";
import { prepareSearch } from "./prepareSearch";
import type { PortfolioAction } from "./Selection";

export type { PortfolioAction } from "./Selection";
export type { Details, PortfolioSource, PortfolioTable, Row } from "../data/table";

export interface MountOptions {
  /** Whether the projects come from the API and may change. */
  readonly live: boolean;
  /** Opens a project in place of the panel; `keys` are those that are shown, in their order. */
  readonly onOpen?: (key: string, keys: string[]) => void;
  /** Where a link to a project leads, for those who open it in another tab. */
  readonly addressOf?: (key: string) => string;
  /** Told which projects are selected. */
  readonly onSelect?: (keys: string[]) => void;
  /** What moving a card of the Kanban does; without it nothing can be dragged. */
  readonly cards?: CardMoves;
  /** What can be done with the selected projects. */
  readonly actions?: readonly PortfolioAction[];
}

export interface MountedPortfolio {
  /** Shows other data, with the same view and filters. */
  refresh(source: PortfolioSource): void;
  unmount(): void;
}

/** Draws the portfolio into an element. Its state stands in the address's fragment, whose other keys it leaves alone. */
export function mountPortfolio(root: HTMLElement, source: PortfolioSource, options: MountOptions): MountedPortfolio {
  const actions = options.actions ?? [];
  const draw = (): void => render(<Portfolio store={store} grid={grid} actions={actions} />, root);
  const onSelect = options.onSelect ?? (actions.length ? () => undefined : undefined);
  const store: Store = new Store(source, { isLive: options.live, draw, onOpen: options.onOpen, addressOf: options.addressOf, cards: options.cards, onSelect });
  let grid = new Grid(store);
  draw();
  let endSearch = prepareSearch(store.rows);

  const takeAddress = (): void => {
    if (readFragment() !== store.address()) store.readAddress();
  };
  const keydown = (event: KeyboardEvent): void => {
    const isTyping = event.target instanceof Element && event.target.matches("input, select, textarea");
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      root.querySelector<HTMLElement>("#search")?.focus();
    }
    if (event.key === "Escape" && !closeDropdowns(root) && store.state.p) store.setState({ p: "" }, { step: true });
  };
  const click = (event: MouseEvent): void => {
    // what was clicked may be gone by now, as it is when a list shows another one: its path is still known
    closeDropdowns(root, event.composedPath());
  };
  const endFollowing = followFragment(takeAddress);
  document.addEventListener("keydown", keydown);
  document.addEventListener("click", click);
  return {
    refresh(next) {
      endSearch();
      store.refresh(next);
      if (!grid.isCurrent) {
        grid.destroy();
        grid = new Grid(store);
      }
      draw();
      endSearch = prepareSearch(store.rows);
    },
    unmount() {
      endSearch();
      store.end();
      endFollowing();
      document.removeEventListener("keydown", keydown);
      document.removeEventListener("click", click);
      grid.destroy();
      render(null, root);
    },
  };
}
