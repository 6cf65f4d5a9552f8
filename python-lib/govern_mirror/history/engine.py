"""Where trends are computed: the one place that turns an Ibis expression into an engine's own SQL.

Nothing but text goes to the engine and nothing but results comes back, so the same expressions run on DuckDB, on
PostgreSQL, on Spark, and on whatever database DSS's SQL executor reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from govern_mirror.history.columns import HistoryError

if TYPE_CHECKING:
    import ibis.expr.types as ir

DIALECTS = ("duckdb", "postgres", "pyspark", "databricks", "snowflake", "bigquery")
"""The dialects that the expressions compile to; the tests run the first three."""

Rows = Iterable[Sequence[Any]]


@dataclass(frozen=True)
class Engine:
    """An engine: the dialect it speaks, and a function that runs a query and gives its rows.

    >>> Engine("postgres", lambda sql: connection.execute(sql).fetchall())  # doctest: +SKIP
    >>> Engine("pyspark", lambda sql: session.sql(sql).collect())  # doctest: +SKIP
    """

    dialect: str
    run: Callable[[str], Rows]

    def __post_init__(self) -> None:
        if self.dialect not in DIALECTS:
            raise HistoryError(f"trends speak {', '.join(DIALECTS)}, not {self.dialect}")

    def sql(self, expression: ir.Table) -> str:
        """The expression as one SELECT of this dialect."""
        from ibis.backends.sql import compilers

        compiler = getattr(compilers, self.dialect).compiler
        return str(compiler.to_sqlglot(expression).sql(dialect=compiler.dialect))

    def rows(self, expression: ir.Table) -> list[tuple[Any, ...]]:
        """Run the expression and fetch its rows."""
        return [tuple(row) for row in self.run(self.sql(expression))]
