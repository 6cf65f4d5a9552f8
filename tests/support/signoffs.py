"""Entries of sign-offs: reviews as honest people of each kind do them."""

from datetime import datetime, timedelta, timezone

from govern_mirror.model.reviewers import Delegation, Role
from govern_mirror.model.signoff import Act, FeedbackStatus, SignoffEntry

NOW = datetime(2026, 3, 1, 9, tzinfo=timezone.utc)
REVIEWERS = {
    "final_approvers": ("user:ana", "group:board"),
    "business": ("user:ben",),
    "risk_compliance": ("user:cleo",),
}

# how an honest person of each kind acts
AUTHORS = {
    Act.REQUEST_FEEDBACK: ("rita", Role.EDITOR),
    Act.REQUEST_APPROVAL: ("rita", Role.EDITOR),
    Act.FEEDBACK: ("ben", Role.BUSINESS),
    Act.APPROVE: ("ana", Role.FINAL_APPROVER),
    Act.REJECT: ("ana", Role.FINAL_APPROVER),
    Act.BACK: ("ana", Role.FINAL_APPROVER),
    Act.ABANDON: ("rita", Role.EDITOR),
    Act.CANCEL: ("rita", Role.EDITOR),
    Act.RESET: ("rita", Role.EDITOR),
    Act.DELEGATE: ("ana", Role.FINAL_APPROVER),
}


def entry(id_, act, parents=(), minute=0, by=None, **more):
    author, role = AUTHORS[act]
    given_ = {
        "feedback": FeedbackStatus.APPROVED if act is Act.FEEDBACK else None,
        "delegation": Delegation(Role.FINAL_APPROVER, "ana", "dan") if act is Act.DELEGATE else None,
        "digest": "d1",
        "reviewers": REVIEWERS,
        "role": role,
    }
    return SignoffEntry(
        id=id_,
        parents=tuple(parents),
        at=NOW + timedelta(minutes=minute),
        step="review",
        by=by or author,
        act=act,
        **{**given_, **more},
    )


def chain(*acts, **more):
    """Entries, each of which saw the one before."""
    return [entry(f"e{n}", act, [f"e{n - 1}"] if n else [], n, **more) for n, act in enumerate(acts)]
