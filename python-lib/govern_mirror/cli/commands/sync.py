"""`govern-mirror sync …`."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.hints import worded
from govern_mirror.cli.options import format_option, project_key
from govern_mirror.cli.printing import done_before, of_project, print_json, print_table, say, say_error
from govern_mirror.errors import GovernMirrorError, InputError

if TYPE_CHECKING:
    from govern_mirror.actions.session import Session
    from govern_mirror.actions.sync import ComparisonResult, SyncedNode
    from govern_mirror.connection import Instance
    from govern_mirror.model.blueprint import Blueprint
    from govern_mirror.sync.apply import SyncResult
    from govern_mirror.sync.plan import Plan

Command = TypeVar("Command", bound=Callable[..., Any])
PlanOfTemplate: TypeAlias = "tuple[Plan, Blueprint]"
"""A plan, and the template that knows the labels of its fields."""


@click.group()
def sync() -> None:
    """Keep DSS projects, a Govern node and plan files in step."""


def _options(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


_govern = _options(
    click.option("--govern-url", metavar="U", help="Address of the Govern node; else DKU_GOVERN_URL."),
    click.option("--govern-api-key", metavar="K", help="Govern API key; else DKU_GOVERN_API_KEY."),
    click.option(
        "--govern-api-key-file",
        metavar="F",
        type=click.Path(path_type=Path),
        help="File that holds the Govern API key.",
    ),
    click.option(
        "--sync-secret-file",
        metavar="F",
        type=click.Path(path_type=Path),
        help="File with the secret that all who sync share; else DKU_SYNC_SECRET, else the Govern key.",
    ),
)
_fleet = click.option(
    "--fleet",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Every DSS instance of this file (the shape of Dataiku's config file).",
)
_scope = _options(
    _fleet,
    click.option("--only", type=project_key, multiple=True, metavar="KEY", help="Only this DSS project. Repeated: or."),
    click.option("--tag", multiple=True, metavar="T", help="Only DSS projects with this tag. Repeated: or."),
)
_prefer = click.option(
    "--prefer", type=click.Choice(["dss", "govern"]), help="Whose value wins a conflict; else conflicts are left."
)
_force = click.option("--force", is_flag=True, help="Apply also what changes more than the safety threshold allows.")
_dry_run = click.option("--dry-run", is_flag=True, help="Only show the plan; exit 3 when it would change something.")
_writing = _options(
    _prefer,
    click.option("--create", is_flag=True, help="Also govern what is governed on the other side only."),
    _dry_run,
    _force,
    click.option(
        "--out", metavar="FILE", type=click.Path(dir_okay=False), help="Save the plan instead of applying it."
    ),
)


@sync.command()
@_govern
@_scope
@format_option
@pass_options
def status(options: GlobalOptions, /, form: str, **arguments: Any) -> None:
    """Say what differs, by project and field; exit 3 when something does."""
    planned: list[PlanOfTemplate] = []
    codes: list[int] = []
    for instance in options.addressed(arguments["fleet"]):
        with _alone(options, instance, arguments["fleet"], codes):
            session = options.opened(instance)
            planned.append((_compared(options, session, "status", arguments).plan, session.blueprint))
    _print_plans(planned, form)
    for plan, blueprint in planned:
        _say(options, plan, blueprint)
        codes.append(1 if plan.unreadable else 3 if plan.differs else 0)
    raise click.exceptions.Exit(1 if 1 in codes else max(codes))


@contextmanager
def _alone(options: GlobalOptions, instance: Instance, fleet: Path | None, codes: list[int]) -> Iterator[None]:
    """With several instances, an error ends the work on its own one only, and names it."""
    try:
        yield
    except GovernMirrorError as error:
        if fleet is None and len(options.instances) < 2:
            raise
        say_error(worded(f"{instance.url}: {error}", error.hint))
        codes.append(1)


def _writes(direction: str, sentence: str) -> None:
    @sync.command(name=direction, help=sentence)
    @_govern
    @_scope
    @_writing
    @format_option
    @pass_options
    def command(
        options: GlobalOptions, /, form: str, dry_run: bool, force: bool, out: str | None, **arguments: Any
    ) -> None:
        from govern_mirror.report.output import atomic_write
        from govern_mirror.sync.plan_json import plan_json

        instances = options.addressed(arguments["fleet"])
        if out:
            if len(instances) > 1:
                raise click.UsageError("--out saves the plan of one instance")
            with atomic_write(Path(out)) as target:
                session = options.opened(instances[0])
                plan = _compared(options, session, direction, arguments, force=force).plan
                target.write(json.dumps(plan_json(plan), indent=1).encode("utf-8"))
            with done_before(f"The plan was saved as {out}"):
                _print_plans([(plan, session.blueprint)], form)
            _say(options, plan, session.blueprint)
            options.message(f"Saved the plan as {out}; `govern-mirror sync apply {out}` applies it")
            raise click.exceptions.Exit(_code([], plan))
        codes: list[int] = []
        planned = []
        for instance in instances:
            # Govern may hold projects of several instances: it is read anew for each
            with _alone(options, instance, arguments["fleet"], codes):
                session = options.opened(instance, writes=True)
                compared = _compared(options, session, direction, arguments, force=force, make_known=not dry_run)
                planned.append((compared.plan, session.blueprint))
                codes.append(_one_instance(options, session, compared, dry_run=dry_run, force=force))
        with done_before("Nothing was written" if dry_run else "What is said above was done"):
            _print_plans(planned, form)
        raise click.exceptions.Exit(1 if 1 in codes else max(codes))


def _one_instance(
    options: GlobalOptions, session: Session, compared: ComparisonResult, *, dry_run: bool, force: bool
) -> int:
    """Carry out one instance's plan, unless it is a dry run; returns the exit code it asks for."""
    from govern_mirror.actions.sync import apply_plan, refusals_of
    from govern_mirror.sync.plan import ThresholdExceeded

    plan = compared.plan
    _say(options, plan, session.blueprint, of_file=compared.sides.govern is None)
    if dry_run:
        for key, error in refusals_of(session, compared).items():
            options.message(f"{key}: would be refused: {worded(str(error), error.hint)}")
        for reason in () if force else plan.refusals(session.blueprint):
            options.message(f"It would be refused without --force: {reason}")
        return _code([], plan) or (3 if plan.changes else 0)
    try:
        with options.progress("writing") as advanced:
            results = apply_plan(session, compared, force=force, progress=advanced)
    except ThresholdExceeded as error:
        say_error(worded(str(error), error.hint))
        return 1
    _say_results(options, results)
    return _code(results, plan)


