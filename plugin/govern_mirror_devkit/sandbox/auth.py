"""Users, groups, API keys, and what each may do."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import Forbidden, NotAuthenticated
from .store import Store

_USER, _KEY = "user", "api_key"
ADMINISTRATORS = "administrators"
"""The group whose members may do everything."""

DESIGNER, READER = "FULL_DESIGNER", "READER"
"""Profiles of users: what a licence lets them do at all."""

MAX_TICKETS = 10_000


@dataclass(frozen=True)
class Caller:
    """Who makes a request.

    Attributes:
        login: how changes are signed; `api:<id>` for an API key that is no user's own (docs).
        groups: the user's groups; none for such a key.
        is_admin: whether they may do everything.
        project_key: for a project-level key, the one project it knows, else None.
        project_rights: what a project-level key may do there.
        may_write: False for people with a reader's profile, who can modify nothing, whatever their groups may do.
    """

    login: str
    groups: frozenset[str] = frozenset()
    is_admin: bool = False
    project_key: str | None = None
    project_rights: frozenset[str] = frozenset()
    may_write: bool = True


@dataclass(frozen=True)
class Rights:
    """What a caller may do in a project; to administrate includes to write, to write includes to read."""

    read: bool = False
    write: bool = False
    admin: bool = False


class Accounts:
    """The instance's users and API keys."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tickets: dict[str, tuple[str, Callable[[], bool]]] = {}

    def create_user(
        self, login: str, *, groups: tuple[str, ...] = (), display_name: str | None = None, profile: str = DESIGNER
    ) -> None:
        """Add a user; a member of `administrators` may do everything, and one with a reader's profile only read."""
        user = {"login": login, "groups": list(groups), "displayName": display_name or login, "enabled": True}
        self._store.put(_USER, login, {**user, "userProfile": profile})

    def change_user(self, login: str, **changes: Any) -> None:
        """Change a user, as an administrator does: `groups`, `enabled`, `userProfile`, `displayName`."""
        self._store.put(_USER, login, {**self._user(login), **changes})

    def users(self) -> list[dict[str, Any]]:
        """Return all users, as an administrator may see them."""
        return [user for _, user in self._store.items(_USER)]

    def profile(self, login: str) -> str | None:
        """Return a user's profile; None where there is no such user."""
        user = self._store.get(_USER, login)
        return user.get("userProfile", DESIGNER) if user else None

    def display_name(self, login: str) -> str:
        """Return the name people read; the login where there is no such user."""
        user = self._store.get(_USER, login)
        return str(user["displayName"]) if user else login

    def create_personal_key(self, login: str) -> str:
        """Make an API key that acts as a user, and return it."""
        return self._create_key({"type": "personal", "login": login})

    def create_global_key(self, *, admin: bool = False, groups: tuple[str, ...] = ()) -> str:
        """Make a global API key, and return it; changes made with it are signed `api:<id>` (docs)."""
        return self._create_key({"type": "global", "admin": admin, "groups": list(groups)})

    def create_project_key(self, project_key: str, rights: tuple[str, ...] = ("ADMIN",)) -> str:
        """Make an API key of one project, with rights of READ, WRITE and ADMIN, and return it."""
        return self._create_key({"type": "project", "projectKey": project_key, "rights": list(rights)})

    def create_session_key(self, caller: Caller) -> str:
        """Make a key that acts as a caller, for code that DSS runs in their name, and return it."""
        return self._create_key(
            {
                "type": "session",
                "login": caller.login,
                "groups": sorted(caller.groups),
                "admin": caller.is_admin,
                "projectKey": caller.project_key,
                "rights": sorted(caller.project_rights),
                "mayWrite": caller.may_write,
            }
        )

    def create_ticket(self, login: str, valid: Callable[[], bool]) -> str:
        """Make a ticket that acts as a user for as long as it is valid, and return it (client: `X-DKU-APITicket`).

        How long a ticket lasts in DSS is not documented. Old ones are forgotten, so that a long run needs no room.
        """
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = login, valid
        while len(self._tickets) > MAX_TICKETS:
            self._tickets.pop(next(iter(self._tickets)), None)
        return ticket

    def ticket_holder(self, ticket: str) -> Caller:
        """Return whom a ticket stands for.

        Raises:
            NotAuthenticated: there is no such ticket, or it is not valid any more.
        """
        login, valid = self._tickets.get(ticket, ("", lambda: False))
        if not valid():
            raise NotAuthenticated("Unknown or expired ticket")
        return self.user(login)

    def revoke(self, key: str) -> None:
        """Let a key be unknown from now on."""
        self._store.delete(_KEY, key)

    def _create_key(self, description: dict[str, Any]) -> str:
        key = f"dkuaps-{secrets.token_urlsafe(24)}"
        self._store.put(_KEY, key, {"id": secrets.token_hex(8), **description})
        return key

    def caller(self, authorization: str | None) -> Caller:
        """Return whom an Authorization header stands for.

        Basic with the key as user name (client, Govern's documentation) or as password (docs, REST), or Bearer.

        Raises:
            NotAuthenticated: there is no header, or DSS does not know the key.
        """
        for key in _keys_in(authorization):
            description = self._store.get(_KEY, key)
            if description is not None:
                return self._caller_of(description)
        raise NotAuthenticated

    def in_the_name_of(self, caller: Caller, login: str) -> Caller:
        """Return the user that an administrator acts for, with that user's rights (client: `X-DKU-ProxyUser`).

        Raises:
            Forbidden: the caller is no administrator.
            NotAuthenticated: there is no such user.
        """
        if not caller.is_admin:
            raise Forbidden("Only administrators may act in the name of another user")
        return self.user(login)

    def user(self, login: str) -> Caller:
        """Return the caller that a user is.

        Raises:
            NotAuthenticated: there is no such user, or they are disabled.
        """
        user = self._user(login)
        if not user.get("enabled", True):
            raise NotAuthenticated(f"User {login} is disabled")
        groups = frozenset(user["groups"])
        may_write = user.get("userProfile", DESIGNER) != READER
        return Caller(login, groups, ADMINISTRATORS in groups and may_write, may_write=may_write)

    def _user(self, login: str) -> dict[str, Any]:
        user: dict[str, Any] | None = self._store.get(_USER, login)
        if user is None:
            raise NotAuthenticated(f"Unknown user {login}")
        return user

    def _caller_of(self, key: Mapping[str, Any]) -> Caller:
        if key["type"] == "personal":
            return self.user(key["login"])
        if key["type"] == "session":
            groups, project_rights = frozenset(key["groups"]), frozenset(key["rights"])
            may_write = key.get("mayWrite", True)
            return Caller(key["login"], groups, key["admin"], key["projectKey"], project_rights, may_write)
        login = f"api:{key['id']}"
        if key["type"] == "project":
            return Caller(login, project_key=key["projectKey"], project_rights=frozenset(key["rights"]))
        return Caller(login, frozenset(key["groups"]), key["admin"])


