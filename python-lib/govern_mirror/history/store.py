"""Where a history is kept outside DSS: a DuckDB file, or a folder of Parquet files. The path decides.

Appending reads nothing of what is there but its columns, so its cost does not grow with the history. A snapshot
arrives whole or not at all: a transaction in the file, a rename in the folder.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from govern_mirror.errors import InputError
from govern_mirror.history.columns import KEYS, SCHEMA_VERSION, TRACKED, HistoryError, Run, missing
from govern_mirror.history.engine import Engine
from govern_mirror.report.columns import Type

if TYPE_CHECKING:
    import duckdb

TABLE = "govern_history"
"""The table of a DuckDB file; over a Parquet folder, a view."""

FILE_SUFFIXES = (".duckdb", ".ddb", ".db")
"""How the name of a DuckDB file ends that is not there yet; a name without a suffix becomes a folder."""

PATIENCE = 10.0
"""Seconds to wait for another process that has a DuckDB file open."""

MEMORY_LIMIT = "640MB"
"""What DuckDB may use before it continues on disk."""

_STORED = {
    Type.TEXT: "VARCHAR",
    Type.INTEGER: "BIGINT",
    Type.NUMBER: "DOUBLE",
    Type.FLAG: "BOOLEAN",
    Type.TIME: "TIMESTAMP",
}
_WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT"})

Columns = Mapping[str, Type]
Found = tuple[Engine, str, dict[str, "Type | None"]]
"""An engine, the table's name there, and its columns: what `Trends` takes."""


class History(Protocol):
    """A history outside DSS."""

    def append(self, run: Run, columns: Columns, rows: Iterable[Mapping[str, Any]]) -> int:
        """Add the rows of a snapshot, all or none, and return how many.

        Raises:
            HistoryError: a column there does not hold what is to be written; it is named. Or nothing can be written.
        """

    def opened(self) -> Any:
        """A context manager that opens the history for reading and gives engine, table and columns.

        Raises:
            HistoryError: there is none, or it cannot be read.
        """


def history_at(path: Path) -> History:
    """The history at a path, which need not be there yet.

    Raises:
        InputError: the path is neither a DuckDB file nor a folder, nor named as one.
    """
    if path.is_dir():
        return ParquetFolder(path)
    if path.exists() or path.suffix.lower() in FILE_SUFFIXES:
        return DuckDBFile(path)
    if path.suffix:
        raise InputError(
            f"cannot tell what {path} is to be: end the name in .duckdb for a DuckDB file, or name a folder, without "
            "a suffix, for Parquet files"
        )
    return ParquetFolder(path)


