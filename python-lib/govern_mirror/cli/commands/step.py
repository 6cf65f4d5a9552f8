"""`govern-mirror step`: single moves, notes and documents."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key

_MOVES = {
    "start": "Make a step ongoing; every earlier one must be finished or skipped.",
    "finish": "Finish the ongoing step, or the one next in line.",
    "reopen": "Go back to a finished step; later ones are not started again.",
    "skip": "Skip a step that is not finished; needs a reason.",
    "set": "Put the workflow at a step from anywhere: earlier ones finished, later ones not started.",
}


@click.group()
def step() -> None:
    """Start, finish, reopen or set a step; write notes and documents."""


def _move_command(name: str, help_text: str) -> click.Command:
    @click.command(name, help=help_text)
    @click.argument("key", type=project_key)
    @click.argument("step_name", metavar="STEP")
    @click.option("--reason", metavar="TEXT", required=name == "skip", help="Why; kept in the history.")
    @click.option("--dry-run", is_flag=True, help="Only say what would change; exit 3 when something would.")
    @pass_options
    def command(
        options: GlobalOptions, key: str, step_name: str, reason: str | None, dry_run: bool, override: bool = False
    ) -> None:
        from govern_mirror.actions.record import move
        from govern_mirror.cli.printing import end_with
        from govern_mirror.model.changes import Move, MoveKind

        session = options.session(rules_matter=True)
        wanted = Move(MoveKind(name), session.blueprint.step(step_name).id, reason, override=override)
        end_with(options, key, move(session, key, wanted, dry_run=dry_run), dry_run=dry_run)

    if name == MOVE_AGAINST_RULES:
        text = "Go on against the rules; needs a reason, which the history keeps."
        command.params.insert(-1, click.Option(["--override"], is_flag=True, help=text))
    return command


MOVE_AGAINST_RULES = "set"
"""The one move that may go against the rules."""

for _name, _help in _MOVES.items():
    step.add_command(_move_command(_name, _help))


@step.command()
@click.argument("key", type=project_key)
@click.argument("step_name", metavar="STEP")
@click.argument("text")
@click.option("--dry-run", is_flag=True, help="Only say what would change; exit 3 when something would.")
@pass_options
def note(options: GlobalOptions, key: str, step_name: str, text: str, dry_run: bool) -> None:
    """Write the notes of a step, in place of those that are there; `none` clears them."""
    from govern_mirror.actions.inputs import parse_text
    from govern_mirror.actions.record import write_note
    from govern_mirror.cli.printing import end_with

    if not text.strip():
        raise click.UsageError("the text is blank: use `none` to clear the notes")
    session = options.session()
    step_id = session.blueprint.step(step_name).id
    end_with(options, key, write_note(session, key, step_id, parse_text(text), dry_run=dry_run), dry_run=dry_run)


@step.command()
@click.argument("key", type=project_key)
@click.argument("step_name", metavar="STEP")
@click.argument("link", metavar="[TITLE=]URL")
@click.option("--dry-run", is_flag=True, help="Only say what would change; exit 3 when something would.")
@pass_options
def document(options: GlobalOptions, key: str, step_name: str, link: str, dry_run: bool) -> None:
    """Add a document to a step (the same link is replaced); `none` removes all of the step's."""
    from govern_mirror.actions.inputs import parse_document_edit
    from govern_mirror.actions.record import add_document
    from govern_mirror.cli.printing import end_with

    edit = parse_document_edit(link)
    if edit is None:
        raise click.UsageError("the link is blank: use `none` to remove the step's documents")
    session = options.session()
    step_id = session.blueprint.step(step_name).id
    end_with(options, key, add_document(session, key, step_id, edit.added, dry_run=dry_run), dry_run=dry_run)
