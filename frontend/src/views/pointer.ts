// A click anywhere on a project opens it, but not one that is meant for what stands there.

/** Whether a click was on something with a purpose of its own, or ended a selection of text. */
export function isOnControl(event: MouseEvent): boolean {
  const { target } = event;
  return event.defaultPrevented || (target instanceof Element && target.closest("a, button, input, label, select, summary") !== null) || Boolean(getSelection()?.toString());
}
