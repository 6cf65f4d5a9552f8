"""The errors this library raises. Each message says what is wrong and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Action(str, Enum):
    """What a person can do about an error: the use cases that hints name."""

    GOVERN = "govern"
    ADOPT = "adopt"
    SET = "set"
    RECORD = "record"
    MOVE = "move"
    LOOK = "look"
    OTHER_KEY = "other_key"
    ADVANCE_TO = "advance_to"
    REOPEN_STEP = "reopen_step"
    SET_STEP = "set_step"
    OVERRIDE = "override"
    SIGN_OFF = "sign_off"
    RESET_SIGNOFF = "reset_signoff"
    UNDO_CLOSE = "undo_close"
    FORCE = "force"
    OVER_SIGNOFF = "over_signoff"
    PREFER = "prefer"
    CONFIRM = "confirm"
    GOVERN_NODE = "govern_node"
    PURGE = "purge"
    MORE_TIME = "more_time"
    FEWER_AT_ONCE = "fewer_at_once"
    CHECK_ADDRESS = "check_address"
    CHECK_KEY = "check_key"
    CHECK_CERTIFICATE = "check_certificate"


@dataclass(frozen=True)
class Hint:
    """What to do next, as data: the command line, the macros and the page word it each in their own way.

    Attributes:
        action: the use case that helps.
        key: the project.
        step: the step, for the actions that take one; for RECORD the paths of what is missing, with `=… ` between.
        setting: where an address or a key comes from on the command line, for the actions that check it.
    """

    action: Action
    key: str = ""
    step: str = ""
    setting: str = ""

    def worded(self, words: Mapping[Action, str]) -> str:
        """Return the hint in the words of an entry point: they may hold `{key}`, `{step}` and `{setting}`."""
        return words.get(self.action, "").format(key=self.key or "KEY", step=self.step or "STEP", setting=self.setting)


def with_hint(message: str, hint: Hint | None, words: Mapping[Action, str]) -> str:
    """Return a sentence and what to do, in the words of an entry point."""
    advice = hint.worded(words) if hint else ""
    return f"{message}: {advice}" if advice else message


class GovernMirrorError(Exception):
    """Base of every error that is meant for the user: its text is shown as it is, without a traceback.

    Attributes:
        status: the HTTP status of the answer that it is about; None when there was none.
        hint: what to do about it, which the entry point words; None where the text says it all.
        has_lines: whether its text was laid out in lines here, and is not what somebody else wrote.
    """

    status: int | None = None
    has_lines: bool = False

    def __init__(self, *arguments: object, hint: Hint | None = None) -> None:
        super().__init__(*arguments)
        self.hint = hint


class InputError(GovernMirrorError):
    """A value the user gave is not valid: an unknown step, rating, status, date, link or setting."""


class MoveRefused(GovernMirrorError):  # noqa: N818 - a refusal is an outcome, named as users read it
    """The workflow does not allow the move that was asked for; the message names the way out.

    Attributes:
        overridable: whether a rule refuses it, and not the order of the steps: it can be overridden with a reason.
        path: of the status that stays as it is; None where no single step is meant.
    """

    overridable: bool = False
    path: str | None = None


class WriteRefused(GovernMirrorError):  # noqa: N818 - a refusal is an outcome, named as users read it
    """The project's metadata must not be written: it is a copy, damaged, or from a newer version."""


class RevisionMoved(WriteRefused):
    """The project is at another revision than the caller saw."""


class ConnectionFailed(GovernMirrorError):  # noqa: N818 - reads as what happened
    """DSS could not be reached, did not answer in time, failed inside, or something that is not DSS answered.

    Attributes:
        never_sent: whether the request certainly did not reach the server, so that nothing can have been written.
    """

    never_sent: bool = False


class WriteUnclear(ConnectionFailed):
    """A write whose end is not known: it may have been written, and could not be looked up either."""


def outcome_of(error: BaseException | None) -> str:
    """Return how work that an error ended is told among that of many: what may have been written did not fail."""
    return "unclear" if isinstance(error, WriteUnclear) else "failed"


FAILED_OUTCOMES = ("failed", "unclear")
"""What `outcome_of` returns."""


class LeftEmpty(GovernMirrorError):  # noqa: N818 - reads as what happened
    """Something was created, and what belongs in it could not be written; trying again fills it."""


class AccessDenied(GovernMirrorError):  # noqa: N818 - reads as what happened
    """DSS refused the API key, or the key's rights do not suffice."""


class NotFound(GovernMirrorError):  # noqa: N818 - reads as what happened
    """The project (or an object in it) does not exist, or is not readable: DSS gives one answer for both."""


class ConflictError(GovernMirrorError):
    """Someone else keeps changing the same values; the write was given up after several tries."""
