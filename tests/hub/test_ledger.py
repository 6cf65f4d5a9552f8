"""The ledger: what is written is read back, and whatever is changed, taken away or put there is found."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hubs import audit

from govern_mirror import fast_json
from govern_mirror.hub.ledger import (
    EntryKind,
    LedgerEntry,
    entry_id,
    folder_prefix,
    govern_body,
    read_entry,
    signoff_body,
    to_govern,
    to_signoff,
)
from govern_mirror.hub.store import heads_of
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.event import digest
from govern_mirror.model.govern_signoff import GovernEntry
from govern_mirror.model.reviewers import Delegation, Role
from govern_mirror.model.signoff import Act, FeedbackStatus, SignoffEntry, SignoffStatus

NOW = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
BUNDLE = Address("CHURN", ItemKind.BUNDLE, ("v1",))
REVIEWERS = {"final_approvers": ("user:ana",)}
TEXTS = st.text(max_size=40)


def act(what, by, parents=(), minute=0, **more):
    body = {"role": Role.EDITOR, "digest": "d1", "reviewers": REVIEWERS, **more}
    entry = SignoffEntry(id="", parents=(), at=NOW, step="review", by=by, act=what, **body)
    at = NOW + timedelta(minutes=minute)
    return LedgerEntry(EntryKind.SIGNOFF, BUNDLE, "review", at, by, tuple(parents), signoff_body(entry))


def approved():
    """A review that was asked for and approved, as files by path."""
    request = act(Act.REQUEST_APPROVAL, "rita")
    approval = act(Act.APPROVE, "ana", [request.id], 1, role=Role.FINAL_APPROVER)
    return files(request, approval)


def files(*entries):
    return {entry.path: entry.content for entry in entries}


@given(
    st.sampled_from(Act), TEXTS, st.none() | TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=3), st.none() | st.just(NOW)
)
def test_an_entry_is_read_as_it_was_written(what, login, comment, values, until):
    written = SignoffEntry(
        id="",
        parents=(),
        at=NOW,
        step="review",
        by=login,
        act=what,
        role=Role.BUSINESS,
        on_behalf_of=login or None,
        feedback=FeedbackStatus.MINOR_ISSUE,
        comment=comment or None,
        delegation=Delegation(Role.BUSINESS, "ben", "dan", until),
        subject={"bundle": "v1"},
        digest="d1",
        values=values,
        reviewers=REVIEWERS,
        groups=("board",),
        barred={"eve": "exported this bundle"},
    )
    entry = LedgerEntry(EntryKind.SIGNOFF, BUNDLE, "review", NOW, login, ("p",), signoff_body(written))
    read = read_entry(entry.path, entry.content)
    assert read == entry
    assert signoff_body(to_signoff(read)) == signoff_body(written)
    assert entry_id(entry.path) == entry.id


def test_a_whole_ledger_has_no_breaks():
    assert audit(approved(), NOW + timedelta(days=1)) == ()


@given(st.data())
def test_a_changed_byte_is_found(data):
    ledger = approved()
    path = data.draw(st.sampled_from(sorted(ledger)))
    content = bytearray(ledger[path])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    assert audit({**ledger, path: bytes(content)}, NOW)


def test_an_entry_that_others_saw_is_missed():
    ledger = approved()
    request = next(path for path, content in ledger.items() if b"request_approval" in content)
    breaks = audit({path: content for path, content in ledger.items() if path != request}, NOW)
    assert any("which is gone" in found.message for found in breaks)


def test_the_last_entry_is_missed_where_its_head_was_kept():
    ledger = approved()
    request, approval = sorted(ledger, key=lambda path: b"request_approval" not in ledger[path])
    cut = {request: ledger[request]}
    assert audit(cut, NOW) == (), "nobody can tell from the folder alone"
    (found,) = audit(cut, NOW, {str(BUNDLE): [entry_id(approval)]})
    assert "an entry that was seen elsewhere is gone" in found.message


def test_an_entry_under_the_name_of_another_is_found():
    ledger = approved()
    path, content = next(iter(ledger.items()))
    for other in (
        path.replace(entry_id(path), "0" * 32),
        f"{folder_prefix(Address('OTHER'))}{entry_id(path)}.json",
        f"{path}.bak",
    ):
        assert any("another entry than its name says" in b.message for b in audit({**ledger, other: content}, NOW))


def test_an_entry_of_tomorrow_is_found():
    assert any("which is to come" in found.message for found in audit(approved(), NOW - timedelta(days=1)))


def test_an_entry_that_saw_nothing_of_what_was_there_is_found():
    late = act(Act.REQUEST_APPROVAL, "rita", minute=30)
    assert any("saw none of the entries" in b.message for b in audit({**approved(), **files(late)}, NOW + timedelta(1)))


def test_a_forged_approval_is_found():
    request = act(Act.REQUEST_APPROVAL, "rita")
    forged = act(Act.APPROVE, "rita", [request.id], 1, role=Role.FINAL_APPROVER)
    (found,) = audit(files(request, forged), NOW + timedelta(days=1))
    assert "asked for this review" in found.message and "does not count" in found.message


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff", b'{"format": 2}', b"[" * 100_000, json.dumps({"format": 1, "item": "hub"}).encode()],
    ids=["empty", "object", "list", "bytes", "newer", "deep", "short"],
)
def test_what_is_no_entry_is_named_and_hides_nothing(content):
    ledger = {**approved(), "ledger/x.json": content}
    assert [found.path for found in audit(ledger, NOW + timedelta(days=1))] == ["ledger/x.json"]


@pytest.mark.parametrize(
    "body",
    [{}, {"act": "approve"}, {"act": "x", "role": "editor"}, {"act": "approve", "role": 1},
     {"act": "approve", "role": "editor", "barred": []}, {"act": "approve", "role": "editor", "digest": 1},
     {"act": "delegate", "role": "editor", "delegation": {"role": "business"}}],
)  # fmt: skip
def test_an_entry_whose_body_is_none_is_named(body):
    entry = LedgerEntry(EntryKind.SIGNOFF, BUNDLE, "review", NOW, "rita", (), body)
    (found,) = audit(files(entry), NOW)
    assert found.path == entry.path


def said(**more):
    """What Govern answered, as an entry's body holds it."""
    subject = {"bundle": "v1", "exported_on": 5}
    stamp = digest(fast_json.canonical(subject))
    entry = GovernEntry(
        id="", parents=(), at=NOW, step="review", by="rita", node="govern", artifact="ar.1",
        status=SignoffStatus.APPROVED, approvers=("ana",), subject=subject, digest=stamp, read_at=NOW,
    )  # fmt: skip
    return {name: value for name, value in {**govern_body(entry), **more}.items() if value != "left out"}


