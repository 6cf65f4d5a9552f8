"""`govern-mirror ungovern`."""

from __future__ import annotations

import sys

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key


@click.command()
@click.argument("keys", type=project_key, nargs=-1, required=True, metavar="KEY...")
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal it is needed, since nobody can be asked.")
@click.option("--purge", is_flag=True, help="Leave nothing at all, not even the mark from which the history can go on.")
@click.option("--dry-run", is_flag=True, help="Only show what would be removed; exit 3 when something would.")
@pass_options
def ungovern(options: GlobalOptions, keys: tuple[str, ...], yes: bool, purge: bool, dry_run: bool) -> None:
    """Remove all that this tool stored in projects, after showing it.

    Fields, record, checklist, tag and the wiki timeline go; everything else in the projects stays. So does a mark in
    the hidden field, from which the history goes on when a project is governed again; --purge takes that, too.
    """
    from govern_mirror.actions.govern import ungovern as remove
    from govern_mirror.cli.bulk_results import end_with_results
    from govern_mirror.cli.printing import is_terminal, print_changes, print_line, progress
    from govern_mirror.text import terminal_line

    if not yes and not dry_run and not is_terminal(sys.stdin):
        raise click.UsageError("nobody can be asked without a terminal: add --yes to remove, or --dry-run to look")
    session = options.session()
    shown = remove(session, keys, purge=purge, dry_run=True)
    if dry_run:
        end_with_results(options, session.blueprint, shown, dry_run=True)
        return
    for result in shown:
        if result.changes:
            print_changes(session.blueprint, result.project_key, result.changes)
            print_line()
    if not yes and any(result.changes for result in shown):
        click.confirm(terminal_line(f"Remove this from {', '.join(keys)}?"), abort=True, err=True)
    with progress(options, "removing") as advanced:
        results = remove(session, keys, purge=purge, progress=advanced)
    end_with_results(options, session.blueprint, results, dry_run=False, shown_before=True)
