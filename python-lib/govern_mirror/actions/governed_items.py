"""Bundles and versions as governed items of their own: read with what DSS says of them, changed as projects are.

They are governed by rule while their project is: nobody initializes them, and the first change begins their record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from govern_mirror.actions.session import Session
from govern_mirror.dss import Metadata
from govern_mirror.dss.governable_items import (
    Bundle,
    ModelVersion,
    exported_bundle,
    model_version,
    subject_of,
)
from govern_mirror.errors import InputError, NotFound, WriteRefused
from govern_mirror.model import changes
from govern_mirror.model.address import Address, ItemKind, parse_address
from govern_mirror.model.event import Actor
from govern_mirror.model.item import Governance, Item, Problem
from govern_mirror.model.item_templates import MADE
from govern_mirror.model.save import Fault, SaveRefused
from govern_mirror.model.values import Value
from govern_mirror.model.workflow import Workflow
from govern_mirror.times import iso_milliseconds

UNKNOWN = "DSS does not tell"
"""What is kept in place of when an item was made."""

ActorChange = Callable[[Item, Actor], Item]


def is_item(address: str) -> bool:
    """Whether an address is one of a bundle or version, and not a project's key."""
    return "/" in address


def source_of(session: Session, address: Address) -> Bundle | ModelVersion:
    """Read the bundle or version that an item is, as DSS has it.

    Raises:
        NotFound: it is not there, or not any more.
        InputError: it is of the other kind.
        GovernMirrorError: as `api_errors` says.
    """
    client = session.store.client
    if address.kind is ItemKind.BUNDLE:
        return exported_bundle(client, address.project_key, address.ids[0])
    version = model_version(client, address.project_key, *address.ids)
    right = item_address(address.project_key, version)
    if right.kind is not address.kind:
        article = "an" if version.is_agent else "a"
        raise InputError(f"it is {article} {right.kind.label}: use {right}")
    return version


def item_address(project_key: str, source: Bundle | ModelVersion) -> Address:
    """Return the address of a bundle or version of a project."""
    if isinstance(source, Bundle):
        return Address(project_key, ItemKind.BUNDLE, (source.id,))
    kind = ItemKind.AGENT_VERSION if source.is_agent else ItemKind.MODEL_VERSION
    return Address(project_key, kind, (source.model_id, source.id))


def made_by(source: Bundle | ModelVersion) -> dict[str, str | None]:
    """Return who made a bundle or version, as `barred` takes it."""
    if isinstance(source, Bundle):
        return {"exported_by": source.exported_by}
    return {"trained_by": source.changed_by}


def made_text(source: Bundle | ModelVersion) -> str:
    """Return when an item was made, as its record keeps it: two that differ are of two items under one address."""
    if subject_of(source) is None:
        return UNKNOWN
    if isinstance(source, Bundle):
        by = f" by {source.exported_by}" if source.exported_by else ""
        return f"{iso_milliseconds(source.exported_on or 0)}{by}"
    return f"definition {source.definition}" if source.is_agent else iso_milliseconds(source.trained_on or 0)


