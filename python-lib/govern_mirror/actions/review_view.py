"""A review as a reviewer looks at it: what is asked, what changed since the last approval, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff import Review, review_of
from govern_mirror.actions.signoff_state import in_govern_json, readable
from govern_mirror.dss.governable_items import exported_bundles
from govern_mirror.errors import GovernMirrorError
from govern_mirror.hub.store import Hub
from govern_mirror.labels import field_label
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.entitlement import acting_right
from govern_mirror.model.reviewers import Role
from govern_mirror.model.signoff import Act, SignoffEntry, SignoffStatus, signoff_of
from govern_mirror.times import iso_time

MAX_EARLIER = 50
"""How many earlier bundles are looked through for one that was approved."""


@dataclass(frozen=True)
class ReviewView:
    """A review, and the last approval before it.

    Attributes:
        review: the review.
        earlier: the item of the same kind in the project that was approved last; None when none was.
        approval: that approval.
    """

    review: Review
    earlier: Address | None = None
    approval: SignoffEntry | None = None


@refuses_wrong_types
def view_review(session: Session, hub: Hub, address: Address, step: str | None = None) -> ReviewView:
    """Read a review with the last approval before it.

    Args:
        session: the person's.
        hub: with whatever rights; reading it suffices.
        address: the item.
        step: the step, for a project.

    Raises:
        GovernMirrorError: as `review_of` says.
    """
    review = review_of(session, hub, address, step)
    earlier, approval = _last_approval(session, hub, review)
    return ReviewView(review, earlier, approval)


def _last_approval(session: Session, hub: Hub, review: Review) -> tuple[Address | None, SignoffEntry | None]:
    """The approved bundle that was exported last before this one, and its approval."""
    address = review.address
    if address.kind is not ItemKind.BUNDLE:
        return None, None
    paths = hub.paths()
    exported = (review.state.subject or {}).get("exported_on") or 0
    bundles = [b for b in exported_bundles(session.store.client, address.project_key) if b.id != address.ids[0]]
    before = [b for b in bundles if (b.exported_on or 0) <= exported]
    for bundle in sorted(before, key=lambda b: b.exported_on or 0, reverse=True)[:MAX_EARLIER]:
        earlier = Address(address.project_key, ItemKind.BUNDLE, (bundle.id,))
        signoff = signoff_of(readable(hub.entries(earlier, paths)), review.state.step)
        if signoff.status is SignoffStatus.APPROVED:
            return earlier, signoff.verdict
    return None, None


def review_json(view: ReviewView) -> dict[str, Any]:
    """A review as the live page gets it."""
    review, state = view.review, view.review.state
    signoff, blueprint = state.signoff, state.project.blueprint
    requested = signoff.requested[-1] if signoff.requested else None
    return {
        "address": str(state.address),
        "project_key": state.address.project_key,
        "label": state.address.label,
        "kind": state.address.kind.value,
        "step": state.step,
        "step_name": state.step_name,
        "status": signoff.status.value,
        "status_label": signoff.status.label,
        "open": signoff.status.is_open,
        "subject": dict(state.subject) if state.subject else None,
        "unchanged": state.is_unchanged if requested else None,
        "requested": _entry_json(requested) if requested else None,
        "in_govern": in_govern_json(state),
        "verdict": _entry_json(signoff.verdict) if signoff.verdict else None,
        "groups": [
            {"role": role.value, "label": role.label, "names": list(names)} for role, names in review.reviewers.items()
        ],
        "feedback": [_entry_json(entry) for entry in signoff.feedback.values()],
        "values": [
            {"path": path, "label": field_label(blueprint, path), "value": value}
            for path, value in review.values.items()
        ],
        "earlier": _earlier_json(view),
        "you": {
            "login": review.standing.person.login,
            "rights": [right.label for right in review.standing.rights],
            "is_editor": review.standing.is_editor,
            "may": {act.value: _why_not(review, act) for act in Act if act is not Act.DELEGATE},
            "groups": [right.role.value for right in review.standing.rights if right.role is not Role.FINAL_APPROVER],
        },
    }


def _entry_json(entry: SignoffEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": iso_time(entry.at),
        "by": entry.by,
        "for": entry.on_behalf_of,
        "act": entry.act.value,
        "words": entry.act.past,
        "role": entry.role.value,
        "role_label": entry.role.label,
        "feedback": entry.feedback.label if entry.feedback else None,
        "comment": entry.comment,
    }


def _earlier_json(view: ReviewView) -> dict[str, Any] | None:
    if view.earlier is None or view.approval is None:
        return None
    before: Mapping[str, Any] = view.approval.values
    after = view.review.values
    blueprint = view.review.state.project.blueprint
    return {
        "address": str(view.earlier),
        "label": view.earlier.label,
        "by": view.approval.by,
        "at": iso_time(view.approval.at),
        "changes": [
            {"path": path, "label": field_label(blueprint, path), "from": before.get(path), "to": after.get(path)}
            for path in dict.fromkeys([*before, *after])
            if before.get(path) != after.get(path)
        ],
    }


def _why_not(review: Review, act: Act) -> str | None:
    """Why the person may not do something now; None when they may."""
    try:
        acting_right(review.signoff, act, review.standing)
    except GovernMirrorError as error:
        return str(error)
    if act is Act.APPROVE and not review.state.is_unchanged:
        return "it changed since its review was asked for: ask again"
    return None
