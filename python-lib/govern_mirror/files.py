"""Small files that people give (settings, keys, saved plans), read within a bound and never waited for.

A path may name anything: a device that never ends, a pipe that nobody writes to, a file of gigabytes.
"""

from __future__ import annotations

import json
import os
import select
import stat
import time
from pathlib import Path
from typing import Any

from govern_mirror.errors import InputError

MAX_SETTINGS = 1 << 20
"""Bytes of a settings file."""

MAX_SECRET = 1 << 16
"""Bytes of a file that holds a key or a secret."""

PIPE_TIMEOUT = 10.0
"""Seconds that a pipe, such as the shell's `<(command)`, may take until it is read to its end."""

_CHUNK = 1 << 16


def read_bounded(path: Path, limit: int, what: str) -> bytes:
    """Read a small file whole.

    Args:
        path: a regular file, or a pipe whose writer ends within `PIPE_TIMEOUT` seconds.
        limit: the most bytes that it may hold.
        what: what the file is, for the error, such as "the settings file".

    Raises:
        InputError: it cannot be read, holds more, is a device or a folder, or its pipe does not end.
    """
    try:
        # without O_NONBLOCK, opening a pipe waits for a writer
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {what} {path}: {getattr(error, 'strerror', None) or error}") from error
    try:
        kind = os.fstat(descriptor).st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISFIFO(kind)):
            raise InputError(f"cannot read {what} {path}: it is not a file")
        content = _read(descriptor, limit, waits=stat.S_ISFIFO(kind))
    except OSError as error:
        raise InputError(f"cannot read {what} {path}: {error.strerror or error}") from error
    finally:
        os.close(descriptor)
    if content is None:
        raise InputError(f"cannot read {what} {path}: nothing wrote it to its end in {PIPE_TIMEOUT:.0f} seconds")
    if len(content) > limit:
        raise InputError(f"cannot read {what} {path}: it is larger than {limit:,} bytes, so it is not {what}")
    return content


def read_bounded_text(path: Path, limit: int, what: str) -> str:
    """Read a small UTF-8 file whole; a byte order mark at its start, as Windows writes it, is no part of the text.

    Raises:
        InputError: as `read_bounded`, or it is not UTF-8.
    """
    try:
        return read_bounded(path, limit, what).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read {what} {path}: it is not UTF-8 text ({error.reason})") from error


def read_bounded_json(path: Path, limit: int, what: str) -> Any:
    """Read a small JSON file whole.

    Raises:
        InputError: as `read_bounded_text`, or it is not JSON.
    """
    try:
        return json.loads(read_bounded_text(path, limit, what))
    except (ValueError, RecursionError) as error:
        raise InputError(f"cannot read {what} {path}: it is not valid JSON ({error})") from error


def _read(descriptor: int, limit: int, *, waits: bool) -> bytes | None:
    """Up to one byte more than the limit; None when a pipe does not end in time."""
    parts: list[bytes] = []
    size, ends = 0, time.monotonic() + PIPE_TIMEOUT
    while size <= limit:
        if waits and not select.select([descriptor], [], [], max(0.0, ends - time.monotonic()))[0]:
            return None
        part = os.read(descriptor, min(_CHUNK, limit + 1 - size))
        if not part:
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)
