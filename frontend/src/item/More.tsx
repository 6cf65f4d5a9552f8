// *More*: the acts that are done at once, each behind a dialog. Those that may not be done are not offered.
import { useId, useRef, useState } from "preact/hooks";
import { requestId } from "../live/requests";
import { useApp } from "../live/store";
import type { Item, SavedItem, Step } from "../live/types";
import { ActionDialog, ReasonInput } from "./ActionDialog";

export type Act = "skip" | "reopen" | "close" | "undo-close" | "ungovern" | "confirm";

const LABELS: Record<Act, string> = {
  skip: "Skip…", reopen: "Reopen…", close: "Close project…", "undo-close": "Reopen the closed project…", ungovern: "Stop governing…", confirm: "Confirm…",
};

const isDone = (step: Step): boolean => step.status === "FINISHED" || step.status === "SKIPPED";

/** Returns the acts that this person may do now. */
export function possibleActs(item: Item): Act[] {
  const { actions, can_edit } = item.form;
  if (!item.governed) return [];
  const open = item.closed === null;
  return [
    ...(can_edit && open && item.steps.some((step) => !isDone(step)) ? (["skip"] as const) : []),
    ...(can_edit && open && item.steps.some(isDone) ? (["reopen"] as const) : []),
    ...(actions.close?.allowed && open ? (["close"] as const) : []),
    ...(actions.undo_close?.allowed && !open ? (["undo-close"] as const) : []),
    ...(actions.ungovern?.allowed ? (["ungovern"] as const) : []),
  ];
}

export function More({ item, onAct }: { item: Item; onAct: (act: Act) => void }) {
  const [open, setOpen] = useState(false);
  const buttonRef = useRef<HTMLButtonElement>(null);
  const id = useId();
  const acts = possibleActs(item);
  if (acts.length === 0) return null;
  return (
    <span
      class="gl-more"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        setOpen(false);
        buttonRef.current?.focus();
      }}
      onFocusOut={(event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOpen(false);
      }}
    >
      <button type="button" ref={buttonRef} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        More
      </button>
      <ul id={id} hidden={!open}>
        {acts.map((act) => (
          <li key={act}>
            <button
              type="button"
              onClick={() => {
                buttonRef.current?.focus();
                setOpen(false);
                onAct(act);
              }}
            >
              {LABELS[act]}
            </button>
          </li>
        ))}
      </ul>
    </span>
  );
}

interface DialogProps {
  act: Act;
  item: Item;
  onDone: (item: SavedItem) => void;
  onClose: () => void;
}

/** The dialog of an act. */
export function ActDialog({ act, item, onDone, onClose }: DialogProps) {
  const { api } = useApp();
  const steps = item.steps.filter((step) => (act === "skip" ? !isDone(step) : isDone(step)));
  const [step, setStep] = useState((act === "skip" ? steps[0] : steps.at(-1))?.id ?? "");
  const [reason, setReason] = useState("");
  const [purge, setPurge] = useState(false);
  const name = item.name ?? item.address;
  const given = reason.trim();
  const send = async () => {
    const { revision, address: key } = item;
    const optional = given === "" ? {} : { reason: given };
    if (act === "skip") onDone(await api.act(key, "skip", { step, reason: given, revision }));
    else if (act === "reopen") onDone(await api.act(key, "move", { move: "reopen", step, revision, request: requestId(), ...optional }));
    else if (act === "close") onDone(await api.act(key, "close", { reason: given, revision }));
    else if (act === "undo-close") onDone(await api.act(key, "undo-close", { revision, ...optional }));
    else if (act === "ungovern") onDone(await api.act(key, "ungovern", { purge, revision }));
    else onDone(await api.act(key, "confirm", { revision }));
  };
  const dialog = { onDo: send, onClose };
  const skipOver = async () => onDone(await api.act(item.address, "move", { move: "skip", step, reason: given, revision: item.revision, override: true, request: requestId() }));
  switch (act) {
    case "skip":
    case "reopen":
      return (
        <ActionDialog title={act === "skip" ? "Skip a step" : "Reopen a step"} label={act === "skip" ? "Skip" : "Reopen"} ready={act === "reopen" || given !== ""} onOverride={act === "skip" ? skipOver : undefined} {...dialog}>
          <StepSelect steps={steps} step={step} onChange={setStep} />
          <ReasonInput reason={reason} onChange={setReason} required={act === "skip"} />
        </ActionDialog>
      );
    case "close":
      return (
        <ActionDialog title={`Close ${name}?`} label="Close project" ready={given !== ""} {...dialog}>
          <p>For what was cancelled, replaced or finished elsewhere. Nothing is deleted; it no longer counts as in flight, stale or overdue.</p>
          <ReasonInput reason={reason} onChange={setReason} required />
        </ActionDialog>
      );
    case "undo-close":
      return (
        <ActionDialog title={`Reopen ${name}?`} label="Reopen project" {...dialog}>
          <p>It goes on where it was closed.</p>
          <ReasonInput reason={reason} onChange={setReason} required={false} />
        </ActionDialog>
      );
    case "ungovern":
      return (
        <ActionDialog title={`Stop governing ${name}?`} label="Stop governing" {...dialog}>
          <p>Its steps, ratings, notes and documents are removed from the project. The project itself stays as it is.</p>
          <label class="gl-check">
            <input type="checkbox" checked={purge} onChange={() => setPurge(!purge)} />
            <span>Also remove the mark that it was governed</span>
          </label>
        </ActionDialog>
      );
    case "confirm":
      return (
        <ActionDialog title="Confirm what was changed by hand?" label="Confirm" {...dialog}>
          <p>Somebody changed these fields in DSS itself. Confirming records them under your name, as they are now:</p>
          <ul>
            {item.pending.map((path) => (
              <li key={path}>{item.labels[path] ?? path}</li>
            ))}
          </ul>
        </ActionDialog>
      );
  }
}

function StepSelect({ steps, step, onChange }: { steps: readonly Step[]; step: string; onChange: (step: string) => void }) {
  const id = useId();
  return (
    <div class="gl-field">
      <label class="gl-label" for={id}>
        Step
      </label>
      <select id={id} value={step} onChange={(event) => onChange(event.currentTarget.value)}>
        {steps.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </select>
    </div>
  );
}
