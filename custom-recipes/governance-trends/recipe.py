"""Recipe: the trends of a history, computed where the history is."""

import dataiku
from dataiku.customrecipe import (
    get_input_names_for_role,
    get_output_names_for_role,
    get_plugin_config,
    get_recipe_config,
)

from govern_mirror.components.recipes import TRENDS, write_trends

outputs = {trend: [dataiku.Dataset(name) for name in get_output_names_for_role(trend)] for trend in TRENDS}
history = dataiku.Dataset(get_input_names_for_role("history")[0])
values = [dataiku.Dataset(name) for name in get_input_names_for_role("history_values")]
write_trends(
    history,
    outputs,
    get_recipe_config(),
    get_plugin_config(),
    dataiku.SQLExecutor2,
    values=values[0] if values else None,
)
