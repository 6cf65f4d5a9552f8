"""The recipes of the plugin: forms become actions, and what came out becomes rows for DSS's writers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from govern_mirror.actions.report import build_report, filters_from_form
from govern_mirror.actions.session import Session
from govern_mirror.form_values import Config
from govern_mirror.history.columns import run_of, snapshot_rows
from govern_mirror.history.columns import schema as history_schema
from govern_mirror.report.columns import columns, record, schema


@dataclass(frozen=True)
class DatasetRows:
    """What a recipe writes: the schema (a name and a DSS type each), rows by column name, and what is missing."""

    schema: list[dict[str, str]]
    rows: list[dict[str, Any]]
    warnings: tuple[str, ...] = ()


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
