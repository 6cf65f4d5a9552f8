"""The plugin host: runs the plugin's macros, recipes, Project Standards checks and webapps as DSS does."""

from .environment import bare_environment
from .host import PluginHost
from .results import (
    CheckResult,
    ComponentAborted,
    ComponentError,
    Connection,
    DatasetWrite,
    MacroResult,
    RecipeResult,
)
from .webapps import WebappBackend

__all__ = [
    "CheckResult",
    "ComponentAborted",
    "ComponentError",
    "Connection",
    "DatasetWrite",
    "MacroResult",
    "PluginHost",
    "RecipeResult",
    "WebappBackend",
    "bare_environment",
]
