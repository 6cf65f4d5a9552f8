// What is filtered: a chip for each field, with how many projects it asks for by itself; each opens to be changed, and goes away.
import type { JSX } from "preact";
import { valueLabel } from "../parts/project";
import { formatCount, visibleText } from "../parts/text";
import type { Filter } from "../state/address";
import { labelOf } from "../state/fields";
import type { Store } from "../state/store";
import { Dropdown } from "./Dropdown";
import { type FieldProps, FilterPane } from "./FilterPane";

const MAX_NAMED = 3;
/** Marks with a button of their own. */
export const SWITCHES = ["in_flight", "attention"];

function filterText({ store, field }: FieldProps, filter: Filter): string {
  const label = labelOf(store.fields, field);
  const verb = filter.isNot ? "is not" : "is";
  if (filter.kind === "flag") return filter.isNot ? `Not: ${label.toLowerCase()}` : label;
  if (filter.kind === "range") {
    const [from, to] = filter.limits;
    const limits = from && to ? `${from} to ${to}` : from ? `from ${from}` : `up to ${to}`;
    return filter.isNot ? `${label} is not ${limits}` : `${label} ${limits}`;
  }
  const names = [...filter.values].map((value) => visibleText(valueLabel(store.about, store.fields, field, value)));
  const rest = names.length - MAX_NAMED;
  return `${label} ${verb} ${names.slice(0, MAX_NAMED).join(" or ")}${rest > 0 ? ` or ${formatCount(rest)} more` : ""}`;
}

function Chip({ store, field, filter }: FieldProps & { filter: Filter }): JSX.Element {
  const text = filterText({ store, field }, filter);
  const remove = (): void => {
    store.setFilter(field, null);
    document.getElementById("search")?.focus();
  };
  return (
    <li class="gm-filter">
      <Dropdown label={labelOf(store.fields, field)} summary={<>{<bdi>{text}</bdi>}<span class="gm-tally">{formatCount(store.countOfFilter(field, filter))}</span></>} field={field}>
        {() => <FilterPane store={store} field={field} />}
      </Dropdown>
      <button type="button" class="gm-remove" aria-label={`Remove filter: ${text}`} onClick={remove}>×</button>
    </li>
  );
}

export function Chips({ store }: { store: Store }): JSX.Element | null {
  const chips = Object.entries(store.state.filters).filter(([field, filter]) => filter.isNot || !SWITCHES.includes(field));
  if (!chips.length) return null;
  return (
    <ul id="chips" aria-label="Filters that are set">
      {chips.map(([field, filter]) => <Chip key={field} store={store} field={field} filter={filter} />)}
    </ul>
  );
}
