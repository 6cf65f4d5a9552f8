"""Histories that people, other programs, full disks and attackers left behind: read as they are meant, or refused."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sqlite3
import stat
import tempfile
import time
from pathlib import Path

import duckdb
import pytest
from standard import open_trends

TABLE = "govern_history"
SECRET = "token-that-only-this-user-may-read"


@pytest.fixture(params=["file", "folder"])
def store(request, instance, tmp_path):
    """An instance with two governed projects whose history is a file, or a folder."""
    instance.history = tmp_path / ("history.duckdb" if request.param == "file" else "history")
    instance.done("init", "P", "Q")
    instance.done("advance", "P")
    return instance


_history_of_two_days = []


@pytest.fixture
def filed(instance):
    """An instance with a history of two days in a DuckDB file, which is filled once."""
    instance.done("init", "P", "Q")
    instance.done("advance", "P")
    if not _history_of_two_days:
        instance.snapshot()
    instance.after(1).done("advance", "P")
    if _history_of_two_days:
        instance.history.write_bytes(_history_of_two_days[0])
    else:
        instance.snapshot()
        _history_of_two_days.append(instance.history.read_bytes())
    return instance


def by_hand(history, sql):
    """What somebody does to a history with DuckDB; to a folder's, all of it goes into one file."""
    if history.suffix:
        with duckdb.connect(history) as database:
            database.execute(sql)
        return
    files = sorted(history.glob("*.parquet"))
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE {TABLE} AS FROM read_parquet('{history}/*.parquet', union_by_name = true)")
        database.execute(sql)
        for file in files:
            file.unlink()
        database.execute(f"COPY {TABLE} TO '{files[0]}'")


def readers(instance):
    """The commands that read a history."""
    yield instance.run("trends", "--history", instance.history, "--format", "json")
    yield instance.run("trends", "--history", instance.history)
    yield instance.run("report", "--history", instance.history, "--format", "markdown")


# rows that stand there twice --------------------------------------------------------------------------------------

COPIES = {
    "all_rows": "INSERT INTO {table} FROM {table}",
    "three_times": "INSERT INTO {table} FROM {table}; INSERT INTO {table} FROM {table}",
    "under_another_run_id": "INSERT INTO {table} SELECT * REPLACE ('a' || run_id AS run_id) FROM {table}",
    "without_a_run_id": "INSERT INTO {table} SELECT * REPLACE (NULL AS run_id) FROM {table}",
    "one_project": "INSERT INTO {table} FROM {table} WHERE project_key = 'P'",
    "one_day": "INSERT INTO {table} FROM {table} WHERE snapshot_day = (SELECT max(snapshot_day) FROM {table})",
    "an_older_state": "INSERT INTO {table} SELECT * REPLACE (taken_s - 1 AS taken_s, 'x' AS flow_step) FROM {table}",
    "without_a_revision": "INSERT INTO {table} SELECT * REPLACE (NULL AS revision, 'x' AS flow_step) FROM {table}",
}  # fmt: skip


@pytest.mark.sampled(2, "store")
@pytest.mark.parametrize("sql", COPIES.values(), ids=COPIES)
def test_p3_a_copied_row_counts_once(store, sql):
    store.snapshot()
    store.after(1).done("advance", "P")
    store.snapshot()
    before = store.trends()
    assert before["flow"] and before["cycle_time"] and before["changes"]
    by_hand(store.history, sql.format(table=TABLE))
    assert store.trends() == before
    assert store.trends("--since", "2026-03-02")["flow"] == before["flow"][2:]


def test_p3_a_copied_parquet_file_counts_once(instance, tmp_path):
    instance.history = tmp_path / "history"
    instance.done("init", "P", "Q")
    instance.snapshot()
    before = instance.trends()
    (file,) = instance.history.glob("*.parquet")
    shutil.copy(file, file.with_name("copy.parquet"))
    assert instance.trends() == before


# what a history cannot be -----------------------------------------------------------------------------------------

ADDRESSES = (
    "md:x", "md:x.duckdb", "motherduck:x", "sqlite:x.db", "postgres:x.duckdb", ":memory:", ":memory:x.duckdb",
    "s3://bucket/x.duckdb", "s3://bucket/x", "https://host/x.duckdb", "file:x.duckdb", "ducklake:x.duckdb",
)  # fmt: skip


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("command", ["snapshot", "trends", "report --format markdown"])
def test_p4_only_a_local_file_or_folder_is_a_history(instance, tmp_path, monkeypatch, path, command):
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    instance.done("init", "P")
    ran = instance.run(*command.split(), "--history", path)
    assert ran.code == 2 and "a file or a folder on this machine" in ran.err
    assert list(folder.iterdir()) == []


