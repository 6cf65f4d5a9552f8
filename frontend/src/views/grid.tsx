// The table: sort, group, choose columns. Tabulator draws only the rows in sight.
import { render } from "preact";
import {
  ExportModule, FilterModule, FormatModule, FrozenColumnsModule, type GroupBy, type GroupComponent, GroupRowsModule, InteractionModule,
  MoveColumnsModule, PrintModule, ResizeColumnsModule, ResizeTableModule, type RowComponent, SortModule, Tabulator,
} from "tabulator-tables";
import type { Row } from "../data/table";
import { valueLabel } from "../parts/project";
import { formatCount, Own } from "../parts/text";
import type { Direction } from "../state/order";
import { valueOf } from "../state/filter";
import { DEFAULTS } from "../state/address";
import type { Store } from "../state/store";
import { columnsOf, hiddenColumns, tabulated, type TableColumn } from "./columns";
import { HeaderKeys } from "./headers";
import { isOnControl } from "./pointer";
import { SelectionBoxes } from "./selection";
import { orderedValues } from "../filters/options";

// the parts of Tabulator that the page uses; the bundler leaves the others out
Tabulator.registerModule([
  ExportModule, FilterModule, FormatModule, FrozenColumnsModule, GroupRowsModule, InteractionModule, MoveColumnsModule, PrintModule,
  ResizeColumnsModule, ResizeTableModule, SortModule,
]);

/** How many projects are printed: paper is for a selection, not for a data base. */
export const MAX_PRINTED = 500;

interface Drawn {
  readonly shown: readonly Row[];
  readonly group: string;
  readonly hide: string | null;
  readonly sort: string;
}

const nameOfKey = (key: string): string => `.gm-open[data-key="${CSS.escape(key)}"]`;

export class Grid {
  readonly element = document.createElement("div");
  private readonly columns: TableColumn[];
  private rows: readonly Row[];
  private readonly groupOrder: string[] = [];
  private readonly boxes: SelectionBoxes | null;
  private tabulator: Tabulator<Row> | null = null;
  private headers: HeaderKeys | null = null;
  private ready = false;
  /** The name or group that has the focus, as a selector. */
  private focused = "";
  private drawn: Drawn = { shown: [], group: "", hide: null, sort: DEFAULTS.sort };

  constructor(private readonly store: Store) {
    this.element.id = "table";
    this.element.setAttribute("aria-label", "Governed projects");
    this.element.addEventListener("keydown", (event) => this.moveFocus(event));
    document.addEventListener("focusin", this.noteFocus);
    this.columns = columnsOf(store);
    this.boxes = store.canSelect ? new SelectionBoxes(store) : null;
    this.rows = store.rows;
  }

  /** Draws what the state says; the element stands in the page already. */
  update(): void {
    const { store } = this;
    this.boxes?.update();
    this.orderGroups();
    const next: Drawn = { shown: store.shown, group: store.state.group, hide: store.state.hide, sort: store.state.sort };
    if (!next.shown.length) return;
    if (!this.tabulator) {
      this.drawn = next;
      this.build();
      return;
    }
    if (!this.ready) return;
    if (this.rows !== store.rows) {
      this.rows = store.rows;
      this.drawn = { ...this.drawn, shown: next.shown };
      void this.tabulator.replaceData(this.rows);
    }
    const before = this.drawn;
    this.drawn = next;
    if (next.shown !== before.shown) this.tabulator.setFilter((row) => row.on);
    if (next.group !== before.group) this.tabulator.setGroupBy(this.groupBy());
    if (next.hide !== before.hide) {
      const hidden = hiddenColumns(store, this.columns);
      for (const { field } of this.columns) {
        if (hidden.has(field)) this.tabulator.hideColumn(field);
        else this.tabulator.showColumn(field);
      }
      this.headers?.update();
    }
    if (next.sort !== before.sort) {
      const [wanted] = this.sorters();
      const [now] = this.tabulator.getSorters();
      if (wanted && (now?.field !== wanted.column || now.dir !== wanted.dir)) this.tabulator.setSort([wanted]);
    }
  }

  /** Whether its columns are still those of the data. */
  get isCurrent(): boolean {
    const names = (columns: readonly TableColumn[]): string => JSON.stringify(columns.map(({ field, title }) => [field, title]));
    return names(this.columns) === names(columnsOf(this.store));
  }

  destroy(): void {
    this.store.tableOrder = null;
    document.removeEventListener("focusin", this.noteFocus);
    this.tabulator?.destroy();
    this.element.remove();
  }

  private sorters(): { column: string; dir: Direction }[] {
    const [field, direction] = this.store.state.sort.split(":");
    const known = this.columns.some((column) => column.field === field);
    return [{ column: known && field ? field : "priority", dir: direction === "asc" ? "asc" : "desc" }];
  }

  private groupBy(): GroupBy<Row> {
    const { group } = this.store.state;
    return this.store.fields.groups.includes(group) ? (row) => valueOf(row, group) : false;
  }

