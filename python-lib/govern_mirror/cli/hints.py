"""Hints in the words of the command line."""

from __future__ import annotations

import difflib
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from govern_mirror.errors import Action, GovernMirrorError, Hint, with_hint

if TYPE_CHECKING:
    from govern_mirror.actions.session import Session

WORDS = {
    Action.GOVERN: "run `govern-mirror init {key}` first",
    Action.ADOPT: "run `govern-mirror init {key} --adopt` to govern it on its own",
    Action.SET: "change it with `govern-mirror set {key}`",
    Action.RECORD: "write `govern-mirror set {key} {step}=…`",
    Action.MOVE: "use `govern-mirror advance` or `govern-mirror step`",
    Action.LOOK: "look at it with `govern-mirror show {key}`, then give its revision",
    Action.ADVANCE_TO: "go there with `govern-mirror advance {key} --to {step}`",
    Action.REOPEN_STEP: "go back to it with `govern-mirror step reopen {key} {step}`",
    Action.SET_STEP: "put the workflow right with `govern-mirror step set {key} {step} --reason …`",
    Action.OVERRIDE: "override the rules with `govern-mirror step set {key} {step} --override --reason …`",
    Action.SIGN_OFF: "ask with `govern-mirror signoff request {key} {step}`",
    Action.RESET_SIGNOFF: "reset it with `govern-mirror signoff reset {key} {step}`",
    Action.UNDO_CLOSE: "undo that first with `govern-mirror close {key} --undo`",
    Action.FORCE: "look at the plan; --force applies it all the same",
    Action.OVER_SIGNOFF: "--force pushes it all the same",
    Action.PREFER: "--prefer dss or --prefer govern says whose value wins",
    Action.CONFIRM: (
        "record it first: give the same value, or confirm all that is typed with `govern-mirror qualify {key} "
        "--confirm`"
    ),
    Action.GOVERN_NODE: (
        "give --govern-url and --govern-api-key, or use the key of an administrator of a DSS instance that is "
        "integrated with one"
    ),
    Action.PURGE: "`govern-mirror ungovern {key} --purge` takes everything away for good",
    Action.MORE_TIME: "--timeout gives it more time",
    Action.FEWER_AT_ONCE: "--workers asks for less at once",
    Action.CHECK_ADDRESS: "check {setting}",
    Action.CHECK_KEY: "check {setting}",
    Action.CHECK_CERTIFICATE: (
        "set REQUESTS_CA_BUNDLE to your company's certificates, or use --no-check-certificate on a network you trust"
    ),
}
"""What a person types, by what a hint names."""

PROGRAM = "govern-mirror"


def program() -> str:
    """Return what to type to call this program again: its path where its name alone would not find it."""
    called = Path(sys.argv[0])
    if called.stem != PROGRAM:
        return PROGRAM
    on_path = shutil.which(PROGRAM)
    try:
        is_on_path = on_path is not None and Path(on_path).samefile(called)
        return PROGRAM if is_on_path else shlex.quote(os.path.relpath(called))
    except (OSError, ValueError):  # gone since, or on another drive
        return shlex.quote(str(called))


def as_called(text: str) -> str:
    """Return a text whose commands begin with what the person typed: hints name them as `govern-mirror …`."""
    return text.replace(f"`{PROGRAM} ", f"`{program()} ") if f"`{PROGRAM} " in text else text


def worded(message: str, hint: Hint | None, session: Session | None = None) -> str:
    """Return a message with what to type next.

    Args:
        message: what happened.
        hint: what to do about it.
        session: where keys that look like one that does not exist are looked for; None to look nowhere.
    """
    if hint and hint.action is Action.OTHER_KEY and session is not None:
        similar = similar_keys(session, hint.key)
        return f"{message}; is {' or '.join(similar)} meant?" if similar else message
    return as_called(with_hint(message, hint, WORDS))


def similar_keys(session: Session, key: str) -> list[str]:
    """Return up to three keys of visible projects that look like one; none where the projects cannot be listed."""
    try:
        visible = session.store.keys()
    except GovernMirrorError:
        return []
    by_capitals = {visible_key.upper(): visible_key for visible_key in visible}
    return [by_capitals[match] for match in difflib.get_close_matches(key.upper(), by_capitals, 3, 0.7)]


def similar_commands(name: str, commands: list[str]) -> str:
    """Return a question that names the commands that look like one, or nothing."""
    close = difflib.get_close_matches(name, commands, 2, 0.6)
    return f" Is {' or '.join(f'`{match}`' for match in close)} meant?" if close else ""
