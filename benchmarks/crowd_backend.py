"""The live page's backend for many people at once: who asks is who they say to be. For the benchmarks only.

DKU_DSS_URL=… DKU_API_KEY=… python -m benchmarks.crowd_backend    # prints its address, then serves
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from threading import Event

from flask import Flask, Request

from govern_mirror.actions.session import Session, connect_to
from govern_mirror.web.application import install
from govern_mirror.web.server import served
from govern_mirror.web.visitors import Visitor

THREADS = 32


class EverybodysDoor:
    """Lets in whom the header `X-Person` names; all act with the rights of one key."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def visit(self, request: Request) -> AbstractContextManager[Visitor]:
        return nullcontext(Visitor(request.headers["X-Person"], self._session))


def main() -> None:
    app = Flask("crowd", static_folder=None)
    install(app, EverybodysDoor(connect_to(os.environ["DKU_DSS_URL"], os.environ["DKU_API_KEY"])))
    with served(app, threads=THREADS) as address:
        print(f"{address}/", flush=True)
        Event().wait()


if __name__ == "__main__":
    main()
