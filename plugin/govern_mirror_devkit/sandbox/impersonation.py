"""*Impersonation in webapps*: whose groups a webapp's user may act for (docs, webapps and security)."""

from __future__ import annotations

from .auth import Caller
from .errors import Forbidden
from .store import Store

_ALLOWED = "webapp_impersonation"


class Impersonation:
    """The instance's rules, set by group: the group of a webapp's user, and the groups of people it may act for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def allow(self, group: str, *people: str) -> None:
        """Let webapps that run as a member of a group act for members of these groups, and of no others."""
        self._store.put(_ALLOWED, group, sorted(people))

    def forbid(self, group: str) -> None:
        """Let webapps that run as a member of a group act for nobody."""
        self._store.delete(_ALLOWED, group)

    def require(self, run_as: Caller, person: Caller) -> None:
        """Refuse unless a webapp that runs as one may act for the other.

        That an administrator's webapp needs the rule as well, that a user needs it even to act for themselves, and the
        words of the refusal are assumptions.

        Raises:
            Forbidden: no group of the one may act for any group of the other.
        """
        allowed = {group for own in run_as.groups for group in self._store.get(_ALLOWED, own) or []}
        if not allowed & person.groups:
            raise Forbidden(f"User {run_as.login} is not allowed to impersonate {person.login} in webapps")
