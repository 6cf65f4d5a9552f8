// The filters, for all views: search, the two questions that are asked most, everything else behind "+ Filter", and chips.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { formatCount, plural } from "../parts/text";
import { labelOf } from "../state/fields";
import type { PortfolioAction } from "../portfolio/Selection";
import type { Store } from "../state/store";
import { Chips, SWITCHES } from "./Chips";
import { FilterMenu } from "./FilterMenu";
import { ColumnChoice, GroupChoice } from "./TableChoices";
import { ViewMenu } from "./ViewMenu";

function Switch({ store, flag }: { store: Store; flag: string }): JSX.Element {
  const isOn = store.state.filters[flag]?.isNot === false;
  return (
    <button type="button" class="gm-switch" id={`flag-${flag}`} aria-pressed={isOn}
      onClick={() => store.setFilter(flag, isOn ? null : { kind: "flag", isNot: false })}>
      {labelOf(store.fields, flag)}<span class="gm-tally">{formatCount(store.countOfFlag(flag))}</span>
    </button>
  );
}

interface ToolbarProps {
  readonly store: Store;
  /** What can be done with all that are shown. */
  readonly actions: readonly PortfolioAction[];
}

export function Toolbar({ store, actions }: ToolbarProps): JSX.Element {
  const { rows, shown, state } = store;
  const search = useRef<HTMLInputElement>(null);
  // the first letter is a step that Back returns from; typing on is not
  const isNewRef = useRef(true);
  const clear = (): void => {
    store.clearFilters();
    search.current?.focus();
  };
  return (
    <div id="toolbar" role="search" aria-label="Filters">
      <input type="search" id="search" ref={search} placeholder="Search name, key, people, tag" aria-label="Search projects" value={state.q}
        onFocus={() => {
          isNewRef.current = true;
        }}
        onInput={(event) => {
          const { value } = event.currentTarget;
          store.setStateSoon(() => {
            const step = isNewRef.current;
            isNewRef.current = false;
            return [{ q: value }, { step }];
          });
        }} />
      {SWITCHES.map((flag) => <Switch key={flag} store={store} flag={flag} />)}
      <FilterMenu store={store} />
      <ViewMenu store={store} />
      {state.view === "table" ? <><GroupChoice store={store} /><ColumnChoice store={store} /></> : null}
      {shown.length
        ? actions.map(({ id, label, run }) => (
            <button key={id} type="button" class="gm-button" onClick={() => run(store.sequence.map(({ key }) => key), false)}>{label}</button>
          ))
        : null}
      <output id="count" aria-live="polite">
        {shown.length === rows.length ? plural(rows.length, "project") : `${formatCount(shown.length)} of ${plural(rows.length, "project")}`}
      </output>
      <div class="gm-chip-line" hidden={!store.isFiltered}>
        <Chips store={store} />
        <button type="button" class="gm-link" id="clear" onClick={clear}>Clear all</button>
      </div>
    </div>
  );
}