def read_item(
    session: Session,
    address: str,
    *,
    must_exist: bool = False,
    document: Metadata | None = None,
    source: Bundle | ModelVersion | None = None,
) -> Item:
    """Read a project, or one of its items with its whole history; an item that was never written is governed, too.

    What was recorded of an item before it was made anew is a problem, and its workflow has not begun.

    Args:
        session: the instance.
        address: a project's key, or the address of one of its items.
        must_exist: whether an item that is not in DSS any more is an error; else that is a problem of it.
        document, source: the metadata of its project, and what it is in DSS, where they were just read.

    Raises:
        NotFound: the item is not there and never was, or its project is not.
        GovernMirrorError: as `api_errors` says.
    """
    place = session.store.place(address)
    document = session.store.metadata(place.project_key) if document is None else document
    item = place.with_history(place.decoded(document))
    if not is_item(address):
        return item
    try:
        made = made_text(source or source_of(session, parse_address(address)))
    except NotFound as error:
        if must_exist or item.state is Governance.UNGOVERNED:
            raise
        message = f"it is not in DSS any more ({error}): what is recorded of it stays"
        gone = replace(item, read_only=item.read_only or f"it is not in DSS any more ({error})")
        return _with_problem(gone, Problem(MADE, None, "an item that is there", message))
    if item.state is Governance.UNGOVERNED:
        state = Governance.UNGOVERNED if item.read_only else Governance.GOVERNED
        return replace(item, state=state, values={**item.values, MADE: made}, has_own_record=not item.read_only)
    before = item.values[MADE]
    if item.copied_from is not None and not item.read_only:
        original = item.copied_from[1]
        message = f"what was recorded is of {original}: its workflow begins anew with the next change"
        problem = Problem(MADE, original, address, message)
        problems = tuple(other for other in item.problems if other.expected != address)
        return _begun_anew(replace(item, state=Governance.GOVERNED, copied_from=None, problems=problems), problem)
    if item.is_governed and _is_another(before, made):
        message = (
            f"it was made anew ({made}): what was recorded is of the one before ({before}), and its workflow begins "
            "anew with the next change"
        )
        return _begun_anew(item, Problem(MADE, str(before), made, message))
    if item.is_governed and before != made:
        message = f"{UNKNOWN} you when it was made, so that what was recorded may be of one before it ({before})"
        locked = replace(item, read_only=item.read_only or f"{message}; use a key that may read it")
        return _begun_anew(locked, Problem(MADE, str(before), made, message))
    return item


def _is_another(before: Value, made: str) -> bool:
    """Whether what is there now is known to be another one than what was recorded."""
    return made not in (before, UNKNOWN)


def _begun_anew(item: Item, problem: Problem) -> Item:
    return _with_problem(replace(item, workflow=Workflow.not_started(item.blueprint), closed=None), problem)


def _with_problem(item: Item, problem: Problem) -> Item:
    return replace(item, problems=(*item.problems, problem))


def change_of_item(session: Session, address: str, change: ActorChange) -> ActorChange:
    """Return a change as it is made on an item: govern it first where nobody wrote it, begin anew where it was remade.

    Args:
        session: reads what DSS says of the item.
        address: a project's key, whose change is returned as it is, or the address of one of its items.
        change: what people want.

    Raises:
        NotFound: the item is not there.
        GovernMirrorError: as `api_errors` says.
    """
    if not is_item(address):
        return change
    made_now = made_text(source_of(session, parse_address(address)))

    def on_item(item: Item, actor: Actor) -> Item:
        begun = item
        if item.state is not Governance.GOVERNED:
            # what is recorded of another item is taken over as a project's copy is: its workflow is not
            begun = replace(changes.initialize(item, {MADE: made_now}, actor, adopt=True), has_own_record=True)
        if _is_another(begun.values[MADE], made_now):
            begun = changes.restart(begun, {MADE: made_now}, actor)
        elif begun.values[MADE] != made_now:
            raise WriteRefused(
                f"{address} is not written: {UNKNOWN} you when it was made, so that what is recorded may be of one "
                "before it; use a key that may read it"
            )
        after = change(begun, actor)
        if after.values[MADE] != made_now:
            label = item.blueprint.by_path[MADE].label
            raise SaveRefused([Fault(MADE, f"{label} is what DSS tells of {address}: it is not edited")])
        # who asks for what is there already begins nothing
        return item if after == begun else after

    return on_item


def as_seen(before: Item, after: Item) -> Item:
    """Return an item before its change as people saw it: the workflow of what was copied or made anew had not begun."""
    has_begun = before.state is Governance.COPIED or before.values.get(MADE) != after.values.get(MADE)
    if not is_item(before.facts.project_key) or before.state is Governance.UNGOVERNED or not has_begun:
        return before
    return replace(before, workflow=Workflow.not_started(before.blueprint), closed=None)
