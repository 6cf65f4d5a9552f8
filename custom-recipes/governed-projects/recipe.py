"""Recipe: one row a governed project, with a typed schema."""

import logging

import dataiku
from dataiku.customrecipe import get_output_names_for_role, get_plugin_config, get_recipe_config

from govern_mirror.actions.session import session_in_dss
from govern_mirror.components.datasets import append
from govern_mirror.components.recipes import dataset_from_form, history_from_form
from govern_mirror.text import terminal_line

session = session_in_dss(dataiku.api_client, get_plugin_config())
found = dataset_from_form(session, get_recipe_config())
for warning in found.warnings:
    logging.getLogger("govern_mirror").warning(terminal_line(warning))

governed_projects = dataiku.Dataset(get_output_names_for_role("governed_projects")[0])
governed_projects.write_schema(found.schema)
with governed_projects.get_writer() as writer:
    for row in found.rows:
        writer.write_row_dict(row)

for name in get_output_names_for_role("history"):
    for warning in append(dataiku.Dataset(name), history_from_form(session)):
        logging.getLogger("govern_mirror").warning(terminal_line(warning))
