"""Project Standards check: the qualification is complete.

Files, base class and results as Dataiku's developer guide has them (tutorial "Project Standards Check component"): DSS
makes the object itself and sets `project`, `config` and `plugin_config`, so it has no constructor.
"""

from dataiku.project_standards import ProjectStandardsCheckRunResult, ProjectStandardsCheckSpec

from govern_mirror.components.checks import qualification_complete, run_check


class QualificationComplete(ProjectStandardsCheckSpec):
    """Judges one project; what it asks for is in the check's settings."""

    def run(self):
        return run_check(self, ProjectStandardsCheckRunResult, qualification_complete)