def rights(caller: Caller, permissions: Mapping[str, Any], project_key: str) -> Rights:
    """Return what a caller may do in a project with these permissions: owner, list by group (dna) or user (live 15)."""
    allowed = _granted(caller, permissions, project_key)
    return allowed if caller.may_write else Rights(allowed.read)


def _granted(caller: Caller, permissions: Mapping[str, Any], project_key: str) -> Rights:
    if caller.is_admin or permissions.get("owner") == caller.login:
        return Rights(True, True, True)
    if caller.project_key is not None:
        if caller.project_key != project_key:
            return Rights()
        admin = "ADMIN" in caller.project_rights
        write = admin or "WRITE" in caller.project_rights
        return Rights(write or "READ" in caller.project_rights, write, admin)
    entries = [
        entry
        for entry in permissions.get("permissions") or []
        if entry.get("group") in caller.groups or entry.get("user") == caller.login
    ]
    admin = any(entry.get("admin") for entry in entries)
    write = admin or any(entry.get("writeProjectContent") for entry in entries)
    return Rights(write or any(entry.get("readProjectContent") for entry in entries), write, admin)


def _keys_in(authorization: str | None) -> tuple[str, ...]:
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() == "bearer":
        return (value.strip(),)
    if scheme.lower() != "basic":
        return ()
    try:
        user, _, password = base64.b64decode(value).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ()
    return tuple(part for part in (user, password) if part)
