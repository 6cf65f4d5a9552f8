"""A review as a reviewer looks at it: what is asked, what changed since the last approval, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govern_mirror.actions.bundle_models import ModelInside, models_inside, models_json, require_approved
from govern_mirror.actions.emergency import (
    MAX_EMERGENCY_HOURS,
    emergencies_json,
    running_emergencies,
    why_no_emergency,
)
from govern_mirror.actions.hub_reading import HubReading
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff import Review, require_item, review_of, values_shown
from govern_mirror.actions.signoff_state import in_govern_json, readable
from govern_mirror.dss.deployer import infrastructure_ids
from govern_mirror.dss.governable_items import exported_bundles, model_versions
from govern_mirror.dss.standards import last_standards_report
from govern_mirror.errors import GovernMirrorError
from govern_mirror.hub.opened import HubError, OpenedHub
from govern_mirror.labels import field_label
from govern_mirror.model import policy
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.entitlement import acting_right
from govern_mirror.model.item import problems_json
from govern_mirror.model.reviewers import Role
from govern_mirror.model.signoff import Act, SignoffEntry, SignoffStatus, signoff_of
from govern_mirror.report.registry import standards_json
from govern_mirror.times import iso_time

MAX_EARLIER = 50
"""How many bundles or versions with entries are looked through for one that was approved."""


@refuses_wrong_types
def review_json(session: Session, opened: OpenedHub, address: Address, step: str | None = None) -> dict[str, Any]:
    """Read a review as the live page gets it, with what a reviewer looks at beside it.

    That is the last approval before it, the project's open problems and Project Standards, and the models in a bundle.

    Args:
        session: the person's.
        opened: the hub, with whatever rights.
        address: the item.
        step: the step, for a project.

    Raises:
        GovernMirrorError: as `review_of` says. What else cannot be looked at is told.
    """
    review = review_of(session, opened, address, step)
    state, standing = review.state, review.standing
    signoff, blueprint = state.signoff, state.project.blueprint
    requested = signoff.requested[-1] if signoff.requested else None
    problems = policy.problems(HubReading(session, opened=opened).with_facts(state.project))
    models, unread = _models(session, opened, review)
    return {
        "address": str(state.address),
        "project_key": state.address.project_key,
        "label": state.label,
        "kind": state.address.kind.value,
        "step": state.step,
        "step_name": state.step_name,
        "status": signoff.status.value,
        "status_label": signoff.status.label,
        "open": signoff.status.is_open,
        "subject": dict(state.subject) if state.subject else None,
        "unchanged": state.is_unchanged if requested else None,
        "gone": str(state.gone) if state.gone else None,
        "requested": _entry_json(requested) if requested else None,
        "in_govern": in_govern_json(state),
        "verdict": _entry_json(signoff.verdict) if signoff.verdict else None,
        "groups": [
            {"role": role.value, "label": role.label, "names": list(names)} for role, names in review.reviewers.items()
        ],
        "feedback": [_entry_json(entry) for entry in signoff.feedback.values()],
        "values": [
            {"path": path, "label": field_label(blueprint, path), "value": value}
            for path, value in values_shown(state.project).items()
        ],
        "earlier": _earlier(session, opened, review),
        "problems": problems_json(problems),
        "standards": _standards(session, address.project_key),
        "models": None
        if models is None
        else {
            "block": review.configuration.switches.models_block_bundles,
            "unreadable": unread,
            "items": models_json(models),
        },
        "emergencies": emergencies_json(running_emergencies(review)),
        "you": {
            "login": standing.person.login,
            "rights": [right.label for right in standing.rights],
            "is_editor": standing.is_editor,
            "may": {act.value: _why_not(review, act, models, unread) for act in Act if act is not Act.DELEGATE},
            "groups": [right.role.value for right in standing.rights if right.role is not Role.FINAL_APPROVER],
            "hand_over": _hand_over(review),
            "emergency": _emergency_form(session, review),
        },
    }


def _models(session: Session, opened: OpenedHub, review: Review) -> tuple[tuple[ModelInside, ...] | None, str | None]:
    """The models in a bundle, None for what holds none, and why they could not be looked at."""
    if review.address.kind is not ItemKind.BUNDLE:
        return None, None
    exported_on = (review.state.subject or {}).get("exported_on")
    try:
        return models_inside(session, opened, review.address.project_key, exported_on), None
    except GovernMirrorError as error:
        return (), str(error)


def _standards(session: Session, project_key: str) -> dict[str, Any] | None:
    """The last Project Standards report; null where the checks never ran."""
    try:
        report = last_standards_report(session.store.client, project_key)
    except GovernMirrorError as error:
        return {"severity": None, "label": None, "ran_on": None, "unreadable": str(error)}
    return {**standards_json(report), "unreadable": None} if report else None


def _emergency_form(session: Session, review: Review) -> dict[str, Any] | None:
    """What the form of an emergency needs; null for who may declare none."""
    if why_no_emergency(review) is not None or not review.state.subject:
        return None
    try:
        infrastructures = infrastructure_ids(session.deployer_client)
    except GovernMirrorError:
        infrastructures = []  # an id is typed then
    return {"infrastructures": infrastructures, "max_hours": MAX_EMERGENCY_HOURS}


def _earlier(session: Session, opened: OpenedHub, review: Review) -> dict[str, Any] | None:
    """The last approval before this review, and what changed since; null when there was none."""
    approved = _last_approval(session, opened, review)
    if approved is None:
        return None
    address, approval = approved
    before: Mapping[str, Any] = approval.values
    after, blueprint = values_shown(review.state.project), review.state.project.blueprint
    return {
        "address": str(address),
        "label": address.label_of(review.state.model_name),
        "by": approval.by,
        "at": iso_time(approval.at),
        "changes": [
            {"path": path, "label": field_label(blueprint, path), "from": before.get(path), "to": after.get(path)}
            for path in dict.fromkeys([*before, *after])
            if before.get(path) != after.get(path)
        ],
    }


def _last_approval(session: Session, opened: OpenedHub, review: Review) -> tuple[Address, SignoffEntry] | None:
    """The item like this one that was approved last before it, and its approval; None when none was.

    Of a bundle the last one exported before it that is approved, of a version the one of its model approved last.
    """
    address = review.address
    if address.kind is ItemKind.PROJECT:
        return None
    others = [item for item in _others(session, review) if opened.paths_of(item[0])]
    verdict, is_bundle = review.signoff.verdict, address.kind is ItemKind.BUNDLE
    # of approvals of the same second, that of the version that was trained later is the later one
    limit = (verdict.at, _made_on(review)) if verdict else None
    latest = None
    approved = None
    for other, made_on in others[:MAX_EARLIER]:
        try:
            signoff = signoff_of(readable(opened.entries(other)), review.state.step)
        except HubError:
            continue  # nothing of it counts as approved
        approval = signoff.verdict
        if signoff.status is not SignoffStatus.APPROVED or approval is None:
            continue
        rank = (approval.at, made_on)
        if is_bundle or ((latest is None or rank > latest) and (limit is None or rank < limit)):
            latest, approved = rank, (other, approval)
        if is_bundle:
            break  # they are in the order of their exports
    return approved


def _others(session: Session, review: Review) -> list[tuple[Address, int]]:
    """Items of the kind of the one that is reviewed, and when each was made, the last one first.

    Of a bundle those that were exported before it, of a version the other versions of its model.
    """
    address, client = review.address, session.store.client
    made: list[tuple[tuple[str, ...], int]]
    if address.kind is ItemKind.BUNDLE:
        bundles = [b for b in exported_bundles(client, address.project_key) if b.id != address.ids[0]]
        made = [((b.id,), b.exported_on or 0) for b in bundles if (b.exported_on or 0) <= _made_on(review)]
    else:
        versions = model_versions(client, address.project_key, address.ids[0])
        made = [((address.ids[0], v.id), v.trained_on or 0) for v in versions if v.id != address.ids[1]]
    made.sort(key=lambda pair: pair[1], reverse=True)
    return [(Address(address.project_key, address.kind, ids), made_on) for ids, made_on in made]


def _made_on(review: Review) -> int:
    """When the item was exported or trained, in milliseconds since 1970; 0 where DSS does not tell."""
    subject = review.state.subject or {}
    return int(subject.get("exported_on") or subject.get("trained_on") or 0)


def _hand_over(review: Review) -> dict[str, Any]:
    """As what the person can hand a review over, their own and, for a governance manager, somebody else's."""
    is_possible = review.signoff.status.is_open and review.configuration.switches.delegation
    standing = review.standing
    own = [right.role for right in standing.rights if right.on_behalf_of is None]
    others = list(review.reviewers) if standing.is_manager and not standing.person.is_key else []
    if standing.person.login in standing.barred:
        # who made it, or asked, chooses nobody who approves it
        own = [role for role in own if role is not Role.FINAL_APPROVER]
        others = [role for role in others if role is not Role.FINAL_APPROVER]
    return {
        "own": [role.value for role in dict.fromkeys(own)] if is_possible else [],
        "others": [role.value for role in others] if is_possible else [],
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


def _why_not(review: Review, act: Act, models: tuple[ModelInside, ...] | None, unread: str | None) -> str | None:
    """Why the person may not do something now; None when they may."""
    try:
        acting_right(review.signoff, act, review.standing)
        require_item(review, act)
        if act is Act.APPROVE and models is not None and review.configuration.switches.models_block_bundles:
            require_approved(models)
            return unread
    except GovernMirrorError as error:
        return str(error)
    return None
