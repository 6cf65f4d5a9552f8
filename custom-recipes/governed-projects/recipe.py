"""Recipe: one row a governed project, with a typed schema."""

import logging

import dataiku
from dataiku.customrecipe import get_output_names_for_role, get_plugin_config, get_recipe_config

from govern_mirror.actions.session import session_in_dss
from govern_mirror.components.recipes import append, governed_projects, write
from govern_mirror.text import terminal_line

session = session_in_dss(dataiku.api_client, get_plugin_config())
projects, history, values = governed_projects(session, get_recipe_config())
for warning in projects.warnings:
    logging.getLogger("govern_mirror").warning(terminal_line(warning))

output = dataiku.Dataset(get_output_names_for_role("governed_projects")[0])
write(output, projects)

# the values come first: a snapshot whose values are missing is compared by its columns only
for role, snapshot in (("history_values", values), ("history", history)):
    for name in get_output_names_for_role(role):
        for warning in append(dataiku.Dataset(name), snapshot):
            logging.getLogger("govern_mirror").warning(terminal_line(warning))
