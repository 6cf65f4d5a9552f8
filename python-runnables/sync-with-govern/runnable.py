"""Macro: keep governed projects in step with a Govern node."""

import dataiku
from dataiku.runnables import ResultTable, Runnable

from govern_mirror.actions.session import session_in_dss
from govern_mirror.components.results import fill, macro_errors, percent
from govern_mirror.components.sync_macro import sync_from_form


class SyncWithGovern(Runnable):
    """Works with the rights of the user who pressed the button; the hub is written with its own key."""

    def __init__(self, project_key, config, plugin_config):
        self.project_key = project_key
        self.config = config
        self.plugin_config = plugin_config

    def get_progress_target(self):
        return (100, "NONE")

    def run(self, progress_callback):
        with macro_errors():
            session = session_in_dss(dataiku.api_client, self.plugin_config)
            return fill(ResultTable(), sync_from_form(session, self.config, percent(progress_callback)))
