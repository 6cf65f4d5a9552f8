"""Project Standards check: the Govern workflow has reached a step.

Files, base class and results as Dataiku's developer guide has them (tutorial "Project Standards Check component"): DSS
makes the object itself and sets `project`, `config` and `plugin_config`, so it has no constructor.
"""

from dataiku.project_standards import ProjectStandardsCheckRunResult, ProjectStandardsCheckSpec

from govern_mirror.components.checks import run_check, step_reached


class WorkflowReachedStep(ProjectStandardsCheckSpec):
    """Judges one project; what it asks for is in the check's settings."""

    def run(self):
        return run_check(self, ProjectStandardsCheckRunResult, step_reached)
