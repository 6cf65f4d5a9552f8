// The inputs of simple kinds. Each has a name that labels it, tells what is wrong, and hands the whole value back.
import type { FormField, Json } from "../live/types";

export interface InputProps {
  path: string;
  field: FormField;
  value: Json;
  onChange: (value: Json) => void;
  /** ids of help and error, read with the input */
  describedBy: string | undefined;
  invalid: boolean;
}

export const inputId = (path: string): string => `input-${path}`;

const textOf = (value: Json): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** Attributes that every control of a field has. */
export function controlOf({ path, describedBy, invalid }: InputProps) {
  return { id: inputId(path), "aria-describedby": describedBy, "aria-invalid": invalid ? ("true" as const) : undefined };
}

export function LineInput(props: InputProps) {
  const { value, onChange } = props;
  return <input {...controlOf(props)} type="text" dir="auto" value={textOf(value)} onInput={(event) => onChange(event.currentTarget.value)} />;
}

export function DateInput(props: InputProps) {
  const { value, onChange } = props;
  return <input {...controlOf(props)} type="date" max="9999-12-31" value={textOf(value)} onInput={(event) => onChange(event.currentTarget.value || null)} />;
}

/** What is no number is kept as typed: the API says at the field what is wrong. */
export function NumberInput(props: InputProps) {
  const { value, onChange } = props;
  const take = (text: string) => onChange(text.trim() === "" ? null : Number.isFinite(Number(text)) ? Number(text) : text);
  return <input {...controlOf(props)} type="text" inputMode="decimal" value={textOf(value)} onChange={(event) => take(event.currentTarget.value)} />;
}

interface GroupProps extends InputProps {
  /** label and value of each button */
  options: readonly [string, Json][];
}

/** One of a few: buttons that are radios to the keyboard and to screen readers, and one that clears. */
export function ChoiceInput(props: GroupProps) {
  const { path, field, value, options, onChange, describedBy } = props;
  return (
    <div class="gl-choices" role="radiogroup" aria-label={field.label} aria-describedby={describedBy}>
      {options.map(([label, option], at) => (
        <label key={label} class={option === value ? "gl-choice gl-on" : "gl-choice"}>
          <input id={at === 0 ? inputId(path) : undefined} type="radio" name={inputId(path)} checked={option === value} onChange={() => onChange(option)} />
          <span>{label}</span>
        </label>
      ))}
      {value !== null && value !== "" && (
        <button type="button" class="gl-quiet" aria-label={`Clear ${field.label}`} onClick={() => onChange(null)}>
          Clear
        </button>
      )}
    </div>
  );
}

export function SelectInput(props: InputProps) {
  const { field, value, onChange } = props;
  return (
    <select {...controlOf(props)} value={textOf(value)} onChange={(event) => onChange(event.currentTarget.value || null)}>
      <option value="">(blank)</option>
      {field.choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  );
}

export function SeveralInput({ path, field, value, onChange, describedBy }: InputProps) {
  const chosen = Array.isArray(value) ? (value as string[]) : [];
  // in the template's order, with what an earlier template offered at the end
  const all = [...field.choices, ...chosen.filter((choice) => !field.choices.includes(choice))];
  const toggle = (choice: string) => onChange(all.filter((each) => (each === choice ? !chosen.includes(each) : chosen.includes(each))));
  return (
    <div class="gl-choices" role="group" aria-label={field.label} aria-describedby={describedBy}>
      {all.map((choice, at) => (
        <label key={choice} class={chosen.includes(choice) ? "gl-choice gl-on" : "gl-choice"}>
          <input id={at === 0 ? inputId(path) : undefined} type="checkbox" checked={chosen.includes(choice)} onChange={() => toggle(choice)} />
          <span>{choice}</span>
        </label>
      ))}
    </div>
  );
}
