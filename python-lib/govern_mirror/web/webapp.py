"""The live page in DSS: puts API and page into the application that DSS gives to a webapp's backend.

Each request acts with the rights of the person in the browser, whom DSS names from the browser's own headers. Where
DSS does not let the backend act for that person, nothing is shown and nothing done: what the backend's own user may
read is not for everybody who can open the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from flask import Flask, Request

from govern_mirror.actions import dataset_history
from govern_mirror.actions.session import session_in_dss
from govern_mirror.dss import Client, person_of
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.history.trends import Trends
from govern_mirror.model.event import Source
from govern_mirror.web.application import install
from govern_mirror.web.problems import Refused
from govern_mirror.web.visitors import History, Visitor

NOT_KNOWN = "DSS does not say who you are: sign in to DSS again, then reload this page"
NOT_ALLOWED = (
    "DSS does not let this page act for you, so it shows nothing: an administrator must allow the group of the "
    "page's run-as user to impersonate your group, under Impersonation in webapps"
)
NO_HISTORY = (
    "there is no history: an administrator names the dataset History of the scheduled report in this webapp's settings"
)
SOMEBODY_ELSE = "DSS let this page act for somebody else than you, so it shows nothing: tell an administrator"


class DssDoor:
    """Lets in whom DSS names.

    Args:
        client: `dataiku.api_client`: the backend's own user, or within an impersonation the person.
        impersonation: `dataiku.WebappImpersonationContext`.
        plugin_config: the plugin's settings as DSS passes them.
        history: opens the history that the webapp's settings name, as whoever asks may read it; None where they name
            none.
    """

    def __init__(
        self,
        client: Callable[[], Client],
        impersonation: Callable[[], AbstractContextManager[Any]],
        plugin_config: Callable[[], Mapping[str, Any]],
        history: History | None = None,
    ) -> None:
        self._history = history
        self._client, self._impersonation, self._plugin_config = client, impersonation, plugin_config

    @contextmanager
    def visit(self, request: Request) -> Iterator[Visitor]:
        """Let the person of the browser in, with their rights, for the request.

        Raises:
            Refused: DSS does not know them, or does not let the page act for them.
        """
        try:
            login, groups = person_of(self._client(), dict(request.headers))
        except GovernMirrorError as error:
            raise Refused(401, NOT_KNOWN, hint=str(error)) from error
        with ExitStack() as acting_for:
            try:
                acting_for.enter_context(self._impersonation())
                # a new client: one that was made before acts as the backend's own user
                client = self._client()
                session = replace(session_in_dss(lambda: client, self._plugin_config()), source=Source.PAGE)
                acting = session.login
            except InputError:
                # the plugin's settings are wrong, or the template that they choose: nobody's rights are
                raise
            except Exception as error:
                # DSS raises errors of many kinds here, and all of them mean the same
                raise Refused(503, NOT_ALLOWED, hint=str(error)) from error
            if acting != login:
                raise Refused(503, SOMEBODY_ELSE)
            yield Visitor(login, session, groups, history=self._history, no_history=NO_HISTORY)


def setup(app: Flask) -> None:
    """Make the application that DSS gives to the backend serve the live page."""
    import dataiku
    from dataiku.customwebapp import get_plugin_config, get_webapp_config

    config = get_webapp_config() or {}
    project_key = dataiku.default_project_key()
    names = [dataset_history.dataset_name(config, field, project_key) for field in ("history", "history_values")]
    history = None if names[0] is None else _dataset_history(names[0], names[1], dataiku)
    door = DssDoor(dataiku.api_client, dataiku.WebappImpersonationContext, lambda: get_plugin_config() or {}, history)
    install(app, door)


def _dataset_history(name: str, values: str | None, dataiku: Any) -> History:
    """What opens a history dataset with the rights of the person for whom the request acts."""

    @contextmanager
    def opened(**which: Any) -> Iterator[Trends]:
        try:
            history, long_form = dataiku.Dataset(name), dataiku.Dataset(values) if values else None
            with dataset_history.opened(history, dataiku.SQLExecutor2, values=long_form, **which) as trends:
                yield trends
        except GovernMirrorError:
            raise
        except Exception as error:
            # DSS and its databases raise what they like; whoever may not read the dataset is told the same
            raise GovernMirrorError(
                f"{name} cannot be read with your rights, or is not there: ask an administrator for the right to read "
                "the project that it is in"
            ) from error

    return opened
