"""Histories and trends in DSS's datasets: what the recipes do with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

from govern_mirror.actions.history import parse_since
from govern_mirror.actions.report import Report
from govern_mirror.components.recipes import DatasetRows
from govern_mirror.form_values import Config, text_of
from govern_mirror.history.columns import FINISHED, KEYS, STARTED, STATUS, TRACKED, steps_of
from govern_mirror.history.engine import Engine
from govern_mirror.history.past import node_of, past_of
from govern_mirror.history.store import require_same, rows_in_memory
from govern_mirror.history.table import declared
from govern_mirror.history.trends import COLUMNS, Trends, fetch
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.report.columns import Type
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


def append(dataset: Dataset, found: DatasetRows) -> list[str]:
    """Append a snapshot to a history dataset, whose schema is set the first time and never again.

    Returns:
        Warnings: columns that the dataset lacks, which therefore are not kept.

    Raises:
        HistoryError: a column of the dataset was altered; it is named.
    """
    there = _columns(dataset.read_schema(raise_if_empty=False))
    wanted = {column["name"]: Type(column["type"]) for column in found.schema}
    require_same(there, wanted)
    missing = [name for name in wanted if name not in there] if there else []
    if not there:
        dataset.write_schema(found.schema)
    dataset.spec_item["appendMode"] = True
    with dataset.get_writer() as writer:
        for row in found.rows:
            writer.write_row_dict(row)
    return [
        f"{dataset.name} has no column {name} ({wanted[name].value}), so its values are not kept: add it to the "
        "dataset to keep them"
        for name in missing
    ]


def write_trends(
    history: Dataset,
    outputs: Mapping[str, Sequence[Dataset]],
    config: Config,
    plugin_config: Config,
    executor: Any,
) -> None:
    """The recipe `governance-trends`: in the history's own database where it can, else with DuckDB.

    Args:
        history: the dataset that the recipe `governed-projects` appends to.
        outputs: the datasets to write, by trend.
        config: the form: `since`.
        plugin_config: the plugin's settings, whose template says which steps come first.
        executor: `dataiku.SQLExecutor2`.

    Raises:
        InputError: the form is not valid.
        HistoryError: a column of the history was altered; it is named.
    """
    text = text_of(config, "since")
    since = None if text is None else parse_since(text)
    pushed_down = _table_of(history) is not None
    blueprint = parse_settings(plugin_config, folder=PLUGIN_FOLDER).blueprint()
    with opened(history, executor, blueprint=blueprint, since=since) as trends:
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
) -> Iterator[Trends]:
    """The trends of a history dataset: computed in its own database where it can, else with DuckDB.

    Args:
        history: the dataset that the recipe `governed-projects` appends to.
        executor: `dataiku.SQLExecutor2`.
        since: the first day that counts; None for all.
        blueprint: the template whose steps come first.
        node: only the rows of this node; None for all.

    Raises:
        HistoryError: a column of the history was altered; it is named.
    """
    columns = _columns(history.read_schema(raise_if_empty=False))
    where = _table_of(history)
    if where is not None:
        dialect, table = where
        engine = Engine(dialect, lambda sql: executor(dataset=history).query_to_iter(sql).iter_tuples())
        yield Trends(engine, table, columns, since=since, blueprint=blueprint, blank_texts=True, node=node)
        return
    declared(history.name, columns)
    read = _needed(columns)
    rows = ({name: _value(row[name]) for name in read} for row in history.iter_rows())
    with rows_in_memory(read, rows) as (engine, name, _):
        yield Trends(engine, name, columns, since=since, blueprint=blueprint, node=node)


def with_past(report: Report, history: Dataset, executor: Any, *, since: date | None = None) -> Report:
    """The report with what a history dataset adds: trends of its instance, and what changed since the last report.

    A history that holds nothing of this instance, or nothing at all, adds nothing. `since`: as in `past_of`.

    Raises:
        HistoryError: a column of the history was altered; it is named.
    """
    portfolio = report.portfolio
    if not history.read_schema(raise_if_empty=False):
        # no recipe has written it yet
        return report
    with opened(history, executor, blueprint=portfolio.blueprint, node=node_of(portfolio)) as trends:
        past = past_of(portfolio, trends, since, unreadable=report.unreadable_keys)
        return replace(report, portfolio=replace(portfolio, past=past))


def _write(dataset: Dataset, trends: Trends, name: str) -> None:
    dataset.write_schema([{"name": column, "type": kind.value} for column, kind in COLUMNS[name]])
    with dataset.get_writer() as writer:
        for row in fetch(trends, name):
            writer.write_row_dict(row)


def _needed(columns: Mapping[str, Type | None]) -> dict[str, Type]:
    """The columns that trends read, of those that are there; `Trends` tells what is wrong with the others."""
    names = [*KEYS, *TRACKED.values()]
    names += [f"{step}{end}" for step in steps_of(columns) for end in (STARTED, FINISHED, STATUS)]
    return {name: kind for name in dict.fromkeys(names) if (kind := columns.get(name))}


def _table_of(history: Dataset) -> tuple[str, tuple[str, ...]] | None:
    """The dialect and the full name of the history's table; None where no database computes trends."""
    location = history.get_location_info()
    info = location.get("info") or {}
    dialect = PUSHED_DOWN.get(str(info.get("databaseType")))
    if location.get("locationInfoType") != "SQL" or dialect is None or not info.get("table"):
        return None
    return dialect, tuple(str(info[part]) for part in ("catalog", "schema", "table") if info.get(part))


def _columns(schema: Sequence[Mapping[str, Any]]) -> dict[str, Type | None]:
    return {str(column["name"]): _TYPES.get(str(column["type"])) for column in schema}


def _value(value: object) -> object:
    """A value of a dataset; where a text is blank, DSS does not tell whether it was null."""
    return None if value == "" else value
