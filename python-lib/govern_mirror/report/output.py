"""Where a report goes: one place that opens, writes, and cleans up. Renderers only render."""

from __future__ import annotations

import errno
import io
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from govern_mirror.errors import GovernMirrorError, InputError

MAX_LINKS = 40
"""How many links are followed to a file, as the Linux kernel does."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EPIPE})
"""Errors of the disk or of who reads a pipe, not of the path that was given."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def atomic_write(path: Path) -> Iterator[io.BytesIO]:
    """Give a document that takes the place of the file `path` at the end of the block, whole or not at all.

    The target is tried first, so that a long computation does not end at a path that cannot be written. A link is
    followed; a device or a pipe, such as /dev/null, is written into and stays what it is. In a folder where everybody
    may write, such as /tmp, what somebody else put there is neither followed nor replaced. The file that takes the
    place of another keeps its permissions.

    Raises:
        InputError: the path cannot be written.
        GovernMirrorError: the disk is full or fails; the file that was there is as it was.
    """
    try:
        path = _resolved(path)
        existing = path.stat() if path.exists() else None
        if existing is not None and stat.S_ISDIR(existing.st_mode):
            raise IsADirectoryError("it is a folder")
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error
    is_file = existing is None or stat.S_ISREG(existing.st_mode)
    with _into_file(path, existing) if is_file else _into_device(path) as document:
        yield document


@contextmanager
def _into_device(path: Path) -> Iterator[io.BytesIO]:
    document = io.BytesIO()
    try:
        stream = path.open("wb")
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield document
        with _file_errors(path):
            stream.write(document.getbuffer())
            stream.flush()
    finally:
        with suppress(OSError):
            stream.close()


@contextmanager
def _into_file(path: Path, existing: os.stat_result | None) -> Iterator[io.BytesIO]:
    document = io.BytesIO()
    # the name alone may be as long as a folder allows
    temporary = path.with_name(f".govern-mirror.{secrets.token_hex(8)}")
    try:
        # without a file to replace, the kernel applies the umask; else nobody else reads it before it is complete
        descriptor = os.open(temporary, _NEW, 0o666 if existing is None else 0o600)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        try:
            yield document
        except BaseException:
            os.close(descriptor)
            raise
        with _file_errors(path):
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(document.getbuffer())
                if existing is not None:
                    _keep_rights(stream.fileno(), existing)
            temporary.replace(path)
    finally:
        # after the rename there is none
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(path, error) from error


def _keep_rights(descriptor: int, existing: os.stat_result) -> None:
    """Give a file the owner, group and permissions of the one that it replaces, as far as we may."""
    mode = stat.S_IMODE(existing.st_mode) & 0o777
    if hasattr(os, "fchown"):
        with suppress(OSError):
            os.fchown(descriptor, existing.st_uid, existing.st_gid)
        if os.fstat(descriptor).st_gid != existing.st_gid:
            mode &= ~0o070  # what the old group may, another one may not
        os.fchmod(descriptor, mode)


def _resolved(path: Path) -> Path:
    """Where a path leads, link by link.

    Raises:
        InputError: there are too many links, or one that somebody else put where everybody may write.
    """
    whole = Path.cwd() / path
    place, ahead, links = Path(whole.anchor), list(whole.parts[1:]), 0
    while ahead:
        name = ahead.pop(0)
        step = place.parent if name == ".." else place / name
        if name == ".." or not step.is_symlink():
            place = step
            continue
        _require_own(step)
        links += 1
        if links > MAX_LINKS:
            raise InputError(f"cannot write {path}: it leads through too many links; choose another path with -o")
        target = step.readlink()
        if target.anchor:
            place = Path(target.anchor)
        ahead = [part for part in target.parts if part != target.anchor] + ahead
    _require_own(place)
    return place


def _require_own(path: Path) -> None:
    """In a folder where everybody may write, only what is ours or the folder's owner's is followed or replaced."""
    if not hasattr(os, "geteuid"):
        return
    with suppress(OSError):
        existing, folder = path.lstat(), path.parent.stat()
        is_open = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
        if is_open and existing.st_uid not in (os.geteuid(), folder.st_uid):
            raise InputError(
                f"cannot write {path}: somebody else put it into a folder where everybody may write; take it away, "
                "or choose another path with -o"
            )


def _unwritable(path: Path, error: OSError | ValueError) -> GovernMirrorError:
    reason = getattr(error, "strerror", None) or str(error)
    if getattr(error, "errno", None) in _FULL:
        return GovernMirrorError(f"cannot write {path}: {reason}; a file that was there is as it was")
    return InputError(f"cannot write {path}: {reason}; choose another path with -o")
