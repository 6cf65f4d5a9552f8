"""A change that expects a revision is not made over another one."""

from __future__ import annotations

import contextlib

import pytest

from govern_mirror import (
    Move,
    MoveKind,
    Scope,
    add_document,
    connect_to,
    initialize,
    move,
    qualify,
    set_values,
    show,
    ungovern,
)
from govern_mirror import write_note as note
from govern_mirror.errors import Action, InputError, WriteRefused
from govern_mirror.model.document import Document
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance

CHANGES = {
    "set_values": lambda session, **more: set_values(session, "CHURN", {"overview.sponsor": "Eve"}, **more),
    "qualify": lambda session, **more: qualify(session, "CHURN", {"qualification.risk.rating": "Low"}, **more),
    "move": lambda session, **more: move(session, "CHURN", Move(MoveKind.ADVANCE), **more),
    "write_note": lambda session, **more: note(session, "CHURN", "exploration", "Eve was here", **more),
    "add_document": lambda session, **more: add_document(
        session, "CHURN", "exploration", Document("Plan", "https://example.com/plan"), **more
    ),
}

BULK = {
    "initialize": lambda session, **more: initialize(session, Scope(("CHURN",)), {"business_initiative": "B"}, **more),
    "ungovern": lambda session, **more: ungovern(session, ["CHURN"], **more),
}


@pytest.fixture
def sandbox():
    with contextlib.closing(Sandbox()) as sandbox:
        sandbox.create_project("CHURN")
        yield sandbox


@pytest.fixture
def session(sandbox):
    with mock_instance(sandbox, "https://dss.example.com"):
        session = connect_to("https://dss.example.com", sandbox.admin_key)
        initialize(session, Scope(("CHURN",)))
        yield session


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_stale_revision_is_refused(sandbox, session, change):
    revision = show(session, "CHURN").revision
    set_values(session, "CHURN", {"overview.sponsor": "Bob"})
    before = sandbox.metadata("CHURN")
    with pytest.raises(WriteRefused, match=f"CHURN is at revision {revision + 1}, not {revision}") as raised:
        change(session, expected=revision)
    assert raised.value.hint.action is Action.LOOK
    assert sandbox.metadata("CHURN") == before
    assert change(session, expected=revision + 1).written


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("change", BULK.values(), ids=BULK)
def test_a_stale_revision_fails_where_results_are_listed(sandbox, session, change, dry_run):
    revision = show(session, "CHURN").revision
    set_values(session, "CHURN", {"overview.sponsor": "Bob"})
    before = sandbox.metadata("CHURN")
    (result,) = change(session, expected=revision, dry_run=dry_run)
    assert result.failed and f"CHURN is at revision {revision + 1}, not {revision}" in result.message
    assert result.hint.action is Action.LOOK
    assert sandbox.metadata("CHURN") == before
    (result,) = change(session, expected=revision + 1, dry_run=dry_run)
    assert result.outcome in ("filled", "removed")
    assert (sandbox.metadata("CHURN") == before) is dry_run


@pytest.mark.parametrize("key", ["CHURN", "OTHER"])
def test_a_governed_project_is_not_expected_new(sandbox, session, key):
    sandbox.create_project("OTHER")
    (result,) = initialize(session, Scope((key,)), expected=0)
    assert result.outcome == ("failed" if key == "CHURN" else "initialized")


def test_a_removal_overtaken_by_a_write_removes_nothing(sandbox, session, monkeypatch):
    revision = show(session, "CHURN").revision
    other = connect_to("https://dss.example.com", sandbox.admin_key)
    read = type(session.store).metadata
    reads = []

    def read_then_be_overtaken(store, key, *more, **given):
        document = read(store, key, *more, **given)
        if store is session.store and not reads:
            reads.append(key)
            set_values(other, "CHURN", {"overview.sponsor": "Bob"})
        return document

    monkeypatch.setattr(type(session.store), "metadata", read_then_be_overtaken)
    (result,) = ungovern(session, ["CHURN"], expected=revision)
    assert result.failed and "is at revision" in result.message
    assert show(other, "CHURN").overview.sponsor == "Bob"


@pytest.mark.parametrize(
    "change",
    [
        lambda session: initialize(session, Scope(everything=True), expected=1),
        lambda session: initialize(session, Scope(("CHURN", "OTHER")), expected=1),
        lambda session: ungovern(session, ["CHURN", "OTHER"], expected=1),
        lambda session: ungovern(session, [], expected=1),
    ],
)
def test_a_revision_is_expected_of_one_project(sandbox, session, change):
    before = sandbox.metadata("CHURN")
    with pytest.raises(InputError, match="one project"):
        change(session)
    assert sandbox.metadata("CHURN") == before


def test_a_write_in_between_is_not_written_over(sandbox, session, monkeypatch):
    revision = show(session, "CHURN").revision
    login = session.login
    other = connect_to("https://dss.example.com", sandbox.admin_key)
    write = type(session.store).metadata
    reads = []

    def read_then_be_overtaken(store, key, *more, **given):
        document = write(store, key, *more, **given)
        if store is session.store and not reads:
            reads.append(key)
            set_values(other, "CHURN", {"overview.sponsor": "Bob"})
        return document

    monkeypatch.setattr(type(session.store), "metadata", read_then_be_overtaken)
    with pytest.raises(WriteRefused, match="is at revision"):
        set_values(session, "CHURN", {"overview.sponsor": "Eve"}, expected=revision)
    assert login and reads == ["CHURN"]
    assert show(other, "CHURN").overview.sponsor == "Bob"


def test_a_repeated_request_is_made_once_whatever_it_expects(session):
    revision = show(session, "CHURN").revision
    wanted = Move(MoveKind.ADVANCE, request="r1")
    assert move(session, "CHURN", wanted, expected=revision).written
    assert not move(session, "CHURN", wanted, expected=revision).written
