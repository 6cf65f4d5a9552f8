// A field that is being edited: label, help, the input of its kind, and what is wrong with it.
import type { FormField, Json } from "../live/types";
import { DocumentsInput } from "./DocumentsInput";
import { ChoiceInput, DateInput, inputId, LineInput, NumberInput, SelectInput, SeveralInput, type InputProps } from "./inputs";
import { NotesInput } from "./NotesInput";
import { PeopleInput } from "./PeopleInput";

/** More choices than this are a list to open. */
const MAX_BUTTONS = 6;

interface Props {
  path: string;
  field: FormField;
  value: Json;
  onChange: (value: Json) => void;
  error?: string | undefined;
  changed?: boolean;
  required?: string | null;
}

function Input(props: InputProps) {
  const { field } = props;
  const options = field.choices.map((choice): [string, Json] => [choice, choice]);
  switch (field.kind) {
    case "text":
      return <NotesInput {...props} />;
    case "documents":
      return <DocumentsInput {...props} />;
    case "date":
      return <DateInput {...props} />;
    case "number":
      return <NumberInput {...props} />;
    case "flag":
      return <ChoiceInput {...props} options={[["Yes", true], ["No", false]]} />;
    case "people":
      return <PeopleInput {...props} />;
    case "rating":
    case "category":
      if (field.several) return <SeveralInput {...props} />;
      return field.choices.length > MAX_BUTTONS ? <SelectInput {...props} /> : <ChoiceInput {...props} options={options} />;
    default:
      return field.role === "sponsor" ? <PeopleInput {...props} /> : <LineInput {...props} />;
  }
}

/** Groups of buttons name themselves; a label leads to one control only. */
function isGroup(field: FormField): boolean {
  return field.kind === "documents" || field.kind === "flag" || (["rating", "category"].includes(field.kind) && (field.several || field.choices.length <= MAX_BUTTONS));
}

export function FieldEdit({ path, field, value, onChange, error, changed = false, required = null }: Props) {
  const id = inputId(path);
  // the date's picker knows its own format
  const help = field.kind === "date" ? null : field.help;
  const described = [help ? `${id}-help` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ") || undefined;
  const text = (
    <>
      {field.label}
      {required !== null && <span class="gl-required"> · {required}</span>}
      {changed && <span class="gl-changed"> · changed</span>}
    </>
  );
  return (
    <div class={error ? "gl-field gl-invalid" : "gl-field"} data-path={path}>
      {isGroup(field) ? <div class="gl-label">{text}</div> : <label class="gl-label" for={id}>{text}</label>}
      {help && (
        <p id={`${id}-help`} class="gl-help">
          {help}
          {field.turned && " Less is better."}
        </p>
      )}
      <Input path={path} field={field} value={value} onChange={onChange} describedBy={described} invalid={error !== undefined} />
      {error && (
        <p id={`${id}-error`} class="gl-error">
          {error}
        </p>
      )}
    </div>
  );
}

/** Brings the input of a path into sight and gives it focus; false where it is not on the page. */
export function focusField(path: string): boolean {
  const place = [...document.querySelectorAll<HTMLElement>("[data-path]")].find((element) => element.dataset["path"] === path);
  const control = place?.querySelector<HTMLElement>("input:checked, input, select, textarea, button");
  control?.focus();
  return control != null;
}
