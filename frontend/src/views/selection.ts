// The boxes that select rows. The table keeps a row's element while it is out of sight, so each box is known by its key.
import type { ColumnDefinition } from "tabulator-tables";
import type { Row } from "../data/table";
import type { Store } from "../state/store";

export class SelectionBoxes {
  private readonly boxes = new Map<string, HTMLInputElement>();
  private readonly all = this.box("Select all that are shown");

  constructor(private readonly store: Store) {
    this.all.addEventListener("change", () => store.select(this.all.checked ? store.shown.map((row) => row.key) : []));
  }

  /** The column of the boxes. */
  column(): ColumnDefinition<Row> {
    return {
      title: "Select", field: "at", width: 36, minWidth: 36, frozen: true, headerSort: false, resizable: false,
      titleFormatter: () => this.all,
      formatter: (cell) => this.boxOf(cell.getData()),
    };
  }

  /** Ticks what is selected. */
  update(): void {
    const { selected, shown } = this.store;
    for (const [key, box] of this.boxes) box.checked = selected.has(key);
    const count = shown.filter((row) => selected.has(row.key)).length;
    this.all.checked = count > 0 && count === shown.length;
    this.all.indeterminate = count > 0 && count < shown.length;
  }

  private boxOf({ key, name }: Row): HTMLInputElement {
    const box = this.box(`Select ${name.trim() || key}`);
    box.checked = this.store.selected.has(key);
    box.addEventListener("change", () => {
      const keys = new Set(this.store.selected);
      if (box.checked) keys.add(key);
      else keys.delete(key);
      this.store.select(keys);
    });
    this.boxes.set(key, box);
    return box;
  }

  private box(label: string): HTMLInputElement {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.setAttribute("aria-label", label);
    return box;
  }
}
