"""Where a report goes: one place that opens, writes, and cleans up. Renderers only render."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from govern_mirror.errors import InputError


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` at the end of the block, whole or not at all.

    The target is tried first, so that a long computation does not end at a path that cannot be written. A link is
    followed; a device or a pipe, such as /dev/null, is written into and stays what it is.

    Raises:
        InputError: the path cannot be written.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not (path.is_file() or path.is_dir()):
        with _opened(path) as stream:
            yield stream
        return
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a folder")
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritable(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        # mkstemp makes files for the owner only; a report is for others too, as far as the umask allows
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"cannot write {path}: {error.strerror or error}; choose another path with -o")
