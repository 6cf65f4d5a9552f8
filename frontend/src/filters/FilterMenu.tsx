// "+ Filter": what can be filtered, and then what can be asked of it.
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatCount } from "../parts/text";
import { type FilterKind, labelOf } from "../state/fields";
import type { Store } from "../state/store";
import { Dropdown } from "./Dropdown";
import { FilterPane } from "./FilterPane";

const HEADINGS: readonly (readonly [heading: string, kinds: readonly FilterKind[]])[] = [
  ["Marks", ["flag"]], ["Fields", ["values"]], ["Numbers and dates", ["number", "date"]],
];

export function FilterMenu({ store }: { store: Store }): JSX.Element {
  return <Dropdown label="Filter" summary="+ Filter" field="add">{() => <Menu store={store} />}</Dropdown>;
}

function Menu({ store }: { store: Store }): JSX.Element {
  const [field, setField] = useState("");
  const host = useRef<HTMLDivElement>(null);
  // the keyboard goes on in what was opened
  useLayoutEffect(() => {
    if (field) host.current?.querySelector<HTMLElement>(".gm-options input, .gm-between input, input:not(:disabled)")?.focus();
    else host.current?.querySelector("button")?.focus();
  }, [field]);
  if (field) {
    return (
      <div ref={host}>
        <button type="button" class="gm-link" onClick={() => setField("")}>‹ All filters</button>
        <p class="gm-pane-title">{labelOf(store.fields, field)}</p>
        <FilterPane store={store} field={field} />
      </div>
    );
  }
  const filters = Object.entries(store.fields.filters);
  return (
    <div class="gm-menu" ref={host}>
      {HEADINGS.map(([heading, kinds]) => (
        <div key={heading} role="group" aria-label={heading}>
          <p class="gm-small">{heading}</p>
          {filters.filter(([, kind]) => kinds.includes(kind)).map(([name, kind]) => (
            <button key={name} type="button" data-filter={name} onClick={() => setField(name)}>
              {labelOf(store.fields, name)}
              {kind === "flag" ? <span class="gm-tally">{formatCount(store.countOfFlag(name))}</span> : null}
            </button>
          ))}
        </div>
      ))}
    </div>
  );
}
