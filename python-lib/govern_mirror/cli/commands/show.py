"""The commands that show what is stored, without changing it: `show` and `history`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.options import format_option, item_address, key_argument
from govern_mirror.cli.printing import print_json, print_table


@click.command()
@key_argument
@click.option("--step", "step_name", metavar="STEP", help="Only this step, with its notes and documents.")
@format_option
@pass_options
def show(options: GlobalOptions, key: str, step_name: str | None, form: str) -> None:
    """Show one project: workflow, qualification, history, problems; or one of its items by its address."""
    from govern_mirror.actions.item_facts import facts_json, show_with_facts
    from govern_mirror.actions.show import project_json
    from govern_mirror.cli.table_project import print_project, print_step

    session = options.session()
    step_id = session.blueprint_of(key).step(step_name).id if step_name is not None else None
    project, facts = show_with_facts(session, key)
    document = project_json(project, session.settings.weights, step=step_id)
    if facts is not None:
        document |= facts_json(facts)
    if form == "json":
        print_json(document)
    elif step_id is not None:
        print_step(document)
    else:
        print_project(document, project.blueprint)


@click.command()
@click.argument("key", type=item_address, required=False)
@click.option("--all", "everything", is_flag=True, help="Of all governed projects that this key can see.")
@click.option("--since", metavar="DATE", help="From this day on, YYYY-MM-DD.")
@click.option("--by", metavar="LOGIN", help="What this person did.")
@click.option("--field", metavar="FIELD", help="Changes of this field: its path, name or label.")
@format_option
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
    from govern_mirror.labels import source_label

    if everything == (key is not None):
        raise click.UsageError("name one project, or give --all")
    session = options.session()
    selection = parse_timeline_filter(session, since, by, field, key)
    if key is not None:
        timeline = timeline_of(session, key, selection)
    else:
        with options.progress("reading projects") as advanced:
            timeline = timeline_of_all(session, selection, progress=advanced)
    if form == "json":
        print_json(timeline_json(timeline))
    else:
        rows = [
            (
                save.at.strftime("%Y-%m-%d %H:%M") if save.at else "pending" if save.is_pending else None,
                save.project_key,
                save.by,
                source_label(save.source),
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
