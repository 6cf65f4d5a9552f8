"""What every format of the report is: one renderer behind this protocol, in a module of its own."""

from __future__ import annotations

from typing import Protocol

from govern_mirror.report.portfolio import Portfolio


class Renderer(Protocol):
    """Turns a portfolio into the bytes of one format. It opens and writes nothing itself."""

    @property
    def is_binary(self) -> bool:
        """Whether a terminal cannot show the format."""

    @property
    def shows_events(self) -> bool:
        """Whether the format shows the projects' events."""

    @property
    def shows_past(self) -> bool:
        """Whether the format shows what a history adds: `Portfolio.past`."""

    def render(self, portfolio: Portfolio) -> bytes:
        """The whole document; text is UTF-8."""
