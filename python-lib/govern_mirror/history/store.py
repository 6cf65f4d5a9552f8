"""Where a history is kept outside DSS: a DuckDB file, or a folder of Parquet files. The path decides.

Appending reads nothing of what is there but its columns, so its cost does not grow with the history. A snapshot
arrives whole or not at all: a transaction in a file that is there, a rename for a new file and in the folder.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from govern_mirror.errors import InputError
from govern_mirror.history.columns import KEYS, VALUE_COLUMNS, HistoryError, Run, missing
from govern_mirror.history.duckdb_workbench import (
    STORED,
    Columns,
    Workbench,
    file_errors,
    first_line,
    literal,
    quoted,
    workbench,
)
from govern_mirror.history.engine import Engine
from govern_mirror.report.columns import Type

TABLE = "govern_history"
"""The table of a DuckDB file that holds the snapshots; over a Parquet folder, a view."""

VALUES_TABLE = "govern_history_values"
"""The table of a DuckDB file that holds the snapshots' values in long form; over a Parquet folder, a view."""

VALUES_FOLDER = "values"
"""The folder, in a Parquet folder, of the files with values: a version that knows none does not look there."""

FILE_SUFFIXES = (".duckdb", ".ddb", ".db")
"""How the name of a DuckDB file ends that is not there yet; a name without a suffix becomes a folder."""

LOCK_TIMEOUT = 10.0
"""Seconds to wait for another process that has a DuckDB file open."""

LEFTOVER_AGE = 86_400.0
"""Seconds after which a half-written file of a run that was killed is taken away."""

_ATTACHED = "history"
_ROWS_AT, _VALUES_AT = (_ATTACHED, "main", TABLE), (_ATTACHED, "main", VALUES_TABLE)
"""The tables of a history that is attached, by their full names."""

_SNAPSHOT = "snapshot"
_SNAPSHOT_VALUES = "snapshot_values"
_TAKEN = ("Could not set lock", "already attached", "used by another process")
"""What DuckDB says of a file that another process, or another part of this one, has open."""

_ADDRESS = re.compile(r"[^/\\]*:")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_LEFTOVER = re.compile(r"\.(?:govern-mirror-[0-9a-f]{16}|[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8})\.tmp(?:\.wal)?")
"""The name of a half-written file, of version 0.1.0 too."""

_writing = threading.Lock()
"""DuckDB 1.1 lets two threads write one file at the same time."""

TableName = str | tuple[str, ...]
Rows = Iterable[Mapping[str, Any]]


class OpenHistory(NamedTuple):
    """What `Trends` takes.

    Attributes:
        engine: where the history is open.
        table: the name of the snapshots' table there.
        columns: its columns.
        values: the name of the table of the values in long form; None where there is none.
        blank_texts: whether the tables may hold a blank text for null.
    """

    engine: Engine
    table: TableName
    columns: dict[str, Type | None]
    values: TableName | None = None
    blank_texts: bool = False


class _UnclearEnd(HistoryError):  # noqa: N818 - what happened
    """What was to be appended may be there."""


