// The page's one state: an action changes it, it goes into the address, and the views are drawn from it.
import { rowsOf } from "../data/rows";
import type { About, Past, PortfolioSource, Row } from "../data/table";
import { parseAddress, type State, writeAddress } from "./address";
import { type Fields, fieldsOf } from "./fields";
import { filterKey, filterOf } from "./filter";

export interface StoreOptions {
  /** Draws the views anew. */
  readonly draw: () => void;
  /** Opens a project in place of the panel. */
  readonly onOpen?: ((key: string) => void) | undefined;
  /** Rows can be selected, and this hears of it. */
  readonly onSelect?: ((keys: string[]) => void) | undefined;
}

export class Store {
  about!: About;
  past!: Past | null;
  fields!: Fields;
  rows: readonly Row[] = [];
  byKey: ReadonlyMap<string, Row> = new Map();
  /** The projects that pass the filters, in the order of the data. */
  shown: readonly Row[] = [];
  state!: State;
  source!: PortfolioSource;
  /** The keys of the projects that are selected, also where a filter hides them now. */
  selected: ReadonlySet<string> = new Set();
  /** What the filters were when they were last applied. */
  private applied = "";
  private waiting = 0;

  constructor(source: PortfolioSource, private readonly options: StoreOptions) {
    this.take(source);
    this.state = parseAddress(location.hash, this.fields);
    this.applyFilters();
  }

  /** Shows other data, with the same view and filters. */
  refresh(source: PortfolioSource): void {
    this.take(source);
    this.applied = "";
    this.state = parseAddress(location.hash, this.fields);
    this.applyFilters();
  }

  /** Opens a project: in the panel, or where the page around it shows projects. */
  open(key: string): void {
    if (this.options.onOpen) this.options.onOpen(key);
    else this.setState({ p: key }, { step: true });
  }

  private take(source: PortfolioSource): void {
    const { about, past, columns, count } = source.table;
    this.source = source;
    this.about = about;
    this.past = past;
    this.fields = fieldsOf(source.table);
    this.rows = rowsOf(columns, count);
    this.byKey = new Map(this.rows.map((row) => [row.key, row]));
    this.selected = new Set([...this.selected].filter((key) => this.byKey.has(key)));
  }

  get canSelect(): boolean {
    return this.options.onSelect !== undefined;
  }

  select(keys: Iterable<string>): void {
    this.selected = new Set(keys);
    this.options.onSelect?.([...this.selected]);
    this.options.draw();
  }

  /** Changes the state. `step` makes an entry that Back returns from; typing and sorting only replace the address. */
  setState(change: Partial<State>, { step = false } = {}): void {
    this.state = { ...this.state, ...change };
    const address = this.address();
    if (address !== (location.hash || "#")) {
      if (step) history.pushState(null, "", address);
      else history.replaceState(null, "", address);
    }
    this.applyFilters();
    this.options.draw();
  }

  /** Changes the state at the next frame, and only as the latest call says: while somebody types. */
  setStateSoon(change: () => Partial<State>): void {
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.setState(change()));
  }

  /** The address of the state, or of one that differs from it. */
  address(change: Partial<State> = {}): string {
    return `#${writeAddress({ ...this.state, ...change }, this.fields, location.hash)}`;
  }

  /** Takes the state from the address, after Back or a click on a link. */
  readAddress(): void {
    this.state = parseAddress(location.hash, this.fields);
    this.applyFilters();
    this.options.draw();
  }

  // the list stays the same object until a filter changes, so that the views can tell
  private applyFilters(): void {
    const key = filterKey(this.state);
    if (key === this.applied) return;
    this.applied = key;
    const passes = filterOf(this.state, this.fields);
    const shown: Row[] = [];
    for (const row of this.rows) {
      row.on = passes(row);
      if (row.on) shown.push(row);
    }
    this.shown = shown;
  }
}
