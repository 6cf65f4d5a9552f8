"""The recipes of the plugin: forms become actions, and what came out becomes rows for DSS's writers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from govern_mirror.actions.report import filters_from_form, read_projects, report_on
from govern_mirror.actions.session import Session
from govern_mirror.form_values import Config
from govern_mirror.history.columns import VALUE_COLUMNS, column_types, run_of, snapshot_rows, value_rows
from govern_mirror.history.columns import schema as history_schema
from govern_mirror.report.columns import columns, record, schema
from govern_mirror.report.portfolio import Filters


@dataclass(frozen=True)
class DatasetRows:
    """What a recipe writes: the schema (a name and a DSS type each), rows by column name, and what is missing."""

    schema: list[dict[str, str]]
    rows: list[dict[str, Any]]
    warnings: tuple[str, ...] = ()


def governed_projects(session: Session, config: Config) -> tuple[DatasetRows, DatasetRows, DatasetRows]:
    """The recipe `governed-projects`: its output of the same name, its outputs `history` and `history_values`.

    All are of one reading, so that they agree; the history holds every governed project, whatever the filters.

    Raises:
        InputError: a filter is not valid; nothing was read then.
        GovernMirrorError: the projects cannot be listed.
    """
    filters = filters_from_form(session, config)
    reading = read_projects(session, history=False)
    report, whole = (report_on(session, reading, wanted) for wanted in (filters, Filters()))
    blueprint = session.blueprint
    known = columns(blueprint)
    rows = DatasetRows(
        schema(blueprint),
        [record(row, known) for row in report.portfolio.rows],
        tuple(f"{project.project_key} is left out: {project.message}" for project in report.unreadable),
    )
    run = run_of(whole.portfolio.generated_on)
    history = DatasetRows(history_schema(column_types(blueprint)), list(snapshot_rows(whole.portfolio, run)))
    values = DatasetRows(history_schema(VALUE_COLUMNS), list(value_rows(whole.portfolio, run)))
    return rows, history, values
