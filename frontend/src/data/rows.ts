// Columns to rows. A row looks into the columns only when it is asked: most of 20,000 projects are never shown.
import type { Cell, Column, Row } from "./table";

class LazyRow {
  on = true;
  private joined: string | null = null;

  constructor(
    readonly at: number,
    private readonly textOf: (key: string) => string | undefined,
  ) {}

  get words(): string {
    if (this.joined === null) {
      const row = this as unknown as Row;
      const texts = [row.name, row.key, row.owner, row.initiative, row.sponsor, ...row.tags, this.textOf(row.key)];
      this.joined = texts.join("\n").toLowerCase();
    }
    return this.joined;
  }
}

const reader = (column: Column): ((at: number) => Cell | undefined) => {
  if ("codes" in column) {
    const { values, codes } = column;
    return (at) => values[codes[at] ?? -1];
  }
  return (at) => column[at];
};

/** What a column holds, a value for each project; null for each where there is none. */
export function columnValues(column: Column | undefined, count: number): Cell[] {
  const read = column === undefined ? () => null : reader(column);
  return Array.from({ length: count }, (_, at) => read(at) ?? null);
}

/** One object for each project, with a property for each column; `texts`, by key, are searched in, too. */
export function rowsOf(columns: Readonly<Record<string, Column>>, count: number, texts: Readonly<Record<string, string>> = {}): Row[] {
  class TableRow extends LazyRow {}
  for (const [name, column] of Object.entries(columns)) {
    const read = reader(column);
    Object.defineProperty(TableRow.prototype, name, {
      get(this: LazyRow) {
        return read(this.at);
      },
      // the table's library writes each value back into its row as it draws a cell
      set() {
        /* the column stays as it is */
      },
    });
  }
  // the columns are the properties that `Row` names
  return Array.from({ length: count }, (_, at) => new TableRow(at, (key) => texts[key])) as unknown as Row[];
}

/** What a row holds in a column; null when it holds nothing or there is no such column. */
export function cellOf(row: Row, column: string): Cell {
  return (row as unknown as Readonly<Record<string, Cell | undefined>>)[column] ?? null;
}
