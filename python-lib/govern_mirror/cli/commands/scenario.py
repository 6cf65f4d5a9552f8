"""`govern-mirror scenario`: the scheduled report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.options import dry_run_option, format_option, project_key
from govern_mirror.cli.printing import DIFFERENCES, done_before, print_json, print_table

if TYPE_CHECKING:
    from govern_mirror.actions.schedule import InstallResult, ScenarioStatus


@click.group()
def scenario() -> None:
    """Schedule the report: a scenario in a hub project builds, publishes and mails it.

    The scenario is known by the tag govern-mirror-reporting. Steps, triggers and reporters of your own in it stay as
    they are, where they are.
    """


@scenario.command()
@click.argument("project", type=project_key)
@click.option("--daily", metavar="HH:MM", help="Time of day. A new scenario runs at 07:00 unless told otherwise.")
@click.option("--weekly", metavar="DAY[,DAY]", help="Only on these days, such as mon,thu; none for every day.")
@click.option("--timezone", metavar="ZONE", help="Of that time, such as Europe/Paris; none for the DSS server's.")
@click.option("--mail", metavar="A@B[,C@D]", help="Who gets the report, and is told when a run fails; none for nobody.")
@click.option("--channel", metavar="ID", help="The mail channel; not needed where there is only one.")
@click.option(
    "--managed-folder", metavar="[PROJECT.]ID", help="The managed folder that takes the page; none for no page."
)
@click.option(
    "--with-texts/--without-texts",
    default=None,
    help="Publish notes, comments and history, too. A new scenario leaves them out.",
)
@dry_run_option
@pass_options
def install(
    options: GlobalOptions, /, project: str, with_texts: bool | None, dry_run: bool, **wanted: str | None
) -> None:
    """Install the scenario in PROJECT, or bring it up to date; a blank option leaves what it is about as it is."""
    from govern_mirror.actions.schedule import install as run
    from govern_mirror.actions.schedule_options import ScheduleOptions

    texts = None if with_texts is None else "yes" if with_texts else "no"
    schedule = ScheduleOptions(**wanted, with_texts=texts)
    _end(options, run(options.session(), project, schedule, dry_run=dry_run), dry_run=dry_run)


@scenario.command()
@click.argument("project", type=project_key)
@format_option
@pass_options
def show(options: GlobalOptions, project: str, form: str) -> None:
    """Show when the scenario of PROJECT runs next, how its last run ended and at which step, and who it runs as."""
    from govern_mirror.actions.schedule import show as run
    from govern_mirror.actions.schedule import shown_json

    session = options.session()
    shown = run(session, project)
    if form == "json":
        print_json(shown_json(session, shown))
    elif shown.scenario_id is None:
        print_table(("SCENARIO", ""), [("installed", "no")])
    else:
        print_table(("SCENARIO", ""), _rows(shown))


@scenario.command()
@click.argument("project", type=project_key)
@click.option("--dry-run", is_flag=True, help="Only show what would be removed; exit 3 when something would.")
@pass_options
def remove(options: GlobalOptions, project: str, dry_run: bool) -> None:
    """Remove the scenario of PROJECT; steps, triggers and reporters of your own in it stay."""
    from govern_mirror.actions.schedule import remove as run

    _end(options, run(options.session(), project, dry_run=dry_run), dry_run=dry_run)


def _end(options: GlobalOptions, outcome: InstallResult, *, dry_run: bool) -> None:
    done = "the scenario was written" if outcome.changed and not dry_run else "nothing was written"
    with done_before(f"{outcome.project_key}: {done}"):
        print_table(("PART", "OUTCOME", "DETAIL"), [(line.what, line.outcome, line.detail) for line in outcome.lines])
    for warning in outcome.warnings:
        options.message(f"Warning: {warning}")
    if dry_run and outcome.changed:
        options.message(f"{outcome.project_key}: dry run, nothing was written")
        raise click.exceptions.Exit(DIFFERENCES)


def _rows(shown: ScenarioStatus) -> list[tuple[str, str | None]]:
    from govern_mirror.actions.schedule import described
    from govern_mirror.scenario.parts import PartId
    from govern_mirror.times import iso_time

    run, reporting = shown.last_run, shown.reporting
    rows: list[tuple[str, str | None]] = [
        ("installed", f"{shown.name} ({shown.scenario_id})"),
        ("active", "yes" if shown.active else "no: it is switched off in DSS"),
        ("schedule", described(reporting, PartId.SCHEDULE)),
        ("next run", iso_time(shown.next_run)),
        ("running now", "yes" if shown.running else "no"),
        ("runs as", shown.run_as),
        *(("step", described(reporting, step)) for step in reporting.steps),
    ]
    if reporting.alert:
        rows.append(("on failure", described(reporting, PartId.FAILURE)))
    if shown.own_parts:
        rows.append(("your own", f"{shown.own_parts} steps, triggers and reporters"))
    rows.append(("last outcome", run.outcome if run else None))
    if run:
        rows.append(("ended on", iso_time(run.ended_on)))
        if run.failed_step or run.message:
            rows += [("failed step", run.failed_step), ("error", run.message)]
    return rows
