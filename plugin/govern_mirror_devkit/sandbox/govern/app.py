"""The Govern sandbox: a small Govern node behind one WSGI application, which is served or mounted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..faults import Faults
from ..web import Api
from .instance import GovernInstance
from .routes import URL_MAP


class GovernSandbox(GovernInstance):
    """A small Govern node, beside the DSS that `Sandbox` is: `serve` and `mock_instance` take either.

    Attributes:
        wsgi: the application to serve or to mount.
        faults: what goes wrong, and when.
    """

    def __init__(self, db: Path | None = None, *, node_id: str = "govern", version: str = "14.2.0") -> None:
        """Open a Govern node; the arguments are those of `GovernInstance`."""
        super().__init__(db, node_id=node_id, version=version)
        self.faults = Faults()
        self.wsgi = Api(self, URL_MAP)

    @contextmanager
    def reached_at(self, url: str) -> Iterator[str]:
        """Let the node know where it is reached, within the block."""
        before, self.base_url = self.base_url, url
        try:
            yield url
        finally:
            self.base_url = before
            self.faults.release()
