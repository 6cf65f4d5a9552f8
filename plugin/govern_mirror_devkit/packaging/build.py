"""The plugin's zip: only what DSS loads, the same bytes for the same sources."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from govern_mirror.model.template_file import load

from .descriptors import TEMPLATE, generated
from .shipped import COMPONENTS, DESCRIPTOR, library_files, plugin_files

RELEASE = "release_info.json"
"""The file of the zip that names version and commit it was built from, as Dataiku's own plugins have it."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


def build(
    root: Path,
    library: Path,
    output: Path,
    release: Mapping[str, Any] | None = None,
    template: Path | None = None,
) -> Path:
    """Build the zip.

    Args:
        root: the folder that holds `plugin.json` and the components.
        library: the folder of the package `govern_mirror`, which becomes `python-lib/govern_mirror`.
        output: the folder to write to; made when it is not there.
        release: what `release_info.json` in the zip says, such as `release_of` gives; no such file when None.
        template: the JSON file of a template, which the zip holds and whose fields its forms offer; None for the
            standard one.

    Returns:
        The path of `dss-plugin-<id>-<version>.zip`.

    Raises:
        LinkRefused: a link is among the files.
        InputError: the template is not valid; every fault is named.
        OSError: the output cannot be written; no half-written zip is left.
    """
    changed = {} if template is None else _of_template(root, template)
    plugin = json.loads((root / DESCRIPTOR).read_text(encoding="utf-8"))
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"dss-plugin-{plugin['id']}-{plugin['version']}.zip"
    descriptor, name = tempfile.mkstemp(dir=output, suffix=".zip.tmp")
    os.close(descriptor)
    temporary = Path(name)
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in _contents(root, library, release, changed):
                entry = zipfile.ZipInfo(path, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, content)
        temporary.chmod(0o644)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return target


def _of_template(root: Path, template: Path) -> dict[str, bytes | None]:
    """What the zip holds for a template in place of the files of the standard one; None for what it leaves out."""
    parts = generated(root, load(template))
    left_out = [path for path, _ in plugin_files(root) if path.rpartition("/")[0] in parts.omitted]
    written = {path: text.encode() for path, text in parts.files.items()}
    return {**written, TEMPLATE: template.read_bytes(), **dict.fromkeys(left_out)}


def _contents(
    root: Path, library: Path, release: Mapping[str, Any] | None, changed: Mapping[str, bytes | None]
) -> Iterator[tuple[str, bytes]]:
    """What goes in, in an order that no file system decides."""
    files = dict(_files(root, library))
    for path in sorted({*files, *changed}):
        content = changed[path] if path in changed else files[path].read_bytes()
        if content is not None:
            yield path, content
    if release is not None:
        yield RELEASE, (json.dumps(release, indent=2) + "\n").encode()


def _files(root: Path, library: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files that go in: paths in the zip, and where they are."""
    yield from plugin_files(root)
    for path, file in library_files(library):
        yield f"python-lib/{path}", file


def release_of(root: Path) -> dict[str, Any] | None:
    """Return what a zip is built from.

    Args:
        root: the folder that holds `plugin.json`.

    Returns:
        The plugin's `version`, the `commit`, and `changed_since`: whether files were changed since, or files that ship
        were never committed. None outside a checkout.
    """
    if not (root / ".git").exists():
        return None
    version = json.loads((root / DESCRIPTOR).read_text(encoding="utf-8"))["version"]
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changes = _git(root, "diff", "HEAD", "--stat")
        new_files = _git(root, "ls-files", "--others", "--exclude-standard", "--", *COMPONENTS, "python-lib")
    except (OSError, subprocess.SubprocessError):
        return None
    return {"version": version, "commit": commit, "changed_since": bool(changes or new_files)}


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    git = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)  # noqa: S603
    return git.stdout.strip()
