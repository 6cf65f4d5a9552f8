"""A history in DSS's datasets: its trends, computed in its own database where it can, else with DuckDB."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

from govern_mirror.actions.report import Report
from govern_mirror.errors import InputError
from govern_mirror.form_values import Config, text_of
from govern_mirror.history import columns as history_columns
from govern_mirror.history.digest import node_of, trends_view
from govern_mirror.history.engine import Engine
from govern_mirror.history.snapshots import declared
from govern_mirror.history.store import OpenHistory, require_values, rows_in_memory
from govern_mirror.history.trends import Trends
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.report.columns import Type

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


def dataset_name(config: Config, field: str, project_key: str | None) -> str | None:
    """The full name of the dataset that a form names, in its own project unless it says another; None for none.

    Raises:
        InputError: the form is of no project, and the name does not say which.
    """
    name = text_of(config, field)
    if name is None or "." in name:
        return name
    if not project_key:
        raise InputError("name the history's project, too: PROJECT.DATASET; this macro does not run in one")
    return f"{project_key}.{name}"


@contextmanager
def opened(
    history: Dataset,
    executor: Any,
    *,
    since: date | None = None,
    blueprint: Blueprint,
    node: str | None = None,
    values: Dataset | None = None,
    projects: Collection[str] | None = None,
) -> Iterator[Trends]:
    """The trends of a history dataset: computed in its own database where it can, else with DuckDB.

    Args:
        history: the dataset that the recipe `governed-projects` appends to.
        executor: `dataiku.SQLExecutor2`.
        values: the dataset with the values in long form, if any; one that was never built counts as none.
        since, blueprint, node, projects: as for `open_trends`.

    Raises:
        HistoryError: a column of the history was altered; it is named.
    """
    with _opened(history, values, executor, blueprint) as place:
        yield Trends(**place._asdict(), since=since, blueprint=blueprint, node=node, projects=projects)


@contextmanager
def _opened(history: Dataset, values: Dataset | None, executor: Any, blueprint: Blueprint) -> Iterator[OpenHistory]:
    columns = columns_of(history.read_schema(raise_if_empty=False))
    value_columns = columns_of(values.read_schema(raise_if_empty=False)) if values else {}
    if value_columns:
        require_values(value_columns)
    else:
        values = None
    tables = _tables_of(history, values)
    if tables is not None:
        dialect, table, values_table = tables
        engine = Engine(dialect, lambda sql: executor(dataset=history).query_to_iter(sql).iter_tuples())
        yield OpenHistory(engine, table, columns, values_table, blank_texts=True)
        return
    table = declared(history.name, columns, history_columns.tracked_fields(blueprint))
    read = {name: kind for name in table.columns if (kind := columns[name])}
    value_rows = _rows(values, history_columns.VALUE_COLUMNS) if values else None
    with rows_in_memory(read, _rows(history, read), value_rows) as memory:
        yield memory._replace(columns=columns)


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


def columns_of(schema: Sequence[Mapping[str, Any]]) -> dict[str, Type | None]:
    """The columns of a dataset's schema; None as the type of one that holds none of ours."""
    return {str(column["name"]): _TYPES.get(str(column["type"])) for column in schema}
