"""The commands that govern projects and stop doing so: `init`, `qualify`, `hide` and `ungovern`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.hints import worded
from govern_mirror.cli.options import dry_run_option, item_address, key_argument, only_text, project_to_put_away
from govern_mirror.cli.printing import (
    DIFFERENCES,
    done_before,
    is_terminal,
    of_project,
    print_changes,
    print_line,
    print_table,
)
from govern_mirror.model.blueprint import OVERVIEW, STANDARD, Blueprint, Field, Kind
from govern_mirror.text import terminal_line

if TYPE_CHECKING:
    from govern_mirror.actions.govern import ProjectResult
    from govern_mirror.actions.session import Session

MAX_DETAILED = 5
"""Up to so many projects every changed field is printed; beyond that with --verbose only."""


# options of commands that come from the template: one for each field of a section ---------------------------------

_METAVARS = {
    Kind.RATING: "RATING",
    Kind.CATEGORY: "CATEGORY",
    Kind.DATE: "DATE",
    Kind.NUMBER: "NUMBER",
    Kind.FLAG: "YES|NO",
    Kind.DOCUMENTS: "[TITLE=]URL",
    Kind.PEOPLE: "NAME,…",
}
"""What stands for a value in the help; a text is TEXT."""

FieldsOf = Callable[[Blueprint], Sequence[Field]]


class TemplateCommand(click.Command):
    """A command with an option for each field that a template has for it.

    `params` are those of the standard template, and what is parsed and shown are those of the template that
    `--settings FILE` names.
    """

    def __init__(self, *arguments: Any, fields_of: FieldsOf, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self._fields_of = fields_of
        self._own = list(self.params)
        self.params = self._of(STANDARD)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters for the template in use."""
        options = ctx.find_object(GlobalOptions)
        if options is None or options.settings is None:
            return super().get_params(ctx)
        standard, self.params = self.params, self._of(options.blueprint())
        try:
            only_text(self)
            return super().get_params(ctx)
        finally:
            self.params = standard

    def _of(self, blueprint: Blueprint) -> list[click.Parameter]:
        arguments = [param for param in self._own if isinstance(param, click.Argument)]
        rest = [param for param in self._own if not isinstance(param, click.Argument)]
        return [*arguments, *field_options(self._fields_of(blueprint)), *rest]


def field_options(fields: Sequence[Field]) -> list[click.Option]:
    """Return the options of fields: by name, and by role where that is another word."""
    names = {field.name for field in fields}
    options = []
    for field in fields:
        spellings = [field.name]
        if field.role and field.role.value not in names:
            spellings.insert(0, field.role.value)
            names.add(field.role.value)
        flags = [f"--{spelling.replace('_', '-')}" for spelling in spellings]
        options.append(click.Option([field.name, *flags], metavar=_metavar(field), help=_help(field)))
    return options


def _metavar(field: Field) -> str:
    metavar = _METAVARS.get(field.kind, "TEXT")
    return f"{metavar},…" if field.several else metavar


def _help(field: Field) -> str:
    if field.choices:
        several = "; several with commas between them" if field.several else ""
        return f"{field.label}: {', '.join(field.choices)}{several}."
    text = f"{field.label}. {field.help}" if field.help else f"{field.label}."
    if field.kind is Kind.DOCUMENTS:
        return f"Add a document to {field.label}."
    if field.kind is Kind.DATE:
        return f"{field.label}, YYYY-MM-DD."
    return text


# the commands -----------------------------------------------------------------------------------------------------


@click.command(cls=TemplateCommand, fields_of=lambda blueprint: blueprint.section(OVERVIEW))
@click.argument("keys", type=item_address, nargs=-1, metavar="KEY...")
@click.option(
    "--all", "everything", is_flag=True, help="Every project this key can see; what it may not write is skipped."
)
@click.option("--tag", metavar="T", help="Every project with this tag.")
@click.option("--folder", metavar="PATH", help="Every project in this project folder and below.")
@click.option("--adopt", is_flag=True, help="Take over copies of governed projects.")
@dry_run_option
@pass_options
def init(
    options: GlobalOptions,
    /,
    keys: tuple[str, ...],
    everything: bool,
    tag: str | None,
    folder: str | None,
    adopt: bool,
    dry_run: bool,
    **overview: str | None,
) -> None:
    """Initialize the workflow on projects. On a governed project it fills blanks only.

    A bundle or version is governed with its project: of its address, blanks are filled, too.

    The options of the Overview are those of the template: the standard one, or the one that --settings FILE names.
    """
    from govern_mirror.actions.govern import Scope, initialize
    from govern_mirror.actions.inputs import parse_values

    if not (keys or everything or tag is not None or folder is not None):
        raise click.UsageError("say which projects: project keys, or one of --all, --tag TAG, --folder PATH")
    scope = Scope(keys, tag, folder, everything)
    session = options.session(writes=True)
    values = parse_values(session.blueprint, overview)
    with options.progress("initializing") as advanced:
        results = initialize(session, scope, values, adopt=adopt, dry_run=dry_run, progress=advanced)
    _end_with(options, session, results, dry_run=dry_run)


