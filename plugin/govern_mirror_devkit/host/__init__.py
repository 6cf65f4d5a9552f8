"""The plugin host: runs the plugin's macros and recipes as DSS does."""

from .environment import bare_environment
from .host import PluginHost
from .outcome import ComponentAborted, ComponentError, Connection, DatasetWrite, MacroResult, RecipeResult

__all__ = [
    "ComponentAborted",
    "ComponentError",
    "Connection",
    "DatasetWrite",
    "MacroResult",
    "PluginHost",
    "RecipeResult",
    "bare_environment",
]
