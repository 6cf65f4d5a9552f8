"""The Deployer's hook and the library judge alike whatever stands in a ledger."""

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples
from support.hubs import audit
from support.ledger_entries import BUNDLE, NOW, act, word

from govern_mirror.dss import deployer_hook
from govern_mirror.hub.ledger import EntryKind, LedgerEntry, to_entry
from govern_mirror.model.address import Address
from govern_mirror.model.govern_signoff import govern_signoff_of
from govern_mirror.model.reviewers import Delegation, Role
from govern_mirror.model.signoff import Act, FeedbackStatus, SignoffStatus, signoff_of

ODD = st.sampled_from([None, 5, True, "", "x", [], ["x"], [5], {}, {"x": "y"}, {"x": 5}, "APPROVED", "2026-03-01"])
"""What no code of ours writes at most places."""


def attestation(by="ana", *parents, minute=0):
    body = {
        "role": "final_approvers",
        "attested": {"qualification.decision": "d"},
        "last_event": 3,
        "reviewers": {"final_approvers": ["user:ana"]},
    }
    seen = tuple(sorted(parent.id for parent in parents))
    return LedgerEntry(EntryKind.ATTESTATION, BUNDLE, "review", NOW + timedelta(minutes=minute), by, seen, body)


def emergency(by="max", *parents, minute=0):
    body = {"infrastructure": "PROD", "until": "2026-03-02T09:00:00Z", "reason": "r", "ticket": "t", "digest": "d1"}
    seen = tuple(sorted(parent.id for parent in parents))
    return LedgerEntry(EntryKind.EMERGENCY, BUNDLE, "review", NOW + timedelta(minutes=minute), by, seen, body)


@st.composite
def ledgers(draw):
    """Entries of all kinds in one item's ledger, some with something odd in them."""
    request = act(Act.REQUEST_APPROVAL, "rita")
    handed_over = Delegation(Role.FINAL_APPROVER, "ana", "dan", NOW + timedelta(days=1))
    delegation = act(Act.DELEGATE, "ana", request, minute=1, role=Role.FINAL_APPROVER, delegation=handed_over)
    makers = {
        "approval": lambda *seen: act(Act.APPROVE, "olga", *seen, minute=2),
        "for ana": lambda *seen: act(
            Act.APPROVE, "dan", *seen, minute=2, on_behalf_of="ana", delegation=handed_over, groups=("board",)
        ),
        "feedback": lambda *seen: act(
            Act.FEEDBACK, "ben", *seen, minute=2, role=Role.BUSINESS, feedback=FeedbackStatus.APPROVED
        ),
        "waits": lambda *seen: word(2, seen, status=SignoffStatus.WAITING_FOR_APPROVAL),
        "approved": lambda *seen: word(3, seen, status=SignoffStatus.APPROVED, approved_by="ana"),
        "attested": lambda *seen: attestation("ana", *seen, minute=3),
        "emergency": lambda *seen: emergency("max", *seen, minute=3),
    }
    entries = [request, delegation]
    for name in draw(st.lists(st.sampled_from(sorted(makers)), min_size=1, max_size=3)):
        entries.append(makers[name](entries[-1]))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(entries) - 1))
        body = dict(entries[at].body)
        key = draw(st.sampled_from([*sorted(body), "fault", "approved_by", "delegation", "on_behalf_of", "until"]))
        body.pop(key, None)
        if draw(st.booleans()):
            body[key] = draw(ODD)
        entries[at] = replace(entries[at], body=body)
        for later in range(at + 1, len(entries)):  # who saw it saw what it says now
            entries[later] = replace(entries[later], parents=(entries[later - 1].id,))
    return entries


@examples(1500)
@given(ledgers())
def test_what_the_library_refuses_the_hook_refuses_of_all_kinds(entries):
    now = NOW + timedelta(days=1)
    broken = audit({entry.path: entry.content for entry in entries}, now)
    stored = [{**json.loads(entry.content), "id": entry.id} for entry in entries]
    try:
        deployer_hook.require_whole(stored, str(BUNDLE), now)
        hook = deployer_hook.state_of(stored, "review")
        govern = deployer_hook.govern_of(stored, "review", "govern")
    except Exception as error:  # the hook lets nothing pass then, whatever it is
        assert broken, f"the hook alone refuses: {type(error).__name__}: {error}"
        return
    assert not broken, [each.message for each in broken]
    read = [to_entry(entry) for entry in entries]
    state = signoff_of(read, "review")
    assert (hook["status"], hook["digest"]) == (state.status.value, state.digest)
    said = govern_signoff_of(read, "review", "govern")
    assert (govern["refused"], govern["digest"]) == (said.is_refused, said.digest)


def test_the_hook_takes_no_configuration_from_another_kind_of_entry():
    stored = {"published": {"CHURN": ["EVE"]}}
    entry = LedgerEntry(EntryKind.EMERGENCY, None, None, NOW, "eve", (), {"configuration": stored})
    files = {
        entry.path: entry.content.decode(),
        "configuration.json": json.dumps({"entry": entry.id, "configuration": stored}),
    }
    hub = deployer_hook.Hub.__new__(deployer_hook.Hub)
    hub.content = files.__getitem__
    with pytest.raises(deployer_hook.Refused, match="not the one"):
        hub.sources_of("CHURN")


def test_the_hook_asks_for_the_entries_of_its_item_only():
    request = act(Act.REQUEST_APPROVAL, "rita")
    others = [
        LedgerEntry(EntryKind.EMERGENCY, Address(f"P{number}"), None, NOW, "max", (), {}).path for number in range(9999)
    ]
    asked = []
    hub = deployer_hook.Hub.__new__(deployer_hook.Hub)
    hub.paths = [*others, request.path]
    hub.content = lambda path: (asked.append(path), request.content.decode())[1]
    began = time.process_time()
    assert [entry["id"] for entry in hub.entries(str(BUNDLE), NOW + timedelta(1))] == [request.id]
    assert asked == [request.path] and time.process_time() - began < 2
