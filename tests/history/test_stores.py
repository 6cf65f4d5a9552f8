"""A history outlives versions of this tool, interruptions and people's hands; or an error names what is wrong."""

from __future__ import annotations

import multiprocessing
import time
from datetime import timedelta

import duckdb
import pytest
from standard import open_trends
from support.histories import COLUMNS, FIRST, oracle, row

from govern_mirror.errors import InputError
from govern_mirror.history import store
from govern_mirror.history.columns import RUN_COLUMNS, HistoryError, Run, history_columns, run_of
from govern_mirror.history.store import TABLE, history_at
from govern_mirror.history.trends import COLUMNS as TRENDS
from govern_mirror.history.trends import fetch
from govern_mirror.report.columns import Type


@pytest.fixture(params=["file", pytest.param("folder", marks=pytest.mark.costly(6))])
def history(request, tmp_path):
    """Where the history is kept: both stores must do the same."""
    return tmp_path / ("history.duckdb" if request.param == "file" else "history")


DAYS = [FIRST + timedelta(days=offset) for offset in range(4)]


def run(day, number=0):
    return Run(f"{day}-{number}", None)


def append(path, rows, columns=COLUMNS, number=0):
    rows = list(rows)
    known = [{name: each.get(name) for name in columns} for each in rows]
    return history_at(path).append(run(rows[0]["snapshot_day"], number), columns, known)


def all_trends(path):
    with open_trends(path) as trends:
        return {name: fetch(trends, name) for name in TRENDS}


def altered(path, sql):
    """Let someone alter the history: the table of a file, or the last file of a folder."""
    if path.is_dir():
        (*_, file) = sorted(path.glob("*.parquet"))
        with duckdb.connect() as database:
            database.execute(f"CREATE TABLE {TABLE} AS FROM read_parquet('{file}')")
            database.execute(sql)
            database.execute(f"COPY {TABLE} TO '{file}'")
    else:
        with duckdb.connect(path) as database:
            database.execute(sql)


def test_days_appended_one_by_one_give_the_same_trends(history):
    rows = [row("n1", key, day, name=f"{key}{day.day % 2}") for day in DAYS for key in ("P", "Q")]
    for day in DAYS:
        append(history, [each for each in rows if each["snapshot_day"] == int(f"{day:%Y%m%d}")])
    assert all_trends(history) == oracle(rows)


@pytest.mark.parametrize("column", ["snapshot_day", "project_key", "flow_step", "name"])
def test_a_column_that_someone_dropped_is_named(history, column):
    append(history, [row("n1", "P", DAYS[0])])
    altered(history, f'ALTER TABLE {TABLE} DROP "{column}"')
    with pytest.raises(HistoryError, match=rf"no column {column}\b.*altered"):
        all_trends(history)
    with pytest.raises(HistoryError, match=rf"no column {column}\b.*altered"):
        append(history, [row("n1", "P", DAYS[1])])


@pytest.mark.parametrize(
    ("column", "kind"), [("snapshot_day", "VARCHAR"), ("decision", "BIGINT"), ("exploration_started_s", "TIMESTAMP")]
)
def test_a_column_that_someone_gave_another_type_is_named(history, column, kind):
    append(history, [row("n1", "P", DAYS[0])])
    altered(history, f'ALTER TABLE {TABLE} ALTER "{column}" TYPE {kind} USING NULL')
    with pytest.raises(HistoryError, match=rf"column {column} must hold"):
        all_trends(history)
    with pytest.raises(HistoryError, match=rf"column {column} was altered: it holds"):
        append(history, [row("n1", "P", DAYS[1])])


def test_columns_that_someone_added_change_nothing(history):
    rows = [row("n1", "P", DAYS[0])]
    append(history, rows)
    altered(history, f"ALTER TABLE {TABLE} ADD COLUMN remark VARCHAR")
    rows.append(row("n1", "P", DAYS[1], name="x"))
    append(history, rows[1:])
    assert all_trends(history) == oracle(rows)


def test_what_an_older_version_did_not_know_is_no_change(history):
    old = [{**row("n1", "P", DAYS[0], name="w"), "schema_version": 0}]
    older = {name: kind for name, kind in COLUMNS.items() if name not in ("sponsor", "cost", "start_day", "url")}
    append(history, old, older)
    assert all_trends(history)["flow"] == oracle(old)["flow"]
    new = [row("n1", "P", DAYS[1], sponsor="Ada", cost="Low", name="x")]
    append(history, new)
    assert [change["field"] for change in all_trends(history)["changes"]] == ["name"]
    assert all_trends(history) == oracle(old + new)


