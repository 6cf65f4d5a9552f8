// One section of the item: its status and what may become of it, then its fields, as text or as inputs.
import { sentence } from "../live/text";
import { dateText } from "../live/time";
import type { FormField, Item, Move, Section } from "../live/types";
import { isBlank, statusPath, valueOf, valueText } from "./edit";
import { FieldEdit } from "./FieldEdit";
import { FieldView } from "./FieldView";
import { placedFields } from "./order";
import { stepWords } from "./StepBar";
import { AttestDecision, StepSignoff } from "./StepSignoff";
import type { Editor } from "./useEditor";
import { errorsByPath } from "./ValuesForm";

interface Props {
  item: Item;
  section: Section;
  editor: Editor;
  /** Starts editing, with focus on a field. */
  onEdit: (path: string) => void;
  /** A step was finished, or the decision recorded, by the plugin's macro. */
  onFinished?: (item: Item, sentence: string) => void;
}

export function SectionView({ item, section, editor, onEdit, onFinished = () => undefined }: Props) {
  const { form } = item;
  const errors = errorsByPath(editor.errors);
  const fields = placedFields(section, form).flatMap(({ path, comment }) => (comment === null ? [path] : [path, comment]));
  const editing = editor.edit !== null;
  const comments = new Set(placedFields(section, form).map(({ comment }) => comment));
  const drawn = fields.map((path) => {
    const field = form.fields[path];
    // a comment that nobody wrote is no news
    if (field === undefined || (!editing && comments.has(path) && isBlank(field.value))) return null;
    return <Field key={path} path={path} field={namedIn(section, field)} item={item} section={section} editor={editor} error={errors[path]} onEdit={onEdit} />;
  });
  return (
    <>
      {section.kind === "step" && <StepStatus item={item} section={section} editor={editor} error={errors[statusPath(section.id)]} onFinished={onFinished} />}
      {fields.length === 0 && <p class="gl-soft">This section has no fields.</p>}
      {editing ? <div class="gl-form">{drawn}</div> : fields.length > 0 && <dl class="gl-fields">{drawn}</dl>}
      {!editing && section.kind === "step" && <AttestDecision item={item} paths={fields} onDone={onFinished} />}
    </>
  );
}

/** "Notes" within Qualification, where the label is "Qualification: notes". */
function namedIn(section: Section, field: FormField): FormField {
  const prefix = `${section.name}: `;
  if (!field.label.startsWith(prefix)) return field;
  const rest = field.label.slice(prefix.length);
  return { ...field, label: rest.charAt(0).toUpperCase() + rest.slice(1) };
}

interface FieldProps extends Props {
  path: string;
  field: FormField;
  error: string | undefined;
}

function Field({ path, field, item, section, editor, error, onEdit }: FieldProps) {
  const { edit } = editor;
  const { form } = item;
  // a rating that the step has of its own has this step as its origin
  const inherited = field.origin !== null && section.kind === "step" && field.origin !== section.id;
  const origin = !inherited ? null : (form.sections.find(({ id }) => id === field.origin)?.name ?? field.origin);
  const required = requiredText(field, section, item);
  if (edit === null) {
    return (
      <FieldView
        path={path}
        field={field}
        origin={origin}
        required={required}
        by={field.role === "decision" ? lastChange(path, item, field.trust === "attested") : null}
        canEdit={form.can_edit}
        onConfirm={() => editor.confirm(path, form.fields[path] ?? field)}
        onEdit={() => onEdit(path)}
      />
    );
  }
  const value = valueOf(edit, path, field);
  return (
    <>
      <FieldEdit
        path={path}
        field={field}
        value={value}
        error={error}
        changed={path in edit.changes}
        required={isBlank(value) ? required : null}
        onChange={(changed) => editor.change(path, form.fields[path] ?? field, changed)}
      />
      {origin !== null && !isBlank(field.value) && !(path in edit.changes) && (
        <p class="gl-origin">
          {valueText(field.value)}, from {origin}{" "}
          <button type="button" class="gl-small" aria-label={`Confirm ${field.label}`} onClick={() => editor.confirm(path, form.fields[path] ?? field)}>
            Confirm
          </button>
        </p>
      )}
    </>
  );
}

function requiredText(field: FormField, section: Section, item: Item): string | null {
  const names = field.required_for.filter((id) => section.kind === "overview" || id === section.id).map((id) => item.steps.find((step) => step.id === id)?.name ?? id);
  return names.length === 0 ? null : `required for ${names.join(", ")}`;
}

/** "dalia · 3 Nov · hub": who set a field last, when, and whether the hub vouches for it. */
function lastChange(path: string, item: Item, attested: boolean): string | null {
  const event = item.events.filter(({ what, at }) => what === path && at !== null).at(-1);
  return event === undefined ? null : [event.by, dateText(event.at), attested ? "hub" : null].filter(Boolean).join(" · ");
}

interface StatusProps {
  item: Item;
  section: Section;
  editor: Editor;
  error: string | undefined;
  onFinished: (item: Item, sentence: string) => void;
}

function StepStatus({ item, section, editor, error, onFinished }: StatusProps) {
  const step = item.steps.find(({ id }) => id === section.id);
  if (step === undefined) return null;
  const { edit } = editor;
  const moves = edit === null ? [] : item.form.moves.filter((move) => move.step === section.id && move.status !== "SKIPPED");
  return (
    <div class={error ? "gl-status gl-invalid" : "gl-status"} data-path={statusPath(section.id)}>
      <p>
        <b>{stepWords(step)}</b>
        {step.started_on !== null && <span class="gl-soft"> since {dateText(step.started_on)}</span>}
        {step.finished_on !== null && <span class="gl-soft">, finished {dateText(step.finished_on)}</span>}
        {step.by !== null && (
          <span class="gl-soft">
            {" "}
            · <bdi>{step.by}</bdi>
          </span>
        )}
      </p>
      {moves.map((move) => (
        <MoveButton key={move.status} move={move} item={item} editor={editor} />
      ))}
      {edit === null && <StepSignoff item={item} step={step} onFinished={onFinished} />}
      {error && <p class="gl-error">{error}</p>}
    </div>
  );
}

// Off where the order of the steps forbids it. What the rules ask for may be saved together with the move.
function MoveButton({ move, item, editor }: { move: Move; item: Item; editor: Editor }) {
  const { edit } = editor;
  const chosen = edit?.moves[move.step]?.status === move.status;
  const off = !move.allowed && !chosen;
  const id = `move-${move.step}-${move.status}`;
  const missing = (move.missing ?? []).filter(({ path }) => {
    const field = item.form.fields[path];
    return field === undefined || isBlank(valueOf(edit, path, field));
  });
  const words = off ? sentence(move.why_not ?? "") : missing.length > 0 ? `${move.says}. Still missing: ${missing.map(({ label }) => label).join(", ")}` : move.says;
  return (
    <p class="gl-move">
      <button type="button" class={chosen ? "gl-on" : ""} aria-pressed={chosen} disabled={off} aria-describedby={id} onClick={() => editor.move(move)}>
        {move.label}
      </button>{" "}
      <span id={id} class={chosen ? "" : "gl-soft"}>
        {words}
      </span>
    </p>
  );
}