_writes("pull", "Write what changed in Govern into the DSS projects.")
_writes("push", "Write what changed in the DSS projects into Govern.")
_writes("both", "Write what changed on either side into the other.")


@sync.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_govern
@click.option(
    "--prefer",
    type=click.Choice(["dss", "govern", "file"]),
    help="Whose value wins a conflict; else conflicts are left.",
)
@click.option("--create", is_flag=True, help="Also govern projects that a plan file names and that are not governed.")
@click.option("--override", is_flag=True, help="Finish steps against the rules; needs --reason.")
@click.option("--reason", metavar="TEXT", help="Why the rules are overridden; kept in the history.")
@_dry_run
@_force
@format_option
@pass_options
def apply(
    options: GlobalOptions,
    /,
    file: Path,
    form: str,
    dry_run: bool,
    force: bool,
    prefer: str | None,
    override: bool,
    reason: str | None,
    **arguments: Any,
) -> None:
    """Apply a saved plan (.json), or a plan file (.yaml, .csv, .xlsx) of desired values.

    A saved plan is computed anew, and refused when that gives another plan: when either side has moved since, or the
    file was edited. It keeps the preference it was made with.
    """
    if override != bool((reason or "").strip()):
        raise click.UsageError("--override and --reason go together: the history keeps why the rules were overridden")
    if file.suffix.lower() == ".json":
        if prefer or arguments["create"] or override:
            raise click.UsageError(
                "a saved plan keeps what it was made with: --prefer, --create and --override are for plan files"
            )
        _apply_saved(options, file, form, dry_run=dry_run, force=force, arguments=arguments)
    from govern_mirror.actions.plan_files import compare_with_file
    from govern_mirror.sync.plan import Prefer

    session = options.session(rules_matter=True)
    wins = None if prefer is None else Prefer.DSS if prefer == "dss" else Prefer.GOVERN
    with options.progress("comparing") as advanced:
        compared = compare_with_file(
            session, file, prefer=wins, create=arguments["create"], override=reason, progress=advanced
        )
    code = _one_instance(options, session, compared, dry_run=dry_run, force=force)
    with done_before("Nothing was written" if dry_run else "What is said above was done"):
        _print_plans([(compared.plan, session.blueprint)], form, "the file")
    raise click.exceptions.Exit(code)


def _apply_saved(
    options: GlobalOptions, file: Path, form: str, *, dry_run: bool, force: bool, arguments: dict[str, Any]
) -> None:
    from govern_mirror.actions.sync import revalidate
    from govern_mirror.sync.plan_json import read_plan, require_known

    plan = read_plan(file)
    session = options.session(writes=True)
    require_known(plan, session.blueprint, str(file))
    compared = revalidate(session, _node(options, session, arguments), plan, force=force)
    # what was computed anew, never what the file says
    _print_plans([(compared.plan, session.blueprint)], form)
    raise click.exceptions.Exit(_one_instance(options, session, compared, dry_run=dry_run, force=force))


