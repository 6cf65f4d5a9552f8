"""Build hook of hatchling: what ships besides the packages, in the wheel and in the sdist, from the one list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedFiles(BuildHookInterface[Any]):
    """Adds the plugin's files to what is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name each file, and where it goes."""
        root = Path(self.root)
        sys.path.insert(0, str(root / "plugin"))
        try:
            from govern_mirror_devkit.packaging import shipped
        finally:
            sys.path.pop(0)
        if self.target_name == "wheel" and version != "editable":
            for path, file in shipped.plugin_files(root):
                build_data["force_include"][str(file)] = f"{shipped.IN_WHEEL}/{path}"
        if self.target_name == "sdist":
            for path, file in shipped.plugin_files(root):
                build_data["force_include"][str(file)] = path
            for name in shipped.SOURCES:
                source = root / name
                for file in shipped.files_below(source) if source.is_dir() else [source]:
                    build_data["force_include"][str(file)] = file.relative_to(root).as_posix()
