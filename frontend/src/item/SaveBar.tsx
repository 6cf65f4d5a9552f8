// What stays in sight while a form is edited: how much is changed, what Save will do, Save and Cancel.
import { sentence } from "../live/text";
import { countText } from "../live/time";
import { ReasonInput } from "./ActionDialog";
import { countChanges, needsReason } from "./edit";
import type { Editor } from "./useEditor";

export function SaveBar({ editor, uploading, onCancel }: { editor: Editor; uploading: number; onCancel: () => void }) {
  const { known: edit } = editor;
  if (edit === null) return null;
  const count = countChanges(edit);
  const moves = Object.values(edit.moves);
  const reason = needsReason(edit);
  const errors = editor.errors.filter(({ path }) => path === null);
  return (
    <div class="gl-savebar" role="region" aria-label="Save">
      <div role="alert" class="gl-alert-place">
        {editor.failure !== null && <p class="gl-failure">{editor.failure}</p>}
        {errors.map(({ message, hint }) => (
          <p key={message} class="gl-failure">
            {sentence(message)} {sentence(hint ?? "")}
          </p>
        ))}
      </div>
      {reason && <ReasonInput reason={edit.reason} onChange={editor.setReason} required />}
      <div class="gl-savebar-row">
        {/* a button that is disabled while it works would lose focus: pressed again, it does nothing */}
        <button type="button" class="gl-primary" aria-disabled={editor.saving} disabled={uploading > 0 || (reason && edit.reason.trim() === "")} onClick={editor.save}>
          {editor.saving ? "Saving…" : "Save"}
        </button>
        <button type="button" disabled={editor.saving} onClick={onCancel}>
          Cancel
        </button>
        <span role="status">{count === 0 ? "No changes" : countText(count, "change")}</span>
        {uploading > 0 && <span class="gl-soft">{countText(uploading, "file")} on the way. </span>}
        <span class="gl-soft">{moves.map((move) => move.says).join(". ")}</span>
      </div>
    </div>
  );
}
