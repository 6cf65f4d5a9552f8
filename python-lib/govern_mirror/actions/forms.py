"""What the macros' forms hold, turned into actions, and what came out, turned into DSS's result tables.

A form passes an empty field as null or not at all, an INT as a float, and a DATE as an ISO time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from govern_mirror.actions.governing import ProjectResult, Scope, initialize
from govern_mirror.actions.inputs import OVERVIEW, QUALIFICATION, parse_document_edit, parse_values
from govern_mirror.actions.recording import Changed, move, qualify
from govern_mirror.actions.reporting import build_report, parse_filters
from govern_mirror.actions.schedule_options import Options
from govern_mirror.actions.scheduling import install
from govern_mirror.actions.session import Session
from govern_mirror.blueprint import clipped
from govern_mirror.bulk import Progress
from govern_mirror.changes import Move, MoveKind
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.history.columns import schema as history_schema
from govern_mirror.history.snapshot import run_of, snapshot_rows
from govern_mirror.project import FieldChange
from govern_mirror.report.columns import columns, record, schema
from govern_mirror.report.portfolio import Filters

Config = Mapping[str, Any]

ENCRYPTED = "e:AES:"
"""A password that DSS passes on without decrypting it begins so (docs)."""

_OVERVIEW_PARAMS = {
    "value": "value_rating",
    "risk": "risk_rating",
    "initiative": "business_initiative",
    "sponsor": "sponsor",
    "start_date": "start_date",
    "target_end_date": "target_end_date",
}
_RATED = ("value", "risk", "feasibility", "cost")


class ResultTable(Protocol):
    """What this code uses of `dataiku.runnables.ResultTable`."""

    def add_column(self, identifier: str, label: str, kind: str, /) -> object:
        """Add a column."""

    def add_record(self, record: list[Any], /) -> object:
        """Add a row."""


@dataclass(frozen=True)
class Table:
    """A result table: columns as (id, label), and rows of texts."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class DatasetRows:
    """What a recipe writes: the schema (a name and a DSS type each), rows by column name, and what is missing."""

    schema: list[dict[str, str]]
    rows: list[dict[str, Any]]
    warnings: tuple[str, ...] = ()


AnyResultTable = TypeVar("AnyResultTable", bound=ResultTable)


def fill(result: AnyResultTable, table: Table) -> AnyResultTable:
    """Fill DSS's result table and return it."""
    for identifier, label in table.columns:
        result.add_column(identifier, label, "STRING")
    for row in table.rows:
        result.add_record(list(row))
    return result