def test_a_template_with_other_steps_adds_its_own_and_keeps_those_before(history):
    first = [row("n1", "P", DAYS[0], exploration_status="FINISHED", exploration_started_s=0,
                 exploration_finished_s=86_400, flow_step="qualification")]  # fmt: skip
    append(history, first)
    other = {name: kind for name, kind in COLUMNS.items() if "exploration" not in name}
    other |= {"pilot_status": Type.TEXT, "pilot_started_s": Type.INTEGER, "pilot_finished_s": Type.INTEGER}
    piloted = {"pilot_status": "FINISHED", "pilot_started_s": 0, "pilot_finished_s": 172_800}
    append(history, [{**row("n1", "Q", DAYS[1], flow_step="pilot"), **piloted}], other)
    found = all_trends(history)
    assert [(each["step"], each["median_days"]) for each in found["cycle_time"]] == [
        ("exploration", 1.0),
        ("pilot", 2.0),
    ]
    assert [each["step"] for each in found["flow"]] == ["qualification", "pilot"]


def test_a_snapshot_that_is_interrupted_leaves_the_history_as_it_was(history):
    rows = [row("n1", "P", DAYS[0])]
    append(history, rows)

    def broken():
        yield row("n1", "P", DAYS[1])
        raise RuntimeError("the network went away")

    with pytest.raises(RuntimeError):
        history_at(history).append(run(DAYS[1]), COLUMNS, broken())
    assert all_trends(history) == oracle(rows)
    assert not list(history.parent.glob("**/.*.tmp"))


def test_a_value_that_does_not_fit_leaves_the_history_as_it_was(history):
    rows = [row("n1", "P", DAYS[0])]
    append(history, rows)
    with pytest.raises(HistoryError, match="failed"):
        append(history, [row("n1", "P", DAYS[1], revision="many")], number=1)
    assert all_trends(history) == oracle(rows)


def test_an_empty_history_has_empty_trends(tmp_path):
    path = tmp_path / "history.duckdb"
    history_at(path).append(run(DAYS[0]), COLUMNS, [])
    assert all_trends(path) == {name: [] for name in TRENDS}


def test_an_empty_folder_or_a_file_without_the_table_is_no_history(tmp_path):
    (tmp_path / "folder").mkdir()
    duckdb.connect(tmp_path / "empty.duckdb").close()
    for name, message in (("folder", "no Parquet file"), ("empty.duckdb", "no table govern_history")):
        with pytest.raises(HistoryError, match=message):
            all_trends(tmp_path / name)


def test_a_file_that_is_something_else_is_not_written_to(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("dear diary " * 1000)
    with pytest.raises(HistoryError, match=r"notes\.db is no DuckDB file"):
        append(path, [row("n1", "P", DAYS[0])])
    assert path.read_text() == "dear diary " * 1000


def test_a_name_that_tells_neither_file_nor_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"\.duckdb"):
        history_at(tmp_path / "history.csv")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match=r"cannot use .*history: Not a directory"):
        append(tmp_path / "file" / "history", [row("n1", "P", DAYS[0])])


def _hold(path, held, seconds):
    with duckdb.connect(path):
        held.set()
        time.sleep(seconds)


def _while_another_process_holds(path, seconds):
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    process = context.Process(target=_hold, args=(str(path), held, seconds))
    process.start()
    assert held.wait(30)
    return process


def test_a_file_that_another_process_is_writing_is_waited_for(tmp_path):
    path = tmp_path / "history.duckdb"
    append(path, [row("n1", "P", DAYS[0])])
    process = _while_another_process_holds(path, 1)
    append(path, [row("n1", "P", DAYS[1])])
    process.join()
    assert len(all_trends(path)["flow"]) == 2


def test_a_file_that_stays_locked_is_an_error_and_no_endless_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "LOCK_TIMEOUT", 0.2)
    path = tmp_path / "history.duckdb"
    append(path, [row("n1", "P", DAYS[0])])
    process = _while_another_process_holds(path, 2)
    with pytest.raises(HistoryError, match=r"cannot open .*history\.duckdb"):
        all_trends(path)
    process.join()


def test_every_column_of_the_report_is_kept_and_no_name_stands_twice():
    from govern_mirror.model.blueprint import STANDARD
    from govern_mirror.report.columns import columns

    names = [*RUN_COLUMNS, *(column.name for column in history_columns(STANDARD))]
    assert len(set(names)) == len(names)
    assert {column.name for column in columns(STANDARD)} <= set(names)


def test_runs_at_the_same_second_have_ids_of_their_own():
    from history.conftest import START

    assert run_of(START).id != run_of(START).id


def test_a_field_without_a_column_is_one_that_the_template_did_not_have(history):
    append(history, [row("n1", "P", DAYS[0], sponsor="Ada", name="x")])
    altered(history, f"ALTER TABLE {TABLE} DROP sponsor")
    append(history, [row("n1", "P", DAYS[1], sponsor="Ada", name="y")])
    assert {change["field"] for change in all_trends(history)["changes"]} <= {"name", "sponsor"}
