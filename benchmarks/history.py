"""Trends over ten million rows of history: our expressions against hand-written SQL, in the same run."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.measure import cost
from govern_mirror import clock
from govern_mirror.actions.history import open_trends
from govern_mirror.history.columns import column_types, run_of, snapshot_rows, value_rows
from govern_mirror.history.store import TABLE, history_at
from govern_mirror.history.trends import Trends
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.report.columns import Type
from govern_mirror.report.portfolio import Filters, build
from govern_mirror_devkit.seeds import scale

GOVERN_MIRROR = str(Path(sys.executable).with_name("govern-mirror"))
TIMES = 7
FIRST_DAY = date(2025, 1, 1)
STEPS = STANDARD.step_ids
_SQL_TYPE = {
    Type.TEXT: "VARCHAR", Type.INTEGER: "BIGINT", Type.NUMBER: "DOUBLE", Type.FLAG: "BOOLEAN", Type.TIME: "TIMESTAMP",
}  # fmt: skip


def generate(path: Path, projects: int, days: int) -> None:
    """Write a history with DuckDB alone: projects that begin at some day and pass through the steps."""
    with duckdb.connect(path) as database:
        columns = column_types(STANDARD)
        declared = ", ".join(f'"{name}" {_SQL_TYPE[kind]}' for name, kind in columns.items())
        database.execute(f"CREATE TABLE {TABLE} ({declared})")
        begin = int(time.mktime(FIRST_DAY.timetuple()))
        ends = [f"hash(n, {place}) % {86_400 * 90}" for place, _ in enumerate(STEPS)]
        sums = ["(" + " + ".join(ends[:place]) + ")" if place else "0" for place in range(len(STEPS) + 1)]
        edges = ", ".join(f"(start + {total})::BIGINT AS e{place}" for place, total in enumerate(sums))
        database.execute(
            f"""CREATE TEMP TABLE project AS SELECT *, {edges} FROM (
                SELECT n, 'PROJECT_' || n AS project_key, 'Project number ' || n AS name,
                    '/projects/PROJECT_' || n || '/' AS url, 'user' || n % 300 AS owner,
                    'Initiative ' || n % 40 AS business_initiative,
                    ({begin} + hash(n) % {86_400 * max(1, days * 2 // 3)})::BIGINT AS start
                FROM range({projects}) AS numbers(n))"""
        )
        for first in range(0, days, 20):
            last = min(days, first + 20)
            database.execute(
                f"""INSERT INTO {TABLE} BY NAME SELECT {_columns()} FROM project, (
                    SELECT day, DATE '{FIRST_DAY}' + day::INTEGER AS on_day,
                        {begin} + day * 86400 + 25200 AS taken_s
                    FROM range({first}, {last}) AS days(day)) ORDER BY day"""
            )


def _columns() -> str:
    last = len(STEPS)
    flow = " ".join(f"WHEN taken_s < e{place + 1} THEN '{step}'" for place, step in enumerate(STEPS))
    rated = "CASE WHEN taken_s >= e1 THEN ['Low', 'Medium low', 'Medium high', 'High'][(1 + (hash(n, {0}) + taken_s // 8640000) % 4)::BIGINT] END"  # noqa: E501
    made = {
        "schema_version": "1", "run_id": "on_day || '-0'", "taken_on": "make_timestamp(taken_s * 1000000)",
        "snapshot_day": "strftime(on_day, '%Y%m%d')::BIGINT", "taken_s": "taken_s", "node_id": "'design'",
        "flow_step": f"CASE WHEN taken_s < e0 THEN 'not_started' {flow} ELSE 'complete' END",
        "delivered_day": f"CASE WHEN taken_s >= e{last} THEN strftime(make_timestamp(e{last} * 1000000), '%Y%m%d')::BIGINT END",  # noqa: E501
        "project_key": "project_key", "name": "name", "url": "url", "owner": "owner", "state": "'governed'",
        "business_initiative": "business_initiative", "days_in_step": "(taken_s - start) // 86400",
        "value": rated.format(11), "risk": rated.format(12), "feasibility": rated.format(13), "cost": rated.format(14),
        "decision": "CASE WHEN taken_s >= e2 THEN 'Go' END", "stale": "taken_s - start > 2592000", "revision": "day",
        "finished": "0", "total": "5", "problems": "0", "last_change_by": "owner",
        "last_change_on": "make_timestamp(taken_s * 1000000)",
    }  # fmt: skip
    for place, step in enumerate(STEPS):
        started, finished = f"taken_s >= e{place}", f"taken_s >= e{place + 1}"
        made[f"{step}_status"] = (
            f"CASE WHEN {finished} THEN 'FINISHED' WHEN {started} THEN 'ONGOING' ELSE 'NOT_STARTED' END"
        )
        made[f"{step}_started_s"] = f"CASE WHEN {started} THEN e{place} END"
        made[f"{step}_finished_s"] = f"CASE WHEN {finished} THEN e{place + 1} END"
        made[f"{step}_started_on"] = f"CASE WHEN {started} THEN make_timestamp(e{place} * 1000000) END"
        made[f"{step}_finished_on"] = f"CASE WHEN {finished} THEN make_timestamp(e{place + 1} * 1000000) END"
    return ", ".join(f'{expression} AS "{name}"' for name, expression in made.items())


# the same trends, as one would write them by hand for this history --------------------------------------------------

_READ = f"history.main.{TABLE}"
"""The table as `open_trends` attaches it."""

_DAY = "strftime(strptime(snapshot_day::VARCHAR, '%Y%m%d'), '%Y-%m-%d')"
_LAST = f"""(SELECT h.* FROM {_READ} h JOIN
    (SELECT node_id AS n, project_key AS p, max(snapshot_day) AS d FROM {_READ} GROUP BY ALL)
    ON node_id = n AND project_key = p AND snapshot_day = d)"""
_PASSES = " UNION ALL ".join(
    f"SELECT '{step}' AS step, {step}_started_s AS s, {step}_finished_s AS f FROM last "
    f"WHERE {step}_status = 'FINISHED' AND {step}_started_s IS NOT NULL AND {step}_finished_s IS NOT NULL"
    for step in STEPS
)
_FIELDS = {
    "name": "name", "owner": "owner", "business_initiative": "business_initiative", "sponsor": "sponsor",
    "current_step": "flow_step", "value": "value", "risk": "risk", "feasibility": "feasibility", "cost": "cost",
    "decision": "decision", "start_date": "start_day", "target_end_date": "target_end_day",
}  # fmt: skip


def by_hand(first_needed: int, since: int) -> dict[str, str]:
    lags = ", ".join(f"lag({column}) OVER w AS b_{column}" for column in _FIELDS.values())
    fields = ", ".join(_FIELDS.values())
    pairs = ", ".join(f"{{f: '{field}', b: b_{column}, a: {column}}}" for field, column in _FIELDS.items())
    differs = " OR ".join(f"{column} IS DISTINCT FROM b_{column}" for column in _FIELDS.values())
    return {
        "flow": f"""SELECT {_DAY}, flow_step, n FROM
            (SELECT snapshot_day, flow_step, count(*) AS n FROM {_READ} GROUP BY ALL)""",
        "cycle_time": f"""WITH last AS {_LAST} SELECT step, count(*),
            round(quantile_disc(greatest(f - s, 0), 0.5) / 86400, 2),
            round(quantile_disc(greatest(f - s, 0), 0.85) / 86400, 2) FROM ({_PASSES}) GROUP BY step""",
        "throughput": f"""SELECT substr(month::VARCHAR, 1, 4) || '-' || substr(month::VARCHAR, 5), count(*) FROM
            (SELECT delivered_day // 100 AS month FROM {_LAST} WHERE delivered_day IS NOT NULL) GROUP BY month""",
        "age": f"""SELECT node_id, project_key, flow_step, days_in_step FROM {_READ}
            WHERE snapshot_day = (SELECT max(snapshot_day) FROM {_READ})
            AND flow_step NOT IN ('not_started', 'complete')""",
        "changes": f"""SELECT node_id, project_key, c.f, c.b, c.a, {_DAY} FROM (
            SELECT node_id, project_key, snapshot_day, unnest([{pairs}]) AS c FROM (
                SELECT node_id, project_key, snapshot_day, {fields}, lag(snapshot_day) OVER w AS before, {lags}
                FROM {_READ} WHERE snapshot_day >= {first_needed}
                WINDOW w AS (PARTITION BY node_id, project_key ORDER BY snapshot_day))
            WHERE before IS NOT NULL AND snapshot_day >= {since} AND ({differs})) WHERE c.a IS DISTINCT FROM c.b""",
        "mix": " UNION ALL ".join(
            f"""SELECT {_DAY}, '{field}', coalesce({field}, '{blank}'), n FROM
            (SELECT snapshot_day, {field}, count(*) AS n FROM {_READ} GROUP BY ALL)"""
            for field, blank in {**dict.fromkeys(("value", "risk", "feasibility", "cost"), "unrated"),
                                 "decision": "undecided"}.items()
        ),
    }  # fmt: skip


Line = tuple[str, str, str]
"""What was measured, the figure, and the aim."""


def trends(projects: int = 20_000, days: int = 500) -> Iterator[Line]:
    """Each trend against hand-written SQL; both warm, in turn, in one process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "history.duckdb")
        _alone("generate", path, projects, days)
        yield from measure(path, projects, days)


def measure(path: Path, projects: int, days: int) -> Iterator[Line]:
    """Measure over a history that is there.

    Raises:
        AssertionError: the hand-written SQL does not give the same rows.
    """
    since = FIRST_DAY + timedelta(days=days - 7)
    rows = f"{projects * days / 1e6:g} M rows"
    command = [GOVERN_MIRROR, "trends", "--history", str(path), "--format", "json", "--since", str(since)]
    used = cost(command)
    yield f"{rows}: all trends as JSON, wall seconds of the process", f"{used.wall:.1f}", "reported"
    yield f"{rows}: all trends as JSON, peak memory, megabytes", f"{used.memory:.0f}", "under 1,000"
    with (
        open_trends(path, blueprint=STANDARD) as all_days,
        open_trends(path, blueprint=STANDARD, since=since) as recent,
    ):
        began = time.perf_counter()
        assert len(all_days.snapshot_days.days["design"]) == days
        yield f"{rows}: the list of runs, seconds, once", f"{time.perf_counter() - began:.2f}", "reported"
        hand = by_hand(int(f"{since - timedelta(days=1):%Y%m%d}"), int(f"{since:%Y%m%d}"))
        for name, sql in hand.items():
            asked = recent if name == "changes" else all_days
            ours, theirs = _ours(asked, name), _theirs(asked, sql)
            assert sorted(map(repr, ours())) == sorted(map(repr, theirs())), name
            found = [(_seconds(ours), _seconds(theirs)) for _ in range(TIMES)]
            mine, yardstick = (statistics.median(column) for column in zip(*found, strict=True))
            words = name + (f" since {since}" if name == "changes" else "")
            yield f"{rows}: {words}, seconds", f"{mine:.3f}", "reported"
            yield f"{rows}: {words}, against hand-written SQL", f"{mine / yardstick:.2f} x", "at most 1.5 x"


def snapshots(projects: int = 20_000) -> Iterator[Line]:
    """Append a snapshot to a short and to a long history: rows a second, and memory in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for days in (1, 100):
            path = Path(folder, f"{days}.duckdb")
            _alone("generate", path, projects, days)
            rows_a_second, memory = _alone("append", path, projects, days).split()
            found.append(float(memory))
            what = f"snapshot of {projects:,} on day {days + 1}"
            yield f"{what}, rows a second", f"{float(rows_a_second):,.0f}", "reported"
            yield f"{what}, peak memory, megabytes", f"{float(memory):.0f}", "reported"
        yield "snapshot on day 101 against day 2, peak memory", f"{found[1] / found[0]:.2f} x", "about 1 x"


def append(path: Path, projects: int) -> None:
    """Take a snapshot of generated projects, as `snapshot` does once it has read them."""
    now = clock.now()
    made = (each.project for each in scale.generate(projects, now, node_id="design", url="https://dss.example.com"))
    portfolio, run = build(made, Filters(), now, blueprint=STANDARD), run_of(now)
    columns = column_types(STANDARD)
    began = time.perf_counter()
    count = history_at(path).append(run, columns, snapshot_rows(portfolio, run), value_rows(portfolio, run))
    seconds = time.perf_counter() - began
    print(count / seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _alone(what: str, path: Path, projects: int, days: int) -> str:
    """Run a part in a process of its own: the peak memory of a process is also that of the one that started it."""
    command = [sys.executable, "-m", "benchmarks.history", what, str(path), str(projects), str(days)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _ours(trends: Trends, name: str) -> Callable[[], list[tuple[object, ...]]]:
    return lambda: [tuple(row) for row in trends.engine.run(trends.sql(name))]


def _theirs(trends: Trends, sql: str) -> Callable[[], list[tuple[object, ...]]]:
    return lambda: [tuple(row) for row in trends.engine.run(sql)]


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


if __name__ == "__main__":
    # generate, append or measure: FILE PROJECTS DAYS
    asked, file, projects, days = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    if asked == "generate":
        generate(file, projects, days)
    elif asked == "append":
        append(file, projects)
    else:
        for each in measure(file, projects, days):
            print(*each, sep=" | ", flush=True)
