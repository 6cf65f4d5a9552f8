"""`govern-mirror qualify`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key

_RATING = "Low, Medium low, Medium high or High; none clears."


@click.command()
@click.argument("key", type=project_key)
@click.option("--value", metavar="RATING", help=f"Value: {_RATING}")
@click.option("--value-comment", metavar="TEXT", help="Why this value.")
@click.option("--risk", metavar="RATING", help=f"Risk: {_RATING}")
@click.option("--risk-comment", metavar="TEXT", help="Why this risk.")
@click.option("--feasibility", metavar="RATING", help=f"Feasibility: {_RATING}")
@click.option("--feasibility-comment", metavar="TEXT", help="Why this feasibility.")
@click.option("--cost", metavar="RATING", help=f"Cost: {_RATING}")
@click.option("--cost-comment", metavar="TEXT", help="Why this cost.")
@click.option("--decision", metavar="DECISION", help="Resulting decision: Go, No go or On hold; none clears.")
@click.option("--decision-comment", metavar="TEXT", help="Why it was decided so.")
@click.option("--notes", metavar="TEXT", help="Notes of the Qualification step.")
@click.option("--project-plan", metavar="[TITLE=]URL", help="Add a document to the project plan; none clears it.")
@click.option("--confirm", is_flag=True, help="Check the ratings that are there: they count as recorded in the step.")
@click.option("--dry-run", is_flag=True, help="Only say what would change; exit 3 when something would.")
@pass_options
def qualify(
    options: GlobalOptions, /, key: str, project_plan: str | None, confirm: bool, dry_run: bool, **given: str | None
) -> None:
    """Record qualification fields in a project. What is not given stays; `none` clears."""
    from govern_mirror.actions.inputs import parse_document_edit, parse_values
    from govern_mirror.actions.record import qualify as record
    from govern_mirror.actions.record import with_notes
    from govern_mirror.cli.printing import end_with

    if not confirm and project_plan is None and all(text is None for text in given.values()):
        raise click.UsageError("nothing to record: give a field such as --value High, or --confirm")
    plan = parse_document_edit(project_plan)
    session = options.session()
    values = parse_values(session.blueprint, with_notes(session.blueprint, given))
    changed = record(session, key, values, project_plan=plan, confirm=confirm, dry_run=dry_run)
    end_with(options, key, changed, dry_run=dry_run)
