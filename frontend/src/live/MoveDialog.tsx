// To which stage the selected projects go: what dragging a card does, for the keyboard and for many.
import { useId, useState } from "preact/hooks";
import { ActionDialog } from "../item/ActionDialog";
import { nameOf } from "../parts/text";
import { moveTo, nextStage, stagesOf, type BulkChange } from "./bulk";
import { tableOf, useRows } from "./rows";
import { useAppState } from "./store";
import { countText } from "./time";

interface Props {
  keys: readonly string[];
  onReview: (change: BulkChange) => void;
  onClose: () => void;
}

export function MoveDialog({ keys, onReview, onClose }: Props) {
  const portfolio = useAppState((state) => state.portfolio);
  const rows = useRows();
  const only = keys.length === 1 ? rows.find(({ key }) => key === keys[0]) : undefined;
  const stages = portfolio === null ? [] : stagesOf(tableOf(portfolio).about);
  const [stage, setStage] = useState(() => nextStage(stages, only?.step));
  const id = useId();
  const what = only === undefined ? countText(keys.length, "project") : nameOf(only);
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