def test_what_govern_said_is_read_as_it_was_written():
    entry = LedgerEntry(EntryKind.GOVERN, BUNDLE, "review", NOW, "rita", (), said())
    assert govern_body(to_govern(read_entry(entry.path, entry.content))) == said()
    assert audit(files(entry), NOW) == ()


@pytest.mark.parametrize(
    "more",
    [{"node": "left out"}, {"artifact": 1}, {"status": "FINE"}, {"subject": {"bundle": "v2"}}, {"subject": "left out"},
     {"digest": "left out"}, {"approvers": 7},
     {"approvers": "ana"}, {"approvers": [1]}, {"barred": []}, {"said": 1}, {"said": ["x"]},
     {"read_at": "now"}],
    ids=repr,
)  # fmt: skip
def test_a_forged_word_of_govern_is_found(more):
    entry = LedgerEntry(EntryKind.GOVERN, BUNDLE, "review", NOW, "rita", (), said(**more))
    (found,) = audit(files(entry), NOW)
    assert found.path == entry.path


@given(st.lists(st.lists(st.integers(0, 5)), max_size=6))
def test_the_heads_are_what_nobody_saw(parents):
    entries = []
    for n, seen in enumerate(parents):
        ids = tuple(sorted({entries[i].id for i in seen if i < n}))
        entries.append(act(Act.BACK, f"p{n}", ids, n))
    seen = {parent for entry in entries for parent in entry.parents}
    assert set(heads_of(entries)) == {entry.id for entry in entries} - seen
