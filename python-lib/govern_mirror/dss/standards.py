"""The last Project Standards report of a project, as far as DSS keeps one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from govern_mirror import fast_json
from govern_mirror.connection import path_part
from govern_mirror.dss.client import NOT_DSS, Client, api_errors
from govern_mirror.dss.governable_items import exact_time, milliseconds
from govern_mirror.errors import ConnectionFailed, NotFound
from govern_mirror.nested import get, text_at

SEVERITIES = ("None", "Lowest", "Low", "Medium", "High", "Critical")
"""What DSS calls the severities from 0 to 5; 0 is a check that found nothing."""


@dataclass(frozen=True)
class StandardsReport:
    """How the checks of Project Standards ended when they last ran on a project, and not on one of its bundles.

    Attributes:
        ran_on: when they began (UTC); None where DSS does not tell.
        severity: the worst of what they found, from 0 to 5; None where no check came to an end.
        failed: how many checks came to no end.
    """

    ran_on: datetime | None
    severity: int | None
    failed: int = 0

    @property
    def label(self) -> str:
        """The severity in words."""
        label = "Not known" if self.severity is None else SEVERITIES[self.severity]
        return f"{label} ({self.failed} failed to run)" if self.failed else label


def last_standards_report(client: Client, project_key: str) -> StandardsReport | None:
    """Return the last Project Standards report of a project.

    Returns:
        The report; None where the checks never ran on the project, or DSS has none (before 14.1).

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    path = f"/projects/{path_part(project_key)}/project-standards/last-report"
    try:
        with api_errors(project_key, "read the last Project Standards report"):
            text = client._perform_http("GET", path).text
    except NotFound as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise  # the project itself is not readable
    if not text.strip():
        return None
    try:
        report = fast_json.loads_bounded(text)
    except (ValueError, RecursionError) as error:
        raise ConnectionFailed(NOT_DSS) from error
    if report is None:
        return None
    runs = get(report, ("bundleChecksRunInfo",))
    if not isinstance(runs, Mapping):
        raise ConnectionFailed(NOT_DSS)
    return _report(exact_time(milliseconds(report.get("startTime"))), runs)


def _report(ran_on: datetime | None, runs: Mapping[str, Any]) -> StandardsReport:
    severities, failed = [], 0
    for run in runs.values():
        result = get(run, ("result",))
        status, severity = text_at(result, "status"), get(result, ("severity",))
        if status == "NOT_APPLICABLE":
            continue
        if status == "RUN_SUCCESS" and type(severity) is int and 0 <= severity < len(SEVERITIES):
            severities.append(severity)
        else:
            failed += 1
    return StandardsReport(ran_on, max(severities, default=None), failed)
