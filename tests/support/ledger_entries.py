"""Entries of the ledger of one bundle: what people did in its review, and what Govern said of it."""

from datetime import datetime, timedelta, timezone

from govern_mirror.hub.ledger import EntryKind, LedgerEntry, govern_body, signoff_body
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.govern_signoff import GovernEntry
from govern_mirror.model.reviewers import Role
from govern_mirror.model.signoff import Act, SignoffEntry
from govern_mirror.model.subject import subject_digest

NOW = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
BUNDLE = Address("CHURN", ItemKind.BUNDLE, ("v1",))
REVIEWING = {"final_approvers": ("user:ana", "user:olga"), "business": ("user:ben",)}
ROLES = {Act.APPROVE: Role.FINAL_APPROVER, Act.REJECT: Role.FINAL_APPROVER}


def act(what, by, *parents, minute=0, **more):
    """An entry of a review, which saw some others."""
    body = {"role": ROLES.get(what, Role.EDITOR), "digest": "d1", "reviewers": REVIEWING, **more}
    entry = SignoffEntry(id="", parents=(), at=NOW, step="review", by=by, act=what, **body)
    seen = tuple(sorted(parent.id for parent in parents))
    at = NOW + timedelta(minutes=minute)
    return LedgerEntry(EntryKind.SIGNOFF, BUNDLE, "review", at, by, seen, signoff_body(entry))


def word(minute, parents, *, step="review", export=1, node="govern", artifact="ar.1", approvers=("ana",), **more):
    """An entry of what Govern said, which saw some others."""
    subject = {"bundle": "v1", "exported_on": export} if export else {}
    said = GovernEntry(
        id="", parents=(), at=NOW, step="", by="", node=node, artifact=artifact, approvers=approvers, subject=subject,
        digest=subject_digest(subject) if subject else "", barred={"emil": "made it"}, **more,
    )  # fmt: skip
    seen = tuple(sorted(parent.id for parent in parents))
    at = NOW + timedelta(minutes=minute)
    return LedgerEntry(EntryKind.GOVERN, BUNDLE, step, at, "rita", seen, govern_body(said))
