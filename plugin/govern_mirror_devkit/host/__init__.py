"""The plugin host: runs the plugin's macros, recipes and Project Standards checks as DSS does."""

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

__all__ = [
    "CheckResult",
    "ComponentAborted",
    "ComponentError",
    "Connection",
    "DatasetWrite",
    "MacroResult",
    "PluginHost",
    "RecipeResult",
    "bare_environment",
]
