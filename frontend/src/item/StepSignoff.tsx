// The sign-off of a step: where it stands, and the way to it. Who may not read the hub lets the plugin look, and finish.
import { useState } from "preact/hooks";
import { messageOf } from "../live/api";
import { Button } from "../live/Button";
import { Failure } from "../live/Dialog";
import { useApp } from "../live/store";
import { Bdi, sentence } from "../live/text";
import { dateText } from "../live/time";
import type { Item, Step } from "../live/types";
import { reviewHash } from "../review/Waiting";

interface Props {
  item: Item;
  step: Step;
  onFinished: (item: Item, sentence: string) => void;
}

export function StepSignoff({ item, step, onFinished }: Props) {
  const signoff = (item.signoffs ?? []).find((each) => each.step === step.id);
  if (signoff !== undefined) {
    const changed = signoff.unchanged === false && signoff.status === "APPROVED";
    return (
      <p>
        Sign-off: {signoff.status_label.toLowerCase()}
        {changed && ", changed since"}
        {signoff.by !== null && (
          <span class="gl-soft">
            {" "}
            · <Bdi text={signoff.by} />
            {signoff.at !== null && ` · ${dateText(signoff.at)}`}
          </span>
        )}
        {!signoff.mandatory && <span class="gl-soft"> · not needed to finish</span>}{" "}
        <a href={reviewHash(item.project_key, step.id)} aria-label={`Sign-off of ${step.name}`}>
          Open
        </a>
        {step.status === "ONGOING" && signoff.missing !== null && !signoff.locked && (
          <>
            <br />
            <span class="gl-soft">
              <Bdi text={sentence(signoff.missing)} />
            </span>
          </>
        )}
      </p>
    );
  }
  if (item.signoffs_unreadable == null || step.status !== "ONGOING" || !item.form.can_edit) return null;
  return <Unread item={item} step={step} onFinished={onFinished} />;
}

function Unread({ item, step, onFinished }: Props) {
  const { api } = useApp();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const finish = async () => {
    setBusy(true);
    setFailure(null);
    try {
      onFinished(await api.throughMacro(item.project_key, "finish-step", { step: step.id }), `${step.name} is finished`);
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div>
      <p class="gl-soft">{sentence(item.signoffs_unreadable ?? "")} So whether this step is signed off is not looked at on Save, and that stays noted; the plugin can look for you.</p>
      <Button ready={!busy} onPress={() => void finish()}>
        Finish the step
      </Button>
      <Failure message={failure} />
    </div>
  );
}