def _compared(
    options: GlobalOptions,
    session: Session,
    direction: str,
    arguments: dict[str, Any],
    *,
    force: bool = False,
    make_known: bool = False,
) -> ComparisonResult:
    from govern_mirror.actions.sync import SyncScope, compare
    from govern_mirror.sync.plan import Direction, Prefer

    with options.progress("comparing") as advanced:
        return compare(
            session,
            _node(options, session, arguments),
            Direction(direction),
            prefer=Prefer(arguments["prefer"]) if arguments.get("prefer") else None,
            scope=SyncScope(arguments["only"], arguments["tag"]),
            create=bool(arguments.get("create")),
            over_signoffs=force,
            make_known=make_known,
            progress=advanced,
        )


def _node(options: GlobalOptions, session: Session, arguments: dict[str, Any]) -> SyncedNode:
    from govern_mirror.actions.sync import govern_node
    from govern_mirror.connection import key_from_file

    key = arguments["govern_api_key"] or key_from_file(arguments["govern_api_key_file"])
    url = arguments["govern_url"] or os.environ.get("DKU_GOVERN_URL")
    secret = _secret(arguments["sync_secret_file"] or options.sync_secret_file)
    return govern_node(session, url, key or os.environ.get("DKU_GOVERN_API_KEY"), sync_secret=secret)


def _secret(file: Path | None) -> str | None:
    from govern_mirror.files import MAX_SECRET, read_bounded_text

    if file is None:
        return os.environ.get("DKU_SYNC_SECRET")
    secret = read_bounded_text(file, MAX_SECRET, "the sync secret").strip()
    if not secret:
        raise InputError(f"the sync secret file {file} is empty")
    return secret


def _print_plans(planned: list[PlanOfTemplate], form: str, other: str = "Govern") -> None:
    from govern_mirror.sync.plan import plan_rows
    from govern_mirror.sync.plan_json import plan_json

    if form == "json":
        documents = [plan_json(plan) for plan, _ in planned]
        print_json(documents[0] if len(documents) == 1 else {"plans": documents})
        return
    rows = [
        (plan.node_id, row.project_key, row.field, row.dss, row.remote, row.changed, row.outcome)
        for plan, blueprint in planned
        for row in plan_rows(plan, blueprint, other)
    ]
    if rows:
        heading = other.removeprefix("the ").upper()
        print_table(("NODE", "PROJECT", "FIELD", "DSS", heading, "CHANGED", "OUTCOME"), rows)


def _say(options: GlobalOptions, plan: Plan, blueprint: Blueprint, *, of_file: bool = False) -> None:
    from govern_mirror.labels import field_label

    for key in plan.only_here:
        options.message(f"{key}: governed in DSS only (--create with push governs it in Govern too)")
    only_there = (
        "in the file, and not governed (--create governs it)"
        if of_file
        else ("governed in Govern only (--create with pull governs it in DSS too)")
    )
    for name in plan.only_there:
        options.message(f"{name}: {only_there}")
    for problem in plan.problems:
        options.message(worded(f"Warning: {problem.field}: {problem.message}", problem.hint))
    for project in plan.projects:
        for held in project.held:
            name = f"{project.project_key}: {field_label(blueprint, held.field)}"
            options.message(worded(f"{name} is not pushed: {held.reason}", held.hint))
    differing = sum(bool(project.differences) for project in plan.projects)
    created = sum(project.creates for project in plan.projects) + sum(bool(p.creates_over) for p in plan.counterparts)
    parts = [f"{plan.compared} compared", f"{differing} differ", f"conflicts: {plan.disputed}"]
    parts += [f"{created} to be created"] if created else []
    parts += [f"{plan.held} not pushed"] if plan.held else []
    left = f"{len(plan.unreadable)} could not be {'applied' if of_file else 'read'}"
    parts += [left] if plan.unreadable else []
    options.message(f"Node {plan.node_id or '?'}: {', '.join(parts)}")


def _say_results(options: GlobalOptions, results: list[SyncResult]) -> None:
    for result in results:
        if result.failed:
            message = result.message.removeprefix(f"{result.project_key}: ")
            say(worded(f"{result.project_key}: {result.outcome}: {message}", result.hint))
        elif result.outcome != "noted":
            options.message(f"{result.project_key}: {result.outcome} {result.message}".rstrip(": "))
        for warning in result.warnings:
            options.message(f"Warning: {of_project(result.project_key, warning)}")
    counts = Counter(result.outcome for result in results)
    options.message(", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "Nothing to do")


def _code(results: list[SyncResult], plan: Plan) -> int:
    if plan.unreadable or any(result.failed for result in results):
        return 1
    return 3 if plan.conflicts or plan.held else 0
