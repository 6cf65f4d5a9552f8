"""`govern-mirror set`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key


@click.command("set")
@click.argument("key", type=project_key)
@click.argument("assignments", nargs=-1, required=True, metavar="PATH=VALUE...")
@click.option(
    "--expect", "expected", type=click.IntRange(min=0), metavar="REVISION", help="Only when it is at this revision."
)
@click.option("--dry-run", is_flag=True, help="Only say what would change; exit 3 when something would.")
@pass_options
def set_(options: GlobalOptions, key: str, assignments: tuple[str, ...], expected: int | None, dry_run: bool) -> None:
    """Set any field of a project, of any template.

    PATH is a field's path, name or label: `govern-mirror set CHURN sponsor=Ada "Risk rating=High"`. The value `none`
    clears; several categories or names stand with commas between them; a document, [TITLE=]URL, is added to those that
    are there. Statuses change with `advance` and `step`.
    """
    from govern_mirror.actions.inputs import parse_values
    from govern_mirror.actions.record import set_values
    from govern_mirror.cli.printing import end_with

    given: dict[str, str | None] = {}
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        if not equals or not path.strip() or not text.strip():
            raise click.UsageError(f"{assignment!r} is not PATH=VALUE: name a field and its value; `none` clears")
        if path.strip() in given:
            raise click.UsageError(f"{path.strip()} is given twice")
        given[path.strip()] = text
    session = options.session()
    values = parse_values(session.blueprint, given)
    end_with(options, key, set_values(session, key, values, expected=expected, dry_run=dry_run), dry_run=dry_run)


set = set_  # noqa: A001 - commands are found by their name
