// The parts of Tabulator that the page uses; the package brings no types.
declare module "tabulator-tables" {
  export interface CellComponent<T> {
    getData(): T;
    getValue(): unknown;
  }
  export interface RowComponent<T> {
    getData(): T;
    getElement(): HTMLElement;
    getNextRow(): RowComponent<T> | false;
    getPrevRow(): RowComponent<T> | false;
  }
  export interface GroupComponent {
    getElement(): HTMLElement;
    getKey(): string;
    toggle(): void;
    isVisible(): boolean;
  }
  export interface ColumnComponent {
    getElement(): HTMLElement;
    getField(): string;
    isVisible(): boolean;
    getDefinition(): { headerSort?: boolean; frozen?: boolean };
  }
  export interface Sorter {
    field: string;
    dir: "asc" | "desc";
  }
  export interface ColumnDefinition<T> {
    title: string;
    field: string;
    width?: number;
    minWidth?: number;
    frozen?: boolean;
    visible?: boolean;
    headerSort?: boolean;
    resizable?: boolean | "header";
    hozAlign?: "right";
    titleFormatter?: () => HTMLElement;
    sorter?: (a: never, b: never, rowA: RowComponent<T>, rowB: RowComponent<T>, column: ColumnComponent, direction: "asc" | "desc") => number;
    formatter?: (cell: CellComponent<T>) => HTMLElement | string;
  }
  export type GroupBy<T> = ((row: T) => string) | false;
  export interface Options<T> {
    data: readonly T[];
    index: string;
    height: string;
    rowHeight: number;
    layout: "fitDataFill";
    movableColumns: boolean;
    columnDefaults: { headerSortTristate: boolean; minWidth: number; resizable: "header" };
    columns: ColumnDefinition<T>[];
    initialSort: { column: string; dir: "asc" | "desc" }[];
    initialFilter: { field: (row: T) => boolean; type: "function" }[];
    groupBy: GroupBy<T>;
    groupValues: string[][];
    groupToggleElement: false;
    groupStartOpen: boolean;
    groupHeader: (value: string, count: number, rows: T[], group: GroupComponent) => HTMLElement;
    printAsHtml: boolean;
    printStyled: boolean;
    printRowRange: () => RowComponent<T>[];
  }
  export class Tabulator<T> {
    constructor(element: HTMLElement, options: Options<T>);
    static registerModule(modules: unknown[]): void;
    on(event: "tableBuilt" | "renderComplete", listener: () => void): void;
    on(event: "dataGrouped", listener: (groups: GroupComponent[]) => void): void;
    on(event: "dataSorted", listener: (sorters: Sorter[]) => void): void;
    on(event: "rowClick", listener: (event: MouseEvent, row: RowComponent<T>) => void): void;
    destroy(): void;
    getColumns(): ColumnComponent[];
    getGroups(): GroupComponent[];
    getRow(key: string): RowComponent<T> | false;
    getRows(range?: "active"): RowComponent<T>[];
    getSorters(): Sorter[];
    hideColumn(field: string): void;
    moveColumn(column: ColumnComponent, to: ColumnComponent, isAfter: boolean): void;
    redraw(force?: boolean): void;
    replaceData(rows: readonly T[]): Promise<void>;
    scrollToRow(row: RowComponent<T>, position: "nearest", ifVisible: boolean): Promise<void>;
    setColumns(columns: ColumnDefinition<T>[]): void;
    setFilter(filter: (row: T) => boolean): void;
    setGroupBy(by: GroupBy<T>): void;
    setGroupValues(values: string[][]): void;
    setSort(sorters: { column: string; dir: "asc" | "desc" }[]): void;
    showColumn(field: string): void;
  }
  export const ExportModule: unknown;
  export const FilterModule: unknown;
  export const FormatModule: unknown;
  export const FrozenColumnsModule: unknown;
  export const GroupRowsModule: unknown;
  export const InteractionModule: unknown;
  export const MoveColumnsModule: unknown;
  export const PrintModule: unknown;
  export const ResizeColumnsModule: unknown;
  export const ResizeTableModule: unknown;
  export const SortModule: unknown;
}
