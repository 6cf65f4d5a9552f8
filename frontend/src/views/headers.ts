// The table's headers by keyboard: Tab reaches one of them, arrows go on, Enter and Space sort, Shift with arrows moves the column.
import type { ColumnComponent, Tabulator } from "tabulator-tables";
import type { Row } from "../data/table";

export class HeaderKeys {
  private current = "";

  constructor(private readonly table: Tabulator<Row>, element: HTMLElement) {
    element.querySelector(".tabulator-header")?.addEventListener("keydown", (event) => this.keydown(event as KeyboardEvent));
    this.update();
  }

  /** Makes one of the headers reachable. */
  update(): void {
    const columns = this.columns();
    const current = columns.find((column) => column.getField() === this.current) ?? columns[0];
    for (const column of columns) {
      column.getElement().tabIndex = column === current ? 0 : -1;
    }
  }

  private columns(): ColumnComponent[] {
    return this.table.getColumns().filter((column) => column.isVisible() && column.getDefinition().headerSort !== false);
  }

  private keydown(event: KeyboardEvent): void {
    const columns = this.columns();
    const at = columns.findIndex((column) => column.getElement() === event.target);
    const column = columns[at];
    if (!column) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      const [sorter] = this.table.getSorters();
      const field = column.getField();
      this.table.setSort([{ column: field, dir: sorter?.field === field && sorter.dir === "asc" ? "desc" : "asc" }]);
      return;
    }
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = columns[at + by];
    if (!by || !next) return;
    event.preventDefault();
    if (event.shiftKey) {
      if (column.getDefinition().frozen || next.getDefinition().frozen) return;
      this.table.moveColumn(column, next, by > 0);
      column.getElement().focus();
      return;
    }
    this.current = next.getField();
    this.update();
    next.getElement().focus();
    next.getElement().scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
