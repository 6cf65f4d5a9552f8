// The frame of a dialog that asks before something is done, or goes on to a review: what is asked for, and two buttons.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { isOverridable, messageOf } from "../live/api";
import { Button } from "../live/Button";
import { Dialog, DialogFoot, Failure } from "../live/Dialog";

interface Props {
  title: string;
  /** What the button says that does it. */
  label: string;
  /** Does it; what it throws is told, and the dialog stays. */
  onDo: () => Promise<void> | void;
  /** Does it against the rules, where one refuses it. */
  onOverride?: (() => Promise<void>) | undefined;
  onClose: () => void;
  ready?: boolean;
  wide?: boolean;
  /** What went wrong before anything was done. */
  problem?: string | null;
  children: ComponentChildren;
}

export function ActionDialog({ title, label, onDo, onOverride, onClose, ready = true, wide = false, problem = null, children }: Props) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const run = async (act: () => Promise<void> | void) => {
    setBusy(true);
    setError(null);
    try {
      await act();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose} wide={wide}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && ready) void run(onDo);
        }}
      >
        {children}
        <Failure message={error === null ? problem : messageOf(error)} />
        <DialogFoot>
          <Button kind="primary" submit ready={ready && !busy}>
            {busy ? "Working…" : label}
          </Button>
          {onOverride !== undefined && isOverridable(error) && (
            <Button ready={!busy} onPress={() => void run(onOverride)}>
              {label} against the rules
            </Button>
          )}
          <Button onPress={onClose}>Cancel</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

export function ReasonInput({ reason, onChange, required }: { reason: string; onChange: (reason: string) => void; required: boolean }) {
  const id = useId();
  return (
    <div class="gl-field">
      <label class="gl-label" for={id}>
        Reason{required && <span class="gl-required"> · required</span>}
      </label>
      <input id={id} type="text" dir="auto" required={required} value={reason} onInput={(event) => onChange(event.currentTarget.value)} />
    </div>
  );
}
