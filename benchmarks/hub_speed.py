"""The hub with many items: what a gate asks of it, and how the audit grows."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from govern_mirror.actions.gate import gate
from govern_mirror.actions.govern import Scope, initialize
from govern_mirror.actions.hub import audit_hub, hub_of, set_up_hub
from govern_mirror.actions.session import Session, connect_to
from govern_mirror.hub.ledger import EntryKind, LedgerEntry, govern_body, signoff_body
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.govern_signoff import GovernEntry
from govern_mirror.model.reviewers import Role
from govern_mirror.model.signoff import Act, SignoffEntry, SignoffStatus
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve

HUB, PROJECT = "GOVERNANCE", "CHURN"
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
REVIEWERS = {"final_approvers": ("user:ana",)}


def figures(items: int) -> Iterator[tuple[str, str, str]]:
    """Measure a hub with half of the items, then with all of them; yield what, figure, aim."""
    with contextlib.closing(Sandbox()) as sandbox, serve(sandbox) as url:
        sandbox.create_project(HUB)
        sandbox.create_project(PROJECT)
        settings = Settings(hub_project=HUB, settling_seconds=0)
        session = connect_to(url, sandbox.admin_key, settings=settings)
        set_up_hub(session, HUB)
        initialize(session, Scope((PROJECT,)))
        sandbox.bundles.export(sandbox.admin, PROJECT, "v0")
        folder = hub_of(session).folder
        seconds, entries = [], []
        for first, last in ((0, items // 2), (items // 2, items)):
            _fill(sandbox, folder, first, last)
            began = time.process_time()
            audited = audit_hub(session)
            seconds.append(time.process_time() - began)
            entries.append(audited.entries)
            assert not audited.breaks, audited.breaks[0]
        rate = f"{entries[1] / seconds[1]:,.0f}"
        yield f"hub: audit of {entries[1]:,} entries, entries a CPU second, both sides", rate, "reported"
        growth = (seconds[1] / seconds[0]) / (entries[1] / entries[0])
        yield "hub: audit, CPU time an entry against half as many", f"{growth:.2f} x", "1, linear"
        _say_in_govern(sandbox, folder)
        asked = _requests_of_gate(sandbox, session)
        yield f"hub of {items:,} items: requests of a gate besides its item's entries", f"{asked - 3}", "at most 8"


def _fill(sandbox: Sandbox, folder: str, first: int, last: int) -> None:
    """Put a request and an approval of each item into the ledger, past the API."""
    for number in range(first, last):
        for entry in _entries_of(number):
            sandbox.managed_folders.put(sandbox.admin, HUB, folder, entry.path, entry.content)


def _say_in_govern(sandbox: Sandbox, folder: str) -> None:
    """Put what Govern said of the first item into the ledger, too: a gate then asks what the hub makes of it."""
    entries = _entries_of(0)
    said = GovernEntry("", (), entries[-1].at, "review", "rita", "govern", "ar.1", SignoffStatus.WAITING_FOR_APPROVAL)
    heads = (entries[-1].id,)
    entry = LedgerEntry(EntryKind.GOVERN, entries[0].item, "review", said.at, said.by, heads, govern_body(said))
    sandbox.managed_folders.put(sandbox.admin, HUB, folder, entry.path, entry.content)


def _entries_of(number: int) -> tuple[LedgerEntry, LedgerEntry]:
    """A request and an approval of an item."""
    address = Address(PROJECT, ItemKind.BUNDLE, (f"v{number}",))
    at = START + timedelta(minutes=number)
    request = _entry(address, at, "rita", Act.REQUEST_APPROVAL, Role.EDITOR, ())
    return request, _entry(address, at, "ana", Act.APPROVE, Role.FINAL_APPROVER, (request.id,))


def _entry(address: Address, at: datetime, by: str, act: Act, role: Role, parents: tuple[str, ...]) -> LedgerEntry:
    done = SignoffEntry("", (), at, "review", by, act, role, digest="d", reviewers=REVIEWERS)
    return LedgerEntry(EntryKind.SIGNOFF, address, "review", at, by, parents, signoff_body(done))


def _requests_of_gate(sandbox: Sandbox, session: Session) -> int:
    seen: list[str] = []
    around = sandbox.faults.around

    def counted(method: str, path: str, answer: Callable[[], Any]) -> Any:
        seen.append(path)
        return around(method, path, answer)

    sandbox.faults.around = counted
    fresh = connect_to(session.store.address, sandbox.admin_key, settings=session.settings)
    gate(fresh, f"{PROJECT}/bundle/v0", signed_off=True)
    sandbox.faults.around = around
    return len(seen)
