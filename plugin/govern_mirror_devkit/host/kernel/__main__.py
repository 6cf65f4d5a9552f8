"""The kernel as a script: `python .../host/kernel`, under an interpreter that need not have the devkit installed.

Python then puts this folder first on the path, where a component would find the kernel's files as modules of its own.
So the folder leaves the path, and is loaded as a package by its place, under a name that no component has.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent
_NAME = "govern_mirror_devkit_kernel"


def main() -> None:
    """Load the kernel, and let its worker run the job that stands on stdin."""
    sys.path[:] = [entry for entry in sys.path if not entry or Path(entry).resolve() != _FOLDER]
    spec = importlib.util.spec_from_file_location(
        _NAME, _FOLDER / "__init__.py", submodule_search_locations=[str(_FOLDER)]
    )
    assert spec
    assert spec.loader
    package = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = package
    spec.loader.exec_module(package)
    importlib.import_module(f"{_NAME}.worker").main()


if __name__ == "__main__":
    main()
