"""The list of projects, asked for while the rest of a command is still being loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import copy_context
from queue import Queue
from typing import Any, TypeAlias

from govern_mirror.dss.client import Client, ClientFactory, api_errors
from govern_mirror.dss.transport import receiving

Receive: TypeAlias = Callable[[], Callable[[bytes], None]]
"""Returns what takes an answer piece by piece; called anew when DSS has to be asked again."""

LIST_PARAMS = {"includeLocation": False}
"""As the client's `list_projects` asks."""

MAX_PIECES = 8
"""How many pieces wait for whoever reads them; the rest waits in the connection."""

_ANEW, _END = object(), object()


def request_list(client: Client, receive: Receive) -> None:
    """Ask for the list of projects, and hand it over piece by piece.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    with api_errors(doing="list the projects"), receiving(receive):
        client._perform_http("GET", "/projects/", params=LIST_PARAMS)


class ListAhead:
    """A list that a thread of its own asks for at once, with the time limit of whoever makes it.

    DSS takes a while before its first byte comes: what a report needs besides is imported, and asked, meanwhile.

    Args:
        clients: makes a client; called in the thread.
    """

    def __init__(self, clients: ClientFactory) -> None:
        self._pieces: Queue[Any] = Queue(MAX_PIECES)
        # a daemon: a command that fails before it reads the list does not wait for it
        threading.Thread(target=copy_context().run, args=(self._request, clients), daemon=True).start()

    def hand_over(self, receive: Receive) -> None:
        """Give the list to who reads it, piece by piece as it comes; once.

        Raises:
            GovernMirrorError: as `request_list` says.
        """
        take: Callable[[bytes], None] | None = None
        while (piece := self._pieces.get()) is not _END:
            if isinstance(piece, BaseException):
                raise piece
            if piece is _ANEW:
                take = receive()
            elif take is not None:
                take(piece)

    def _request(self, clients: ClientFactory) -> None:
        def receive() -> Callable[[bytes], None]:
            self._pieces.put(_ANEW)
            return self._pieces.put

        try:
            request_list(clients(), receive)
        except BaseException as error:
            # whoever waits for the list is told, whatever it is
            self._pieces.put(error)
        else:
            self._pieces.put(_END)