class DuckDBFile:
    """A history in a DuckDB file, in the table `govern_history`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, run: Run, columns: Columns, rows: Iterable[Mapping[str, Any]]) -> int:
        """Add the rows of a snapshot in one transaction; columns that the table lacks are added to it."""
        with _read_through_duckdb(rows, columns) as (source, count), self._connected(read_only=False) as database:
            with _told(self._path):
                database.begin()
                declared = ", ".join(f"{_quoted(name)} {_STORED[kind]}" for name, kind in columns.items())
                database.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} ({declared})")
            there = _require_unaltered(database, columns)
            with _told(self._path):
                for name, kind in columns.items():
                    if name not in there:
                        database.execute(f"ALTER TABLE {TABLE} ADD COLUMN {_quoted(name)} {_STORED[kind]}")
                database.execute(f"INSERT INTO {TABLE} BY NAME {source}")
                database.commit()
        return count

    @contextmanager
    def opened(self) -> Iterator[Found]:
        """Open for reading."""
        if not self._path.exists():
            raise HistoryError(_not_there(self._path))
        if not self._is_duckdb():
            raise HistoryError(f"{self._path} is no DuckDB file, so it is no history")
        with self._connected(read_only=True) as database:
            there = _columns(database)
            if not there:
                raise HistoryError(f"{self._path} holds no table {TABLE}: it is no history")
            yield _engine(database, self._path), TABLE, there

    def _is_duckdb(self) -> bool:
        """Whether the file says so, behind its checksum (DuckDB's documentation, "Storage")."""
        try:
            with self._path.open("rb") as file:
                return file.read(12)[8:] == b"DUCK"
        except OSError as error:
            raise HistoryError(f"cannot read {self._path}: {error.strerror or error}") from error

    @contextmanager
    def _connected(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        import duckdb

        waited_until = time.monotonic() + PATIENCE
        while True:
            try:
                database = duckdb.connect(self._path, read_only=read_only)
                break
            except duckdb.Error as error:
                if "lock" not in str(error) or time.monotonic() > waited_until:
                    raise HistoryError(f"cannot open {self._path}: {_first_line(error)}") from error
                time.sleep(0.1)
        try:
            _limit(database)
            yield database
        finally:
            database.close()


class ParquetFolder:
    """A history in a folder: a Parquet file a snapshot."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, run: Run, columns: Columns, rows: Iterable[Mapping[str, Any]]) -> int:
        """Add a file that appears under its name when it is whole."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HistoryError(f"cannot write {self._path}: {error.strerror or error}") from error
        if self._files():
            # one file tells what the last snapshot looked like: looking at all would cost more every day
            last = f"read_parquet({_literal(self._files()[-1])})"
            with _view(last, self._path) as database:
                _require_unaltered(database, columns)
        target = self._path / f"{run.id}.parquet"
        temporary = self._path / f".{run.id}.tmp"
        with _read_through_duckdb(rows, columns) as (source, count):
            if not count:
                # a file without rows would tell nothing
                return 0
            import duckdb

            try:
                with _told(self._path), duckdb.connect() as database:
                    _limit(database)
                    database.execute(f"COPY ({source}) TO {_literal(temporary)} (FORMAT parquet)")
                temporary.replace(target)
            except OSError as error:
                raise HistoryError(f"cannot write {target}: {error.strerror or error}") from error
            finally:
                with suppress(OSError):
                    temporary.unlink()
        return count

    @contextmanager
    def opened(self) -> Iterator[Found]:
        """Open for reading; columns that only some files have are blank in the others."""
        if not self._path.is_dir():
            raise HistoryError(_not_there(self._path))
        files = self._files()
        if not files:
            raise HistoryError(f"{self._path} holds no Parquet file: it is no history yet; `snapshot` starts one")
        listed = ", ".join(_literal(file) for file in files)
        with _view(f"read_parquet([{listed}], union_by_name = true)", self._path) as database:
            yield _engine(database, self._path), TABLE, _columns(database)

    def _files(self) -> list[Path]:
        return sorted(self._path.glob("[!.]*.parquet"))


@contextmanager
def rows_in_memory(columns: Columns, rows: Iterable[Mapping[str, Any]]) -> Iterator[Found]:
    """A history given as rows, such as those of a DSS dataset that no database holds; DuckDB pages it to disk."""
    import duckdb

    with (
        tempfile.TemporaryDirectory() as folder,
        _read_through_duckdb(rows, columns) as (source, _),
        duckdb.connect(Path(folder, "history.duckdb")) as database,
    ):
        _limit(database)
        database.execute(f"CREATE TABLE {TABLE} AS {source}")
        yield _engine(database, Path(folder)), TABLE, _columns(database)


def require_same(there: Mapping[str, Type | None], columns: Columns) -> None:
    """Require that the columns of a history hold what is to be appended; it may lack columns.

    Raises:
        HistoryError: one does not; it is named.
    """
    for name, kind in columns.items():
        if name in there and there[name] is not kind:
            found = there[name]
            raise HistoryError(
                f"the history's column {name} was altered: it holds {found.value if found else 'another type'} where "
                f"{kind.value} is to be written; put its type back, or start a new history"
            )


def _require_unaltered(database: duckdb.DuckDBPyConnection, columns: Columns) -> dict[str, Type | None]:
    """The columns of the history's table; a column may be missing only where an older version wrote the history.

    Raises:
        HistoryError: it was altered; a column is named.
    """
    there = _columns(database)
    require_same(there, columns)
    absent = [name for name in (*KEYS, *TRACKED.values()) if name in columns and name not in there]
    if absent:
        version = None
        if "schema_version" in there:
            (version,) = database.execute(f"SELECT max(schema_version) FROM {TABLE}").fetchall()[0]  # noqa: S608 - ours
        if version is None or version >= SCHEMA_VERSION:
            raise missing(absent[0])
    return there


@contextmanager
def _read_through_duckdb(rows: Iterable[Mapping[str, Any]], columns: Columns) -> Iterator[tuple[str, int]]:
    """Rows as a query of DuckDB's, and how many; they pass through a file, one at a time."""
    with tempfile.TemporaryDirectory() as folder:
        file, count = Path(folder, "rows.ndjson"), 0
        encode = json.JSONEncoder().encode
        with file.open("w", encoding="ascii") as stream:
            for row in rows:
                stream.write(encode(row) + "\n")
                count += 1
        declared = ", ".join(f"{_literal(name)}: '{_STORED[kind]}'" for name, kind in columns.items())
        yield f"FROM read_json({_literal(file)}, format = 'newline_delimited', columns = {{{declared}}})", count


@contextmanager
def _view(relation: str, path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    with duckdb.connect() as database:
        _limit(database)
        with _told(path):
            database.execute(f"CREATE VIEW {TABLE} AS FROM {relation}")
        yield database


def _engine(database: duckdb.DuckDBPyConnection, path: Path) -> Engine:
    def run(sql: str) -> list[tuple[Any, ...]]:
        with _told(path):
            return database.execute(sql).fetchall()

    return Engine("duckdb", run)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Errors of DuckDB's as ours."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise HistoryError(f"the history at {path} failed: {_first_line(error)}") from error


def _limit(database: duckdb.DuckDBPyConnection) -> None:
    folder = Path(tempfile.gettempdir(), f"govern-mirror-{os.getpid()}")
    database.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    database.execute(f"SET temp_directory = {_literal(folder)}")
    database.execute("SET preserve_insertion_order = false")


def _columns(database: duckdb.DuckDBPyConnection) -> dict[str, Type | None]:
    """The columns of the history's table, in their order; None for a type that no column of ours has."""
    query = (
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position"
    )
    kinds = {stored: kind for kind, stored in _STORED.items()} | dict.fromkeys(_WHOLE, Type.INTEGER)
    return {name: kinds.get(stored) for name, stored in database.execute(query, [TABLE]).fetchall()}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str | Path) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _not_there(path: Path) -> str:
    return f"there is no history at {path}: `govern-mirror snapshot --history {path}` starts one"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