def _sqlite(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE t (a)")
        database.commit()


OTHERS = {
    "sqlite": (_sqlite, "is a SQLite database, so it is no history"),
    "text": (lambda path: path.write_text("dear diary " * 999), "is no DuckDB file"),
    "empty": (lambda path: path.touch(), "is no DuckDB file"),
    "pipe": (os.mkfifo, "is neither a file nor a folder"),
    "link_to_nothing": (lambda path: path.symlink_to(path.parent / "of-somebody-else.duckdb"), "is a link to nothing"),
    "link_to_a_device": (lambda path: path.symlink_to("/dev/zero"), "is neither a file nor a folder"),
}


@pytest.mark.parametrize(("make", "words"), OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("command", ["snapshot", "trends"])
def test_p4_what_is_no_duckdb_file_is_refused_and_kept(instance, make, words, command):
    make(instance.history)
    kept = instance.history.lstat()
    instance.done("init", "P")
    ran = instance.run(command, "--history", instance.history)
    assert ran.code in (1, 2) and words in ran.err
    assert (instance.history.lstat().st_size, instance.history.lstat().st_mode) == (kept.st_size, kept.st_mode)


# a history that acts ----------------------------------------------------------------------------------------------

HOSTILE = {
    "view": """
        CREATE TABLE rows AS FROM {table}; DROP TABLE {table};
        CREATE VIEW {table} AS SELECT * REPLACE ((SELECT content FROM read_text('{secret}')) AS name) FROM rows""",
    "macro_for_a_function": """
        CREATE MACRO substr(a, b, c) AS (SELECT max(content) FROM read_text('{secret}'))""",
    "macro_for_reading": """
        CREATE MACRO read_json(a, format := '', columns := NULL) AS TABLE
        SELECT * REPLACE ((SELECT content FROM read_text('{secret}')) AS name) FROM {table}""",
}


@pytest.mark.parametrize("sql", HOSTILE.values(), ids=HOSTILE)
def test_t15_a_history_brings_no_local_file_into_a_report(filed, tmp_path, sql):
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    before = filed.trends()
    by_hand(filed.history, sql.format(table=TABLE, secret=secret))
    filed.after(1).rename("P", "A new name")
    for ran in (filed.run("snapshot", "--history", filed.history), *readers(filed)):
        assert SECRET not in ran.out + ran.err
        assert ran.code == 0 or "as a view" in ran.err
    if "VIEW" not in sql:
        assert filed.trends()["flow"][: len(before["flow"])] == before["flow"]
        with duckdb.connect(filed.history) as database:
            assert SECRET not in str(database.execute(f"SELECT name FROM {TABLE}").fetchall())


def test_t15_reading_a_history_reaches_nothing_else(filed, tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    with open_trends(filed.history) as trends:
        for sql in (
            f"FROM read_text('{tmp_path}/secret')",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/other.duckdb'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "SET autoload_known_extensions = true",
        ):
            with pytest.raises(Exception, match=r"disabled|locked|Cannot|cannot"):
                trends.engine.run(sql)
    assert not list(tmp_path.glob("o*"))


def test_t16_duckdb_pages_into_a_folder_of_its_own(filed):
    folders = []
    for _ in range(2):
        with open_trends(filed.history) as trends:
            ((pages,),) = trends.engine.run("SELECT current_setting('temp_directory')")
            folder = Path(pages).parent
            folders.append(folder)
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and folder.stat().st_uid == os.getuid()
        assert not folder.exists()
    assert folders[0] != folders[1], "what another process could guess, such as its id, is the same for both"


# what other versions of DuckDB read -------------------------------------------------------------------------------


def storage_version(path):
    """What a DuckDB file says of itself: 64 is what DuckDB 1.0 and all later ones read."""
    return int.from_bytes(path.read_bytes()[12:20], "little")


def test_p18_the_oldest_supported_duckdb_reads_a_history(filed):
    assert storage_version(filed.history) == 64


def test_p18_a_history_of_a_newer_duckdb_says_what_reads_it(filed, monkeypatch):
    message = "IO Error: Trying to read a database file with version number 69, but we can only read versions between"
    connect = duckdb.connect

    class Older:
        """A connection of a DuckDB that does not know the file's version; the message is DuckDB 1.5's own."""

        def __init__(self, *arguments, **options):
            if arguments[0] != ":memory:":
                raise duckdb.IOException(f"{message} 64 and 68.\nSee the storage page")
            self.connection = connect(*arguments, **options)

        def __getattr__(self, name):
            return getattr(self.connection, name)

        def execute(self, sql, *parameters):
            if sql.startswith("ATTACH"):
                raise duckdb.IOException(f"{message} 64 and 68.\nSee the storage page")
            return self.connection.execute(sql, *parameters)

    monkeypatch.setattr(duckdb, "connect", Older)
    for ran in (filed.run("snapshot", "--history", filed.history), *readers(filed)):
        assert ran.code == 1 and "a newer DuckDB" in ran.err and "pip install --upgrade duckdb" in ran.err


# rows and columns that no snapshot wrote --------------------------------------------------------------------------

LONG = "x" * 100_000
DAMAGE = {
    "day_null": ("UPDATE {table} SET snapshot_day = NULL WHERE project_key = 'P'", 1),
    "all_days_null": ("UPDATE {table} SET snapshot_day = NULL", 1),
    "day_0": ("UPDATE {table} SET snapshot_day = 0 WHERE project_key = 'P'", 1),
    "day_in_month_13": ("UPDATE {table} SET snapshot_day = 20261301", 1),
    "day_without_end": ("UPDATE {table} SET snapshot_day = 9223372036854775807", 1),
    "day_below_0": ("UPDATE {table} SET snapshot_day = -20260301", 1),
    "node_null": ("UPDATE {table} SET node_id = NULL", 1),
    "node_blank": ("UPDATE {table} SET node_id = ''", 1),
    "project_null": ("UPDATE {table} SET project_key = NULL WHERE project_key = 'P'", 1),
    "project_blank": ("UPDATE {table} SET project_key = ''", 1),
    "step_null": ("UPDATE {table} SET flow_step = NULL WHERE project_key = 'P'", 1),
    "time_null": ("UPDATE {table} SET taken_s = NULL WHERE project_key = 'P'", 1),
    "delivered_never": ("UPDATE {table} SET delivered_day = 5", 1),
    "delivered_in_month_13": ("UPDATE {table} SET delivered_day = 20261301", 1),
    "version_null": ("UPDATE {table} SET schema_version = NULL", 0),
    "run_null": ("UPDATE {table} SET run_id = NULL", 0),
    "name_null": ("UPDATE {table} SET name = NULL", 0),
    "seconds_without_end": (
        "UPDATE {table} SET exploration_started_s = -9223372036854775807, exploration_finished_s = 9223372036854775807,"
        " exploration_status = 'FINISHED'", 1,
    ),
    "days_without_end": ("UPDATE {table} SET days_in_step = 9223372036854775807", 0),
    "long_name": ("UPDATE {table} SET name = '{long}' || run_id", 0),
    "long_project_key": ("UPDATE {table} SET project_key = '{long}' || project_key", 0),
    "long_step": ("UPDATE {table} SET flow_step = '{long}'", 0),
    "long_rating": ("UPDATE {table} SET value = '{long}'", 0),
    "escapes_in_a_name": ("UPDATE {table} SET name = chr(27) || ']0;x' || chr(7) || run_id", 0),
    "column_of_a_long_name": ('ALTER TABLE {table} ADD COLUMN "{long}" VARCHAR', 0),
    "column_in_another_case": ("ALTER TABLE {table} RENAME name TO NAME_; ALTER TABLE {table} RENAME NAME_ TO NAME", 1),
    "column_of_another_type": ("ALTER TABLE {table} ALTER taken_s TYPE VARCHAR", 1),
    "column_gone": ("ALTER TABLE {table} DROP snapshot_day", 1),
    "table_gone": ("DROP TABLE {table}", 1),
    "table_renamed": ("ALTER TABLE {table} RENAME TO other", 1),
    "no_rows": ("DELETE FROM {table}", 0),
}  # fmt: skip


@pytest.mark.sampled(8, "code")
@pytest.mark.parametrize(("sql", "code"), DAMAGE.values(), ids=DAMAGE)
def test_r10_a_damaged_history_is_an_error_in_a_sentence(filed, sql, code):
    by_hand(filed.history, sql.format(table=TABLE, long=LONG))
    for ran in readers(filed):
        is_empty = "holds no snapshot of the instance" in ran.err
        assert ran.code == code or (code == 0 and is_empty), ran.err[:500]
        assert code == 0 or (ran.err.startswith("Error: ") and len(ran.err) < 600), ran.err[:500]
        assert "\x1b" not in ran.out + ran.err
    if code:
        # what cannot be read may be appended to, or not; then it says so
        ran = filed.run("snapshot", "--history", filed.history)
        assert ran.code == 0 or ran.err.startswith("Error: ")


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + ".duckdb", "/".join(["x" * 200] * 30) + ".duckdb"])
@pytest.mark.parametrize("command", ["snapshot", "trends", "report --format markdown"])
def test_r10_a_path_that_is_too_long_is_an_error(instance, tmp_path, name, command):
    instance.done("init", "P")
    ran = instance.run(*command.split(), "--history", tmp_path / name)
    assert ran.code == 1 and "File name too long" in ran.err and len(ran.err) < 600


@pytest.mark.parametrize("at", [0, 8, 20, 4096, 4100, 8192, 12288, 100_000, -1])
def test_r10_a_history_with_foreign_bytes_is_an_error(filed, at):
    content = bytearray(filed.history.read_bytes())
    at = min(at, len(content) - 64) % len(content)
    content[at : at + 64] = bytes(64)
    filed.history.write_bytes(content)
    for ran in readers(filed):
        assert ran.code == 0 or ran.err.startswith("Error: ")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"a,b\n1,2\n"])
