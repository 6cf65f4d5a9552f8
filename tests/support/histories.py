"""Histories with every odd case, and their trends once more, written plainly: what the engines are checked against."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import strategies as st

from govern_mirror.history.columns import column_types
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.report.columns import Type

COLUMNS = column_types(STANDARD)
STEPS = STANDARD.step_ids
PLACES = ("not_started", *STEPS, "complete")
FIELDS = {
    "state": None, "name": "name", "owner": "owner", "business_initiative": "business_initiative",
    "sponsor": "sponsor", "current_step": "flow_step", "value": "value", "risk": "risk", "feasibility": "feasibility",
    "cost": "cost", "decision": "decision", "start_date": "start_day", "target_end_date": "target_end_day",
}  # fmt: skip
FIRST = date(2026, 2, 26)
EPOCH = date(1970, 1, 1)


def row(node, key, day, hour=7, run=None, **given):
    """One row of a history: a project that has not started, but for what is given."""
    taken = datetime(day.year, day.month, day.day, hour, tzinfo=timezone.utc)
    known = {
        "schema_version": 1,
        "run_id": run or f"{taken:%Y%m%dT%H%M%SZ}-{node}",
        "taken_on": taken.isoformat().replace("+00:00", "Z"),
        "snapshot_day": int(f"{day:%Y%m%d}"),
        "taken_s": int(taken.timestamp()),
        "node_id": node,
        "project_key": key,
        "state": "governed",
        "flow_step": "not_started",
        "revision": 1,
    }
    assert set(given) <= set(COLUMNS), set(given) - set(COLUMNS)
    return {**dict.fromkeys(COLUMNS), **known, **given}


_texts = st.sampled_from((None, "a", "A", "é 😀", 'x\' "y"\n\\'))
_seconds = st.integers(-2, 20).map(lambda n: None if n < -1 else n * 43_201 + 1_772_000_000)
_status = st.sampled_from(("FINISHED", "FINISHED", "ONGOING", "NOT_STARTED", "SKIPPED"))
_rating = st.sampled_from((None, "Low", "High"))


@st.composite
def _states(draw):
    """What a project's row may hold, legal or not: history tells what was, not what should have been."""
    state = {
        "flow_step": draw(st.sampled_from((*PLACES, "a_step_of_another_template"))),
        "name": draw(_texts), "owner": draw(_texts), "sponsor": draw(_texts),
        "value": draw(_rating), "risk": draw(_rating), "decision": draw(st.sampled_from((None, "Go", "No go"))),
        "start_day": draw(st.sampled_from((None, "2026-01-01", "2026-02-01"))),
        "days_in_step": draw(st.none() | st.integers(0, 9)),
        "delivered_day": draw(st.sampled_from((None, None, 20251231, 20260228, 20260301, 20260331))),
        "revision": draw(st.integers(0, 2)),
    }  # fmt: skip
    for step in STEPS:
        state[f"{step}_status"] = draw(_status)
        state[f"{step}_started_s"], state[f"{step}_finished_s"] = draw(_seconds), draw(_seconds)
    return state


@st.composite
def histories(draw):
    """Rows of two nodes over a week around a month's end: missing days, repeated runs, projects that come and go, rows
    that somebody copied.
    """
    rows = []
    for node in draw(st.sampled_from((("n1",), ("n1", "n2")))):
        pool = draw(st.lists(_states(), min_size=1, max_size=4))
        days = draw(st.lists(st.integers(0, 6), unique=True, max_size=5))
        for offset in days:
            for run in range(draw(st.sampled_from((1, 1, 2)))):
                hour = draw(st.sampled_from((7, 7, 21)))
                version = draw(st.sampled_from((1, 1, 0)))
                for key in draw(st.lists(st.sampled_from(("P", "Q", "p")), unique=True, min_size=1, max_size=3)):
                    day = FIRST + timedelta(days=offset)
                    run_id = f"{day}-{hour}-{node}-{run}"
                    state = draw(st.sampled_from(pool))
                    rows.append(row(node, key, day, hour, run_id, schema_version=version, **state))
    copied = draw(st.lists(st.sampled_from(rows), max_size=3)) if rows else []
    rows += [{**one, "run_id": draw(st.sampled_from((one["run_id"], "a copy")))} for one in copied]
    return draw(st.permutations(rows))


