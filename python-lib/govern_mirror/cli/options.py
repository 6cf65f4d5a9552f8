"""Arguments and options that commands share, each with the same meaning everywhere; what is typed must be text."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from govern_mirror.errors import InputError

if TYPE_CHECKING:
    from govern_mirror.model.address import Address

_CHECKED = "_checks_text"


def project_key(text: str) -> str:
    """The type of an argument that is a project key: checked before anything is asked.

    Raises:
        click.BadParameter: it is none; an address made of it would lead elsewhere.
    """
    # `--help` needs nothing of what reaches an instance
    from govern_mirror.connection import checked_key

    try:
        return checked_key(text)
    except InputError as error:
        raise click.BadParameter(_no_project(text) or str(error)) from None


def project_to_put_away(text: str) -> str:
    """The type of a project key where a project is put away: an item goes with it, and is closed by itself.

    Raises:
        click.BadParameter: as for `project_key`.
    """
    try:
        return project_key(text)
    except click.BadParameter as error:
        if not _no_project(text):
            raise
        instead = f"or close the item with `govern-mirror close {text} --reason …`"
        raise click.BadParameter(f"{error.message}, {instead}") from None


def _no_project(text: str) -> str | None:
    """What to say of the address of an item where a project is asked for; None of anything else."""
    from govern_mirror.model.address import parse_address

    try:
        project = parse_address(text).project_key
    except InputError:
        return None
    return f"{text} is an item of the project {project}, and this command works on projects: give {project}"


def address_type(text: str) -> Address:
    """The type of an argument that is the address of a governed item.

    Raises:
        click.BadParameter: it is none.
    """
    from govern_mirror.model.address import parse_address

    try:
        return parse_address(text)
    except InputError as error:
        raise click.BadParameter(str(error)) from None


def item_address(text: str) -> str:
    """The type of an argument that is a project key, or the address of one of its items.

    Raises:
        click.BadParameter: it is neither.
    """
    return str(address_type(text)) if "/" in text else project_key(text)


key_argument = click.argument("key", type=item_address)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Only say what would change; exit 3 when something would."
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to print it.",
)


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
