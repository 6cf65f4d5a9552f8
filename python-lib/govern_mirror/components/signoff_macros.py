"""The macros `request-sign-off` and `review`: their forms, turned into acts of a sign-off, and their result tables."""

from __future__ import annotations

from collections.abc import Mapping

from govern_mirror.actions.attest import attest
from govern_mirror.actions.emergency import let_pass
from govern_mirror.actions.notify import Delivery, tell_of_act, tell_of_emergency
from govern_mirror.actions.record import move
from govern_mirror.actions.session import Session
from govern_mirror.actions.signoff import (
    Participation,
    Review,
    hub_with_key,
    record_act,
    require_item,
    review_of,
)
from govern_mirror.actions.signoff_state import signed_off_step
from govern_mirror.actions.take_part import ATTEST, EMERGENCY, FINISH, MAIL, NOT_TOLD, NOTHING_TO_DO, PASSES, RECORDED
from govern_mirror.components.results import Table
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.form_values import Config, flag_of, secret_of, text_of, whole_number_of
from govern_mirror.hub.ledger import LedgerEntry
from govern_mirror.hub.store import Hub
from govern_mirror.model.address import Address, ItemKind, parse_address
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.entitlement import acting_right
from govern_mirror.model.reviewers import Role
from govern_mirror.model.signoff import Act, FeedbackStatus
from govern_mirror.text import checked_member, clipped, one_line
from govern_mirror.times import iso_time, parse_time

PRESET = "the preset of the governance hub"
LOOK = "look"
"""What the macro *Review* does besides what people do in a review: it only says what is asked."""

_COLUMNS = (("what", "What"), ("detail", ""))
_MAX_COMMENT_SHOWN = 300


def request_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `request-sign-off`: what was recorded, a row a thing.

    Raises:
        InputError: the form or the preset is not valid.
        GovernMirrorError: the review cannot be asked for; nothing was recorded.
    """
    act = Act.REQUEST_APPROVAL if flag_of(config, "final") else Act.REQUEST_FEEDBACK
    participation = Participation(act, comment=text_of(config, "comment"))
    return _recorded(session, config, project_key, participation)


def review_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `review`: what was recorded, or what is asked and what the person may do.

    Raises:
        InputError: the form or the preset is not valid.
        GovernMirrorError: the person may not do it, or it is not possible; nothing was recorded.
    """
    action = text_of(config, "action") or LOOK
    if action == LOOK:
        address = address_from_form(config, project_key)
        return _review(review_of(session, hub_from_form(session, config).open(), address, text_of(config, "step")))
    if action == EMERGENCY:
        return _emergency(session, config, project_key)
    if action == FINISH:
        return _finished(session, config, project_key)
    if action == ATTEST:
        return _attested(session, config, project_key)
    acts = {act.value: act for act in Act if act not in (Act.REQUEST_FEEDBACK, Act.REQUEST_APPROVAL)}
    if action not in acts:
        raise InputError(
            f"unknown action {clipped(action)!r}: use one of {', '.join((LOOK, *acts, EMERGENCY, FINISH, ATTEST))}"
        )
    until = text_of(config, "until")
    try:
        ends = parse_time(until) if until else None
    except ValueError as error:
        raise InputError(f"until {clipped(until)!r}: {error}") from error
    group, feedback = text_of(config, "group"), text_of(config, "feedback")
    participation = Participation(
        acts[action],
        None if group is None else checked_member(Role, group, "group"),
        None if feedback is None else checked_member(FeedbackStatus, feedback, "feedback"),
        text_of(config, "comment"),
        text_of(config, "to"),
        text_of(config, "of"),
        ends,
    )
    return _recorded(session, config, project_key, participation)


def _emergency(session: Session, config: Config, project_key: str | None) -> Table:
    address = address_from_form(config, project_key)
    dry_run = flag_of(config, "dry_run", safe=True)
    hours = whole_number_of(config, "hours")
    hub = hub_from_form(session, config)
    entry = let_pass(
        session,
        hub,
        address,
        text_of(config, "infrastructure") or "",
        text_of(config, "comment") or "",
        text_of(config, "ticket") or "",
        24 if hours is None else hours,
        dry_run=dry_run,
    )
    passes = f"on {entry.body['infrastructure']} until {entry.body['until']}; its review is due"
    rows = [("Item", address.label), (PASSES, passes)]
    rows.append(_result(None if dry_run else entry))
    rows += mail_rows(tell_of_emergency(session, hub, address, entry, dry_run=dry_run))
    return Table(_COLUMNS, tuple(rows))


def _finished(session: Session, config: Config, project_key: str | None) -> Table:
    """Finish a step of a project or item: checked with the hub's key, and moved with the person's own rights."""
    address, hub = address_from_form(config, project_key), hub_from_form(session, config)
    blueprint = session.blueprint_of(str(address))
    dry_run = flag_of(config, "dry_run", safe=True)
    name = text_of(config, "step")
    step_id = blueprint.step(name).id if name else None
    if step_id is None:
        step_id, _ = signed_off_step(session, hub.open(), address, None)
    step_name = blueprint.step(step_id).name
    command = Move(MoveKind.FINISH, step_id, text_of(config, "comment"))
    result = move(session, str(address), command, dry_run=dry_run, hub=hub)
    rows = [("Item", address.label)]
    if not result.changes:
        rows.append((NOTHING_TO_DO, f"{step_name} is finished already"))
    else:
        rows.append(("Step", f"{step_name}: finished"))
        rows.append(("Dry run", "nothing was written") if dry_run else (RECORDED, f"in {address.project_key}"))
    rows += [("Note", warning) for warning in result.warnings]
    return Table(_COLUMNS, tuple(rows))


