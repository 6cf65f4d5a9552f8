// The page's one state: an action changes it, it goes into the address, and the views are drawn from it.
import { rowsOf } from "../data/rows";
import { withSignoffs } from "../data/signoffs";
import type { About, Past, PortfolioSource, Row } from "../data/table";
import { type Filter, parseAddress, type State, writeAddress } from "./address";
import { type Fields, fieldsOf } from "./fields";
import { readFragment, writeFragment } from "./fragment";
import { inOrder } from "./order";
import { countFlag, countValues, filterKey, filterOf, passesFilter, withFilter } from "./filter";

/** What moving a card of the Kanban to another stage does. */
export interface CardMoves {
  /** Why nobody's card is moved by this person, or null. */
  readonly why_not: string | null;
  /** Shows what dropping a project's card on a stage would do. */
  readonly drop: (key: string, stage: string) => void;
  /** Asks for the stage first, without a mouse. */
  readonly choose: (key: string) => void;
}

export interface StoreOptions {
  /** Whether the projects come from the API. */
  readonly isLive: boolean;
  /** Draws the views anew. */
  readonly draw: () => void;
  /** Opens a project in place of the panel; `keys` are those that are shown, in their order. */
  readonly onOpen?: ((key: string, keys: string[]) => void) | undefined;
  /** Where a link to a project leads, when `onOpen` opens it. */
  readonly addressOf?: ((key: string) => string) | undefined;
  /** Cards of the Kanban can be moved, and what that does. */
  readonly cards?: CardMoves | undefined;
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
  private readonly valueCounts = new Map<string, ReadonlyMap<string, number>>();
  private filterCounts = new WeakMap<Filter, number>();
  private readonly flagCounts = new Map<string, number>();
  /** The order in which the table shows the projects, where it does. */
  tableOrder: (() => readonly Row[]) | null = null;

  constructor(source: PortfolioSource, private readonly options: StoreOptions) {
    this.take(source);
    this.state = parseAddress(readFragment(), this.fields);
    this.applyFilters();
  }

  /** Shows other data, with the same view and filters. */
  refresh(source: PortfolioSource): void {
    this.take(source);
    this.applied = "";
    this.state = parseAddress(readFragment(), this.fields);
    this.applyFilters();
  }

  /** Opens a project: in the panel, or where the page around it shows projects. */
  open(key: string): void {
    if (this.options.onOpen) this.options.onOpen(key, this.sequence.map((row) => row.key));
    else this.setState({ p: key }, { step: true });
  }

  private take(source: PortfolioSource): void {
    const { about, past, columns, count } = source.table;
    this.source = source;
    this.about = about;
    this.past = past;
    this.fields = fieldsOf(source.table, past !== null || source.trends !== undefined, source.signoffs !== undefined);
    this.rows = inOrder(rowsOf(withSignoffs(columns, count, source.signoffs), count, source.texts));
    this.filterCounts = new WeakMap();
    this.byKey = new Map(this.rows.map((row) => [row.key, row]));
    this.selected = new Set([...this.selected].filter((key) => this.byKey.has(key)));
  }

  get isLive(): boolean {
    return this.options.isLive;
  }

  /** Where a link to a project leads. */
  addressOf(key: string): string {
    return this.options.addressOf?.(key) ?? this.address({ p: key });
  }

  /** Whether a project opens in the panel, and not elsewhere. */
  get hasPanel(): boolean {
    return this.options.onOpen === undefined;
  }

  get cards(): CardMoves | null {
    return this.options.cards ?? null;
  }

  /** The selected projects in the order in which the view shows them, those that a filter hides last. */
  get selection(): string[] {
    const shown = this.sequence.map(({ key }) => key).filter((key) => this.selected.has(key));
    const seen = new Set(shown);
    return [...shown, ...[...this.selected].filter((key) => !seen.has(key))];
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
    writeFragment(this.address(), { step });
    this.applyFilters();
    this.options.draw();
  }

  /** Sets or takes away one field's filter. */
  setFilter(field: string, filter: Filter | null, { step = true } = {}): void {
    this.setState({ filters: withFilter(this.state.filters, field, filter) }, { step });
  }

  get isFiltered(): boolean {
    return Boolean(this.state.q) || Object.keys(this.state.filters).length > 0;
  }

  clearFilters(): void {
    this.setState({ q: "", filters: {} }, { step: true });
  }

  /** How many projects each value of a field would leave. */
  countsOf(field: string): ReadonlyMap<string, number> {
    let counts = this.valueCounts.get(field);
    if (!counts) {
      counts = countValues(this.rows, this.state, field);
      this.valueCounts.set(field, counts);
    }
    return counts;
  }

  countOfFlag(flag: string): number {
    let count = this.flagCounts.get(flag);
    if (count === undefined) {
      count = countFlag(this.rows, this.state, flag);
      this.flagCounts.set(flag, count);
    }
    return count;
  }

  /** How many projects one field's filter asks for by itself. */
  countOfFilter(field: string, filter: Filter): number {
    let count = this.filterCounts.get(filter);
    if (count === undefined) {
      count = this.rows.reduce((sum, row) => sum + Number(passesFilter(row, field, filter)), 0);
      this.filterCounts.set(filter, count);
    }
    return count;
  }

  /** The projects that are shown, in the order in which the view shows them. */
  get sequence(): readonly Row[] {
    return (this.state.view === "table" ? this.tableOrder?.() : null) ?? this.shown;
  }

  /** Changes the state at the next frame, and only as the latest call says: while somebody types. */
  setStateSoon(change: () => [Partial<State>, { step: boolean }]): void {
    cancelAnimationFrame(this.waiting);
    this.waiting = requestAnimationFrame(() => this.setState(...change()));
  }

  /** Forgets what was to be changed at the next frame. */
  end(): void {
    cancelAnimationFrame(this.waiting);
  }

  /** The address of the state, or of one that differs from it. */
  address(change: Partial<State> = {}): string {
    return `#${writeAddress({ ...this.state, ...change }, this.fields, readFragment())}`;
  }

  /** What a saved view keeps: the state without the open project and without the address's other keys. */
  ownAddress(): string {
    return writeAddress({ ...this.state, p: "" }, this.fields);
  }

  /** Shows what a saved view has kept. */
  openAddress(address: string): void {
    this.setState(parseAddress(address, this.fields), { step: true });
  }

  /** Takes the state from the address, after Back or a click on a link. */
  readAddress(): void {
    this.state = parseAddress(readFragment(), this.fields);
    this.applyFilters();
    this.options.draw();
  }

  // the list stays the same object until a filter changes, so that the views can tell
  private applyFilters(): void {
    const key = filterKey(this.state);
    if (key === this.applied) return;
    this.applied = key;
    this.valueCounts.clear();
    this.flagCounts.clear();
    const passes = filterOf(this.state);
    const shown: Row[] = [];
    for (const row of this.rows) {
      row.on = passes(row);
      if (row.on) shown.push(row);
    }
    this.shown = shown;
  }
}
