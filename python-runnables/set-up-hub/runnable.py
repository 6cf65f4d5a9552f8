"""Macro: set up the governance hub."""

import dataiku
from dataiku.runnables import ResultTable, Runnable

from govern_mirror.actions.session import session_in_dss
from govern_mirror.components.hub_macros import set_up_hub_from_form
from govern_mirror.components.results import fill, macro_errors


class SetUpHub(Runnable):
    """Runs the action as the user who pressed the button."""

    def __init__(self, project_key, config, plugin_config):
        self.project_key = project_key
        self.config = config
        self.plugin_config = plugin_config

    def get_progress_target(self):
        return None

    def run(self, progress_callback):
        with macro_errors():
            session = session_in_dss(dataiku.api_client, self.plugin_config)
            return fill(ResultTable(), set_up_hub_from_form(session, self.config, self.project_key))
