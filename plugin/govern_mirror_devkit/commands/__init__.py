"""The devkit's commands, which `govern-mirror` finds through its entry points."""
