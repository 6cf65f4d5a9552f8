// A modal dialog of the browser: it keeps focus inside, closes with Escape, and gives focus back.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface Props {
  title: string;
  children: ComponentChildren;
  onClose: () => void;
  wide?: boolean;
}

/** Gives focus back to what opened the dialog; to what took its place, or to the page, where it is gone. */
function giveBack(opener: Element | null): void {
  const { id = "" } = opener ?? {};
  const back = opener?.isConnected === true ? opener : (document.getElementById(id) ?? document.getElementById("main"));
  if (back instanceof HTMLElement) back.focus();
}

export function Dialog({ title, children, onClose, wide = false }: Props) {
  const dialogRef = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    dialogRef.current?.showModal();
    return () => giveBack(opener);
  }, []);
  // a button that had focus may be gone once its work is done
  useEffect(() => {
    const dialog = dialogRef.current;
    if (dialog?.open === true && !dialog.contains(document.activeElement)) dialog.querySelector<HTMLElement>(".gl-dialog-foot button")?.focus();
  });
  return (
    <dialog
      ref={dialogRef}
      class={wide ? "gl-dialog gl-wide" : "gl-dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div class="gl-dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="gl-quiet" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </div>
      {children}
    </dialog>
  );
}

/** The buttons at a dialog's foot. */
export function DialogFoot({ children }: { children: ComponentChildren }) {
  return <div class="gl-dialog-foot">{children}</div>;
}

/** What went wrong, read aloud when it appears. */
export function Failure({ message }: { message: string | null }) {
  return (
    <div role="alert" class="gl-alert-place">
      {message !== null && <p class="gl-failure">{message}</p>}
    </div>
  );
}
