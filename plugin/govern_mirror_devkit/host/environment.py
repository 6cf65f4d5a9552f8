"""A code environment as DSS builds it for the plugin: its own requirements, and the API client that DSS brings."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from .results import ComponentError


def bare_environment(folder: Path, root: Path) -> Path:
    """Make a virtual environment with only what the plugin requires and `dataiku-api-client`.

    Args:
        folder: where to make it.
        root: the plugin's root folder, whose `code-env/python/spec/requirements.txt` is installed.

    Returns:
        The path of its interpreter.

    Raises:
        ComponentError: pip failed.
    """
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    requirements = root / "code-env" / "python" / "spec" / "requirements.txt"
    # DSS's own client comes with its dependencies; the one from the package index forgets to ask for six
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements)]
    pip = subprocess.run(  # noqa: S603 - pip, with the plugin's own list
        [*command, "dataiku-api-client", "six"], capture_output=True, text=True, check=False
    )
    if pip.returncode:
        raise ComponentError("pip", pip.stderr.strip()[-2000:])
    return python
