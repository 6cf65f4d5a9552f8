// One act on a project that asks before it is done: skip, reopen, close, stop governing, confirm.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { messageOf } from "../live/api";
import { Dialog, DialogFoot, Failure } from "../live/Dialog";

interface Props {
  title: string;
  /** What the button says that does it. */
  label: string;
  /** Does it; what it throws is told, and the dialog stays. */
  onDo: () => Promise<void>;
  onClose: () => void;
  ready?: boolean;
  wide?: boolean;
  children: ComponentChildren;
}

export function ActionDialog({ title, label, onDo, onClose, ready = true, wide = false, children }: Props) {
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: Event) => {
    event.preventDefault();
    if (busy || !ready) return;
    setBusy(true);
    setFailure(null);
    onDo()
      .catch((error: unknown) => setFailure(messageOf(error)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={title} onClose={onClose} wide={wide}>
      <form onSubmit={submit}>
        {children}
        <Failure message={failure} />
        <DialogFoot>
          <button type="submit" class="gl-primary" aria-disabled={busy} disabled={!ready}>
            {busy ? "Working…" : label}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
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
