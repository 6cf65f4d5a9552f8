"""`govern-mirror history`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key


@click.command()
@click.argument("key", type=project_key, required=False)
@click.option("--all", "everything", is_flag=True, help="Of all governed projects that this key can see.")
@click.option("--since", metavar="DATE", help="From this day on, YYYY-MM-DD.")
@click.option("--by", metavar="LOGIN", help="What this person did.")
@click.option("--field", metavar="FIELD", help="Changes of this field: its path, name or label.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@pass_options
def history(
    options: GlobalOptions,
    key: str | None,
    everything: bool,
    since: str | None,
    by: str | None,
    field: str | None,
    form: str,
) -> None:
    """Show what happened to a governed project, or to all: one line a save, the latest first."""
    from govern_mirror.actions.timeline import parse_timeline_filter, timeline_json, timeline_of, timeline_of_all
    from govern_mirror.cli.printing import print_json, print_table, progress

    if everything == (key is not None):
        raise click.UsageError("name one project, or give --all")
    session = options.session()
    wanted = parse_timeline_filter(session, since, by, field)
    if key is not None:
        timeline = timeline_of(session, key, wanted)
    else:
        with progress(options, "reading projects") as advanced:
            timeline = timeline_of_all(session, wanted, progress=advanced)
    if form == "json":
        print_json(timeline_json(timeline))
    else:
        rows = [
            (
                save.at.strftime("%Y-%m-%d %H:%M") if save.at else "pending" if save.is_pending else None,
                save.project_key,
                save.by,
                save.source,
                "; ".join(save.words),
                save.reason,
            )
            for save in timeline.saves
        ]
        if rows:
            print_table(("TIME (UTC)", "PROJECT", "BY", "THROUGH", "WHAT", "REASON"), rows)
        else:
            options.message("nothing happened that was asked for")
    for unread in timeline.unreadable:
        options.message(f"Warning: {unread.project_key} could not be read: {unread.message}")
    if timeline.unreadable:
        raise click.exceptions.Exit(1)
