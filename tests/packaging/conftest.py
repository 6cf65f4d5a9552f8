"""Copies of the plugin that a test may damage."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from govern_mirror_devkit.packaging.shipped import COMPONENTS
from govern_mirror_devkit.source import library, plugin_root

IGNORED = shutil.ignore_patterns("__pycache__")


@pytest.fixture
def small_copy(tmp_path) -> Path:
    """A copy of the plugin as DSS has it, of whose library only a few modules are there: for many quick checks."""
    root = tmp_path / "plugin"
    root.mkdir()
    shutil.copy(plugin_root() / "plugin.json", root)
    for folder in COMPONENTS:
        if (plugin_root() / folder).is_dir():
            shutil.copytree(plugin_root() / folder, root / folder, ignore=IGNORED)
    for module in ("__init__.py", "clock.py", "settings.py", "cli/main.py"):
        copied = root / "python-lib" / "govern_mirror" / module
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library() / module, copied)
    return root


@pytest.fixture
def copy(small_copy) -> Path:
    """A copy of the plugin as DSS has it: descriptors, components and the library in `python-lib`."""
    inside = small_copy / "python-lib" / "govern_mirror"
    shutil.copytree(library(), inside, ignore=IGNORED, dirs_exist_ok=True)
    return small_copy