sinces = st.none() | st.integers(-2, 9).map(lambda offset: FIRST + timedelta(days=offset))


# the same once more, written plainly ------------------------------------------------------------------------------


def oracle(rows, since=None):
    """All trends of a history, as `fetch` gives them."""
    last = {}
    for one in rows:
        key = (one["node_id"], one["project_key"], one["snapshot_day"])
        order = (one["taken_s"], one["revision"], one["run_id"])
        if key not in last or order > (last[key]["taken_s"], last[key]["revision"], last[key]["run_id"]):
            last[key] = one
    rows = list(last.values())
    first = int(f"{since:%Y%m%d}") if since else 0
    return {
        "flow": flow(rows, first),
        "cycle_time": cycle_time(rows, since),
        "throughput": throughput(rows, first),
        "age": age(rows),
        "changes": changes(rows, first),
        "mix": mix(rows, first),
    }


def iso(day):
    return f"{day // 10000:04d}-{day // 100 % 100:02d}-{day % 100:02d}"


def place(step):
    return PLACES.index(step) if step in PLACES else len(PLACES)


def flow(rows, first):
    counts = Counter((one["snapshot_day"], one["flow_step"]) for one in rows if one["snapshot_day"] >= first)
    found = [{"day": iso(day), "step": step, "projects": count} for (day, step), count in counts.items()]
    return sorted(found, key=lambda one: (one["day"], place(one["step"]), one["step"]))


def nearest_rank(ordered, percent):
    """The smallest value that at least so many percent of the values do not exceed."""
    for position, value in enumerate(ordered, 1):
        if position / len(ordered) * 100 >= percent - 1e-9:
            return value
    raise AssertionError


def in_days(seconds):
    return int(seconds / 86400 * 100 + 0.5) / 100


def last_known(rows):
    """The last row of every project, of those too that are gone."""
    last = {}
    for one in sorted(rows, key=lambda one: one["snapshot_day"]):
        last[one["node_id"], one["project_key"]] = one
    return list(last.values())


def cycle_time(rows, since):
    found, limit = [], (since - EPOCH).days * 86400 if since else -(10**12)
    for step in STEPS:
        took = []
        for one in last_known(rows):
            started, finished = one[f"{step}_started_s"], one[f"{step}_finished_s"]
            if one[f"{step}_status"] == "FINISHED" and None not in (started, finished) and finished >= limit:
                took.append(max(0, finished - started))
        if took:
            took.sort()
            median, p85 = in_days(nearest_rank(took, 50)), in_days(nearest_rank(took, 85))
            found.append({"step": step, "finished": len(took), "median_days": median, "p85_days": p85})
    return found


def throughput(rows, first):
    days = [one["delivered_day"] for one in last_known(rows)]
    counts = Counter(iso(day)[:7] for day in days if day is not None and day >= first)
    return [{"month": month, "delivered": counts[month]} for month in sorted(counts)]


def age(rows):
    today = {}
    for one in rows:
        today[one["node_id"]] = max(one["snapshot_day"], today.get(one["node_id"], 0))
    found = [
        {"node_id": one["node_id"], "project_key": one["project_key"], "step": one["flow_step"],
         "days": one["days_in_step"]}
        for one in rows
        if one["snapshot_day"] == today[one["node_id"]] and one["flow_step"] not in ("not_started", "complete")
    ]  # fmt: skip
    known = [one for one in found if one["days"] is not None]
    known.sort(key=lambda one: (-one["days"], one["project_key"], one["node_id"]))
    unknown = [one for one in found if one["days"] is None]
    return known + sorted(unknown, key=lambda one: (one["project_key"], one["node_id"]))


