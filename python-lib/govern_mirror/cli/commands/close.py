"""`govern-mirror close`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key


@click.command()
@click.argument("key", type=project_key)
@click.option("--reason", metavar="TEXT", help="Why: cancelled, replaced, finished elsewhere; kept in the history.")
@click.option("--undo", is_flag=True, help="Go on with a project that was closed.")
@click.option("--dry-run", is_flag=True, help="Only say what would change; exit 3 when something would.")
@pass_options
def close(options: GlobalOptions, key: str, reason: str | None, undo: bool, dry_run: bool) -> None:
    """Close a project whose work ended otherwise than by its workflow. Nothing of it is deleted.

    A closed project is not in flight, stale or overdue, and meets no gate.
    """
    from govern_mirror.actions.record import close as close_project
    from govern_mirror.actions.record import undo_close
    from govern_mirror.cli.printing import end_with

    if not undo and not (reason or "").strip():
        raise click.UsageError("say why, with --reason TEXT: the history keeps it")
    session = options.session()
    if undo:
        changed = undo_close(session, key, reason, dry_run=dry_run)
    else:
        changed = close_project(session, key, reason or "", dry_run=dry_run)
    end_with(options, key, changed, dry_run=dry_run)
