"""Dataiku Govern's project workflow, for any Dataiku DSS instance.

The Python API: names are imported when they are first used, so that importing this package costs nothing.

    from govern_mirror import Filters, Move, MoveKind, Scope, build_report, connect_to, initialize, move, qualify, show

    session = connect_to("https://dss.example.com", "my-api-key")
    initialize(session, Scope(keys=("CHURN",)), {"qualification.value.rating": "High"})
    qualify(session, "CHURN", {"qualification.risk.rating": "Low", "qualification.decision": "Go"})
    move(session, "CHURN", Move(MoveKind.ADVANCE))
    project = show(session, "CHURN")
    portfolio = build_report(session, Filters(steps=("exploration",))).portfolio
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from govern_mirror.actions.governing import ProjectResult, Scope, initialize, ungovern
    from govern_mirror.actions.history import open_trends, take_snapshot, with_past
    from govern_mirror.actions.recording import Changed, add_document, move, qualify, write_note
    from govern_mirror.actions.reporting import build_report
    from govern_mirror.actions.session import Session, connect_to
    from govern_mirror.actions.showing import project_json, show
    from govern_mirror.blueprint import STANDARD, Blueprint, Status
    from govern_mirror.changes import Move, MoveKind
    from govern_mirror.document import Document
    from govern_mirror.errors import GovernMirrorError
    from govern_mirror.project import GovernedProject, Problem
    from govern_mirror.report.portfolio import Filters, Portfolio
    from govern_mirror.settings import Settings

_HOMES = {
    "ProjectResult": "actions.governing",
    "Scope": "actions.governing",
    "initialize": "actions.governing",
    "ungovern": "actions.governing",
    "open_trends": "actions.history",
    "take_snapshot": "actions.history",
    "with_past": "actions.history",
    "Changed": "actions.recording",
    "add_document": "actions.recording",
    "move": "actions.recording",
    "write_note": "actions.recording",
    "qualify": "actions.recording",
    "build_report": "actions.reporting",
    "Session": "actions.session",
    "connect_to": "actions.session",
    "project_json": "actions.showing",
    "show": "actions.showing",
    "STANDARD": "blueprint",
    "Blueprint": "blueprint",
    "Status": "blueprint",
    "Move": "changes",
    "MoveKind": "changes",
    "Document": "document",
    "GovernMirrorError": "errors",
    "GovernedProject": "project",
    "Problem": "project",
    "Filters": "report.portfolio",
    "Portfolio": "report.portfolio",
    "Settings": "settings",
}

__all__ = [
    "STANDARD",
    "Blueprint",
    "Changed",
    "Document",
    "Filters",
    "GovernMirrorError",
    "GovernedProject",
    "Move",
    "MoveKind",
    "Portfolio",
    "Problem",
    "ProjectResult",
    "Scope",
    "Session",
    "Settings",
    "Status",
    "add_document",
    "build_report",
    "connect_to",
    "initialize",
    "move",
    "open_trends",
    "project_json",
    "qualify",
    "show",
    "take_snapshot",
    "ungovern",
    "with_past",
    "write_note",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