def changes(rows, first):
    found = []
    for node in {one["node_id"] for one in rows}:
        mine = {(one["project_key"], one["snapshot_day"]): one for one in rows if one["node_id"] == node}
        days = sorted({day for _, day in mine})
        for before, day in pairwise(days):
            if day < first:
                continue
            for key in {key for key, _ in mine}:
                old, new = mine.get((key, before)), mine.get((key, day))
                told = {"node_id": node, "project_key": key, "day": iso(day)}
                if new and not old:
                    found.append({**told, "field": "state", "from": None, "to": "governed"})
                if old and not new:
                    found.append({**told, "field": "state", "from": "governed", "to": None})
                for field, column in FIELDS.items():
                    if not (old and new and column) or old[column] == new[column]:
                        continue
                    if old[column] is None and old["schema_version"] < min(1, new["schema_version"]):
                        continue
                    found.append({**told, "field": field, "from": old[column], "to": new[column]})
    order = list(FIELDS)
    found.sort(key=lambda one: (one["day"], one["project_key"], one["node_id"], order.index(one["field"])))
    return found


def mix(rows, first):
    counts = Counter()
    for one in rows:
        for field in ("value", "risk", "feasibility", "cost", "decision"):
            if one["snapshot_day"] >= first:
                blank = "undecided" if field == "decision" else "unrated"
                counts[iso(one["snapshot_day"]), field, one[field] or blank] += 1
    found = [
        {"day": day, "field": field, "rating": rating, "projects": n} for (day, field, rating), n in counts.items()
    ]
    order = ("value", "risk", "feasibility", "cost", "decision")
    return sorted(found, key=lambda one: (one["day"], order.index(one["field"]), one["rating"]))


def stored(kind):
    """How a database holds a column."""
    return {Type.TEXT: "VARCHAR", Type.INTEGER: "BIGINT", Type.NUMBER: "DOUBLE PRECISION", Type.FLAG: "BOOLEAN",
            Type.TIME: "TIMESTAMP"}[kind]  # fmt: skip


def generated(projects=40, days=30, seed=7):
    """A month of two nodes with every odd case: days and runs missed or repeated, projects that are renamed, deleted,
    made again, moved on and back, rows of an older version."""
    chance, rows = random.Random(seed), []
    for node in ("n1", "n2"):
        state = {}
        for offset in range(days):
            day = FIRST + timedelta(days=offset)
            noon = 1_772_000_000 + offset * 86_400
            for key in (f"{'pP'[n % 2]}{n}" for n in range(projects)):
                one = state.get(key)
                if one is None:
                    if chance.random() < 0.2:
                        state[key] = {"at": -1, "name": key, "steps": {}, "revision": 1}
                    continue
                luck = chance.random()
                if luck < 0.02:
                    del state[key]
                elif luck < 0.05:
                    one["name"] = chance.choice(("Émile", "emile", 'x"', "Straße", "z 😀", "it's"))
                elif luck < 0.07 and one["at"] > 0:
                    one["steps"].pop(STEPS[min(one["at"], 4)], None)
                    one["at"] -= 1
                    one["steps"].pop(STEPS[one["at"]], None)
                elif luck < 0.3 and one["at"] < len(STEPS):
                    if one["at"] >= 0:
                        started = noon - chance.randrange(900_000)
                        one["steps"][STEPS[one["at"]]] = (started, noon - chance.randrange(-50, 90_000))
                    one["at"] += 1
                elif luck < 0.33:
                    one["decision"] = chance.choice(("Go", "No go", None))
                    one["value"] = chance.choice(("High", "Low", None))
            if chance.random() < 0.1:
                continue
            for number in range(chance.choice((1, 1, 1, 2))):
                version = 0 if offset < 5 else 1
                for key, one in state.items():
                    if number and chance.random() < 0.2:
                        continue
                    steps = {}
                    for step, (started, finished) in one["steps"].items():
                        steps |= {f"{step}_status": "FINISHED", f"{step}_started_s": started}
                        steps |= {f"{step}_finished_s": finished}
                    rows.append(
                        row(
                            node, key, day, 7 + number, f"{day}-{node}-{number}", schema_version=version,
                            name=one["name"], flow_step=PLACES[one["at"] + 1], decision=one.get("decision"),
                            value=None if version == 0 else one.get("value"), revision=number,
                            days_in_step=chance.choice((None, 3, 40)),
                            delivered_day=int(f"{day:%Y%m%d}") if one["at"] == len(STEPS) else None, **steps,
                        )
                    )  # fmt: skip
    return rows