def _attested(session: Session, config: Config, project_key: str | None) -> Table:
    address = address_from_form(config, project_key)
    if address.kind is not ItemKind.PROJECT:
        raise InputError(f"{address.label} has no decision to attest: attest that of its project {address.project_key}")
    dry_run = flag_of(config, "dry_run", safe=True)
    comment = text_of(config, "comment")
    attested = attest(session, hub_from_form(session, config), address.project_key, comment, dry_run=dry_run)
    rows = [("Item", address.label), ("As", attested.role.label), ("Attested", ", ".join(attested.labels))]
    rows.append(_result(attested.entry if attested.is_written else None))
    return Table(_COLUMNS, tuple(rows))


def address_from_form(config: Config, project_key: str | None) -> Address:
    """The item that a form names: within the project that the macro runs in, or by its whole address.

    Raises:
        InputError: it is none.
    """
    text = (text_of(config, "address") or "").strip()
    if not text:
        return parse_address(project_key or "")
    kinds = {kind.value for kind in ItemKind if kind is not ItemKind.PROJECT}
    first, second, *_ = [*text.split("/"), ""]
    # a project can be named as a kind is: then its own whole address is meant
    whole = first == project_key and second in kinds
    within = project_key and not whole and first in kinds and second
    return parse_address(f"{project_key}/{text}" if within else text)


def hub_from_form(session: Session, config: Config) -> Hub:
    """The hub of the preset that a form names, with its key.

    Raises:
        InputError: DSS did not pass the preset on, or it is not complete, or of another hub.
        HubOff: the settings name no hub.
    """
    preset = config.get("hub")
    if not isinstance(preset, Mapping):
        raise InputError(
            f"{PRESET} was not passed on by DSS: choose it, or ask an administrator for the right to use it"
        )
    project, key = text_of(preset, "project"), secret_of(preset, "api_key", PRESET)
    if not project or not key:
        raise InputError(f"{PRESET} lacks its project or its key: an administrator completes it")
    return hub_with_key(session, project.strip(), key)


def _recorded(session: Session, config: Config, project_key: str | None, participation: Participation) -> Table:
    address = address_from_form(config, project_key)
    dry_run = flag_of(config, "dry_run", safe=True)
    hub = hub_from_form(session, config)
    recorded = record_act(session, hub, address, participation, text_of(config, "step"), dry_run=dry_run)
    rows = [("Item", address.label), ("As", recorded.right.label), _state_row(recorded.review)]
    rows.append(_result(recorded.entry))
    rows += [("Note", recorded.note)] if recorded.note else []
    rows += mail_rows(tell_of_act(session, hub, recorded))
    return Table(_COLUMNS, tuple(rows))


def mail_rows(delivery: Delivery) -> list[tuple[str, str]]:
    """What became of mails: to whom they went, and who was not told; what was recorded stands in any case."""
    rows = [(MAIL, f"{'would go' if delivery.dry_run else 'sent'} to {', '.join(delivery.told)}")]
    return (rows if delivery.told else []) + [(NOT_TOLD, f"{who}: {why}") for who, why in delivery.not_told]


def _result(entry: LedgerEntry | None) -> tuple[str, str]:
    if entry is None:
        return "Dry run", "nothing was recorded"
    return RECORDED, f"at {iso_time(entry.at)} as entry {entry.id}"


def _review(review: Review) -> Table:
    rows = [("Item", review.address.label), _state_row(review)]
    requests = review.signoff.requested
    if requests:
        rows.append(("Asked by", f"{requests[-1].by}, {iso_time(requests[-1].at)}"))
        change = f"deleted ({review.state.gone})" if review.state.gone else "changed: ask again"
        rows.append(("Since then", "unchanged" if review.state.is_unchanged else change))
    for (role, login), entry in review.signoff.feedback.items():
        opinion = entry.feedback.label if entry.feedback else ""
        rows.append((role.label, f"{login}: {opinion}{_comment(entry.comment)}"))
    verdict = review.signoff.verdict
    if verdict:
        rows.append((verdict.act.past.capitalize(), f"{verdict.by}, {iso_time(verdict.at)}{_comment(verdict.comment)}"))
    if review.state.govern.said is not None:
        why = f": {review.state.govern.fault}" if review.state.govern.fault else ""
        rows.append(("In Govern", f"{review.state.govern.words}{why}"))
    rows += [("I may", _may(review, act)) for act in (Act.FEEDBACK, Act.APPROVE) if review.signoff.status.is_open]
    return Table(_COLUMNS, tuple(rows))


def _state_row(review: Review) -> tuple[str, str]:
    return "Sign-off", f"{review.state.step_name}: {review.signoff.status.label}"


def _may(review: Review, act: Act) -> str:
    try:
        right = acting_right(review.signoff, act, review.standing)
        require_item(review, act)
        return f"{act.value}: as {right.label}"
    except GovernMirrorError as error:
        return f"not {act.value}: {error}"


def _comment(comment: str | None) -> str:
    return f" ({one_line(comment, _MAX_COMMENT_SHOWN)})" if comment else ""