@click.command(cls=TemplateCommand, fields_of=attrgetter("qualification_fields"))
@key_argument
@click.option("--notes", metavar="TEXT", help="Notes of the step that qualifies.")
@click.option("--confirm", is_flag=True, help="Check the ratings that are there: they count as recorded in the step.")
@dry_run_option
@pass_options
def qualify(options: GlobalOptions, /, key: str, confirm: bool, dry_run: bool, **texts: str | None) -> None:
    """Record qualification fields in a project. What is not given stays; `none` clears.

    The options are the fields of the step that qualifies: of the standard template, or of the one that
    --settings FILE names.
    """
    from govern_mirror.actions.inputs import parse_values
    from govern_mirror.actions.record import set_values, with_notes

    if not confirm and all(text is None for text in texts.values()):
        raise click.UsageError("nothing to record: give the value of a field, or --confirm")
    session = options.session(writes=True)
    blueprint = session.blueprint_of(key)
    if not blueprint.qualification_fields and any(text is not None for text in texts.values()):
        raise click.UsageError(f"{key} has no qualification: set its fields with `govern-mirror set {key} PATH=VALUE`")
    values = parse_values(blueprint, with_notes(blueprint, texts))
    options.end_with(key, set_values(session, key, values, confirm=confirm, dry_run=dry_run), dry_run=dry_run)


@click.command()
@click.argument("keys", type=project_to_put_away, nargs=-1, required=True, metavar="KEY...")
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

    if not yes and not dry_run and not is_terminal(sys.stdin):
        raise click.UsageError("nobody can be asked without a terminal: add --yes to remove, or --dry-run to look")
    session = options.session(writes=True)
    preview = remove(session, keys, purge=purge, dry_run=True)
    if dry_run:
        _end_with(options, session, preview, dry_run=True)
        return
    for result in preview:
        if result.changes:
            print_changes(session.blueprint, result.project_key, result.changes)
            print_line()
        for warning in result.warnings:
            options.message(f"Warning: {of_project(result.project_key, warning)}")
    if not yes and any(result.changed for result in preview):
        click.confirm(terminal_line(f"Remove this from {', '.join(keys)}?"), abort=True, err=True)
    with options.progress("removing") as advanced:
        results = remove(session, keys, purge=purge, progress=advanced)
    _end_with(options, session, results, dry_run=False, shown_before=True)


@click.command()
@click.argument("keys", type=project_to_put_away, nargs=-1, required=True, metavar="KEY...")
@click.option("--reason", metavar="TEXT", help="Why nobody wants to govern them; others read it.")
@click.option("--undo", is_flag=True, help="Show hidden projects again.")
@dry_run_option
@pass_options
def hide(options: GlobalOptions, keys: tuple[str, ...], reason: str | None, undo: bool, dry_run: bool) -> None:
    """Hide projects from those that wait to be governed on the live page.

    Each keeps who hid it, when and why, and can be shown again with --undo. Governing a project ends it, too.
    """
    from govern_mirror.actions.govern import hide as hide_projects
    from govern_mirror.actions.govern import undo_hide

    if undo == bool((reason or "").strip()):
        raise click.UsageError("say why, with --reason TEXT, or show them again with --undo")
    session = options.session(writes=True)
    with options.progress("showing" if undo else "hiding") as advanced:
        if undo:
            results = undo_hide(session, keys, dry_run=dry_run, progress=advanced)
        else:
            results = hide_projects(session, keys, reason or "", dry_run=dry_run, progress=advanced)
    _end_with(options, session, results, dry_run=dry_run)


def _end_with(
    options: GlobalOptions,
    session: Session,
    results: Sequence[ProjectResult],
    *,
    dry_run: bool,
    shown_before: bool = False,
) -> None:
    """Print what was done, what was not, and why; exit 1 on any failure, 3 when a dry run would change something.

    With `shown_before` the changes stand above already.
    """
    if not results:
        options.message("No project is in this scope.")
        return
    # where few are asked for, a key that does not exist is told with those that look like it
    searched = session if len(results) <= MAX_DETAILED else None
    changed = sum(result.changed for result in results)
    with done_before("Nothing was written" if dry_run else f"{changed} of {len(results)} projects were changed"):
        rows = [(result.project_key, result.outcome, _message(result, searched)) for result in results]
        print_table(("PROJECT", "OUTCOME", "MESSAGE"), rows)
        if not shown_before and (len(results) <= MAX_DETAILED or options.verbose):
            for result in results:
                if result.changes:
                    print_line()
                    print_changes(session.blueprint_of(result.project_key), result.project_key, result.changes)
    for result in results:
        for warning in result.warnings:
            options.message(f"Warning: {of_project(result.project_key, warning)}")
    if len(results) > 1:
        counts = Counter(result.outcome for result in results)
        options.message(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    if any(result.failed for result in results):
        raise click.exceptions.Exit(1)
    if dry_run and any(result.changed for result in results):
        raise click.exceptions.Exit(DIFFERENCES)


def _message(result: ProjectResult, session: Session | None) -> str:
    message = f"{result.message}; kept: {'; '.join(result.kept)}" if result.kept else result.message
    return worded(message, result.hint, session)
