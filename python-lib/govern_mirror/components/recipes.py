"""The recipes of the plugin: rows for DSS's writers, and histories and trends in DSS's datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govern_mirror.actions.dataset_history import PUSHED_DOWN, Dataset, columns_of, opened
from govern_mirror.actions.inputs import parse_since
from govern_mirror.actions.report import filters_from_form, read_projects, report_on
from govern_mirror.actions.session import Session
from govern_mirror.form_values import Config, text_of
from govern_mirror.history import columns as history_columns
from govern_mirror.history.store import require_same
from govern_mirror.history.trends import COLUMNS, fetch
from govern_mirror.report import columns as report_columns
from govern_mirror.report.columns import Type
from govern_mirror.report.portfolio import Filters
from govern_mirror.settings import PLUGIN_FOLDER, parse_settings

TRENDS = tuple(COLUMNS)
"""The output roles of the recipe `governance-trends`."""


@dataclass(frozen=True)
class DatasetRows:
    """What a recipe writes: its columns, rows by column name, and what is missing."""

    columns: Mapping[str, Type]
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
    report, whole = (report_on(session, reading, selection) for selection in (filters, Filters()))
    blueprint = session.blueprint
    columns = report_columns.columns(blueprint)
    rows = DatasetRows(
        {column.name: column.type for column in columns},
        [report_columns.record(row, columns) for row in report.portfolio.rows],
        tuple(f"{project.project_key} is left out: {project.message}" for project in report.unreadable),
    )
    run = history_columns.run_of(whole.portfolio.generated_on)
    snapshot = list(history_columns.snapshot_rows(whole.portfolio, run))
    history = DatasetRows(history_columns.column_types(blueprint), snapshot)
    values = DatasetRows(history_columns.VALUE_COLUMNS, list(history_columns.value_rows(whole.portfolio, run)))
    return rows, history, values


def write(dataset: Dataset, content: DatasetRows) -> None:
    """Write a dataset anew, with its schema."""
    dataset.write_schema(report_columns.schema(content.columns))
    _write_rows(dataset, content)


def _write_rows(dataset: Dataset, content: DatasetRows) -> None:
    with dataset.get_writer() as writer:
        for row in content.rows:
            writer.write_row_dict(row)


def append(dataset: Dataset, snapshot: DatasetRows) -> list[str]:
    """Append a snapshot, or its values, to a dataset, whose schema is set the first time and never again.

    Returns:
        Warnings: columns that the dataset lacks, which therefore are not kept.

    Raises:
        HistoryError: a column of the dataset was altered; it is named.
    """
    existing = columns_of(dataset.read_schema(raise_if_empty=False))
    require_same(existing, snapshot.columns)
    if not existing:
        dataset.write_schema(report_columns.schema(snapshot.columns))
    dataset.spec_item["appendMode"] = True
    _write_rows(dataset, snapshot)
    return [
        f"{dataset.name} has no column {name} ({kind.value}), so its values are not kept: add it to the dataset to "
        "keep them"
        for name, kind in snapshot.columns.items()
        if existing and name not in existing
    ]


def write_trends(
    history: Dataset,
    outputs: Mapping[str, Sequence[Dataset]],
    config: Config,
    plugin_config: Config,
    executor: Any,
    *,
    values: Dataset | None = None,
) -> None:
    """The recipe `governance-trends`: in the history's own database where it can, else with DuckDB.

    Args:
        history: the dataset that the recipe `governed-projects` appends to.
        outputs: the datasets to write, by trend.
        config: the form: `since`.
        plugin_config: the plugin's settings, whose template says which fields are compared.
        executor: `dataiku.SQLExecutor2`.
        values: the dataset with the values in long form, if any.

    Raises:
        InputError: the form is not valid.
        HistoryError: a column of the history was altered; it is named.
    """
    text = text_of(config, "since")
    since = None if text is None else parse_since(text)
    blueprint = parse_settings(plugin_config, folder=PLUGIN_FOLDER).blueprint()
    with opened(history, executor, blueprint=blueprint, since=since, values=values) as trends:
        for name, datasets in outputs.items():
            for dataset in datasets:
                if trends.engine.dialect in PUSHED_DOWN.values():
                    # DSS takes one SELECT, and no WITH before it
                    executor.exec_recipe_fragment(dataset, f"SELECT * FROM ({trends.sql(name)}) trend")  # noqa: S608
                else:
                    write(dataset, DatasetRows(dict(COLUMNS[name]), fetch(trends, name)))
