// Which field of many projects to change, and to what; the review comes next.
import { useId, useState } from "preact/hooks";
import { ActionDialog } from "../item/ActionDialog";
import { FieldEdit } from "../item/FieldEdit";
import { bulkFields, type BulkChange } from "./bulk";
import { useItem } from "./query";
import { countText } from "./time";
import type { Json } from "./types";

interface Props {
  keys: readonly string[];
  onReview: (change: BulkChange) => void;
  onClose: () => void;
}

export function ChangeDialog({ keys, onReview, onClose }: Props) {
  // of many projects, the first one tells which fields there are
  const { answer, failure } = useItem(keys[0] ?? "");
  const form = answer?.form ?? null;
  const [path, setPath] = useState("");
  const [value, setValue] = useState<Json>(null);
  const id = useId();
  const field = form?.fields[path];
  const review = () => field && onReview({ kind: "value", path, label: field.label, value });
  return (
    <ActionDialog title={`Change ${countText(keys.length, "project")}`} label="Review changes" ready={field !== undefined} problem={failure} onDo={review} onClose={onClose} wide>
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
    </ActionDialog>
  );
}
