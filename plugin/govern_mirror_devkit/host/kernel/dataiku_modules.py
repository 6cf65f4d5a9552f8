"""The modules that DSS provides to component code."""

from __future__ import annotations

import sys
import types
from typing import Any

from . import recipes, webapps
from .checks import ProjectStandardsCheckRunResult, ProjectStandardsCheckSpec
from .datasets import Dataset, SQLExecutor2
from .job import api_client, going_on
from .macros import ResultTable, Runnable, get_admin_dss_client, make_unique_project_key

_MARK = "__govern_mirror__"
"""The attribute by which a module of ours is known."""

_MODULES: dict[str, dict[str, Any]] = {
    "dataiku": {
        "api_client": api_client,
        "default_project_key": lambda: going_on()["project_key"],
        "get_custom_variables": webapps.get_custom_variables,
        "WebappImpersonationContext": webapps.WebappImpersonationContext,
        "Dataset": Dataset,
        "SQLExecutor2": SQLExecutor2,
        "__path__": [],
    },
    "dataiku.runnables": {"Runnable": Runnable, "ResultTable": ResultTable, "__path__": []},
    "dataiku.runnables.utils": {
        "get_admin_dss_client": get_admin_dss_client,
        "make_unique_project_key": make_unique_project_key,
    },
    "dataiku.project_standards": {
        "ProjectStandardsCheckSpec": ProjectStandardsCheckSpec,
        "ProjectStandardsCheckRunResult": ProjectStandardsCheckRunResult,
    },
    "dataiku.customwebapp": {
        "get_webapp_config": webapps.get_webapp_config,
        "get_plugin_config": webapps.get_plugin_config,
    },
    "dataiku.customrecipe": {
        function.__name__: function
        for function in (
            recipes.get_recipe_config,
            recipes.get_plugin_config,
            recipes.get_input_names_for_role,
            recipes.get_output_names_for_role,
            recipes.get_input_names,
            recipes.get_output_names,
        )
    },
}


def install() -> None:
    """Provide the modules `dataiku`, `dataiku.runnables`, `dataiku.customrecipe` and the others of components.

    They look at the run that is going on in the caller's context, so several runs can go on at once.
    """
    for name, attributes in _MODULES.items():
        if isinstance(sys.modules.get(name), types.ModuleType) and hasattr(sys.modules[name], _MARK):
            continue
        module = types.ModuleType(name)
        vars(module).update(attributes, **{_MARK: True})
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
