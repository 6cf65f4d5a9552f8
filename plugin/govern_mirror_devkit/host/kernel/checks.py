"""`dataiku.project_standards`, and a run of a Project Standards check."""

from __future__ import annotations

import json
from typing import Any

from .column_types import is_whole
from .component_code import component_class, component_failure, execute
from .job import ComponentFailed, Job, api_client, current_job


class ProjectStandardsCheckRunResult:
    """`dataiku.project_standards.ProjectStandardsCheckRunResult` (developer guide, Project Standards Check).

    `status` and `severity` are those the client reads: RUN_SUCCESS with 0 to 5, RUN_ERROR, NOT_APPLICABLE. Components
    of Dataiku's own also pass `details`, which the guide does not show.
    """

    def __init__(self, status: str, severity: int | None, message: str, details: dict[str, Any] | None) -> None:
        if not isinstance(message, str):
            raise ValueError(f"a message is a text, not {message!r}")
        self.status, self.severity, self.message, self.details = status, severity, message, details or {}

    @classmethod
    def success(cls, message: str, details: dict[str, Any] | None = None) -> ProjectStandardsCheckRunResult:
        """Return that the project respects the standard."""
        return cls("RUN_SUCCESS", 0, message, details)

    @classmethod
    def failure(
        cls, severity: int, message: str, details: dict[str, Any] | None = None
    ) -> ProjectStandardsCheckRunResult:
        """Return that it does not; the guide takes a severity of 0 as a success."""
        if not is_whole(severity) or not 0 <= severity <= 5:
            raise ValueError(f"a severity is a whole number from 1 to 5, not {severity!r}")
        return cls("RUN_SUCCESS", severity, message, details)

    @classmethod
    def not_applicable(cls, message: str, details: dict[str, Any] | None = None) -> ProjectStandardsCheckRunResult:
        """Return that the standard is not meant for this project."""
        return cls("NOT_APPLICABLE", None, message, details)

    @classmethod
    def error(cls, message: str, details: dict[str, Any] | None = None) -> ProjectStandardsCheckRunResult:
        """Return that nothing can be said."""
        return cls("RUN_ERROR", None, message, details)


class ProjectStandardsCheckSpec:
    """`dataiku.project_standards.ProjectStandardsCheckSpec`: the base of checks, which sets what they may use.

    How DSS calls this constructor is not documented: components must not have one of their own.
    """

    def __init__(self) -> None:
        job = current_job.get()
        self.config: dict[str, Any] = dict(job["config"])
        self.plugin_config: dict[str, Any] = dict(job["plugin_config"])
        self.project = api_client().get_project(job["project_key"])
        self.original_project_key: str = job["original_project_key"]


def run_check(job: Job) -> dict[str, Any]:
    """Run a Project Standards check; `runner.run` says with what and to what end."""
    try:
        namespace = execute(job, "python-project-standards-check-specs", "project_standards_check_spec.py")
        check_class = component_class(namespace, ProjectStandardsCheckSpec)
        if "__init__" in vars(check_class):
            raise TypeError(f"DSS makes {check_class.__name__} itself: it must not have a constructor")
        check = check_class()
    except (Exception, SystemExit) as error:
        raise component_failure(error) from error
    try:
        result = check.run()
    except (Exception, SystemExit) as error:
        # "you can also raise an Exception" (the template of the component)
        failure = component_failure(error)
        return _document(ProjectStandardsCheckRunResult.error(failure.message), failure.trace)
    if not isinstance(result, ProjectStandardsCheckRunResult):
        message = f"run() must return a ProjectStandardsCheckRunResult: {type(result).__name__}"
        raise ComponentFailed("java.lang.IllegalStateException", message)
    try:
        json.dumps(result.details)
    except (TypeError, ValueError) as error:
        raise ComponentFailed("java.lang.IllegalStateException", f"the check's details are no JSON: {error}") from error
    return _document(result)


def _document(result: ProjectStandardsCheckRunResult, trace: str = "") -> dict[str, Any]:
    return {**vars(result), "traceback": trace}
