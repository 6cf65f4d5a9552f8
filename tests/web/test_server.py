"""What serves the page outside DSS, and the sandbox."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit

from cheroot.wsgi import Server

from govern_mirror.web.server import served

AT_ONCE = 100
"""More than a page and the library's workers open in one moment."""


def test_connections_that_come_at_once_need_not_be_tried_again(monkeypatch):
    stopped = threading.Event()
    monkeypatch.setattr(Server, "serve", lambda server: stopped.wait())
    with contextlib.ExitStack() as opened:
        address = urlsplit(opened.enter_context(served(None, threads=1)))
        opened.callback(stopped.set)
        for _ in range(AT_ONCE):  # nobody accepts one yet: what finds no place here waits for its next try
            opened.enter_context(socket.create_connection((address.hostname, address.port), timeout=0.5))
