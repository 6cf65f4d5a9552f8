// The fields of the hub's form: one name a line, and rows that can be added and removed.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { ROLES, type Lists } from "./form";

interface FieldProps {
  label: string;
  value: string;
  locked: boolean;
  onChange: (value: string) => void;
}

/** A list of names, one a line. */
export function NamesField({ label, value, locked, onChange }: FieldProps) {
  return (
    <label class="gl-hub-names">
      <span class="gl-label">{label}</span>
      <textarea rows={Math.min(8, Math.max(2, value.split("\n").length))} readOnly={locked} spellcheck={false} value={value} onInput={(event) => onChange(event.currentTarget.value)} />
    </label>
  );
}

export function LineField({ label, value, locked, onChange }: FieldProps) {
  return (
    <label>
      <span class="gl-label">{label}</span>
      <input type="text" readOnly={locked} spellcheck={false} value={value} onInput={(event) => onChange(event.currentTarget.value)} />
    </label>
  );
}

/** The lists of reviewers, a field a role. */
export function ListsFields({ lists, locked, onChange }: { lists: Lists; locked: boolean; onChange: (lists: Lists) => void }) {
  return (
    <div class="gl-hub-lists">
      {ROLES.map(([role, label]) => (
        <NamesField key={role} label={label} value={lists[role] ?? ""} locked={locked} onChange={(value) => onChange({ ...lists, [role]: value })} />
      ))}
    </div>
  );
}

interface RowsProps<Row> {
  rows: readonly Row[];
  /** What a row is, such as `deputy`. */
  what: string;
  nameOf: (row: Row) => string;
  blank: Row;
  locked: boolean;
  onChange: (rows: Row[]) => void;
  children: (row: Row, change: (row: Row) => void) => ComponentChildren;
}

/** Rows, each a group with a button that removes it. */
export function Rows<Row>({ rows, what, nameOf, blank, locked, onChange, children }: RowsProps<Row>) {
  const id = useId();
  const add = () => {
    onChange([...rows, blank]);
    // the new row is there once this has been drawn
    setTimeout(() => document.querySelector<HTMLElement>(`[data-rows="${id}"] > fieldset:last-of-type :is(input, textarea)`)?.focus());
  };
  return (
    <div class="gl-hub-rows" data-rows={id}>
      {rows.length === 0 && <p class="gl-soft">None.</p>}
      {rows.map((row, place) => {
        const name = nameOf(row).trim() || `new ${what}`;
        return (
          // a row has no name of its own while it is typed
          <fieldset key={place}>
            <legend class="gl-hidden">{`${what} ${name}`}</legend>
            {children(row, (changed) => onChange(rows.map((other, at) => (at === place ? changed : other))))}
            {!locked && (
              <button type="button" class="gl-small" aria-label={`Remove ${what} ${name}`} onClick={() => onChange(rows.filter((_, at) => at !== place))}>
                Remove
              </button>
            )}
          </fieldset>
        );
      })}
      {!locked && (
        <button type="button" onClick={add}>
          Add {what}
        </button>
      )}
    </div>
  );
}
