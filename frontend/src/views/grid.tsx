// The table: sort, group, choose columns. Tabulator draws only the rows in sight.
import { render } from "preact";
import {
  ExportModule, FilterModule, FormatModule, FrozenColumnsModule, type GroupBy, type GroupComponent, GroupRowsModule, InteractionModule,
  MoveColumnsModule, PrintModule, ResizeColumnsModule, ResizeTableModule, SortModule, Tabulator,
} from "tabulator-tables";
import type { Row } from "../data/table";
import { valueLabel } from "../parts/project";
import { formatCount, Own } from "../parts/text";
import type { Direction } from "../state/order";
import { valueOf } from "../state/filter";
import { DEFAULTS } from "../state/address";
import type { Store } from "../state/store";
import { columnsOf, hiddenColumns, type TableColumn } from "./columns";
import { SelectionBoxes } from "./selection";

// the parts of Tabulator that the page uses; the bundler leaves the others out
Tabulator.registerModule([
  ExportModule, FilterModule, FormatModule, FrozenColumnsModule, GroupRowsModule, InteractionModule, MoveColumnsModule, PrintModule,
  ResizeColumnsModule, ResizeTableModule, SortModule,
]);

interface Drawn {
  readonly shown: readonly Row[];
  readonly group: string;
  readonly hide: string | null;
  readonly sort: string;
}

export class Grid {
  readonly element = document.createElement("div");
  private readonly columns: TableColumn[];
  private rows: readonly Row[];
  private readonly boxes: SelectionBoxes | null;
  private tabulator: Tabulator<Row> | null = null;
  private ready = false;
  private drawn: Drawn = { shown: [], group: "", hide: null, sort: DEFAULTS.sort };

  constructor(private readonly store: Store) {
    this.element.id = "table";
    this.element.setAttribute("aria-label", "Governed projects");
    this.element.addEventListener("keydown", (event) => this.moveFocus(event));
    this.columns = columnsOf(store);
    this.boxes = store.canSelect ? new SelectionBoxes(store) : null;
    this.rows = store.rows;
  }

  /** Draws what the state says; the element stands in the page already. */
  update(): void {
    const { store } = this;
    this.boxes?.update();
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
      columns: [...(this.boxes ? [this.boxes.column()] : []), ...this.columns.map((column) => ({ ...column, visible: !hidden.has(column.field) }))],
      initialSort: this.sorters(),
      initialFilter: [{ field: (row) => row.on, type: "function" }],
      groupBy: this.groupBy(),
      groupStartOpen: true,
      groupHeader: (value, count) => this.groupHeader(value, count),
      printAsHtml: true,
      printRowRange: "active",
    });
    this.tabulator = table;
    table.on("tableBuilt", () => {
      this.ready = true;
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
    });
    table.on("dataSorted", ([sorter]) => {
      if (!this.ready || !sorter) return;
      const sort = `${sorter.field}:${sorter.dir}`;
      if (sort !== store.state.sort) store.setState({ sort });
    });
  }

  private groupHeader(value: string, count: number): HTMLElement {
    const { about, fields, state } = this.store;
    const host = document.createElement("span");
    host.className = "gm-group";
    host.setAttribute("role", "gridcell");
    render(<><Own text={valueLabel(about, fields, state.group, value)} />{` (${formatCount(count)})`}</>, host);
    return host;
  }

  // arrows go from name to name, also to rows that are not drawn yet
  private moveFocus(event: KeyboardEvent): void {
    const { target, key } = event;
    if (!(key === "ArrowDown" || key === "ArrowUp") || !(target instanceof HTMLElement) || !target.matches(".gm-open")) return;
    event.preventDefault();
    const row = this.tabulator?.getRow(target.dataset["key"] ?? "");
    const next = row ? (key === "ArrowDown" ? row.getNextRow() : row.getPrevRow()) : false;
    if (!next) return;
    const focus = (): void => this.element.querySelector<HTMLElement>(`.gm-open[data-key="${CSS.escape(next.getData().key)}"]`)?.focus();
    this.tabulator?.scrollToRow(next, "nearest", false).then(focus, focus);
  }
}