def test_r10_a_folder_with_another_file_is_an_error_that_names_it(instance, tmp_path, content):
    instance.history = tmp_path / "history"
    instance.done("init", "P")
    instance.snapshot()
    (instance.history / "other.parquet").write_bytes(content)
    for ran in (instance.run("snapshot", "--history", instance.history), *readers(instance)):
        assert ran.code == 1 and "other.parquet" in ran.err


# projects that could not be read ----------------------------------------------------------------------------------


def test_r14_a_quiet_snapshot_tells_what_it_lacks(store):
    projects = store.sandbox.projects
    projects.list_without_custom_fields = True
    store.sandbox.faults.before("GET", "/projects/Q/metadata", lambda: projects.delete(store.sandbox.admin, "Q"))
    ran = store.run("-q", "snapshot", "--history", store.history)
    assert ran.code == 1 and "lacks 1 project: Q could not be read" in ran.err
    assert store.trends()["flow"] == [{"day": "2026-03-01", "step": "exploration", "projects": 1}]


# full disks and runs that were killed -----------------------------------------------------------------------------


@contextlib.contextmanager
def files_no_larger_than(size):
    """As on a full disk: what is written beyond fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """The folder for temporary files, which must be empty in the end."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def everything(history):
    files = history.parent.glob("*") if history.suffix else history.glob("*")
    return {file.name: file.read_bytes() for file in files if file.is_file()}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("size", [0, 200, 3_000])
