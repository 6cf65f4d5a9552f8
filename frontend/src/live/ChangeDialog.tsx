// Which field of many projects to change, and to what; the review comes next.
import { useEffect, useId, useState } from "preact/hooks";
import { FieldEdit } from "../item/FieldEdit";
import { messageOf } from "./api";
import { bulkFields, type BulkChange } from "./bulk";
import { Dialog, DialogFoot, Failure } from "./Dialog";
import { useApp } from "./store";
import { countText } from "./time";
import type { Form, Json } from "./types";

interface Props {
  keys: readonly string[];
  onReview: (change: BulkChange) => void;
  onClose: () => void;
}

export function ChangeDialog({ keys, onReview, onClose }: Props) {
  const { api } = useApp();
  const [form, setForm] = useState<Form | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [path, setPath] = useState("");
  const [value, setValue] = useState<Json>(null);
  const id = useId();
  const first = keys[0] ?? "";
  useEffect(() => {
    api.item(first).then(
      (item) => setForm(item.form),
      (error: unknown) => setFailure(messageOf(error)),
    );
  }, [api, first]);
  const field = form?.fields[path];
  return (
    <Dialog title={`Change ${countText(keys.length, "project")}`} onClose={onClose} wide>
      <Failure message={failure} />
      {form !== null && (
        <div class="gl-field">
          <label class="gl-label" for={id}>
            Field
          </label>
          <select
            id={id}
            value={path}
            onChange={(event) => {
              setPath(event.currentTarget.value);
              setValue(null);
            }}
          >
            <option value="">Choose a field</option>
            {bulkFields(form).map(([each, { label }]) => (
              <option key={each} value={each}>
                {label}
              </option>
            ))}
          </select>
        </div>
      )}
      {field !== undefined && <FieldEdit key={path} path={path} field={field} value={value} onChange={setValue} />}
      {field !== undefined && <p class="gl-soft">Left blank, it is cleared in each of them.</p>}
      <DialogFoot>
        <button type="button" class="gl-primary" disabled={field === undefined} onClick={() => field && onReview({ kind: "value", path, label: field.label, value })}>
          Review changes
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </DialogFoot>
    </Dialog>
  );
}
