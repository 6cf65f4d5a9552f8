"""`govern-mirror qualify`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key
from govern_mirror.cli.template_options import TemplateCommand
from govern_mirror.model.blueprint import Blueprint, Field


def _fields(blueprint: Blueprint) -> tuple[Field, ...]:
    step = blueprint.qualification_step
    return blueprint.section(step.id) if step else ()


@click.command(cls=TemplateCommand, fields_of=_fields)
@click.argument("key", type=project_key)
@click.option("--notes", metavar="TEXT", help="Notes of the step that qualifies.")
@click.option("--confirm", is_flag=True, help="Check the ratings that are there: they count as recorded in the step.")
@click.option("--dry-run", is_flag=True, help="Only say what would change; exit 3 when something would.")
@pass_options
def qualify(options: GlobalOptions, /, key: str, confirm: bool, dry_run: bool, **given: str | None) -> None:
    """Record qualification fields in a project. What is not given stays; `none` clears.

    The options are the fields of the step that qualifies: of the standard template, or of the one that
    --settings FILE names.
    """
    from govern_mirror.actions.inputs import parse_values
    from govern_mirror.actions.record import set_values, with_notes
    from govern_mirror.cli.printing import end_with

    if not confirm and all(text is None for text in given.values()):
        raise click.UsageError("nothing to record: give the value of a field, or --confirm")
    session = options.session()
    values = parse_values(session.blueprint, with_notes(session.blueprint, given))
    end_with(options, key, set_values(session, key, values, confirm=confirm, dry_run=dry_run), dry_run=dry_run)