def percent(progress_callback: Callable[[int], object]) -> Progress:
    """Progress of DSS, whose target is 100, as ours: done, of how many."""

    def advanced(done: int, total: int) -> None:
        progress_callback(100 * done // total if total else 100)

    return advanced


def initialize_from_form(
    session: Session, config: Config, project_key: str | None, progress: Progress | None = None
) -> Table:
    """The macro `initialize-workflow`: a row a project.

    Raises:
        InputError: the form is not complete or not valid.
        GovernMirrorError: the one project that was asked for could not be initialized.
    """
    values = parse_values(session.blueprint, OVERVIEW, {k: text_of(config, p) for k, p in _OVERVIEW_PARAMS.items()})
    scope = _scope(config, project_key)
    results = initialize(
        session,
        scope,
        values,
        adopt=flag_of(config, "adopt"),
        dry_run=flag_of(config, "dry_run", safe=True),
        progress=progress,
    )
    if len(scope.keys) == 1 and results[0].failed:
        raise GovernMirrorError(results[0].message)
    columns = (("project", "Project"), ("outcome", "Outcome"), ("message", "Message"))
    rows = tuple((r.project_key, r.outcome, _message(r)) for r in results)
    return Table(columns, rows or (("No project is in this scope", "", ""),))


def qualify_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `record-qualification`: a row a field that changed."""
    given = {name: text_of(config, f"{name}_rating") for name in _RATED}
    given |= {f"{name}_comment": text_of(config, f"{name}_comment") for name in _RATED}
    given |= {name: text_of(config, name) for name in ("decision", "decision_comment", "notes")}
    plan = parse_document_edit(text_of(config, "project_plan"))
    confirm = flag_of(config, "confirm")
    values = parse_values(session.blueprint, QUALIFICATION, given)
    if not values and plan is None and not confirm:
        raise InputError("nothing to record: fill at least one field, or tick Confirm the ratings")
    changed = qualify(session, _key(config, project_key), values, project_plan=plan, confirm=confirm)
    return _changes("field", "Field", changed, changed.changes)


def move_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `advance-workflow`: a row a step whose status changed."""
    action, step = text_of(config, "action") or MoveKind.ADVANCE.value, text_of(config, "step")
    try:
        kind = MoveKind(action)
    except ValueError:
        raise InputError(f"unknown action {action!r}: use one of {', '.join(k.value for k in MoveKind)}") from None
    wanted = Move(kind, session.blueprint.step(step).id if step else None, text_of(config, "reason"))
    changed = move(session, _key(config, project_key), wanted)
    names = {f"steps.{step.id}.status": step.name for step in session.blueprint.steps}
    moved = [FieldChange(names[c.field], c.before, c.after) for c in changed.changes if c.field in names]
    return _changes("step", "Step", changed, moved)


def filters_from_form(session: Session, config: Config) -> Filters:
    """The filters of the report macro and of the recipe: the same names and meaning as on the command line."""
    return parse_filters(
        session.blueprint,
        tags=texts_of(config, "tag"),
        steps=texts_of(config, "step"),
        decisions=texts_of(config, "decision"),
        initiatives=texts_of(config, "initiative"),
        owners=texts_of(config, "owner"),
        stale=flag_of(config, "stale"),
        stale_days=whole_number_of(config, "stale_days"),
        with_problems=flag_of(config, "with_problems"),
        include_ungoverned=flag_of(config, "include_ungoverned"),
    )


def schedule_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `install-reporting-scenario`: a row for the scenario and each of its parts, then what to look at."""
    options = Options(
        daily=text_of(config, "daily_at"),
        weekly=",".join(texts_of(config, "weekly_on")) or None,
        timezone=text_of(config, "timezone"),
        mail=text_of(config, "mail_to"),
        channel=text_of(config, "channel"),
        managed_folder=text_of(config, "managed_folder"),
        with_texts=text_of(config, "with_texts"),
    )
    outcome = install(session, _key({}, project_key), options, dry_run=flag_of(config, "dry_run", safe=True))
    rows = [(line.what, line.outcome, line.detail) for line in outcome.lines]
    rows += [("Note", "", warning) for warning in outcome.warnings]
    return Table((("part", "Part"), ("outcome", "Outcome"), ("detail", "Detail")), tuple(rows))


def dataset_from_form(session: Session, config: Config) -> DatasetRows:
    """The recipe `governed-projects`.

    Raises:
        InputError: a filter is not valid.
        GovernMirrorError: the projects cannot be listed.
    """
    report = build_report(session, filters_from_form(session, config), history=False)
    portfolio = report.portfolio
    known = columns(portfolio.blueprint)
    return DatasetRows(
        schema(portfolio.blueprint),
        [record(row, known) for row in portfolio.rows],
        tuple(f"{project.project_key} is left out: {project.message}" for project in report.unreadable),
    )


def history_from_form(session: Session) -> DatasetRows:
    """The output `history` of the recipe `governed-projects`: every governed project, whatever the filters.

    Raises:
        GovernMirrorError: the projects cannot be listed.
    """
    report = build_report(session, history=False)
    run = run_of(report.portfolio.generated_on)
    return DatasetRows(history_schema(report.portfolio.blueprint), list(snapshot_rows(report.portfolio, run)))


def flag_of(config: Config, name: str, *, default: bool = False, safe: bool | None = None) -> bool:
    """A tick box of the form, read strictly: a flag that decides what is written is never guessed.

    Args:
        config: the form.
        name: the parameter.
        default: what it is where the form does not hold it, as where the descriptor's default applies.
        safe: what null stands for: the side on which nothing is written or forced; `default` where both are safe.

    Raises:
        InputError: it is something else than true, false or null, such as the text "true".
    """
    if name not in config:
        return default
    value = config[name]
    if value is None:
        return default if safe is None else safe
    if not isinstance(value, bool):
        raise InputError(f"{_label(name)} takes true or false, not {clipped(value)!r}: nothing was done")
    return value


def whole_number_of(config: Config, name: str) -> int | None:
    """A whole number of the form, which DSS may pass as a float; None when it is empty.

    Raises:
        InputError: it is not one.
    """
    value = config.get(name)
    if value is None or value == "":
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (isinstance(value, float) and not value.is_integer()):
        raise InputError(f"{_label(name)} takes a whole number, not {clipped(value)}")
    return int(value)


def text_of(config: Config, name: str) -> str | None:
    """A text of the form; None when it is empty.

    Raises:
        InputError: it is no text.
    """
    value = config.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str):
        raise InputError(f"{_label(name)} takes a text, not {clipped(value)}")
    return value


def secret_of(config: Config, name: str, where: str) -> str | None:
    """A PASSWORD of a form or preset; None when it is empty.

    Args:
        config: the form or preset.
        name: the parameter.
        where: what holds it, for the error.

    Raises:
        InputError: DSS passed it on encrypted, or it is no text; the message never shows it.
    """
    value = config.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str):
        raise InputError(f"the {_label(name)} of {where} is not a text: save it again")
    if value.startswith(ENCRYPTED):
        raise InputError(f"DSS did not decrypt the {_label(name)} of {where}: save it again, or ask an administrator")
    return value.strip()


def texts_of(config: Config, name: str) -> tuple[str, ...]:
    """A list of texts of the form, without empty ones; a single text counts as a list of one.

    Raises:
        InputError: it is no list of texts.
    """
    value = config.get(name)
    if value is None:
        return ()
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str | None) for item in items):
        raise InputError(f"{_label(name)} takes a list of texts, not {clipped(value)}")
    return tuple(item.strip() for item in items if item and item.strip())


def _label(name: str) -> str:
    return name.replace("_", " ")


def _scope(config: Config, project_key: str | None) -> Scope:
    kind = text_of(config, "scope") or "this"
    if kind == "all":
        return Scope(everything=True)
    if kind in ("tag", "folder"):
        wanted = text_of(config, kind)
        if wanted is None:
            raise InputError(f"name the {kind}")
        return Scope(tag=wanted) if kind == "tag" else Scope(folder=wanted)
    if kind == "keys":
        keys = texts_of(config, "project_keys")
        if not keys:
            raise InputError("name at least one project key")
        return Scope(keys)
    if kind != "this":
        raise InputError(f"unknown scope {kind!r}: use this, keys, tag, folder or all")
    return Scope((_key({}, project_key),))


def _key(config: Config, project_key: str | None) -> str:
    key = text_of(config, "project_key") or project_key
    if not key:
        raise InputError("name the project: this macro does not run in one")
    return key


def _message(result: ProjectResult) -> str:
    return " ".join([result.message, *(f"Note: {warning}" for warning in result.warnings)])


def _changes(identifier: str, label: str, changed: Changed, changes: Sequence[FieldChange]) -> Table:
    columns = ((identifier, label), ("before", "Before"), ("after", "After"))
    rows = [(change.field, change.before or "", change.after or "") for change in changes]
    rows += [("Note", "", warning) for warning in changed.warnings]
    if not rows:
        rows = [("Nothing changed", "", "")]
    return Table(columns, tuple(rows))
