// The sign-off of a step: where it stands, and the way to it. Who may not read the hub lets the plugin look, and finish.
import { useState } from "preact/hooks";
import { messageOf } from "../live/api";
import { reviewHash } from "../live/route";
import { Button } from "../live/Button";
import { Failure } from "../live/Dialog";
import { useApp } from "../live/store";
import { Bdi, sentence } from "../live/text";
import { dateText } from "../live/time";
import type { Item, Step, StepSignoff as SignoffOfStep } from "../live/types";
import { isBlank } from "./edit";
import { isProject } from "./SectionMenu";

interface Props {
  item: Item;
  step: Step;
  onFinished: (item: Item, sentence: string) => void;
}

export function StepSignoff({ item, step, onFinished }: Props) {
  const signoff = (item.signoffs ?? []).find(({ step: id }) => id === step.id);
  if (signoff !== undefined && !isProject(item)) return <Missing step={step} signoff={signoff} />; // the page's head says the rest
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
        {!signoff.mandatory && signoff.status !== "APPROVED" && <span class="gl-soft"> · not needed to finish</span>}{" "}
        <a href={reviewHash(item.project_key, step.id)} aria-label={`Sign-off of ${step.name}`}>
          Open
        </a>
        <Missing step={step} signoff={signoff} />
      </p>
    );
  }
  if (item.signoffs_unreadable == null || !isProject(item) || step.status !== "ONGOING" || !item.form.can_edit) return null;
  return <Unread item={item} step={step} onFinished={onFinished} />;
}

function Missing({ step, signoff }: { step: Step; signoff: SignoffOfStep }) {
  if (step.status !== "ONGOING" || signoff.missing === null || signoff.locked) return null;
  return (
    <span class="gl-soft gl-block">
      <Bdi text={sentence(signoff.missing)} />
    </span>
  );
}

function Unread({ item, step, onFinished }: Props) {
  const { api } = useApp();
  const run = async () => onFinished(await api.throughMacro(item.project_key, "finish-step", { step: step.id }), `${step.name} is finished`);
  return (
    <div>
      <p class="gl-soft">{sentence(item.signoffs_unreadable ?? "")} So whether this step is signed off is not looked at on Save, and that stays noted; the plugin can look for you.</p>
      <MacroButton label="Finish the step" run={run} />
    </div>
  );
}

/** For who may vouch for the decision, and need not be able to edit: approvers are best let only read. */
export function AttestDecision({ item, paths, onDone }: { item: Item; paths: readonly string[]; onDone: (item: Item, sentence: string) => void }) {
  const { api } = useApp();
  const path = item.attest?.allowed === true ? item.attest.paths[0] : undefined;
  const field = path === undefined || !paths.includes(path) ? undefined : item.form.fields[path];
  if (field === undefined || isBlank(field.value) || field.trust !== "recorded" || item.closed !== null) return null;
  const run = async () => {
    const { recorded, ...now } = await api.throughMacro(item.project_key, "attest");
    onDone(now, `Decision recorded in the hub ${recorded}`);
  };
  return <MacroButton label="Record the decision in the hub" run={run} />;
}

function MacroButton({ label, run }: { label: string; run: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const press = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await run();
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <p>
        <Button ready={!busy} onPress={() => void press()}>
          {label}
        </Button>
      </p>
      <Failure message={failure} />
    </>
  );
}
