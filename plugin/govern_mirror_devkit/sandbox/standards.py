"""The last Project Standards report of each project (client, from 14.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .auth import Caller
from .clock import Clock
from .errors import NotFound
from .projects import Projects
from .release import Release
from .store import Store

_REPORT = "standards_report"
FIRST_RELEASE = "14.1.0"


class ProjectStandards:
    """What the checks said when they last ran on a project; no check is run here.

    The keys of a report are those that the client reads. That its time is in milliseconds is an assumption, as is
    who may read it: who may read the project.
    """

    def __init__(self, store: Store, projects: Projects, release: Release, clock: Clock) -> None:
        self._store, self._projects, self._release, self._clock = store, projects, release, clock

    def note(self, caller: Caller, project_key: str, severities: Mapping[str, int | None]) -> None:
        """Keep a report, as a run on the project does; by check, its severity, or None where it failed to run."""
        self._projects.require_write(caller, project_key)
        report = {
            "projectKey": project_key,
            "scope": "DEFAULT",
            "requester": caller.login,
            "startTime": self._clock.milliseconds(),
            "totalDurationMs": 10 * len(severities),
            "bundleChecksRunInfo": {name: _run(name, severity) for name, severity in severities.items()},
        }
        self._store.put(_REPORT, f"{project_key}/last", report)

    def last_report(self, caller: Caller, project_key: str) -> dict[str, Any] | None:
        """Return the last report; None where the checks never ran.

        Raises:
            NotFound: this version of DSS has no Project Standards.
        """
        if not self._release.at_least(FIRST_RELEASE):
            raise NotFound("there is no such endpoint")
        self._projects.require_read(caller, project_key)
        report: dict[str, Any] | None = self._store.get(_REPORT, f"{project_key}/last")
        return report


def _run(name: str, severity: int | None) -> dict[str, Any]:
    result = {"status": "RUN_ERROR"} if severity is None else {"status": "RUN_SUCCESS", "severity": severity}
    return {"check": {"id": name, "name": name}, "result": {**result, "message": "", "details": {}}, "durationMs": 10}
