"""Macro: the governed projects report, as static HTML."""

import dataiku
from dataiku.runnables import Runnable

from govern_mirror.actions.session import session_in_dss
from govern_mirror.components.report_macro import report_from_form
from govern_mirror.components.results import macro_errors, percent


class GovernedProjectsReport(Runnable):
    """Reports on the projects that the user who pressed the button can see."""

    def __init__(self, project_key, config, plugin_config):
        self.project_key = project_key
        self.config = config
        self.plugin_config = plugin_config

    def get_progress_target(self):
        return (100, "NONE")

    def run(self, progress_callback):
        with macro_errors():
            session = session_in_dss(dataiku.api_client, self.plugin_config)
            return report_from_form(
                session,
                self.config,
                self.project_key,
                percent(progress_callback),
                dataset=dataiku.Dataset,
                executor=dataiku.SQLExecutor2,
            )
