"""The plugin's zip: only what DSS loads, the same bytes for the same sources."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

COMPONENTS = (
    "code-env",
    "custom-fields",
    "custom-recipes",
    "parameter-sets",
    "python-project-standards-check-specs",
    "python-runnables",
    "resource",
)
"""The folders beside `plugin.json` that DSS loads, besides `python-lib`."""

_NOT_SHIPPED = ("cli/", "sync/plan_file", "report/plan_report", "actions/plan_files")
"""How paths of the library begin that only serve outside DSS: the command line, and plan files, which it reads."""


def ships(inside: Path) -> bool:
    """Whether a file of the library (its path inside the package) goes into the zip."""
    return not inside.as_posix().startswith(_NOT_SHIPPED)


_EPOCH = (1980, 1, 1, 0, 0, 0)


def build(root: Path, library: Path, output: Path) -> Path:
    """Build the zip.

    Args:
        root: the folder that holds `plugin.json` and the components.
        library: the folder of the package `govern_mirror`, which becomes `python-lib/govern_mirror`.
        output: the folder to write to; made when it is not there.

    Returns:
        The path of `dss-plugin-<id>-<version>.zip`.

    Raises:
        OSError: the output cannot be written; no half-written zip is left.
    """
    plugin = json.loads((root / "plugin.json").read_text(encoding="utf-8"))
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"dss-plugin-{plugin['id']}-{plugin['version']}.zip"
    descriptor, name = tempfile.mkstemp(dir=output, suffix=".zip.tmp")
    os.close(descriptor)
    temporary = Path(name)
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, source in sorted(_files(root, library)):
                entry = zipfile.ZipInfo(path, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, source.read_bytes())
        temporary.chmod(0o644)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return target


def _files(root: Path, library: Path) -> Iterator[tuple[str, Path]]:
    """What goes in: paths in the zip, and where the files are."""
    yield "plugin.json", root / "plugin.json"
    for folder in COMPONENTS:
        for file in _below(root / folder):
            yield f"{folder}/{file.relative_to(root / folder).as_posix()}", file
    for file in _below(library):
        inside = file.relative_to(library)
        if ships(inside):
            yield f"python-lib/{library.name}/{inside.as_posix()}", file


def _below(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for file in folder.rglob("*"):
        hidden = any(part.startswith((".", "__pycache__")) for part in file.relative_to(folder).parts)
        if file.is_file() and not hidden and file.suffix not in (".pyc", ".pyo"):
            yield file
