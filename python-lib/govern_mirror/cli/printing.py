"""What the commands print: results on stdout, messages and progress on stderr.

This is the one place where text leaves for a terminal or a log: whatever people, DSS or Govern wrote is made harmless
here, and what cannot be printed ends in one sentence. Nothing else in the command line calls `click.echo`.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from govern_mirror.cli.hints import as_called
from govern_mirror.errors import GovernMirrorError
from govern_mirror.text import terminal_line, terminal_text

if TYPE_CHECKING:
    from govern_mirror.model.blueprint import Blueprint
    from govern_mirror.model.item import FieldChange

DIFFERENCES = 3
"""Exit code of a dry run that would change something."""

PIPED_WIDTH = 160
"""Columns of a table that does not go to a terminal."""

MAX_VALUE = 200
"""How many characters of a value before and after a change are shown; `show --format json` has all."""

MAX_UNREADABLE = 20
"""How many of the projects that could not be read are named."""

STATUS_MARKS = {"FINISHED": "●", "ONGOING": "◐", "NOT_STARTED": "○", "SKIPPED": "–"}
"""How a step's status looks in a line of text."""

_NOT_IN_JSON = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""What JSON may hold as it is and a terminal obeys, or nobody sees."""


_NOT_WRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EPIPE, errno.EBADF)
"""What a stream answers that takes no more."""


class OutputFailed(GovernMirrorError):  # noqa: N818 - reads as what happened
    """The output could not be written: a full disk, or a pipe that nobody reads any more."""


def is_terminal(stream: object) -> bool:
    """Whether a standard stream is a terminal; one that was closed before we began is none."""
    isatty = getattr(stream, "isatty", None)
    try:
        return bool(isatty and isatty())
    except ValueError:  # closed since
        return False


def terminal_width() -> int:
    """The columns of the terminal that stdout is, else `PIPED_WIDTH`, whatever TERM says."""
    return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns if is_terminal(sys.stdout) else PIPED_WIDTH


def first(texts: Sequence[str], most: int) -> list[str]:
    """Return the first of several texts, and that there are more."""
    return [*texts[:most], f"and {len(texts) - most} more"] if len(texts) > most else list(texts)


def say(text: object) -> None:
    """Print a message on stderr, on one line. Where stderr cannot be written nobody can be told of it."""
    with suppress(OSError, ValueError):
        click.echo(terminal_line(as_called(str(text))), err=True)


def of_project(key: str, text: str) -> str:
    """Return a sentence about a project behind its key, which stands there once."""
    return f"{key}: {text.removeprefix(f'{key}: ')}"


def say_error(text: object) -> None:
    """Print an error on stderr, as those look that end a command."""
    say(f"Error: {text}")


def print_line(text: object = "") -> None:
    """Print one line of a result on stdout.

    Raises:
        OutputFailed: it cannot be written.
    """
    _print(terminal_line(text))


def print_json(document: Any) -> None:
    """Print JSON on stdout: readable, UTF-8 kept unless the terminal's encoding cannot show it.

    What a terminal or a log would obey is written with JSON's own escapes, so that readers get the same values.

    Raises:
        OutputFailed: it cannot be written.
    """
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    text = json.dumps(document, indent=2, ensure_ascii=not encoding.startswith("utf"))
    text = _NOT_IN_JSON.sub(lambda match: json.dumps(match.group())[1:-1], text)
    _print(text.replace("##", "#\\u0023"))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in aligned columns on stdout; a blank cell shows `–`.

    Raises:
        OutputFailed: it cannot be written.
    """
    from govern_mirror.cli.tables import Column, table_lines

    header, *lines = table_lines([Column(header) for header in headers], rows, terminal_width())
    if is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb":
        header = click.style(header, bold=True)
    _print("\n".join((header, *lines)))


def write_bytes(content: bytes, *, is_text: bool) -> None:
    """Write a whole document to stdout: as it is into a file or a pipe, made harmless on a terminal.

    Raises:
        OutputFailed: it cannot be written.
    """
    stream = sys.stdout
    if stream is None:
        return
    if is_text and is_terminal(stream):
        _print(terminal_text(content.decode("utf-8", "replace").removesuffix("\n")))
        return
    with _output():
        stream.flush()
        binary = getattr(stream, "buffer", None)
        if binary is None:
            stream.write(content.decode("utf-8", "replace"))
        else:
            binary.write(content)
        stream.flush()


@contextmanager
def done_before(sentence: str) -> Iterator[None]:
    """Print what was done: when that cannot be printed, the error says at least this sentence."""
    try:
        yield
    except OutputFailed as error:
        raise OutputFailed(f"{error}. {sentence}") from error


def print_changes(blueprint: Blueprint, project_key: str, changes: Sequence[FieldChange]) -> None:
    """Print what changed in a project, a line a field with its label; long texts are cut."""
    from govern_mirror.labels import labelled

    rows = [
        (project_key, change.field, _clipped(change.before), _clipped(change.after))
        for change in labelled(blueprint, changes)
    ]
    print_table(("PROJECT", "FIELD", "BEFORE", "AFTER"), rows)


@contextmanager
def harmless_errors() -> Iterator[None]:
    """Make the texts of click's errors harmless: they repeat what was typed, and what DSS said."""
    try:
        yield
    except click.ClickException as error:
        text = error.format_message()
        shown_by = type(error).show
        if text == terminal_line(text) or shown_by not in (click.UsageError.show, click.ClickException.show):
            raise  # the error of a group without a command shows the help, in lines
        if error.exit_code == click.UsageError.exit_code:
            raise click.UsageError(terminal_line(text), getattr(error, "ctx", None)) from error
        raise click.ClickException(terminal_line(text)) from error


@contextmanager
def readable_ending() -> Iterator[None]:
    """End in one sentence and exit code 1 when something else, such as the help, could not be printed.

    Raises:
        SystemExit: it could not.
    """
    try:
        yield
    except OutputFailed as error:
        say_error(error)
        sys.exit(1)
    except OSError as error:
        if error.errno not in _NOT_WRITTEN:
            raise
        say_error(output_failed(error))
        sys.exit(1)


def output_failed(error: OSError) -> OutputFailed:
    """The error that says that the output could not be written; nothing more is written after it."""
    _silence_stdout()
    return OutputFailed(f"the output could not be written: {error.strerror or error}")


def _clipped(text: str | None) -> str | None:
    return None if text is None else terminal_line(text, MAX_VALUE)


def _print(text: str) -> None:
    with _output():
        click.echo(text)


@contextmanager
def _output() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise output_failed(error) from error


def _silence_stdout() -> None:
    """Let what is still buffered go nowhere: else Python tries once more at its end, and tells of it."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
