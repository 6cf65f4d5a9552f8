"""Options of commands that come from the template: one for each field of a section."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from govern_mirror.cli.context import GlobalOptions
from govern_mirror.cli.options import only_text
from govern_mirror.model.blueprint import STANDARD, Blueprint, Field, Kind

_METAVARS = {
    Kind.RATING: "RATING",
    Kind.CATEGORY: "CATEGORY",
    Kind.DATE: "DATE",
    Kind.NUMBER: "NUMBER",
    Kind.FLAG: "YES|NO",
    Kind.DOCUMENTS: "[TITLE=]URL",
    Kind.PEOPLE: "NAME,…",
}
"""What stands for a value in the help; a text is TEXT."""

FieldsOf = Callable[[Blueprint], Sequence[Field]]


class TemplateCommand(click.Command):
    """A command with an option for each field that a template has for it.

    `params` are those of the standard template, and what is parsed and shown are those of the template that
    `--settings FILE` names.
    """

    def __init__(self, *arguments: Any, fields_of: FieldsOf, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self._fields_of = fields_of
        self._own = list(self.params)
        self.params = self._of(STANDARD)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters for the template in use."""
        options = ctx.find_object(GlobalOptions)
        if options is None or options.settings is None:
            return super().get_params(ctx)
        standard, self.params = self.params, self._of(options.blueprint())
        try:
            only_text(self)
            return super().get_params(ctx)
        finally:
            self.params = standard

    def _of(self, blueprint: Blueprint) -> list[click.Parameter]:
        arguments = [param for param in self._own if isinstance(param, click.Argument)]
        rest = [param for param in self._own if not isinstance(param, click.Argument)]
        return [*arguments, *field_options(self._fields_of(blueprint)), *rest]


def field_options(fields: Sequence[Field]) -> list[click.Option]:
    """Return the options of fields: by name, and by role where that is another word."""
    names = {field.name for field in fields}
    options = []
    for field in fields:
        spellings = [field.name]
        if field.role and field.role.value not in names:
            spellings.insert(0, field.role.value)
            names.add(field.role.value)
        flags = [f"--{spelling.replace('_', '-')}" for spelling in spellings]
        options.append(click.Option([field.name, *flags], metavar=_metavar(field), help=_help(field)))
    return options


def _metavar(field: Field) -> str:
    metavar = _METAVARS.get(field.kind, "TEXT")
    return f"{metavar},…" if field.several else metavar


def _help(field: Field) -> str:
    if field.choices:
        several = "; several with commas between them" if field.several else ""
        return f"{field.label}: {', '.join(field.choices)}{several}."
    text = f"{field.label}. {field.help}" if field.help else f"{field.label}."
    if field.kind is Kind.DOCUMENTS:
        return f"Add a document to {field.label}."
    if field.kind is Kind.DATE:
        return f"{field.label}, YYYY-MM-DD."
    return text