def test_r16_a_full_disk_costs_neither_history_nor_room(store, scratch, size, started):
    if started:
        store.snapshot()
        before = store.trends()
    kept = everything(store.history)
    with files_no_larger_than(size):
        ran = store.after(1).run("snapshot", "--history", store.history)
    assert ran.code == 1 and ran.err.startswith("Error: ") and ran.err.count("\n") == 1
    assert list(scratch.iterdir()) == []
    if started:
        assert store.trends() == before
    if not (started and store.history.suffix):
        assert everything(store.history) == kept
    store.snapshot()
    assert [row["day"] for row in store.trends()["flow"]].count("2026-03-02") == 2


@pytest.mark.sampled(5)
@pytest.mark.parametrize("size", [8_000, 10_000, 12_000, 20_000, 100_000])
def test_r16_what_is_reported_of_a_nearly_full_disk_is_so(store, scratch, size):
    store.snapshot()
    with files_no_larger_than(size):
        ran = store.after(1).run("snapshot", "--history", store.history)
    days = {row["day"] for row in store.trends()["flow"]}
    assert ("2026-03-02" in days) is (ran.code == 0)
    assert ran.code == 0 or ran.err.startswith("Error: ")
    assert list(scratch.iterdir()) == []


def test_r16_a_run_leaves_no_temporary_file(store, scratch):
    store.snapshot()
    for ran in readers(store):
        assert ran.code == 0
    assert list(scratch.iterdir()) == []
    assert not list(store.history.parent.glob("**/*.tmp")) and not list(store.history.parent.glob("**/*.wal"))


def test_r16_no_room_for_temporary_files_is_said(store, monkeypatch):
    monkeypatch.setenv("TMPDIR", "/proc/nowhere")
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/proc/nowhere"])
    monkeypatch.setattr(tempfile, "tempdir", None)
    ran = store.run("snapshot", "--history", store.history)
    assert ran.code == 1 and ran.err.startswith("Error: cannot write the history")


@pytest.mark.parametrize("name", [".20260301T070000Z-0123abcd.tmp", ".govern-mirror-0123456789abcdef.tmp"])
def test_r16_what_a_killed_run_left_is_taken_away_a_day_later(store, name):
    store.history.mkdir() if not store.history.suffix else None
    folder = store.history if not store.history.suffix else store.history.parent
    young, foreign = folder / name.replace("0123", "4567"), folder / ".vimrc.tmp"
    for file in (folder / name, young, foreign):
        file.touch()
    for file in (folder / name, foreign):
        os.utime(file, (time.time() - 100_000,) * 2)
    store.snapshot()
    assert not (folder / name).exists() and young.exists() and foreign.exists()
