// What only the table offers: groups and columns.
import type { JSX } from "preact";
import { labelOf } from "../state/fields";
import type { Store } from "../state/store";
import { columnsOf, hiddenColumns } from "../views/columns";
import { Dropdown } from "./Dropdown";

export function GroupChoice({ store }: { store: Store }): JSX.Element {
  const { fields, state } = store;
  return (
    <label>
      {"Group by "}
      <select id="group" value={fields.groups.includes(state.group) ? state.group : ""}
        onChange={(event) => store.setState({ group: event.currentTarget.value }, { step: true })}>
        <option value="">nothing</option>
        {fields.groups.map((group) => <option key={group} value={group}>{group === "step" ? "Current step" : labelOf(fields, group)}</option>)}
      </select>
    </label>
  );
}

export function ColumnChoice({ store }: { store: Store }): JSX.Element {
  return <Dropdown label="Columns">{() => <Columns store={store} />}</Dropdown>;
}

function Columns({ store }: { store: Store }): JSX.Element {
  const columns = columnsOf(store);
  const hidden = hiddenColumns(store, columns);
  const toggle = (field: string, isOn: boolean): void => {
    const next = [...hidden].filter((other) => other !== field);
    store.setState({ hide: (isOn ? next : [...next, field]).join(",") }, { step: true });
  };
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
}
