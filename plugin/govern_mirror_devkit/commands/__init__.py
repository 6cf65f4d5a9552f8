"""The devkit's commands, which `govern-mirror` has where the devkit is installed."""

COMMANDS = {
    "demo": ("demo", "Govern twelve projects on a small built-in DSS, and leave..."),
    "plugin": ("plugin", "Check and build the DSS plugin."),
    "sandbox": ("sandbox", "Start a small DSS to play with."),
}
"""The module of each command, and what the help says of it."""
