"""The plugin host: runs the plugin's macros, recipes, checks and webapps, and deployment hooks, as DSS does."""

from .environment import bare_environment
from .hooks import run_hook
from .host import PluginHost
from .results import (
    CheckResult,
    ComponentAborted,
    ComponentError,
    Connection,
    DatasetWrite,
    HookOutcome,
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
    "HookOutcome",
    "MacroResult",
    "PluginHost",
    "RecipeResult",
    "WebappBackend",
    "bare_environment",
    "run_hook",
]
