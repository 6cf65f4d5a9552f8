// The values that a filter offers: the template's own in its order, else those that projects have; and their counts.
import { SIGNOFF_STATES } from "../data/signoffs";
import { NONE } from "../state/fields";
import { valuesOf } from "../state/filter";
import { compareTexts } from "../state/order";
import type { Store } from "../state/store";

/** The values of a field in their order: the workflow's, the scale's, else that of names. */
export function orderedValues({ about, fields }: Store, field: string, values: Iterable<string>): string[] {
  const found = new Set(values);
  const isBlank = found.delete(NONE);
  const known =
    field === "step" ? about.stages.map(([id]) => id)
    : field === "signoff" ? SIGNOFF_STATES
    : field === "decision" ? about.decisions
    : fields.dimensions.includes(field) ? about.ratings
    : [];
  const others = [...found].filter((value) => !known.includes(value)).sort(compareTexts);
  return [...known, ...others, ...(isBlank ? [NONE] : [])];
}

export function optionsOf(store: Store, field: string): string[] {
  const values = new Set(store.rows.flatMap((row) => valuesOf(row, field)));
  if (field !== "step" && (field === "decision" || store.fields.dimensions.includes(field))) values.add(NONE);
  return orderedValues(store, field, values);
}
