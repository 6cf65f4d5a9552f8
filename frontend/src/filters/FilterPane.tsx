// What can be asked of one field: some of its values, from and to, or a mark; and the same turned around.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { valueLabel } from "../parts/project";
import { formatCount, Own } from "../parts/text";
import type { Filter, Limits } from "../state/address";
import { labelOf } from "../state/fields";
import { valuesFilter } from "../state/filter";
import type { Store } from "../state/store";
import { optionsOf } from "./options";

const MAX_UNSEARCHED = 12;
const MAX_LISTED = 200;

export interface FieldProps {
  readonly store: Store;
  readonly field: string;
}

export function FilterPane({ store, field }: FieldProps): JSX.Element {
  const kind = store.fields.filters[field] ?? "values";
  return (
    <div class="gm-pane" data-pane={field}>
      <Direction store={store} field={field} />
      {kind === "values" ? <Values store={store} field={field} /> : kind === "flag" ? null : <Range store={store} field={field} kind={kind} />}
    </div>
  );
}

interface Choice {
  readonly label: string;
  readonly filter: Filter | null;
  readonly isOn: boolean;
}

/** Whether the filter asks for something or for anything but it; a mark need not be asked for at all. */
function Direction({ store, field }: FieldProps): JSX.Element {
  const filter = store.state.filters[field];
  const isFlag = store.fields.filters[field] === "flag";
  const turned = (isNot: boolean): Filter | null => (isFlag ? { kind: "flag", isNot } : filter ? { ...filter, isNot } : null);
  const choices: Choice[] = [
    ...(isFlag ? [{ label: "either way", filter: null, isOn: !filter }] : []),
    { label: "is", filter: turned(false), isOn: isFlag ? filter?.isNot === false : !filter?.isNot },
    { label: "is not", filter: turned(true), isOn: filter?.isNot === true },
  ];
  return (
    <div class="gm-direction" role="radiogroup" aria-label={`${labelOf(store.fields, field)}: is or is not`}>
      {choices.map(({ label, filter: next, isOn }) => (
        <label key={label}>
          <input type="radio" name={`direction-${field}`} checked={isOn} disabled={!isFlag && !filter} onChange={() => store.setFilter(field, next)} />
          {` ${label}`}
        </label>
      ))}
    </div>
  );
}

function Values({ store, field }: FieldProps): JSX.Element {
  const [text, setText] = useState("");
  const filter = store.state.filters[field];
  const chosen = filter?.kind === "values" ? filter.values : new Set<string>();
  const toggle = (value: string, isOn: boolean): void => {
    const values = [...chosen].filter((other) => other !== value);
    store.setFilter(field, valuesFilter(isOn ? [...values, value] : values, filter?.isNot));
  };
  const options = optionsOf(store, field);
  const counts = store.countsOf(field);
  const name = (value: string): string => valueLabel(store.about, store.fields, field, value);
  const fitting = options.filter((value) => name(value).toLowerCase().includes(text.toLowerCase()));
  return (
    <>
      {options.length > MAX_UNSEARCHED
        ? <input type="search" aria-label={`Find in ${labelOf(store.fields, field)}`} placeholder="Find…" value={text}
            onInput={(event) => setText(event.currentTarget.value)} /> : null}
      <div class="gm-options">
        {fitting.slice(0, MAX_LISTED).map((value) => (
          <label key={value}>
            <input type="checkbox" aria-label={name(value)} checked={chosen.has(value)} onChange={(event) => toggle(value, event.currentTarget.checked)} />
            <Own text={name(value)} />
            <span class="gm-tally">{formatCount(counts.get(value) ?? 0)}</span>
          </label>
        ))}
        {fitting.length > MAX_LISTED ? <div class="gm-small">{`and ${formatCount(fitting.length - MAX_LISTED)} more: type to find them`}</div> : null}
        {fitting.length ? null : <div class="gm-small">Nothing is called this.</div>}
      </div>
    </>
  );
}

function Range({ store, field, kind }: FieldProps & { kind: "number" | "date" }): JSX.Element {
  return (
    <div class="gm-between">
      <label>from <Limit store={store} field={field} kind={kind} place={0} /></label>
      <label>to <Limit store={store} field={field} kind={kind} place={1} /></label>
    </div>
  );
}

function Limit({ store, field, kind, place }: FieldProps & { kind: "number" | "date"; place: 0 | 1 }): JSX.Element {
  const filter = store.state.filters[field];
  const limits: Limits = filter?.kind === "range" ? filter.limits : ["", ""];
  const word = place ? "to" : "from";
  const set = (value: string): void => {
    const next: Limits = place ? [limits[0], value] : [value, limits[1]];
    // the first limit is a step that Back returns from; typing on is not
    store.setFilter(field, next[0] || next[1] ? { kind: "range", limits: next, isNot: filter?.isNot ?? false } : null, { step: !filter });
  };
  return (
    <input type={kind} id={`${field}-${word}`} aria-label={`${labelOf(store.fields, field)} ${word}`} step={kind === "number" ? "any" : undefined}
      value={limits[place]} onInput={(event) => set(event.currentTarget.value)} />
  );
}