  // the groups in the order of the workflow or of names, where the table would take them as the rows come; it reads the
  // list each time it makes groups
  private orderGroups(): void {
    const { store } = this;
    const values = this.groupBy() ? orderedValues(store, store.state.group, store.shown.map((row) => valueOf(row, store.state.group))) : [];
    const present = new Set(store.shown.map((row) => valueOf(row, store.state.group)));
    this.groupOrder.splice(0, this.groupOrder.length, ...values.filter((value) => present.has(value)));
  }

  private order(): RowComponent<Row>[] {
    return this.tabulator?.getRows("active") ?? [];
  }

  private build(): void {
    const { store } = this;
    const hidden = hiddenColumns(store, this.columns);
    const table = new Tabulator<Row>(this.element, {
      data: this.rows,
      index: "key",
      height: "100%",
      rowHeight: 44,
      layout: "fitDataFill",
      movableColumns: true,
      columnDefaults: { headerSortTristate: false, minWidth: 70, resizable: "header" },
      columns: [...(this.boxes ? [this.boxes.column()] : []), ...this.columns.map((column) => tabulated(column, !hidden.has(column.field)))],
      initialSort: this.sorters(),
      initialFilter: [{ field: (row) => row.on, type: "function" }],
      groupBy: this.groupBy(),
      groupValues: [this.groupOrder],
      groupStartOpen: true,
      groupHeader: (value, count, _rows, group) => this.groupHeader(value, count, group),
      groupToggleElement: false,
      printAsHtml: true,
      printStyled: false,
      printRowRange: () => this.order().slice(0, MAX_PRINTED),
    });
    this.tabulator = table;
    table.on("tableBuilt", () => {
      this.ready = true;
      store.tableOrder = () => this.order().map((row) => row.getData());
      this.headers = new HeaderKeys(table, this.element);
      const holder = this.element.querySelector(".tabulator-tableholder");
      holder?.setAttribute("role", "rowgroup");
      holder?.setAttribute("aria-label", "Projects");
      this.element.querySelector(".tabulator-table")?.setAttribute("role", "presentation");
      this.update();
    });
    // a group's line is a row of the grid, not a group inside a group
    const lines = (groups: GroupComponent[]): void => groups.forEach((group) => group.getElement().setAttribute("role", "row"));
    table.on("dataGrouped", lines);
    table.on("renderComplete", () => {
      if (this.groupBy()) lines(table.getGroups());
      this.keepFocus();
    });
    table.on("rowClick", (event, row) => {
      if (!isOnControl(event)) store.open(row.getData().key);
    });
    table.on("dataSorted", ([sorter]) => {
      if (!this.ready || !sorter) return;
      const sort = `${sorter.field}:${sorter.dir}`;
      if (sort !== store.state.sort) store.setState({ sort });
    });
  }

  private groupHeader(value: string, count: number, group: GroupComponent): HTMLElement {
    const { about, fields, state } = this.store;
    const host = document.createElement("span");
    host.setAttribute("role", "gridcell");
    const isOpen = group.isVisible();
    const toggle = (event: MouseEvent): void => {
      group.toggle();
      const button = event.currentTarget as HTMLElement;
      button.setAttribute("aria-expanded", String(group.isVisible()));
      requestAnimationFrame(() => this.keepFocus());
    };
    render(
      <button type="button" class="gm-group" data-group={value} aria-expanded={isOpen} onClick={toggle}>
        <Own text={valueLabel(about, fields, state.group, value)} />{` (${formatCount(count)})`}
      </button>, host);
    return host;
  }

  private readonly noteFocus = ({ target }: FocusEvent): void => {
    const { key, group } = target instanceof HTMLElement && this.element.contains(target) ? target.dataset : {};
    this.focused = key !== undefined ? nameOfKey(key) : group !== undefined ? `.gm-group[data-group="${CSS.escape(group)}"]` : "";
  };

  // the table takes lines out and puts them back, as when the panel changes its width, and the focus would be lost
  private keepFocus(): void {
    if (this.focused && document.activeElement === document.body) this.element.querySelector<HTMLElement>(this.focused)?.focus();
  }

  // arrows go from name to name, also to rows that are not drawn yet
  private moveFocus(event: KeyboardEvent): void {
    const { target, key } = event;
    if (!(key === "ArrowDown" || key === "ArrowUp") || !(target instanceof HTMLElement) || !target.matches(".gm-open")) return;
    event.preventDefault();
    const row = this.tabulator?.getRow(target.dataset["key"] ?? "");
    const next = row ? (key === "ArrowDown" ? row.getNextRow() : row.getPrevRow()) : false;
    if (!next) return;
    const focus = (): void => this.element.querySelector<HTMLElement>(nameOfKey(next.getData().key))?.focus();
    this.tabulator?.scrollToRow(next, "nearest", false).then(focus, focus);
  }
}
