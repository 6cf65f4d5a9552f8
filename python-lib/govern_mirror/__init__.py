"""Dataiku Govern's project workflow, for any Dataiku DSS instance.

The Python API, told with examples in docs/python-api.md: start with `connect_to`. A name is imported when it is first
used, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOMES = {
    "gate": "actions.gate",
    "ProjectResult": "actions.govern",
    "Scope": "actions.govern",
    "hide": "actions.govern",
    "initialize": "actions.govern",
    "undo_hide": "actions.govern",
    "ungovern": "actions.govern",
    "open_trends": "actions.history",
    "take_snapshot": "actions.history",
    "with_history": "actions.history",
    "DocumentEdit": "actions.inputs",
    "Changed": "actions.record",
    "add_document": "actions.record",
    "close": "actions.record",
    "move": "actions.record",
    "qualify": "actions.record",
    "set_values": "actions.record",
    "undo_close": "actions.record",
    "write_note": "actions.record",
    "read_registry": "actions.registry",
    "build_report": "actions.report",
    "Session": "actions.session",
    "connect_to": "actions.session",
    "session_in_dss": "actions.session",
    "project_json": "actions.show",
    "show": "actions.show",
    "PartTaken": "actions.take_part",
    "take_part": "actions.take_part",
    "AccessDenied": "errors",
    "ConflictError": "errors",
    "ConnectionFailed": "errors",
    "GovernMirrorError": "errors",
    "InputError": "errors",
    "MoveRefused": "errors",
    "NotFound": "errors",
    "WriteRefused": "errors",
    "WriteUnclear": "errors",
    "STANDARD": "model.blueprint",
    "Blueprint": "model.blueprint",
    "Status": "model.blueprint",
    "Move": "model.changes",
    "MoveKind": "model.changes",
    "Document": "model.values",
    "Allowed": "model.gate",
    "Item": "model.item",
    "Problem": "model.item",
    "Filters": "report.portfolio",
    "Portfolio": "report.portfolio",
    "Settings": "settings",
}
"""Each name of the API, and the module that it comes from."""

__all__ = sorted(_HOMES)

if TYPE_CHECKING:
    # what type checkers read in place of `__getattr__`; a test compares it with _HOMES
    from govern_mirror.actions.gate import gate as gate
    from govern_mirror.actions.govern import (
        ProjectResult as ProjectResult,
        Scope as Scope,
        hide as hide,
        initialize as initialize,
        undo_hide as undo_hide,
        ungovern as ungovern,
    )
    from govern_mirror.actions.history import (
        open_trends as open_trends,
        take_snapshot as take_snapshot,
        with_history as with_history,
    )
    from govern_mirror.actions.inputs import DocumentEdit as DocumentEdit
    from govern_mirror.actions.record import (
        Changed as Changed,
        add_document as add_document,
        close as close,
        move as move,
        qualify as qualify,
        set_values as set_values,
        undo_close as undo_close,
        write_note as write_note,
    )
    from govern_mirror.actions.registry import read_registry as read_registry
    from govern_mirror.actions.report import build_report as build_report
    from govern_mirror.actions.session import (
        Session as Session,
        connect_to as connect_to,
        session_in_dss as session_in_dss,
    )
    from govern_mirror.actions.show import project_json as project_json, show as show
    from govern_mirror.actions.take_part import PartTaken as PartTaken, take_part as take_part
    from govern_mirror.errors import (
        AccessDenied as AccessDenied,
        ConflictError as ConflictError,
        ConnectionFailed as ConnectionFailed,
        GovernMirrorError as GovernMirrorError,
        InputError as InputError,
        MoveRefused as MoveRefused,
        NotFound as NotFound,
        WriteRefused as WriteRefused,
        WriteUnclear as WriteUnclear,
    )
    from govern_mirror.model.blueprint import STANDARD as STANDARD, Blueprint as Blueprint, Status as Status
    from govern_mirror.model.changes import Move as Move, MoveKind as MoveKind
    from govern_mirror.model.values import Document as Document
    from govern_mirror.model.gate import Allowed as Allowed
    from govern_mirror.model.item import Item as Item, Problem as Problem
    from govern_mirror.report.portfolio import Filters as Filters, Portfolio as Portfolio
    from govern_mirror.settings import Settings as Settings
else:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
