"""Run the pure and command-line suites under every supported Python that is installed besides this one.

    python tests/matrix/pythons.py

Each gets an environment of its own in a temporary folder. What is not installed is said.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

VERSIONS = ("3.10", "3.11", "3.12", "3.13")
SUITES = ("tests/core", "tests/cli", "tests/gate")
NEEDED = ("pytest>=8.2,<10", "pytest-xdist>=3.6,<4", "hypothesis>=6.110,<7", "responses>=0.25.3,<1")
ROOT = Path(__file__).parents[2]


def interpreter(version: str) -> str | None:
    """Return the path of a Python of that version; pyenv keeps several beside each other."""
    found = shutil.which(f"python{version}")
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    candidates = [*([found] if found else []), *map(str, kept)]
    probe = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != ({version.replace('.', ', ')}))"
    return next(
        (each for each in candidates if subprocess.run([each, "-c", probe], capture_output=True).returncode == 0), None
    )


def run(python: str) -> int:
    """Install the library and run the suites under one Python; return pytest's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        inside = f"{folder}/bin/python"
        install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, str(ROOT), *NEEDED], check=True)
        command = [inside, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *SUITES]
        return subprocess.run(command, cwd=ROOT).returncode


def main() -> int:
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    failed, missing = [], []
    for version in VERSIONS:
        if version == own:
            continue
        python = interpreter(version)
        if python is None:
            missing.append(version)
            continue
        print(f"Python {version}: {python}", flush=True)
        if run(python):
            failed.append(version)
    if missing:
        print(f"not installed, so not tried: Python {', '.join(missing)}")
    if failed:
        print(f"failed under Python {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
