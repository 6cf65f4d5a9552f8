"""What is typed on the command line must be text: bytes of another encoding are refused where they enter."""

from __future__ import annotations

import sys
from typing import Any

import click

_CHECKED = "_checks_text"


def only_text(command: click.Command) -> click.Command:
    """Let a command, and those below it, refuse text that is not in the terminal's encoding.

    Python keeps such bytes as lone surrogates, which could only be stored as replacement characters. Paths may hold
    them: files are named in bytes.
    """
    for parameter in command.params:
        if not isinstance(parameter.type, click.Path | click.File) and not hasattr(parameter.callback, _CHECKED):
            parameter.callback = _checking(parameter.callback)
    if isinstance(command, click.Group):
        for child in command.commands.values():
            only_text(child)
    return command


def _checking(callback: Any) -> Any:
    def check(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and not _is_text(text):
                encoding = sys.getfilesystemencoding()
                raise click.BadParameter(f"it holds bytes that are no {encoding}: write it in that encoding")
        return callback(context, parameter, value) if callback else value

    setattr(check, _CHECKED, True)
    return check


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
