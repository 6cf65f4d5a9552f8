// A list that opens below its button. It opens within the window, and closes with Escape or a click beside it.
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface DropdownProps {
  readonly label: string;
  /** What its button says, when that differs. */
  readonly summary?: ComponentChildren;
  readonly field?: string;
  /** Draws the list, which costs nothing while it is closed. */
  readonly children: () => ComponentChildren;
}

// a list that opens near the right edge moves to the left as far as it must
function keepInSight(list: HTMLElement): void {
  list.style.marginLeft = "0";
  const beyond = list.getBoundingClientRect().right + 8 - document.documentElement.clientWidth;
  if (beyond > 0) list.style.marginLeft = `${-beyond}px`;
}

export function Dropdown({ label, summary = label, field, children }: DropdownProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const list = useRef<HTMLFieldSetElement>(null);
  useLayoutEffect(() => {
    if (isOpen && list.current) keepInSight(list.current);
  }, [isOpen]);
  return (
    <details class="gm-choice" data-field={field}
      onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      <fieldset ref={list}>
        <legend class="gm-hidden">{label}</legend>
        {isOpen ? children() : null}
      </fieldset>
    </details>
  );
}

/** Closes the lists that are open; true when there was one. The focus goes back to its button, unless the click was elsewhere. */
export function closeDropdowns(root: HTMLElement, except: readonly EventTarget[] = []): boolean {
  let closed = false;
  for (const open of root.querySelectorAll<HTMLDetailsElement>(".gm-choice[open]")) {
    if (except.includes(open)) continue;
    open.open = false;
    if (!except.length) open.querySelector("summary")?.focus();
    closed = true;
  }
  return closed;
}
