// The same field was saved by somebody else meanwhile: mine, theirs, by whom and when, for each.
import { useState } from "preact/hooks";
import { Button } from "../live/Button";
import { Dialog, DialogFoot } from "../live/Dialog";
import { Bdi } from "../live/text";
import { timeText } from "../live/time";
import type { Conflict, Form } from "../live/types";
import { canKeepBoth, realConflicts, type Choice } from "./conflicts";
import { valueText } from "./edit";
import { statusWord } from "./StepBar";

interface Props {
  conflicts: readonly Conflict[];
  form: Form;
  onResolve: (choices: Record<string, Choice>) => void;
  onClose: () => void;
}

export function ConflictDialog({ conflicts, form, onResolve, onClose }: Props) {
  const real = realConflicts(conflicts);
  const [choices, setChoices] = useState<Record<string, Choice>>({});
  const open = real.filter(({ path }) => choices[path] === undefined).length;
  return (
    <Dialog title="Changed by somebody else meanwhile" onClose={onClose} wide>
      <p>Nothing is saved yet, and nothing you typed is lost. Choose for each field what is to stay.</p>
      {real.map((conflict) => (
        <ConflictChoice
          key={conflict.path}
          conflict={conflict}
          both={canKeepBoth(conflict, form.fields[conflict.path])}
          choice={choices[conflict.path]}
          onChoose={(choice) => setChoices({ ...choices, [conflict.path]: choice })}
        />
      ))}
      <DialogFoot>
        <Button kind="primary" ready={open === 0} onPress={() => onResolve(choices)}>
          Save with these
        </Button>
        <button type="button" onClick={onClose}>
          Back to the form
        </button>
        {open > 0 && <span class="gl-soft">{open} still to choose</span>}
      </DialogFoot>
    </Dialog>
  );
}

interface ChoiceProps {
  conflict: Conflict;
  both: boolean;
  choice: Choice | undefined;
  onChoose: (choice: Choice) => void;
}

function ConflictChoice({ conflict, both, choice, onChoose }: ChoiceProps) {
  const isStatus = /^steps\..+\.status$/.test(conflict.path);
  const text = (value: Conflict["yours"]) => (isStatus && typeof value === "string" ? statusWord(value) : valueText(value));
  const who = [conflict.by, conflict.at === null ? null : timeText(conflict.at)].filter((part) => part !== null).join(", ");
  const options: [Choice, string, string | null][] = [
    ["mine", "Mine", text(conflict.yours)],
    ["theirs", `Theirs${who ? ` (${who})` : ""}`, text(conflict.theirs)],
  ];
  if (both) options.push(["both", "Both, theirs first", null]);
  return (
    <fieldset class="gl-conflict">
      <legend>
        <Bdi text={conflict.label} />
      </legend>
      {options.map(([name, label, value]) => (
        <label key={name} class={choice === name ? "gl-side gl-on" : "gl-side"}>
          <input type="radio" name={`conflict-${conflict.path}`} checked={choice === name} onChange={() => onChoose(name)} />
          <span>
            <b>
              <Bdi text={label} />
            </b>
            {value !== null && (
              <span class="gl-side-value">
                <Bdi text={value} />
              </span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
