// To which stage the selected projects go: what dragging a card does, for the keyboard and for many.
import { useId, useState } from "preact/hooks";
import { ActionDialog } from "../item/ActionDialog";
import { moveTo, stagesOf, type BulkChange } from "./bulk";
import { useNames, tableOf } from "./rows";
import { useAppState } from "./store";
import { countText } from "./time";

interface Props {
  keys: readonly string[];
  onReview: (change: BulkChange) => void;
  onClose: () => void;
}

export function MoveDialog({ keys, onReview, onClose }: Props) {
  const portfolio = useAppState((state) => state.portfolio);
  const names = useNames();
  const stages = portfolio === null ? [] : stagesOf(tableOf(portfolio).about);
  const [stage, setStage] = useState(stages[0]?.[0] ?? "");
  const id = useId();
  const [first = ""] = keys;
  const what = keys.length === 1 ? (names.get(first) ?? first) : countText(keys.length, "project");
  return (
    <ActionDialog title={`Move ${what}`} label="Review changes" onDo={() => onReview(moveTo(stage, stages))} onClose={onClose}>
      <div class="gl-field">
        <label class="gl-label" for={id}>
          To step
        </label>
        <select id={id} value={stage} onChange={(event) => setStage(event.currentTarget.value)}>
          {stages.map(([each, name]) => (
            <option key={each} value={each}>
              {name}
            </option>
          ))}
        </select>
        <p class="gl-help">The steps before it are finished, and it is started. The rules of each step hold.</p>
      </div>
    </ActionDialog>
  );
}
