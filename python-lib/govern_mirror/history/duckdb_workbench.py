"""DuckDB as histories use it: the one place that opens it.

A history is written by whoever may write its file, so nothing in it may act. The file is only ever attached to a
database in memory that is ours: its views are refused, its macros are not looked up, and before anything of it is read
DuckDB is shut off from files, extensions and its own settings. What does not fit into memory goes to a private folder.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govern_mirror.history.columns import HistoryError
from govern_mirror.history.engine import Engine
from govern_mirror.report.columns import Type

if TYPE_CHECKING:
    import duckdb

MEMORY_LIMIT = "640MB"
"""What DuckDB may use before it continues on disk."""

STORAGE_VERSION = "v1.0.0"
"""The form in which files are written: the oldest DuckDB that is supported (1.1) reads it, and so do all later ones."""

STORED: Mapping[Type, str] = {
    Type.TEXT: "VARCHAR",
    Type.INTEGER: "BIGINT",
    Type.NUMBER: "DOUBLE",
    Type.FLAG: "BOOLEAN",
    Type.TIME: "TIMESTAMP",
}
"""DuckDB's types of the columns."""

_TYPES: Mapping[str, Type] = {
    **{sql_type: kind for kind, sql_type in STORED.items()},
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER"), Type.INTEGER),
}

_MAKE_ROOM = "make room or choose another place, and run it again"

Columns = Mapping[str, Type]


class Workbench:
    """DuckDB in memory, with a private folder; errors are told of the history at `path`."""

    def __init__(self, database: duckdb.DuckDBPyConnection, folder: Path, path: Path) -> None:
        self._database = database
        self._folder = folder
        self._path = path

    def run(self, sql: str, parameters: object = None) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows.

        Raises:
            HistoryError: it failed.
        """
        with duckdb_errors(self._path):
            return self._database.execute(sql, parameters).fetchall()

    def attach(self, file: Path, name: str, *, read_only: bool = False) -> None:
        """Attach a DuckDB file; nothing of it is read yet.

        Raises:
            duckdb.Error: it cannot be opened.
        """
        options = "TYPE duckdb, READ_ONLY" if read_only else "TYPE duckdb"
        self._database.execute(f"ATTACH {literal(file)} AS {quoted(name)} ({options})")

    def attach_paged(self, name: str) -> None:
        """Attach a file of its own in the private folder: for tables that memory may not hold."""
        with duckdb_errors(self._path):
            self.attach(self._folder / "tables.duckdb", name)

    def shut_off(self) -> None:
        """Allow no more files, extensions and changes of settings; what is attached stays."""
        self.run("SET enable_external_access = false")
        self.run("SET lock_configuration = true")

    def load(self, table: str, columns: Columns, rows: Iterable[Mapping[str, Any]]) -> int:
        """Make a table of rows and return how many they are; they pass through a file, one at a time.

        Raises:
            HistoryError: there is no room for them, or a value is not of its column's type.
        """
        file, count = self._folder / "rows.ndjson", 0
        encode = json.JSONEncoder().encode
        with file_errors(self._path), file.open("w", encoding="ascii") as stream:
            for row in rows:
                stream.write(encode(row) + "\n")
                count += 1
        declared = ", ".join(f"{literal(name)}: '{STORED[kind]}'" for name, kind in columns.items())
        self.run(
            f"CREATE TABLE {table} AS FROM read_json({literal(file)}, format = 'newline_delimited', "
            f"columns = {{{declared}}})"
        )
        file.unlink()
        return count

    def columns(self, database: str, table: str) -> dict[str, Type | None]:
        """The columns of a table, in their order; None for a type that no column of ours has.

        Empty when there is no such table.
        """
        query = (
            "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND schema_name = 'main' "
            "AND table_name = ? ORDER BY column_index"
        )
        return {name: _TYPES.get(sql_type) for name, sql_type in self.run(query, [database, table])}

    def is_table(self, database: str, table: str) -> bool:
        """Whether there is a table of that name, which holds its rows; a view is none."""
        query = "FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'main' AND table_name = ?"
        return bool(self.run(query, [database, table]))

    @property
    def engine(self) -> Engine:
        """Where trends are computed."""
        return Engine("duckdb", self.run)


@contextmanager
def workbench(path: Path) -> Iterator[Workbench]:
    """Open DuckDB for the history at a path, which is not opened yet.

    Raises:
        HistoryError: there is no room to work in.
    """
    import duckdb

    with _private_folder(path) as folder:
        settings: dict[str, Any] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(folder / "pages"),
            "preserve_insertion_order": False,
            "storage_compatibility_version": STORAGE_VERSION,
        }
        with duckdb_errors(path):
            database = duckdb.connect(":memory:", config=settings)
        try:
            yield Workbench(database, folder, path)
        finally:
            # what was to be kept has been committed and detached by now
            with suppress(duckdb.Error):
                database.close()


@contextmanager
def _private_folder(path: Path) -> Iterator[Path]:
    """A folder that only this user may enter, and that is gone afterwards; its name cannot be foretold."""
    with file_errors(path):
        folder = tempfile.TemporaryDirectory(prefix="govern-mirror-", ignore_cleanup_errors=True)
    with folder as name:
        yield Path(name)


@contextmanager
def duckdb_errors(path: Path) -> Iterator[None]:
    """Errors of DuckDB's as ours.

    Raises:
        HistoryError: DuckDB failed; the message says of which history.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        if "No space left" in str(error):
            raise HistoryError(f"cannot write the history at {path}: no space is left; {_MAKE_ROOM}") from error
        raise HistoryError(f"the history at {path} failed: {first_line(error)}") from error


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Errors of the file system as ours.

    Raises:
        HistoryError: something cannot be written; the message says for which history, and why.
    """
    try:
        yield
    except OSError as error:
        where = "" if error.filename is None else f" ({error.filename})"
        raise HistoryError(
            f"cannot write the history at {path}: {error.strerror or error}{where}; {_MAKE_ROOM}"
        ) from error


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """A text as SQL has it."""
    return "'" + str(text).replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """The first line of an error's text: DuckDB's go on with advice for those who write SQL."""
    return str(error).strip().partition("\n")[0]
