"""What goes into a component's run and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Connection:
    """Where component code reaches DSS, and as whom: what `dataiku.api_client()` connects to."""

    url: str
    api_key: str = field(repr=False)


@dataclass(frozen=True)
class MacroResult:
    """A macro's result: the `resultType` of its descriptor, and the text or JSON value."""

    type: str
    content_type: str
    payload: Any


@dataclass(frozen=True)
class DatasetWrite:
    """What was written to a dataset: its columns (`name`, `type`), rows by column name, and whether they add up."""

    schema: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    append: bool = False


@dataclass(frozen=True)
class RecipeResult:
    """What a recipe wrote, by the full name of the dataset."""

    datasets: dict[str, DatasetWrite]


@dataclass(frozen=True)
class CheckResult:
    """What a Project Standards check found.

    Attributes:
        status: RUN_SUCCESS when it ran to its end, RUN_ERROR, or NOT_APPLICABLE (client).
        severity: 0 for no issue, 1 (lowest) to 5 (critical); None unless the status is RUN_SUCCESS.
        message: what it said.
        details: more for tools, as the check gave it.
        traceback: the component's own, where it raised.
    """

    status: str
    severity: int | None
    message: str
    details: dict[str, Any] = field(default_factory=dict)
    traceback: str = ""


@dataclass(frozen=True)
class HookOutcome:
    """How a deployment hook ended.

    Attributes:
        status: SUCCESS, WARNING or ERROR.
        message: what it said; of a hook that raised, the error.
    """

    status: str
    message: str


class ComponentError(Exception):
    """A component failed, its form was not valid, or its result is not what the descriptor promises.

    Attributes:
        error_type: the error's class, as DSS reports it.
        message: its text.
        traceback: the component's own traceback, where there is one.
    """

    def __init__(self, error_type: str, message: str, traceback: str = "") -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.traceback = traceback


class ComponentAborted(Exception):  # noqa: N818 - an outcome, not an error
    """A component was stopped from outside."""
