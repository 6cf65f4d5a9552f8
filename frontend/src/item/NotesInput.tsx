// Notes in Markdown: written at the left tab, seen as they will be at the right one.
import { useState } from "preact/hooks";
import { controlOf, type InputProps } from "./inputs";
import { Markdown } from "./markdown";

export function NotesInput(props: InputProps) {
  const { field, value, onChange } = props;
  const [preview, setPreview] = useState(false);
  const text = typeof value === "string" ? value : "";
  return (
    <div class="gl-notes">
      {preview ? (
        <div class="gl-preview" role="region" aria-label={`Preview of ${field.label}`} tabIndex={0}>
          {text.trim() === "" ? <p class="gl-soft">Nothing to preview.</p> : <Markdown text={text} />}
        </div>
      ) : (
        <textarea {...controlOf(props)} dir="auto" rows={Math.min(16, Math.max(3, text.split("\n").length + 1))} value={text} onInput={(event) => onChange(event.currentTarget.value)} />
      )}
      <div class="gl-notes-foot">
        <span class="gl-soft">Markdown</span>
        <button type="button" class="gl-quiet" aria-pressed={preview} aria-label={`Preview of ${field.label}`} onClick={() => setPreview(!preview)}>
          {preview ? "Write" : "Preview"}
        </button>
      </div>
    </div>
  );
}
