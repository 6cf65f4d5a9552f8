"""Taking part in a review as whoever asks: the plugin's macros run with their rights, and their answer is read.

Who asks holds no key of the hub. DSS tells the macro who they are, and the macro writes the ledger with a key that
nobody outside it holds. The command line, the live page and Python ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.dss.macros import run_macro
from govern_mirror.errors import InputError
from govern_mirror.model.address import parse_address
from govern_mirror.model.reviewers import REVIEWER_ROLES, Role
from govern_mirror.model.signoff import Act, FeedbackStatus
from govern_mirror.text import checked_member, clipped
from govern_mirror.times import iso_time

PRESET = "hub"
"""The name of the hub's preset, as docs/hub.md has it."""

EMERGENCY = "emergency"
FINISH = "finish"
ATTEST = "attest"
DEEDS = (*(act.value for act in Act), EMERGENCY, FINISH, ATTEST)
"""What people do: the acts of a review, letting something unapproved pass, finishing a step of a project that is
approved, and vouching for a project's decision."""

RECORDED = "Recorded"
PASSES = "Passes"
MAIL = "Mail"
NOT_TOLD = "Not told"
NOTHING_TO_DO = "Nothing to do"
DUE = "Due"
"""What the macros' tables call an entry of the ledger, what an emergency lets pass, the mails that were sent, the
people who got none though they should, that all is as asked for already, and a review of which
people are reminded."""


@dataclass(frozen=True)
class PartTaken:
    """What came of taking part.

    Attributes:
        rows: what the macro says, for people: what, and its detail.
    """

    rows: tuple[tuple[str, str], ...]

    def of(self, what: str) -> tuple[str, ...]:
        """The details of all rows that say this."""
        return tuple(detail for name, detail in self.rows if name == what)

    @property
    def recorded(self) -> str | None:
        """When, and as which entry of the ledger; None in a dry run, and where there was nothing to do."""
        return next(iter(self.of(RECORDED)), None)

    @property
    def changes_nothing(self) -> bool:
        """Whether all is as it was asked for already."""
        return bool(self.of(NOTHING_TO_DO))


@refuses_wrong_types
def take_part(
    session: Session,
    address: str,
    act: Act | str,
    step: str | None = None,
    *,
    comment: str | None = None,
    feedback: FeedbackStatus | str | None = None,
    group: Role | str | None = None,
    to: str | None = None,
    of: str | None = None,
    until: datetime | str | None = None,
    infrastructure: str | None = None,
    ticket: str | None = None,
    hours: int = 24,
    dry_run: bool = False,
    preset: str = PRESET,
) -> PartTaken:
    """Take part in a review, through the plugin's macros and under the name that DSS knows the session by.

    Args:
        session: the person's own; the plugin is on the instance, and they may use the hub's preset.
        address: the item: a project's key, or the address of one of its bundles or versions.
        act: an act of a review, such as `request_feedback` or `approve`; or `emergency`, which lets an item pass once,
            `finish`, which finishes a step of a project that is approved, or `attest`, which vouches for its decision.
        step: the step, for a project.
        comment: in their words; the macro asks for one to reject, for a major issue, and for somebody else's review.
        feedback: what they say, for `feedback`.
        group: for `feedback`, in which group; for `delegate`, in which role.
        to, of, until: for `delegate`: who is to review, whose review it is if not their own, and when that ends.
        infrastructure, ticket, hours: for `emergency`: where, where it is followed up, and for how long; the comment
            says why.
        dry_run: only say what would be recorded.
        preset: the hub's preset in DSS.

    Raises:
        InputError: there is no such act, or something that it needs is missing; nothing was asked then.
        MoveRefused: the macro refused, in its own words; nothing was recorded.
        GovernMirrorError: as `run_macro` says.
    """
    item, deed = parse_address(address), act.value if isinstance(act, Act) else act
    if deed not in DEEDS:
        raise InputError(f"act is one of {', '.join(sorted(DEEDS))}, not {clipped(act)}")
    role = None if group is None else checked_member(Role, group, "group")
    if role is not None and role not in REVIEWER_ROLES:
        roles = ", ".join(reviewer.value for reviewer in REVIEWER_ROLES)
        raise InputError(f"nobody reviews as {role.label}: use one of {roles}")
    texts = {
        "step": step,
        "comment": comment,
        "feedback": None if feedback is None else checked_member(FeedbackStatus, feedback, "feedback").value,
        "group": role.value if role else None,
        "to": to,
        "of": of,
        "until": iso_time(until) if isinstance(until, datetime) else until,
        "infrastructure": infrastructure,
        "ticket": ticket,
    }
    form: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
    idle = next((name for name in form if deed not in _TAKEN_BY.get(name, DEEDS)), None)
    if idle:
        raise InputError(f"{deed} takes no {idle}")
    if not all(form.get(name) for name in _NEEDED.get(deed, ())):
        raise InputError(_MISSING[deed])
    form |= {"address": str(item), "dry_run": dry_run}
    if deed in (Act.REQUEST_FEEDBACK.value, Act.REQUEST_APPROVAL.value):
        macro, form["final"] = "request-sign-off", deed == Act.REQUEST_APPROVAL.value
    else:
        macro, form["action"] = "review", deed
    if deed == EMERGENCY:
        form["hours"] = hours
    rows = run_hub_macro(session, item.project_key, macro, form, preset)
    return PartTaken(tuple((row[0], row[1]) for row in rows if len(row) > 1))


_TAKEN_BY = {
    "step": tuple(deed for deed in DEEDS if deed != EMERGENCY),
    "feedback": (Act.FEEDBACK.value,),
    "group": (Act.FEEDBACK.value, Act.DELEGATE.value),
    **dict.fromkeys(("to", "of", "until"), (Act.DELEGATE.value,)),
    **dict.fromkeys(("infrastructure", "ticket"), (EMERGENCY,)),
}
"""Which of them take what not all take."""

_NEEDED = {
    Act.FEEDBACK.value: ("feedback",),
    Act.DELEGATE.value: ("to",),
    EMERGENCY: ("infrastructure", "comment", "ticket"),
}
_MISSING = {
    Act.FEEDBACK.value: f"say what your feedback is: {', '.join(status.value for status in FeedbackStatus)}",
    Act.DELEGATE.value: "a review is handed over to somebody: name their login",
    EMERGENCY: "name the infrastructure, why (as the comment), and the ticket in which it is followed up",
}


def run_hub_macro(
    session: Session,
    project_key: str,
    macro: str,
    form: Mapping[str, Any],
    preset: str = PRESET,
    doing: str = "record it in the hub",
) -> list[tuple[str, ...]]:
    """Run a macro that has the hub's key from its preset, and return the rows of its table.

    Raises:
        GovernMirrorError: as `run_macro` says.
    """
    params = {**form, "hub": {"mode": "PRESET", "name": preset}}
    return run_macro(session.store.client, project_key, macro, params, doing)
