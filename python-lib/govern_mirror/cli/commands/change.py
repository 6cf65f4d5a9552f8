"""The commands that change one project: `set`, `advance`, `close` and `step`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.options import dry_run_option, key_argument

# values -----------------------------------------------------------------------------------------------------------


@click.command("set")
@key_argument
@click.argument("assignments", nargs=-1, required=True, metavar="PATH=VALUE...")
@click.option(
    "--expect", "expected", type=click.IntRange(min=0), metavar="REVISION", help="Only when it is at this revision."
)
@dry_run_option
@pass_options
def set_(options: GlobalOptions, key: str, assignments: tuple[str, ...], expected: int | None, dry_run: bool) -> None:
    """Set any field of a project, of any template.

    PATH is a field's path, name or label: `govern-mirror set CHURN sponsor=Ada "Risk rating=High"`. The value `none`
    clears; several categories or names stand with commas between them; a document, [TITLE=]URL, is added to those that
    are there. Statuses change with `advance` and `step`.
    """
    from govern_mirror.actions.inputs import parse_values
    from govern_mirror.actions.record import set_values

    texts: dict[str, str | None] = {}
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        if not equals or not path.strip() or not text.strip():
            raise click.UsageError(f"{assignment!r} is not PATH=VALUE: name a field and its value; `none` clears")
        if path.strip() in texts:
            raise click.UsageError(f"{path.strip()} is given twice")
        texts[path.strip()] = text
    session = options.session(writes=True)
    values = parse_values(session.blueprint_of(key), texts)
    options.end_with(key, set_values(session, key, values, expected=expected, dry_run=dry_run), dry_run=dry_run)


set = set_  # noqa: A001 - commands are found by their name


# the workflow -----------------------------------------------------------------------------------------------------


@click.command()
@key_argument
@click.option("--to", "step", metavar="STEP", help="Go exactly to this step; nothing happens when it is ongoing.")
@click.option("--reason", metavar="TEXT", help="Why; kept in the history.")
@click.option("--request", metavar="ID", help="An id of yours: a move that is tried again under it is made once.")
@dry_run_option
@pass_options
def advance(
    options: GlobalOptions, key: str, step: str | None, reason: str | None, request: str | None, dry_run: bool
) -> None:
    """Move a project's workflow one step on, or to a step.

    The ongoing step is finished and the next one started; on a new workflow the first one is started.
    """
    _move(options, key, "advance", step, reason, request=request, dry_run=dry_run)


@click.command()
@key_argument
@click.option("--reason", metavar="TEXT", help="Why: cancelled, replaced, finished elsewhere; kept in the history.")
@click.option("--undo", is_flag=True, help="Go on with a project that was closed.")
@dry_run_option
@pass_options
def close(options: GlobalOptions, key: str, reason: str | None, undo: bool, dry_run: bool) -> None:
    """Close a project whose work ended otherwise than by its workflow. Nothing of it is deleted.

    A closed project is not in flight, stale or overdue, and meets no gate.
    """
    from govern_mirror.actions.record import close as close_project
    from govern_mirror.actions.record import undo_close

    if not undo and not (reason or "").strip():
        raise click.UsageError("say why, with --reason TEXT: the history keeps it")
    session = options.session(writes=True)
    if undo:
        change = undo_close(session, key, reason, dry_run=dry_run)
    else:
        change = close_project(session, key, reason or "", dry_run=dry_run)
    options.end_with(key, change, dry_run=dry_run)


_MOVES = {
    "start": "Make a step ongoing; every earlier one must be finished or skipped.",
    "finish": "Finish the ongoing step, or the one next in line.",
    "reopen": "Go back to a finished step; later ones are not started again.",
    "skip": "Skip a step that is not finished; needs a reason.",
    "set": "Put the workflow at a step from anywhere: earlier ones finished, later ones not started.",
}

MOVE_AGAINST_RULES = "set"
"""The one move that may go against the rules."""

step_argument = click.argument("step_name", metavar="STEP")


@click.group()
def step() -> None:
    """Start, finish, skip, reopen or set a step; write notes and documents."""


def _add_move(name: str, help_text: str) -> None:
    @step.command(name, help=help_text)
    @key_argument
    @step_argument
    @click.option("--reason", metavar="TEXT", required=name == "skip", help="Why; kept in the history.")
    @dry_run_option
    @pass_options
    def command(
        options: GlobalOptions, key: str, step_name: str, reason: str | None, dry_run: bool, override: bool = False
    ) -> None:
        _move(options, key, name, step_name, reason, override=override, dry_run=dry_run)

    if name == MOVE_AGAINST_RULES:
        text = "Go on against the rules; needs a reason, which the history keeps."
        command.params.insert(-1, click.Option(["--override"], is_flag=True, help=text))


for _name, _help in _MOVES.items():
    _add_move(_name, _help)


def _move(
    options: GlobalOptions,
    key: str,
    kind: str,
    step_name: str | None,
    reason: str | None,
    *,
    request: str | None = None,
    override: bool = False,
    dry_run: bool,
) -> None:
    from govern_mirror.actions.record import move
    from govern_mirror.model.changes import Move, MoveKind

    session = options.session(rules_matter=True)
    requested = Move(MoveKind(kind), step_name, reason, request, override=override)
    options.end_with(key, move(session, key, requested, dry_run=dry_run), dry_run=dry_run)


@step.command()
@key_argument
@step_argument
@click.argument("text")
@dry_run_option
@pass_options
def note(options: GlobalOptions, key: str, step_name: str, text: str, dry_run: bool) -> None:
    """Write the notes of a step, in place of those that are there; `none` clears them."""
    from govern_mirror.actions.inputs import parse_text
    from govern_mirror.actions.record import write_note

    if not text.strip():
        raise click.UsageError("the text is blank: use `none` to clear the notes")
    session = options.session(writes=True)
    options.end_with(key, write_note(session, key, step_name, parse_text(text), dry_run=dry_run), dry_run=dry_run)


@step.command()
@key_argument
@step_argument
@click.argument("link", metavar="[TITLE=]URL")
@dry_run_option
@pass_options
def document(options: GlobalOptions, key: str, step_name: str, link: str, dry_run: bool) -> None:
    """Add a document to a step (the same link is replaced); `none` removes all of the step's."""
    from govern_mirror.actions.inputs import parse_document_edit
    from govern_mirror.actions.record import add_document

    edit = parse_document_edit(link)
    if edit is None:
        raise click.UsageError("the link is blank: use `none` to remove the step's documents")
    session = options.session(writes=True)
    options.end_with(key, add_document(session, key, step_name, edit.added, dry_run=dry_run), dry_run=dry_run)
