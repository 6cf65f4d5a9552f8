// The parts of Tabulator that the page uses; the bundler leaves the others out.
import {
  ExportModule,
  FilterModule,
  FormatModule,
  FrozenColumnsModule,
  GroupRowsModule,
  InteractionModule,
  MoveColumnsModule,
  PrintModule,
  ResizeColumnsModule,
  ResizeTableModule,
  SortModule,
  Tabulator,
} from "tabulator-tables";

Tabulator.registerModule([
  ExportModule,
  FilterModule,
  FormatModule,
  FrozenColumnsModule,
  GroupRowsModule,
  InteractionModule,
  MoveColumnsModule,
  PrintModule,
  ResizeColumnsModule,
  ResizeTableModule,
  SortModule,
]);

globalThis.Tabulator = Tabulator;
