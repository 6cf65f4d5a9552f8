"""The sandbox: a small DSS instance behind one WSGI application, which is served or mounted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..host import PluginHost
from .browser import Browser
from .clock import Clock
from .faults import Faults
from .instance import DssInstance
from .routes import URL_MAP
from .web import Api


class Sandbox(DssInstance):
    """A small DSS instance that answers over HTTP.

    Attributes:
        wsgi: the application to serve or to mount.
        faults: what goes wrong, and when.
        browser: the pages that people see, and the headers that an administrator may have set for them.
    """

    def __init__(
        self,
        db: Path | None = None,
        *,
        clock: Clock | None = None,
        node_id: str = "sandbox",
        dss_version: str = "14.2.0",
        plugin: PluginHost | None = None,
    ) -> None:
        """Open a sandbox; the arguments are those of `DssInstance`."""
        super().__init__(db, clock=clock, node_id=node_id, dss_version=dss_version, plugin=plugin)
        self.faults = Faults()
        self.browser = Browser(self)
        self.wsgi = Api(self, URL_MAP, self.browser.answer)

    @contextmanager
    def reached_at(self, url: str) -> Iterator[str]:
        """Let the sandbox know where it is reached, within the block."""
        before, self.base_url = self.base_url, url
        try:
            yield url
        finally:
            self.webapps.stop_all()
            self.futures.join()
            self.base_url = before
            self.faults.release()
