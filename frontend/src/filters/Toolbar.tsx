// The filters, for all views: search, choices in lists that open, flags, numbers and dates.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { valueLabel } from "../parts/project";
import { Own, plural, formatCount } from "../parts/text";
import { labelOf } from "../state/fields";
import type { State } from "../state/address";
import type { Store } from "../state/store";
import { columnsOf, hiddenColumns } from "../views/columns";
import { Dropdown } from "./Dropdown";
import { optionsOf } from "./options";

const MAX_UNSEARCHED = 12;
const MAX_LISTED = 200;

interface StoreProps {
  readonly store: Store;
}

const without = <T,>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));

function FieldFilter({ store, field }: StoreProps & { field: string }): JSX.Element {
  const label = labelOf(store.fields, field);
  const chosen = store.state.filters[field];
  return (
    <Dropdown label={label} summary={chosen ? `${label} (${chosen.size})` : label} isActive={Boolean(chosen)} field={field}>
      {() => <FieldValues store={store} field={field} label={label} />}
    </Dropdown>
  );
}

function FieldValues({ store, field, label }: StoreProps & { field: string; label: string }): JSX.Element {
  const [text, setText] = useState("");
  const chosen = store.state.filters[field] ?? new Set<string>();
  const toggle = (value: string, isOn: boolean): void => {
    const values = new Set(chosen);
    if (isOn) values.add(value);
    else values.delete(value);
    const others = without(store.state.filters, field);
    store.setState({ filters: values.size ? { ...others, [field]: values } : others });
  };
  const all = optionsOf(store, field);
  const name = (value: string): string => valueLabel(store.about, store.fields, field, value);
  const fitting = all.filter((value) => name(value).toLowerCase().includes(text.toLowerCase()));
  return (
    <>
      {all.length > MAX_UNSEARCHED
        ? <input type="search" aria-label={`Find in ${label}`} placeholder="Find…" value={text} onInput={(event) => setText(event.currentTarget.value)} /> : null}
      <div class="gm-options">
        {fitting.slice(0, MAX_LISTED).map((value) => (
          <label key={value}>
            <input type="checkbox" checked={chosen.has(value)} onChange={(event) => toggle(value, event.currentTarget.checked)} />
            <Own text={name(value)} />
          </label>
        ))}
        {fitting.length > MAX_LISTED ? <div class="gm-small">{`and ${fitting.length - MAX_LISTED} more: type to find them`}</div> : null}
      </div>
    </>
  );
}

function RangeFilters({ store }: StoreProps): JSX.Element {
  const count = Object.keys(store.state.ranges).length;
  return (
    <Dropdown label="Numbers and dates" summary={count ? `Numbers, dates (${count})` : "Numbers, dates"} isActive={count > 0} field="between">
      {() => Object.keys(store.fields.ranges).map((field) => (
        <div key={field} class="gm-between">
          <span>{labelOf(store.fields, field)}</span>
          {" from "}<LimitInput store={store} field={field} place={0} />{" to "}<LimitInput store={store} field={field} place={1} />
        </div>
      ))}
    </Dropdown>
  );
}

function LimitInput({ store, field, place }: StoreProps & { field: string; place: 0 | 1 }): JSX.Element {
  const kind = store.fields.ranges[field] ?? "number";
  const word = place ? "to" : "from";
  const change = (value: string): Partial<State> => {
    const [from, to] = store.state.ranges[field] ?? ["", ""];
    const limits = place ? ([from, value] as const) : ([value, to] as const);
    const others = without(store.state.ranges, field);
    return { ranges: limits[0] || limits[1] ? { ...others, [field]: limits } : others };
  };
  return (
    <input type={kind} id={`${field}-${word}`} aria-label={`${labelOf(store.fields, field)} ${word}`} step={kind === "number" ? "any" : undefined}
      value={store.state.ranges[field]?.[place] ?? ""}
      onInput={(event) => {
        const { value } = event.currentTarget;
        store.setStateSoon(() => change(value));
      }} />
  );
}

function FlagBox({ store, flag }: StoreProps & { flag: string }): JSX.Element {
  const toggle = (isOn: boolean): void => {
    const flags = new Set(store.state.flags);
    if (isOn) flags.add(flag);
    else flags.delete(flag);
    store.setState({ flags });
  };
  return (
    <label class="gm-flagbox">
      <input type="checkbox" id={`flag-${flag}`} checked={store.state.flags.has(flag)} onChange={(event) => toggle(event.currentTarget.checked)} />
      {labelOf(store.fields, flag)}
    </label>
  );
}

function GroupChoice({ store }: StoreProps): JSX.Element {
  const { fields, state } = store;
  return (
    <label>
      {"Group by "}
      <select id="group" value={fields.groups.includes(state.group) ? state.group : ""} onChange={(event) => store.setState({ group: event.currentTarget.value })}>
        <option value="">nothing</option>
        {fields.groups.map((group) => <option key={group} value={group}>{group === "step" ? "Current step" : labelOf(fields, group)}</option>)}
      </select>
    </label>
  );
}

function ColumnChoice({ store }: StoreProps): JSX.Element {
  const toggle = (field: string, isOn: boolean): void => {
    const hidden = hiddenColumns(store, columnsOf(store));
    if (isOn) hidden.delete(field);
    else hidden.add(field);
    store.setState({ hide: [...hidden].join(",") });
  };
  return (
    <Dropdown label="Columns">
      {() => {
        const columns = columnsOf(store);
        const hidden = hiddenColumns(store, columns);
        return (
          <div class="gm-options">
            {columns.slice(1).map(({ field, title }) => (
              <label key={field}>
                <input type="checkbox" checked={!hidden.has(field)} onChange={(event) => toggle(field, event.currentTarget.checked)} />
                {title}
              </label>
            ))}
          </div>
        );
      }}
    </Dropdown>
  );
}

export function Toolbar({ store }: StoreProps): JSX.Element {
  const { fields, rows, shown, state } = store;
  const search = useRef<HTMLInputElement>(null);
  const isFiltered = Boolean(state.q || state.flags.size || Object.keys(state.filters).length || Object.keys(state.ranges).length);
  const clear = (): void => {
    store.setState({ q: "", filters: {}, ranges: {}, flags: new Set() }, { step: true });
    search.current?.focus();
  };
  return (
    <div id="toolbar" role="search" aria-label="Filters" hidden={state.view === "trends"}>
      <input type="search" id="search" ref={search} placeholder="Search name, key, owner, initiative, tag" aria-label="Search projects" value={state.q}
        onInput={(event) => {
          const { value } = event.currentTarget;
          store.setStateSoon(() => ({ q: value }));
        }} />
      {fields.filters.map((field) => <FieldFilter key={field} store={store} field={field} />)}
      <RangeFilters store={store} />
      {fields.flags.map((flag) => <FlagBox key={flag} store={store} flag={flag} />)}
      {state.view === "table" ? <><GroupChoice store={store} /><ColumnChoice store={store} /></> : null}
      <button type="button" class="gm-link" id="clear" hidden={!isFiltered} onClick={clear}>Clear</button>
      <output id="count" aria-live="polite">
        {shown.length === rows.length ? plural(rows.length, "project") : `${formatCount(shown.length)} of ${plural(rows.length, "project")}`}
      </output>
    </div>
  );
}
