"""What ships: the one list that the zip for DSS, the wheel and the sdist are made from.

The standard library alone, since the wheel's build hook (`hatch_build.py`) reads it before anything is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

DESCRIPTOR = "plugin.json"

COMPONENTS = (
    "code-env",
    "custom-fields",
    "custom-recipes",
    "parameter-sets",
    "python-project-standards-check-specs",
    "python-runnables",
    "resource",
    "webapps",
)
"""The folders beside `plugin.json` that DSS loads, besides `python-lib`; one that is not there is passed over."""

IN_WHEEL = "govern_mirror_devkit/plugin_files"
"""Where the wheel keeps them, so that an installed one can run the demo and build the plugin."""

SOURCES = ("python-lib", "plugin", "tests", "README.md", "CHANGELOG.md", "LICENSE", "hatch_build.py")
"""What the sdist holds besides."""

_OUTSIDE_DSS = ("cli/", "plan_files/", "actions/plan_files", "web/loopback", "web/server")
"""How paths of the library begin that only serve outside DSS: the command line, plan files, which it reads, and
the live page on a person's own machine."""


class LinkRefused(Exception):  # noqa: N818 - what happened to the link
    """A link stands where a file should: what it leads to may be anything on this machine."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is a link: put the file itself there, since what a link leads to is not shipped")
        self.path = path


def ships(inside: Path) -> bool:
    """Return whether a file of the library (its path inside the package) goes into the zip."""
    return not inside.as_posix().startswith(_OUTSIDE_DSS)


def plugin_files(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield what DSS loads besides the library: paths below the plugin's root, and where the files are.

    Raises:
        LinkRefused: a link is among them.
    """
    if (root / DESCRIPTOR).is_symlink():
        raise LinkRefused(root / DESCRIPTOR)
    yield DESCRIPTOR, root / DESCRIPTOR
    for folder in COMPONENTS:
        for file in files_below(root / folder):
            yield file.relative_to(root).as_posix(), file


def library_files(library: Path) -> Iterator[tuple[str, Path]]:
    """Yield what DSS loads of the library: paths below `python-lib`, and where the files are.

    Raises:
        LinkRefused: a link is among them.
    """
    for file in files_below(library):
        if ships(file.relative_to(library)):
            yield file.relative_to(library.parent).as_posix(), file


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, without hidden ones and what running them leaves behind.

    Raises:
        LinkRefused: a link is among them, or is the folder.
    """
    if folder.is_symlink():
        raise LinkRefused(folder)
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__pycache__")) or path.suffix in (".pyc", ".pyo"):
            continue
        if path.is_symlink():
            raise LinkRefused(path)
        if path.is_dir():
            yield from files_below(path)
        elif path.is_file():
            yield path
