// The values that a filter offers: the template's own in its order, else those that projects have.
import type { Row } from "../data/table";
import { NONE } from "../state/fields";
import { valueOf } from "../state/filter";
import type { Store } from "../state/store";

export function optionsOf({ about, fields, rows }: Store, field: string): string[] {
  if (fields.dimensions.includes(field)) return [...about.ratings, NONE];
  if (field === "step") return about.stages.map(([id]) => id);
  if (field === "decision") return [...about.decisions, NONE];
  return field === "tag" ? [...new Set(rows.flatMap((row) => row.tags))].sort() : valuesOf(rows, field);
}

function valuesOf(rows: readonly Row[], field: string): string[] {
  const values = new Set(rows.map((row) => valueOf(row, field)));
  const isBlank = values.delete(NONE);
  return [...[...values].sort((a, b) => a.localeCompare(b)), ...(isBlank ? [NONE] : [])];
}
