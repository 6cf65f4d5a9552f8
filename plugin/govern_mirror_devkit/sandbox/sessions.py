"""People who log in with a browser: their passwords and sessions, and whom a browser's headers stand for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from .auth import Accounts, Caller
from .errors import NotAuthenticated
from .store import Store

COOKIE = "dss_access_token_sandbox"
"""The cookie that holds a session; that its name ends in something of the instance is an assumption."""

_PASSWORD, _SESSION = "password", "browser_session"


class Sessions:
    """The sessions of the people who have logged in.

    Attributes:
        hide_access_tokens: *Hide access tokens* of the administration: secrets cannot be read through headers (docs).
        hidden_tokens_identify: whether a browser's headers still tell who the person is then. It is not documented,
            so either can be tried; where they do not, the cookie does not reach the webapp.
    """

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts
        self.hide_access_tokens = False
        self.hidden_tokens_identify = True

    @property
    def hides_cookie(self) -> bool:
        """Whether webapps do not get the session's cookie."""
        return self.hide_access_tokens and not self.hidden_tokens_identify

    def set_password(self, login: str, password: str) -> None:
        """Let a user log in with a password."""
        salt = secrets.token_hex(8)
        self._store.put(_PASSWORD, login, {"salt": salt, "digest": _digest(salt, password)})

    def log_in(self, login: str, password: str) -> str:
        """Begin a session, and return what its cookie holds.

        Raises:
            NotAuthenticated: there is no such user, the password is another one, or the user is disabled.
        """
        stored = self._store.get(_PASSWORD, login)
        if stored is None or not secrets.compare_digest(stored["digest"], _digest(stored["salt"], password)):
            raise NotAuthenticated("Invalid login or password")
        self._accounts.user(login)
        token = secrets.token_urlsafe(24)
        self._store.put(_SESSION, token, {"login": login})
        return token

    def end(self, token: str | None) -> None:
        """End a session, as its owner does by logging out; one that is not there is passed over."""
        if token:
            self._store.delete(_SESSION, token)

    def end_all(self, login: str) -> None:
        """End all sessions of a user, as an administrator or the clock does."""
        for token, session in list(self._store.items(_SESSION)):
            if session["login"] == login:
                self._store.delete(_SESSION, token)

    def holder(self, token: str | None) -> Caller:
        """Return who has a session.

        Raises:
            NotAuthenticated: there is no such session, or its user is gone or disabled.
        """
        session = self._store.get(_SESSION, token) if token else None
        if session is None:
            # what DSS says there is an assumption
            raise NotAuthenticated("Not logged in: no such session")
        return self._accounts.user(session["login"])

    def identify(self, headers: Mapping[str, Any]) -> Caller:
        """Return whom the headers of a browser's request stand for (client: `get_auth_info_from_browser_headers`).

        Only the session's cookie counts, or, without one, the API key of a program that calls a webapp's backend; no
        header with a name in it does. That a key counts is an assumption.

        Raises:
            NotAuthenticated: they stand for nobody.
        """
        named = {str(name).lower(): str(value) for name, value in headers.items()}
        token = session_token(named.get("cookie"))
        if token is None and "authorization" in named:
            return self._accounts.caller(named["authorization"])
        return self.holder(token)

    def ticket(self, headers: Mapping[str, Any]) -> str:
        """Return a ticket that acts as the person of a browser's headers; its end with the session is an assumption.

        Raises:
            NotAuthenticated: they stand for nobody.
        """
        named = {str(name).lower(): str(value) for name, value in headers.items()}
        token = session_token(named.get("cookie"))
        login = self.identify(headers).login
        return self._accounts.create_ticket(
            login, lambda: token is None or self._store.get(_SESSION, token) is not None
        )


def session_token(cookies: str | None) -> str | None:
    """Return the session in a Cookie header: the first, where somebody forged a second."""
    for cookie in (cookies or "").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE:
            return value
    return None


def without_session(cookies: str) -> str:
    """Return a Cookie header without the session."""
    others = [cookie.strip() for cookie in cookies.split(";") if cookie.strip().partition("=")[0] != COOKIE]
    return "; ".join(others)


def _digest(salt: str, password: str) -> str:
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=1024, r=8, p=1).hex()
