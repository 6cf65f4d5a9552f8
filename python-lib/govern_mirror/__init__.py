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
    from govern_mirror.actions.govern import ProjectResult, Scope, initialize, ungovern
    from govern_mirror.actions.history import open_trends, take_snapshot, with_past
    from govern_mirror.actions.record import Changed, add_document, move, qualify, set_values, write_note
    from govern_mirror.actions.report import build_report
    from govern_mirror.actions.session import Session, connect_to
    from govern_mirror.actions.show import project_json, show
    from govern_mirror.errors import GovernMirrorError
    from govern_mirror.model.blueprint import STANDARD, Blueprint, Status
    from govern_mirror.model.changes import Move, MoveKind
    from govern_mirror.model.document import Document
    from govern_mirror.model.item import Item, Problem
    from govern_mirror.report.portfolio import Filters, Portfolio
    from govern_mirror.settings import Settings

_HOMES = {
    "ProjectResult": "actions.govern",
    "Scope": "actions.govern",
    "initialize": "actions.govern",
    "ungovern": "actions.govern",
    "open_trends": "actions.history",
    "take_snapshot": "actions.history",
    "with_past": "actions.history",
    "Changed": "actions.record",
    "add_document": "actions.record",
    "move": "actions.record",
    "write_note": "actions.record",
    "qualify": "actions.record",
    "set_values": "actions.record",
    "build_report": "actions.report",
    "Session": "actions.session",
    "connect_to": "actions.session",
    "project_json": "actions.show",
    "show": "actions.show",
    "STANDARD": "model.blueprint",
    "Blueprint": "model.blueprint",
    "Status": "model.blueprint",
    "Move": "model.changes",
    "MoveKind": "model.changes",
    "Document": "model.document",
    "GovernMirrorError": "errors",
    "Item": "model.item",
    "Problem": "model.item",
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
    "Item",
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
    "set_values",
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
