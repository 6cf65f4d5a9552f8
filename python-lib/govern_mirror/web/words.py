"""Hints in the words of the live page."""

from __future__ import annotations

from govern_mirror.errors import Action, Hint

WORDS = {
    Action.GOVERN: "press *Govern…* under *Not governed* first",
    Action.ADOPT: "press *Adopt…* to govern it on its own",
    Action.SET: "press *Edit* to change it",
    Action.RECORD: "press *Edit* to fill it in",
    Action.MOVE: "use the buttons of the steps",
    Action.LOOK: "look at what it holds now, then try again",
    Action.ADVANCE_TO: "finish the steps before it, or skip them with *More*",
    Action.REOPEN_STEP: "press *Reopen* at the step",
    Action.SET_STEP: "let somebody put the workflow right with the macro *Move the Govern workflow*",
    Action.OVERRIDE: "or go on against the rules, with a reason",
    Action.SIGN_OFF: "open its review beside the sign-off, and ask there",
    Action.RESET_SIGNOFF: "open its review beside the sign-off, and reset it there",
    Action.UNDO_CLOSE: "press *More*, then *Reopen the closed project…* first",
    Action.CONFIRM: "press *Confirm…* to record it",
    Action.PURGE: "tick *Also remove the mark that it was governed* to take everything away for good",
    Action.MORE_TIME: "try again in a moment",
    Action.FEWER_AT_ONCE: "choose fewer projects",
    Action.CHECK_ADDRESS: "ask an administrator",
    Action.CHECK_KEY: "ask an administrator",
    Action.CHECK_CERTIFICATE: "ask an administrator",
    Action.FORCE: "look at what would change first",
    Action.OVER_SIGNOFF: "ask an administrator",
    Action.PREFER: "choose whose value wins",
    Action.GOVERN_NODE: "ask an administrator",
}
"""What a person presses on the page, by what a hint names."""


def advice(hint: Hint | None) -> str | None:
    """Return what to do next on the page; None where the message says it all."""
    return hint.worded(WORDS) or None if hint else None
