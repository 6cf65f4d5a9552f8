// What stays in sight while a form is edited: how much is changed, what Save will do, Save and Cancel.
import { Button } from "../live/Button";
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
  const given = edit.reason.trim() !== "";
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
      {(reason || editor.overridable) && <ReasonInput reason={edit.reason} onChange={editor.setReason} required />}
      {editor.attest !== null && (
        <p>
          <label>
            <input type="checkbox" checked={editor.attest} onChange={(event) => editor.setAttest(event.currentTarget.checked)} /> Record the decision in the hub
          </label>
        </p>
      )}
      <div class="gl-savebar-row">
        <Button kind="primary" ready={!editor.saving && uploading === 0 && (given || !reason)} onPress={editor.save}>
          {editor.saving ? "Saving…" : "Save"}
        </Button>
        {editor.overridable && (
          <Button ready={!editor.saving && given} onPress={editor.override}>
            Save against the rules
          </Button>
        )}
        <Button ready={!editor.saving} onPress={onCancel}>
          Cancel
        </Button>
        <span role="status">{count === 0 ? "No changes" : countText(count, "change")}</span>
        {uploading > 0 && <span class="gl-soft">{countText(uploading, "file")} on the way. </span>}
        <span class="gl-soft">{moves.map((move) => move.says).join(". ")}</span>
      </div>
    </div>
  );
}
