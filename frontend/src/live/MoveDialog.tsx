// To which step the selected projects go: what dragging a card does, for the keyboard and for many.
import { useId, useState } from "preact/hooks";
import type { BulkChange } from "./bulk";
import { Dialog, DialogFoot } from "./Dialog";
import { useAppState } from "./store";
import { countText } from "./time";

interface Props {
  keys: readonly string[];
  onReview: (change: BulkChange) => void;
  onClose: () => void;
}

export function MoveDialog({ keys, onReview, onClose }: Props) {
  const steps = useAppState((state) => state.portfolio?.about.steps) ?? [];
  const [step, setStep] = useState(steps[0]?.id ?? "");
  const id = useId();
  const name = steps.find((each) => each.id === step)?.name ?? step;
  return (
    <Dialog title={`Move ${countText(keys.length, "project")}`} onClose={onClose}>
      <div class="gl-field">
        <label class="gl-label" for={id}>
          To step
        </label>
        <select id={id} value={step} onChange={(event) => setStep(event.currentTarget.value)}>
          {steps.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </select>
        <p class="gl-help">The steps before it are finished, it is started. The rules of each step hold.</p>
      </div>
      <DialogFoot>
        <button type="button" class="gl-primary" onClick={() => onReview({ kind: "step", step, name })}>
          Review changes
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </DialogFoot>
    </Dialog>
  );
}
