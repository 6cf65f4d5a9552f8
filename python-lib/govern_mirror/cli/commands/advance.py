"""`govern-mirror advance`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key


@click.command()
@click.argument("key", type=project_key)
@click.option("--to", "step", metavar="STEP", help="Go exactly to this step; nothing happens when it is ongoing.")
@click.option("--reason", metavar="TEXT", help="Why; kept in the history.")
@click.option("--request", metavar="ID", help="An id of yours: a move that is tried again under it is made once.")
@click.option("--dry-run", is_flag=True, help="Only say what would change; exit 3 when something would.")
@pass_options
def advance(
    options: GlobalOptions, key: str, step: str | None, reason: str | None, request: str | None, dry_run: bool
) -> None:
    """Move a project's workflow one step on, or to a step.

    The ongoing step is finished and the next one started; on a new workflow the first one is started.
    """
    from govern_mirror.actions.record import move
    from govern_mirror.cli.printing import end_with
    from govern_mirror.model.changes import Move, MoveKind

    session = options.session(rules_matter=True)
    target = session.blueprint.step(step).id if step is not None else None
    wanted = Move(MoveKind.ADVANCE, target, reason, request)
    end_with(options, key, move(session, key, wanted, dry_run=dry_run), dry_run=dry_run)