def history_at(path: Path) -> DuckDBFile | ParquetFolder:
    """The history at a path, which need not be there yet.

    Raises:
        InputError: the path is neither a DuckDB file nor a folder, nor named as one.
        HistoryError: it cannot be looked at.
    """
    if _ADDRESS.match(str(path)) and not (os.name == "nt" and _DRIVE.match(str(path))):
        raise InputError(
            f"{path} is an address, and a history is a file or a folder on this machine: name one, such as "
            "history.duckdb; where a file has such a name, give its full path"
        )
    path = Path(os.path.abspath(path))  # noqa: PTH100 - links are not followed
    try:
        path.stat()
    except FileNotFoundError:
        return _new_history(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise HistoryError(f"cannot use {_shortened(path)} as a history: {reason}") from error
    if path.is_dir():
        return ParquetFolder(path)
    if not path.is_file():
        raise InputError(f"{path} is neither a file nor a folder: it can hold no history")
    return DuckDBFile(path)


def _new_history(path: Path) -> DuckDBFile | ParquetFolder:
    if path.is_symlink():
        raise InputError(f"{path} is a link to nothing: name the file or folder itself")
    if path.suffix.lower() in FILE_SUFFIXES:
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

    def append(self, run: Run, columns: Columns, rows: Rows, values: Rows = ()) -> int:
        """Add the rows of a snapshot and its values in long form in one transaction, and return how many rows.

        Columns that the table lacks are added to it.

        Raises:
            HistoryError: a column there does not hold what is to be written; it is named. Or nothing can be written.
        """
        with _writing:
            if self._path.exists():
                try:
                    return self._append_to(self._path, columns, rows, values)
                except _UnclearEnd as error:
                    return self._appended(run, error)
            with _half_written(self._path.parent, self._path) as file:
                count = self._append_to(file, columns, rows, values)
                with file_errors(self._path):
                    _put_in_place(file, self._path)
            return count

    @contextmanager
    def opened(self) -> Iterator[OpenHistory]:
        """Open for reading.

        Raises:
            HistoryError: there is none, or it cannot be read.
        """
        if not self._path.exists():
            raise HistoryError(_not_there(self._path))
        with workbench(self._path) as bench:
            self._attach(bench, self._path, read_only=True)
            columns = self._columns(bench, TABLE)
            if not columns:
                raise HistoryError(f"{self._path} holds no table {TABLE}: it is no history")
            values = self._columns(bench, VALUES_TABLE)
            if values:
                require_values(values)
            yield OpenHistory(bench.engine, _ROWS_AT, columns, _VALUES_AT if values else None)

    def _append_to(self, file: Path, columns: Columns, rows: Rows, values: Rows) -> int:
        with workbench(self._path) as bench:
            count = bench.load(_SNAPSHOT, columns, rows)
            has_values = bench.load(_SNAPSHOT_VALUES, VALUE_COLUMNS, values) > 0
            self._attach(bench, file)
            existing = self._columns(bench, TABLE)
            if existing:
                _require_unaltered(existing, columns)
            bench.run("BEGIN")
            _insert(bench, TABLE, _SNAPSHOT, existing, columns)
            if has_values:
                existing = self._columns(bench, VALUES_TABLE)
                if existing:
                    require_values(existing)
                _insert(bench, VALUES_TABLE, _SNAPSHOT_VALUES, existing, VALUE_COLUMNS)
            try:
                bench.run("COMMIT")
                bench.run(f"DETACH {_ATTACHED}")
            except HistoryError as error:
                raise _UnclearEnd(str(error)) from error
        return count

    def _appended(self, run: Run, error: HistoryError) -> int:
        """How many rows of a run are there, after an end that does not tell.

        Raises:
            HistoryError: none is; or that cannot be seen.
        """
        try:
            with self.opened() as opened:
                sql = f"SELECT count(*) FROM {_ATTACHED}.main.{TABLE} WHERE run_id = {literal(run.id)}"  # noqa: S608
                ((count,),) = opened.engine.run(sql)
        except HistoryError:
            raise HistoryError(
                f"{error}; whether it was appended cannot be seen now: run it again, which does no harm"
            ) from error
        if not count:
            raise error
        return int(count)

    def _columns(self, bench: Workbench, table: str) -> dict[str, Type | None]:
        """The columns of a table of the history; empty when there is none.

        Raises:
            HistoryError: it is a view: what it shows could come from anywhere.
        """
        columns = bench.columns(_ATTACHED, table)
        if columns and not bench.is_table(_ATTACHED, table):
            raise HistoryError(f"{self._path} holds {table} as a view, not as a table: it is no history")
        return columns

    def _attach(self, bench: Workbench, file: Path, *, read_only: bool = False) -> None:
        """Attach the file, wait for another process that has it open, and shut DuckDB off from all else."""
        import duckdb

        if file.exists():
            self._require_duckdb()
        waited_until = time.monotonic() + LOCK_TIMEOUT
        while True:
            try:
                bench.attach(file, _ATTACHED, read_only=read_only)
                break
            except duckdb.Error as error:
                is_taken = any(words in str(error) for words in _TAKEN)
                if not is_taken or time.monotonic() > waited_until:
                    raise HistoryError(_cannot_open(self._path, error)) from error
                time.sleep(0.1)
        bench.shut_off()

    def _require_duckdb(self) -> None:
        """Require that the file says so, behind its checksum (DuckDB's documentation, "Storage")."""
        try:
            with self._path.open("rb") as file:
                head = file.read(16)
        except OSError as error:
            raise HistoryError(f"cannot read {self._path}: {error.strerror or error}") from error
        if head[8:12] != b"DUCK":
            kind = "a SQLite database" if head.startswith(b"SQLite format 3") else "no DuckDB file"
            raise HistoryError(f"{self._path} is {kind}, so it is no history: name another file")


class ParquetFolder:
    """A history in a folder: a Parquet file a snapshot, and one with its values in the folder `values`.

    Such files hold values only, nothing that could act, so DuckDB may read them where they are.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values = path / VALUES_FOLDER

    def append(self, run: Run, columns: Columns, rows: Rows, values: Rows = ()) -> int:
        """Add the rows as `DuckDBFile.append` does: in a file that appears when it is whole, after the values."""
        with file_errors(self._path):
            self._path.mkdir(parents=True, exist_ok=True)
            files, value_files = _parquet_files(self._path), _parquet_files(self._values)
        with workbench(self._path) as bench:
            # one file tells what the last snapshot looked like: looking at all would cost more every day
            if files:
                _require_unaltered(_view(bench, TABLE, files[-1:]), columns)
            if value_files:
                require_values(_view(bench, VALUES_TABLE, value_files[-1:]))
            count = bench.load(_SNAPSHOT, columns, rows)
            if not count:
                # a file without rows would tell nothing
                return 0
            if bench.load(_SNAPSHOT_VALUES, VALUE_COLUMNS, values):
                with file_errors(self._path):
                    self._values.mkdir(exist_ok=True)
                self._write(bench, _SNAPSHOT_VALUES, self._values, run)
            self._write(bench, _SNAPSHOT, self._path, run)
        return count

    def _write(self, bench: Workbench, table: str, folder: Path, run: Run) -> None:
        with _half_written(folder, self._path) as file:
            bench.run(f"COPY {table} TO {literal(file)} (FORMAT parquet)")
            with file_errors(self._path):
                file.replace(folder / f"{run.id}.parquet")

    @contextmanager
    def opened(self) -> Iterator[OpenHistory]:
        """Open as `DuckDBFile.opened` does; columns that only some files have are blank in the others."""
        if not self._path.is_dir():
            raise HistoryError(_not_there(self._path))
        files, value_files = _parquet_files(self._path), _parquet_files(self._values)
        if not files:
            raise HistoryError(f"{self._path} holds no Parquet file: it is no history yet; `snapshot` starts one")
        with workbench(self._path) as bench:
            columns = _view(bench, TABLE, files)
            if value_files:
                require_values(_view(bench, VALUES_TABLE, value_files))
            yield OpenHistory(bench.engine, TABLE, columns, VALUES_TABLE if value_files else None)


@contextmanager
def rows_in_memory(columns: Columns, rows: Rows, values: Rows | None = None) -> Iterator[OpenHistory]:
    """A history given as rows, such as those of a DSS dataset that no database holds; DuckDB pages it to disk."""
    with workbench(Path("a dataset")) as bench:
        bench.attach_paged(_ATTACHED)
        bench.load(".".join(_ROWS_AT), columns, rows)
        if values is not None:
            bench.load(".".join(_VALUES_AT), VALUE_COLUMNS, values)
        bench.shut_off()
        yield OpenHistory(
            bench.engine, _ROWS_AT, bench.columns(_ATTACHED, TABLE), None if values is None else _VALUES_AT
        )


def require_values(columns: Mapping[str, Type | None]) -> None:
    """Require that a table holds values in long form.

    Raises:
        HistoryError: a column is missing or was altered; it is named.
    """
    for name, kind in VALUE_COLUMNS.items():
        if columns.get(name) is not kind:
            raise HistoryError(
                f"the history's values have no column {name} that holds {kind.value}: they were altered; put it back, "
                "or start a new history"
            )


def require_same(existing: Mapping[str, Type | None], columns: Columns) -> None:
    """Require that the columns of a history hold what is to be appended; it may lack columns.

    Raises:
        HistoryError: one does not; it is named.
    """
    for name, kind in columns.items():
        if name in existing and existing[name] is not kind:
            actual = existing[name]
            raise HistoryError(
                f"the history's column {name} was altered: it holds {actual.value if actual else 'another type'} where "
                f"{kind.value} is to be written; put its type back, or start a new history"
            )


def _require_unaltered(existing: Mapping[str, Type | None], columns: Columns) -> None:
    """Require the columns that are to be written; those of a template's fields may be missing, and are added.

    Raises:
        HistoryError: it was altered; a column is named.
    """
    require_same(existing, columns)
    for name in KEYS:
        if name in columns and name not in existing:
            raise missing(name)


def _insert(bench: Workbench, table: str, rows: str, existing: Mapping[str, Type | None], columns: Columns) -> None:
    """Insert rows into a table of the history, which is made, or gains the columns that it lacks."""
    place = f"{_ATTACHED}.main.{table}"
    if not existing:
        declared = ", ".join(f"{quoted(name)} {STORED[kind]}" for name, kind in columns.items())
        bench.run(f"CREATE TABLE {place} ({declared})")
    for name, kind in columns.items():
        if existing and name not in existing:
            bench.run(f"ALTER TABLE {place} ADD COLUMN {quoted(name)} {STORED[kind]}")
    bench.run(f"INSERT INTO {place} BY NAME FROM {rows}")


def _parquet_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[!.]*.parquet"))


def _view(bench: Workbench, name: str, files: list[Path]) -> dict[str, Type | None]:
    """Show Parquet files as a table of the history and return its columns; folders' names are no values."""
    paths = ", ".join(literal(file) for file in files)
    options = "union_by_name = true, hive_partitioning = false"
    bench.run(f"CREATE VIEW {name} AS FROM read_parquet([{paths}], {options})")
    return bench.columns("memory", name)


@contextmanager
def _half_written(folder: Path, path: Path) -> Iterator[Path]:
    """A name for a file that is not whole yet, beside the others; what killed runs left there a day ago is taken away.

    Raises:
        HistoryError: nothing can be written there.
    """
    with file_errors(path):
        for leftover in folder.glob(".*.tmp*"):
            with suppress(OSError):
                if _LEFTOVER.fullmatch(leftover.name) and time.time() - leftover.lstat().st_mtime > LEFTOVER_AGE:
                    leftover.unlink()
    file = folder / f".govern-mirror-{secrets.token_hex(8)}.tmp"
    try:
        yield file
    finally:
        for part in (file, file.with_name(f"{file.name}.wal")):
            with suppress(OSError):
                part.unlink()


def _put_in_place(file: Path, path: Path) -> None:
    """Give a new history its name, and never take it from another one that was started meanwhile.

    Raises:
        HistoryError: one was.
        OSError: it cannot be done.
    """
    try:
        path.hardlink_to(file)
    except OSError as error:
        if isinstance(error, FileExistsError) or path.exists():
            raise HistoryError(f"another snapshot started {path} at the same moment: run it again") from error
        # not every file system has links
        file.rename(path)


def _cannot_open(path: Path, error: Exception) -> str:
    reason = first_line(error)
    if "version number" in reason:
        return (
            f"cannot open {path}: a newer DuckDB than this one wrote it ({reason.rstrip('.')}); use Python 3.11 or "
            "newer and `pip install --upgrade duckdb`"
        )
    return f"cannot open {path}: {reason}"


def _not_there(path: Path) -> str:
    return f"there is no history at {path}: `govern-mirror snapshot --history {path}` starts one"


def _shortened(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 100 else f"{text[:99]}…"
