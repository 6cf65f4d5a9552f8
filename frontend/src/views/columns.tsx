// The table's columns: those of every template, and the fields that this one has besides.
import { type ComponentChild, render } from "preact";
import type { CellComponent, ColumnDefinition } from "tabulator-tables";
import { cellOf } from "../data/rows";
import type { Row } from "../data/table";
import { Badges, Opener, Progress, Rating, ageText, ratingLevel, stageName } from "../parts/project";
import { Own } from "../parts/text";
import { labelOf } from "../state/fields";
import { compareCells, type Direction, textOrder } from "../state/order";
import type { Store } from "../state/store";

export interface TableColumn extends ColumnDefinition<Row> {
  /** Hidden until somebody asks for it. */
  rare?: boolean;
}

/** Returns a column as the table's library takes it. */
export function tabulated(column: TableColumn, visible: boolean): ColumnDefinition<Row> {
  const known: TableColumn = { ...column, visible };
  delete known.rare;
  return known;
}

type Sorter = NonNullable<ColumnDefinition<Row>["sorter"]>;

function element(child: ComponentChild): HTMLElement {
  const host = document.createElement("div");
  host.className = "gm-cell";
  render(child, host);
  return host;
}

const ofRow = (draw: (row: Row) => ComponentChild) => (cell: CellComponent<Row>): HTMLElement => element(draw(cell.getData()));
const ofValue = (draw: (value: string | number | null) => ComponentChild) => (cell: CellComponent<Row>): HTMLElement =>
  element(draw(cell.getValue() as string | number | null));
const plain = ofValue((value) => <Own text={value} />);

// the order of a column's texts is found when it is first sorted, and again when the data is another
function byTextOf(store: Store, field: string): Sorter {
  let rows: readonly Row[] | null = null;
  let compare: ReturnType<typeof textOrder> | null = null;
  return (a: string | null, b: string | null, _rowA, _rowB, _column, direction: Direction) => {
    if (!compare || rows !== store.rows) {
      rows = store.rows;
      compare = textOrder(rows.map((row) => cellOf(row, field) as string | null));
    }
    return compare(a, b, direction);
  };
}

/** Where a project's reviews stand; it leads to the one that waits. */
function Signoff({ row, store }: { row: Row; store: Store }): ComponentChild {
  const found = store.source.signoffs?.get(row.key);
  return found === undefined ? <Own text={null} /> : <a href={found.href} aria-label={`${found.text}: review of ${row.key}`}>{found.text}</a>;
}

export function columnsOf(store: Store): TableColumn[] {
  const { fields } = store;
  const byNumber: Sorter = (a: number | null, b: number | null, _rowA, _rowB, _column, direction: Direction) => compareCells(a, b, direction);
  const byDate: Sorter = (a: string | null, b: string | null, _rowA, _rowB, _column, direction: Direction) => compareCells(a, b, direction);
  const byRating: Sorter = (a: string | null, b: string | null, _rowA, _rowB, _column, direction: Direction) =>
    compareCells(ratingLevel(store.about, a) || null, ratingLevel(store.about, b) || null, direction);
  const rated = ofValue((value) => <Rating rating={value === null ? null : String(value)} about={store.about} />);
  const name = ofRow((row) => (
    <span class="gm-name"><Opener row={row} store={store} /><span class="gm-small gm-key"><Own text={row.key} /></span></span>
  ));
  const place = ofRow((row) => (
    <span class="gm-name">{row.governed && row.step ? stageName(store.about, row.step) : "–"}
      <span class="gm-small gm-key">{ageText(row)} <Badges row={row} /></span></span>
  ));
  const columns: TableColumn[] = [
    { title: "Project", field: "name", width: 190, frozen: true, sorter: byTextOf(store, "name"), formatter: name },
    { title: "Current step", field: "place", width: 215, sorter: byNumber, formatter: place },
    { title: "Sign-off", field: "signoff_text", width: 120, sorter: byTextOf(store, "signoff_text"), formatter: ofRow((row) => <Signoff row={row} store={store} />) },
    { title: "Decision", field: "decision", width: 105, sorter: byTextOf(store, "decision"), formatter: plain },
    { title: "Priority", field: "priority", width: 95, sorter: byNumber, hozAlign: "right", formatter: plain },
    { title: "Workflow", field: "finished", width: 132, sorter: byNumber,
      formatter: ofRow((row) => (row.governed ? <Progress row={row} about={store.about} /> : <Own text={row.state} />)) },
    { title: "Business initiative", field: "initiative", width: 145, sorter: byTextOf(store, "initiative"), formatter: plain, rare: true },
    ...fields.dimensions.map((field) => ({
      title: labelOf(fields, field), field, width: 126, sorter: byRating, formatter: rated, rare: !["value", "risk"].includes(field),
    })),
    { title: "Target end", field: "end", width: 138, sorter: byDate, formatter: plain },
    { title: "Owner", field: "owner", width: 95, sorter: byTextOf(store, "owner"), formatter: plain },
    { title: "Days in step", field: "days", width: 125, sorter: byNumber, hozAlign: "right", rare: true, formatter: plain },
    { title: "Problems", field: "problems", width: 100, sorter: byNumber, hozAlign: "right", rare: true, formatter: plain },
    { title: "Sponsor", field: "sponsor", width: 140, sorter: byTextOf(store, "sponsor"), formatter: plain, rare: true },
    { title: "Tags", field: "tagged", width: 160, sorter: byTextOf(store, "tagged"), formatter: plain, rare: true },
    { title: "Start", field: "start", width: 115, sorter: byDate, formatter: plain, rare: true },
    { title: "Last change", field: "changed", width: 120, sorter: byDate, formatter: plain, rare: true },
    { title: "Changed by", field: "by", width: 120, sorter: byTextOf(store, "by"), formatter: plain, rare: true },
    { title: "Revision", field: "revision", width: 95, sorter: byNumber, hozAlign: "right", rare: true, formatter: plain },
  ];
  const others = store.about.fields.map(([field, title, kind]): TableColumn => ({
    title, field, width: 130, rare: true,
    sorter: kind === "rating" ? byRating : kind === "number" ? byNumber : kind === "date" ? byDate : byTextOf(store, field),
    formatter: kind === "rating" ? rated : plain,
  }));
  const known = columns.filter(({ field }) => fields.has(field)).map((column) => ({ ...column, title: store.about.headings[column.field] ?? column.title }));
  return [...known, ...others];
}

/** The columns that are hidden now. */
export function hiddenColumns(store: Store, columns: readonly TableColumn[]): Set<string> {
  const { hide } = store.state;
  return new Set(hide === null ? columns.filter(({ rare }) => rare).map(({ field }) => field) : hide.split(",").filter(Boolean));
}
