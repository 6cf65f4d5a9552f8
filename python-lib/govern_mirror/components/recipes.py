"""The recipes of the plugin: rows for DSS's writers, and histories and trends in DSS's datasets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from govern_mirror.actions.inputs import parse_since
from govern_mirror.actions.report import Report, filters_from_form, read_projects, report_on
from govern_mirror.actions.session import Session
from govern_mirror.form_values import Config, text_of
from govern_mirror.history import columns as history_columns
from govern_mirror.history.digest import node_of, trends_view
from govern_mirror.history.engine import Engine
from govern_mirror.history.snapshots import declared
from govern_mirror.history.store import require_same, require_values, rows_in_memory
from govern_mirror.history.trends import COLUMNS, Trends, fetch
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.report import columns as report_columns
from govern_mirror.report.columns import Type
from govern_mirror.report.portfolio import Filters
from govern_mirror.settings import PLUGIN_FOLDER, parse_settings

TRENDS = tuple(COLUMNS)
"""The output roles of the recipe `governance-trends`."""

PUSHED_DOWN = {
    "PostgreSQL": "postgres",
    "Snowflake": "snowflake",
    "Databricks": "databricks",
    "BigQuery": "bigquery",
}
"""The databases, as DSS names them, that compute trends themselves; with others DuckDB reads the rows."""

_TYPES: Mapping[str, Type] = {
    **{kind.value: kind for kind in Type},
    **dict.fromkeys(("tinyint", "smallint", "int"), Type.INTEGER),
}


class Dataset(Protocol):
    """What this code uses of `dataiku.Dataset`."""

    name: str
    spec_item: dict[str, Any]

    def read_schema(self, raise_if_empty: bool = True) -> list[dict[str, Any]]:
        """Return the columns."""

    def write_schema(self, columns: list[dict[str, str]], /) -> object:
        """Set the columns."""

    def get_writer(self) -> Any:
        """Return a writer of rows, a context manager."""

    def iter_rows(self) -> Iterator[Mapping[str, Any]]:
        """Iterate over the rows."""

    def get_location_info(self) -> Mapping[str, Any]:
        """Tell where the data is."""


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
    report, whole = (report_on(session, reading, selection) for selection in (filters, Filters()))
    blueprint = session.blueprint
    columns = report_columns.columns(blueprint)
    rows = DatasetRows(
        report_columns.schema(blueprint),
        [report_columns.record(row, columns) for row in report.portfolio.rows],
        tuple(f"{project.project_key} is left out: {project.message}" for project in report.unreadable),
    )
    run = history_columns.run_of(whole.portfolio.generated_on)
    history = DatasetRows(
        history_columns.schema(history_columns.column_types(blueprint)),
        list(history_columns.snapshot_rows(whole.portfolio, run)),
    )
    values = DatasetRows(
        history_columns.schema(history_columns.VALUE_COLUMNS), list(history_columns.value_rows(whole.portfolio, run))
    )
    return rows, history, values


def append(dataset: Dataset, snapshot: DatasetRows) -> list[str]:
    """Append a snapshot, or its values, to a dataset, whose schema is set the first time and never again.

    Returns:
        Warnings: columns that the dataset lacks, which therefore are not kept.

    Raises:
        HistoryError: a column of the dataset was altered; it is named.
    """
    existing = _columns(dataset.read_schema(raise_if_empty=False))
    columns = {column["name"]: Type(column["type"]) for column in snapshot.schema}
    require_same(existing, columns)
    missing = [name for name in columns if name not in existing] if existing else []
    if not existing:
        dataset.write_schema(snapshot.schema)
    dataset.spec_item["appendMode"] = True
    with dataset.get_writer() as writer:
        for row in snapshot.rows:
            writer.write_row_dict(row)
    return [
        f"{dataset.name} has no column {name} ({columns[name].value}), so its values are not kept: add it to the "
        "dataset to keep them"
        for name in missing
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
    pushed_down = _tables_of(history, values) is not None
    blueprint = parse_settings(plugin_config, folder=PLUGIN_FOLDER).blueprint()
    with opened(history, executor, blueprint=blueprint, since=since, values=values) as trends:
        for name, datasets in outputs.items():
            for dataset in datasets:
                if pushed_down:
                    # DSS takes one SELECT, and no WITH before it
                    executor.exec_recipe_fragment(dataset, f"SELECT * FROM ({trends.sql(name)}) trend")  # noqa: S608
                else:
                    _write(dataset, trends, name)


@contextmanager
def opened(
    history: Dataset,
    executor: Any,
    *,
    since: date | None = None,
    blueprint: Blueprint,
    node: str | None = None,
    values: Dataset | None = None,
) -> Iterator[Trends]:
    """The trends of a history dataset: computed in its own database where it can, else with DuckDB.

    Args:
        history: the dataset that the recipe `governed-projects` appends to.
        executor: `dataiku.SQLExecutor2`.
        since: the first day that counts; None for all.
        blueprint: the template whose fields are compared, and whose steps come first.
        node: only the rows of this node; None for all.
        values: the dataset with the values in long form, if any; one that was never built counts as none.

    Raises:
        HistoryError: a column of the history was altered; it is named.
    """
    columns = _columns(history.read_schema(raise_if_empty=False))
    value_columns = _columns(values.read_schema(raise_if_empty=False)) if values else {}
    if value_columns:
        require_values(value_columns)
    else:
        values = None
    tables = _tables_of(history, values)
    if tables is not None:
        dialect, table, values_table = tables
        engine = Engine(dialect, lambda sql: executor(dataset=history).query_to_iter(sql).iter_tuples())
        yield Trends(
            engine,
            table,
            columns,
            since=since,
            blueprint=blueprint,
            blank_texts=True,
            node=node,
            values=values_table,
        )
        return
    table = declared(history.name, columns, history_columns.tracked_fields(blueprint))
    read = {name: kind for name in table.columns if (kind := columns[name])}
    value_rows = _rows(values, history_columns.VALUE_COLUMNS) if values else None
    with rows_in_memory(read, _rows(history, read), value_rows) as memory:
        yield Trends(
            memory.engine, memory.table, columns, since=since, blueprint=blueprint, node=node, values=memory.values
        )


def with_history(
    report: Report, history: Dataset, executor: Any, *, since: date | None = None, values: Dataset | None = None
) -> Report:
    """The report with what a history dataset adds: trends of its instance, and what changed since the last report.

    A history that holds nothing of this instance, or nothing at all, adds nothing. `since`: as in `trends_view`;
    `values`: as in `opened`.

    Raises:
        HistoryError: a column of the history was altered; it is named.
    """
    portfolio = report.portfolio
    if not history.read_schema(raise_if_empty=False):
        # no recipe has written it yet
        return report
    with opened(history, executor, blueprint=portfolio.blueprint, node=node_of(portfolio), values=values) as trends:
        view = trends_view(portfolio, trends, since, unreadable=report.unreadable_keys)
        return replace(report, portfolio=replace(portfolio, trends=view))


def _write(dataset: Dataset, trends: Trends, name: str) -> None:
    dataset.write_schema([{"name": column, "type": kind.value} for column, kind in COLUMNS[name]])
    with dataset.get_writer() as writer:
        for row in fetch(trends, name):
            writer.write_row_dict(row)


def _rows(dataset: Dataset, columns: Iterable[str]) -> Iterator[dict[str, object]]:
    """Some columns of a dataset's rows; where a text is blank, DSS does not tell whether it was null."""
    return ({name: None if row[name] == "" else row[name] for name in columns} for row in dataset.iter_rows())


Table = tuple[str, ...]


def _tables_of(history: Dataset, values: Dataset | None) -> tuple[str, Table, Table | None] | None:
    """The dialect and the full names of the tables of snapshots and values.

    None where no database computes trends, or not both are in the same one: a query reads one connection.
    """
    place = _table_of(history)
    if place is None or values is None:
        return place and (place[0], place[2], None)
    of_values = _table_of(values)
    if of_values is None or of_values[:2] != place[:2]:
        return None
    return place[0], place[2], of_values[2]


def _table_of(dataset: Dataset) -> tuple[str, str | None, Table] | None:
    """The dialect, the connection and the full name of a dataset's table; None where no database computes trends."""
    location = dataset.get_location_info()
    info = location.get("info") or {}
    dialect = PUSHED_DOWN.get(str(info.get("databaseType")))
    if location.get("locationInfoType") != "SQL" or dialect is None or not info.get("table"):
        return None
    name = tuple(str(info[part]) for part in ("catalog", "schema", "table") if info.get(part))
    return dialect, info.get("connectionName"), name


def _columns(schema: Sequence[Mapping[str, Any]]) -> dict[str, Type | None]:
    return {str(column["name"]): _TYPES.get(str(column["type"])) for column in schema}
