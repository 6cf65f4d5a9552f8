"""Who asks: the person, the session that acts with their rights, and how they come in."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from flask import Request, g

from govern_mirror.actions.session import Session
from govern_mirror.history.trends import Trends
from govern_mirror.model.blueprint import Blueprint


class History(Protocol):
    """Opens a history, and gives the trends of one node in it, of some projects or all."""

    def __call__(
        self, *, blueprint: Blueprint, node: str, projects: Collection[str] | None
    ) -> AbstractContextManager[Trends]:
        """Open it.

        Raises:
            GovernMirrorError: it cannot be read.
        """


@dataclass(frozen=True)
class Visitor:
    """A person on the page.

    Attributes:
        login: as DSS knows them.
        session: acts with their rights, and nobody else's.
        groups: their groups, as far as DSS tells.
        read_only: why they can change nothing on the whole page; None where their rights on each project decide.
        history: opens the history that is kept of this instance, as this person may read it; None where there is none.
        no_history: what to set up, where there is none.
    """

    login: str
    session: Session
    groups: tuple[str, ...] = ()
    read_only: str | None = None
    history: History | None = None
    no_history: str = ""


class Door(Protocol):
    """How people come in: by the key of `serve`, or by their session in DSS."""

    def visit(self, request: Request) -> AbstractContextManager[Visitor]:
        """Let the person of a request in, for as long as the request lasts.

        Raises:
            Refused: nobody is known, or DSS does not let the page act for them.
            GovernMirrorError: DSS could not be asked.
        """


def visitor() -> Visitor:
    """The person of the request that is being answered."""
    person: Visitor = g.visitor
    return person
