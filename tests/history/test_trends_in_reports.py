"""What a history tells a report: what changed since the last one, and nothing that did not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples
from standard import Overview, Qualification, Rating, Trends, build, item, open_trends, with_values_of
from support import portfolios as drawn
from support.histories import COLUMNS, FIELDS, histories, oracle
from support.hostile_projects import workflow

from govern_mirror import clock
from govern_mirror.actions.history import with_history
from govern_mirror.actions.report import Report, build_report
from govern_mirror.actions.session import connect_to
from govern_mirror.history.columns import HistoryError, run_of, snapshot_rows
from govern_mirror.history.digest import node_of, trends_view
from govern_mirror.history.store import history_at, rows_in_memory
from govern_mirror.history.trends import fetch
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.model.item import Governance, ProjectFacts
from govern_mirror.model.workflow import Workflow
from govern_mirror.report.portfolio import Filters

START = datetime(2026, 3, 1, 7, tzinfo=timezone.utc)
NODE = "design"
few = examples(20)


def project(
    key="P", name="The project", *, finished=None, node=NODE, owner="ada", state=Governance.GOVERNED, decision=None,
    ratings=(None,) * 4, tags=(), **overview,
):  # fmt: skip
    """A project with so many finished steps; None when its workflow has not started."""
    return item(
        ProjectFacts(key, name, f"https://dss.example.com/projects/{key}/", node, owner, tags),
        Workflow.not_started(STANDARD) if finished is None else workflow(finished),
        state,
        qualification=Qualification(*map(Rating, ratings), decision),
        overview=Overview(**overview),
    )


def report(*projects, day=0, hours=0, node=NODE, **filters):
    """The report of a day."""
    return build(projects, Filters(**filters), START + timedelta(days=day, hours=hours), node_id=node)


def kept(*reports):
    """The rows of a history into which these went."""
    return [row for each in reports for row in snapshot_rows(each, run_of(each.generated_on))]


def past_in(rows, now, since=None):
    with rows_in_memory(COLUMNS, rows) as (engine, table, columns, *_):
        return trends_view(now, Trends(engine, table, columns, node=node_of(now)), since)


def past(now, *before, since=None):
    return past_in(kept(*before), now, since)


def changed(found):
    return [(each.project_key, each.field, each.before, each.after) for each in found.changes]


def day(number):
    return START.date() + timedelta(days=number)


# which snapshot it is compared with -------------------------------------------------------------------------


WEEK = [report(project(name=f"day {number}"), day=number) for number in (0, 2, 5)]


def test_changes_count_from_the_last_snapshot_before_today():
    found = past(report(project(name="now"), day=7), *WEEK)
    assert found.since == day(5) and changed(found) == [("P", "name", "day 5", "now")]


def test_a_snapshot_of_today_does_not_hide_what_changed_since_yesterday():
    found = past(report(project(name="now"), day=5, hours=3), *WEEK)
    assert found.since == day(2) and changed(found) == [("P", "name", "day 2", "now")]


def test_the_last_snapshot_of_a_day_is_the_one_that_counts():
    morning, evening = (report(project(name=f"at {hours}"), hours=hours) for hours in (0, 12))
    assert changed(past(report(project(name="now"), day=1), evening, morning)) == [("P", "name", "at 12", "now")]


def test_a_day_ends_at_midnight_utc_wherever_the_report_is_made():
    paris = timezone(timedelta(hours=2))
    now = build([project()], Filters(), datetime(2026, 3, 3, 0, 30, tzinfo=paris), node_id=NODE)
    found = past(now, report(project(), day=0), report(project(), day=1))
    assert found.since == day(0), "in UTC it is still the day of the last snapshot"


@pytest.mark.parametrize(
    ("since", "found"), [(-9, 0), (0, 0), (1, 0), (2, 2), (4, 2), (5, 5), (7, 5), (99, 5)], ids=str
)
def test_since_takes_the_last_snapshot_up_to_that_day_else_the_first(since, found):
    assert past(report(project(), day=7), *WEEK, since=day(since)).since == day(found)


def test_since_may_name_today():
    found = past(report(project(name="now"), day=5, hours=3), *WEEK, since=day(5))
    assert found.since == day(5) and changed(found) == [("P", "name", "day 5", "now")]


def test_a_history_that_begins_today_tells_trends_and_no_change():
    found = past(report(project(name="now"), hours=3), WEEK[0])
    assert (found.since, found.changes, found.days) == (None, (), (day(0),))
    assert found.flow == ({"not_started": 1},)


def test_a_history_without_this_instance_adds_nothing():
    assert past(report(project(node="other"), node="other", day=7), *WEEK) is None
    assert past(report(project(), day=7)) is None


# of which instance ------------------------------------------------------------------------------------------


def test_two_instances_in_one_history_do_not_mix():
    ours = [report(project("P", "ours"), day=number) for number in (0, 2)]
    theirs = [
        report(*(project(key, "theirs", node="other", finished=5) for key in "PQ"), node="other", day=number)
        for number in (0, 1, 3)
    ]
    found = past(report(project("P", "now"), day=4), *theirs, *ours)
    assert (found.since, changed(found)) == (day(2), [("P", "name", "ours", "now")])
    assert (found.days, found.flow) == ((day(0), day(2)), ({"not_started": 1}, {"not_started": 1}))
    found = past(report(*(project(key, "theirs", node="other", finished=5) for key in "PQ"), node="other", day=4),
                 *theirs, *ours)  # fmt: skip
    assert (found.since, changed(found), found.flow[-1]) == (day(3), [], {"complete": 2})


def test_an_instance_that_does_not_tell_its_node_finds_its_own_snapshots():
    before = report(project(node=None), node=None)
    assert changed(past(report(project(node=None, decision="Go"), node=None, day=1), before, *WEEK)) == [
        ("P", "decision", None, "Go")
    ]


# what is a change -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"name": "Old"}, {"name": "New"}, [("name", "Old", "New")]),
        ({"owner": "ada"}, {"owner": "bob"}, [("owner", "ada", "bob")]),
        ({}, {"finished": 0}, [("current_step", "not_started", "exploration")]),
        ({"finished": 0}, {"finished": 2}, [("current_step", "exploration", "progress")]),
        ({"finished": 3}, {"finished": 1}, [("current_step", "rollout", "qualification")]),
        ({"finished": 4}, {"finished": 5}, [("current_step", "delivery", "complete")]),
        ({"finished": 5}, {"finished": 4}, [("current_step", "complete", "delivery")]),
        ({}, {"decision": "Go"}, [("decision", None, "Go")]),
        ({"decision": "Go"}, {}, [("decision", "Go", None)]),
        ({"sponsor": "Ada"}, {"sponsor": None}, [("sponsor", "Ada", None)]),
        ({"sponsor": ""}, {"sponsor": None}, []),
        ({"sponsor": None}, {"sponsor": "Ada"}, [("sponsor", None, "Ada")]),
        ({"business_initiative": "Fraud"}, {"business_initiative": "fraud"},
         [("business_initiative", "Fraud", "fraud")]),
        ({"ratings": ("Low", None, "High", None)}, {"ratings": ("High", "Low", None, None)},
         [("value", "Low", "High"), ("risk", None, "Low"), ("feasibility", "High", None)]),
        ({"start_date": date(2026, 1, 5)}, {"start_date": date(2026, 1, 6), "target_end_date": date(2026, 12, 31)},
         [("start_date", "2026-01-05", "2026-01-06"), ("target_end_date", None, "2026-12-31")]),
    ],
    ids=str,
)  # fmt: skip
def test_what_differs_is_told_with_what_it_was_and_is(before, after, expected):
    found = past(report(project(**after), day=1), report(project(**before)))
    assert changed(found) == [("P", *each) for each in expected]


def test_a_project_made_anew_is_compared_with_the_one_of_its_key():
    old = project(name="Churn", finished=3, decision="Go", ratings=("High", "Low", None, None))
    found = past(report(project(name="Churn again"), day=1), report(old))
    assert changed(found) == [
        ("P", "name", "Churn", "Churn again"),
        ("P", "current_step", "rollout", "not_started"),
        ("P", "value", "High", None),
        ("P", "risk", "Low", None),
        ("P", "decision", "Go", None),
    ]


def test_what_changed_and_was_put_back_in_between_is_no_change():
    days = [report(project(name=name), day=number) for number, name in enumerate(("a", "b"))]
    assert changed(past(report(project(name="a"), day=2), *days, since=day(0))) == []


def test_a_new_project_is_told_once_and_leads_to_where_it_is():
    new = project("Q", "The other", finished=2, decision="Go")
    (found,) = past(report(project(), new, day=1), report(project())).changes
    assert (found.project_key, found.field, found.before, found.after) == ("Q", "state", None, "governed")
    assert (found.name, found.link) == ("The other", "https://dss.example.com/projects/Q/")


def test_of_a_project_that_could_not_be_read_nobody_says_that_it_is_gone():
    before = report(project("P"), project("Q"))
    with rows_in_memory(COLUMNS, kept(before)) as (engine, table, columns, *_):
        trends = Trends(engine, table, columns, node=NODE)
        found = trends_view(report(project("P"), day=1), trends, unreadable=frozenset({"Q"}))
        assert changed(found) == []
        assert changed(trends_view(report(project("P"), day=1), trends)) == [("Q", "state", "governed", None)]


def test_a_project_that_is_gone_is_told_under_its_last_name():
    before = report(project("A", "Gone"), project("B", ""), project("C", "Stays"))
    found = past(report(project("C", "Renamed"), day=1), before).changes
    assert [(each.project_key, each.name, each.link, each.field, each.before, each.after) for each in found] == [
        ("C", "Renamed", "https://dss.example.com/projects/C/", "name", "Stays", "Renamed"),
        ("A", "Gone", None, "state", "governed", None),
        ("B", "B", None, "state", "governed", None),
    ]


@pytest.mark.parametrize("state", [Governance.UNGOVERNED, Governance.COPIED])
def test_a_project_that_is_no_longer_governed_is_told_as_gone(state):
    now = report(project(state=state), day=1, include_ungoverned=True)
    assert changed(past(now, report(project()))) == [("P", "state", "governed", None)]


def test_changes_are_told_in_the_order_of_the_report():
    rated = {"A": "Low", "B": "High", "C": "Medium high"}
    before = [project(key, ratings=(value, "Low", None, None)) for key, value in rated.items()]
    now = report(*(replace(each, facts=replace(each.facts, name="x")) for each in before), day=1)
    assert [each.project_key for each in past(now, report(*before)).changes] == ["B", "C", "A"]


# filters ----------------------------------------------------------------------------------------------------


BEFORE = report(project("A", tags=("eu",)), project("B"), project("GONE", tags=("eu",)))
NOW = [project("A", "new A", tags=("eu",)), project("B", "new B"), project("NEW", tags=("eu",))]


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({}, "A B NEW GONE"),
        ({"include_ungoverned": True}, "A B NEW GONE"),
        ({"stale_days": 5}, "A B NEW GONE"),
        ({"tags": ("eu",)}, "A NEW"),
        ({"tags": ("eu",), "include_ungoverned": True}, "A NEW"),
        ({"owners": ("ada",)}, "A B NEW"),
        ({"steps": ("not_started",)}, "A B NEW"),
        ({"decisions": ("undecided",)}, "A B NEW"),
        ({"initiatives": ("Fraud",)}, ""),
        ({"with_problems": True}, ""),
        ({"stale": True}, ""),
    ],
    ids=str,
)
def test_a_filtered_report_tells_only_of_the_projects_it_shows(filters, told):
    found = past(report(*NOW, day=1, **filters), BEFORE)
    assert {each.project_key for each in found.changes} == set(told.split())
    assert found.flow == ({"not_started": 3},), "the trends are of all"


# the trends -------------------------------------------------------------------------------------------------


@examples(10)
@given(rows=histories())
def test_the_trends_in_a_report_are_those_of_its_instance(rows):
    for node in ("n1", "n2"):
        mine = [row for row in rows if row["node_id"] == node]
        found = past_in(rows, report(node=node))
        if not mine:
            assert found is None
            continue
        expected = oracle(mine)
        flow = [
            {"day": str(at), "step": step, "projects": count}
            for at, counts in zip(found.days, found.flow, strict=True)
            for step, count in counts.items()
        ]
        assert flow == expected["flow"]
        assert [
            {"step": each.step, "finished": each.finished, "median_days": each.median_days, "p85_days": each.p85_days}
            for each in found.cycle_times
        ] == expected["cycle_time"]
        assert [{"month": month, "delivered": count} for month, count in found.throughput] == expected["throughput"]


# any two reports --------------------------------------------------------------------------------------------


def held(one):
    """What a project's tracked fields hold, written plainly; what no database stores is shown by a mark."""

    def text(value):
        kept = "".join("�" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in value or "")
        return kept or None

    def iso(value):
        return value and value.strftime("%Y-%m-%d")

    done = all(step.status.value in ("FINISHED", "SKIPPED") for step in one.workflow.steps)
    rated = one.qualification
    return {
        "name": text(one.facts.name), "owner": text(one.facts.owner),
        "business_initiative": text(one.overview.business_initiative), "sponsor": text(one.overview.sponsor),
        "current_step": "complete" if done else drawn.step_name(one),
        "value": rated.value.rating, "risk": rated.risk.rating, "feasibility": rated.feasibility.rating,
        "cost": rated.cost.rating, "decision": rated.decision,
        "start_date": iso(one.overview.start_date), "target_end_date": iso(one.overview.target_end_date),
    }  # fmt: skip


def governed(found):
    return {one.facts.project_key: one for one in found if one.state is Governance.GOVERNED}


def compared(before, now, chosen):
    """The changes by a plain comparison."""
    old, new = governed(before), governed(now)
    found = set()
    for key, one in new.items():
        if not drawn.matches(one, chosen):
            continue
        if key not in old:
            found.add((key, "state", None, "governed"))
            continue
        was, held_now = held(old[key]), held(one)
        found |= {(key, field, was[field], held_now[field]) for field in was if was[field] != held_now[field]}
    if chosen in (Filters(), Filters(include_ungoverned=True)):
        found |= {(key, "state", "governed", None) for key in old.keys() - new.keys()}
    return found


_chosen = st.sampled_from((Filters(), Filters(), Filters(include_ungoverned=True))) | drawn.filters


def made(found, at, chosen=Filters()):
    return build(found, chosen, at, node_id="design 😀")


@few
@given(drawn.portfolios, drawn.portfolios, _chosen)
def test_changes_between_two_reports_are_those_of_a_plain_comparison(before, now, chosen):
    found = past(made(now, drawn.NOW, chosen), made(before, drawn.NOW - timedelta(days=1)))
    if not governed(before):
        assert found is None
        return
    told = changed(found)
    assert len(set(told)) == len(told)
    assert set(told) == compared(before, now, chosen)


@few
@given(drawn.portfolios, _chosen)
def test_a_report_compared_with_its_own_snapshot_has_no_change(found, chosen):
    yesterday = made(found, drawn.NOW - timedelta(days=1))
    if yesterday.governed:
        assert past(made(found, drawn.NOW, chosen), yesterday).changes == ()


# stores and versions ----------------------------------------------------------------------------------------


@pytest.fixture(params=["file", pytest.param("folder", marks=pytest.mark.costly(6))])
def stored(request, tmp_path):
    return tmp_path / ("history.duckdb" if request.param == "file" else "history")


def append(path, portfolio, without=(), version=None):
    """Append a snapshot as a version wrote it that did not know some columns."""
    run = run_of(portfolio.generated_on)
    columns = {name: kind for name, kind in COLUMNS.items() if name not in without}
    rows = [{name: row[name] for name in columns} for row in snapshot_rows(portfolio, run)]
    if version is not None:
        rows = [{**row, "schema_version": version} for row in rows]
    history_at(path).append(run, columns, rows)


def read(path, now):
    with open_trends(path, node=node_of(now)) as trends:
        return trends_view(now, trends)


FULL = project(decision="Go", ratings=("Low",) * 4, sponsor="Ada", business_initiative="Fraud",
               start_date=date(2026, 1, 5), target_end_date=date(2026, 6, 30))  # fmt: skip


@pytest.mark.parametrize("column", [column for column in FIELDS.values() if column not in (None, "flow_step")])
def test_what_an_older_version_left_blank_is_no_change(column):
    rows = [{**row, "schema_version": 0, column: None} for row in kept(report(FULL))]
    assert changed(past_in(rows, report(FULL, day=1))) == []


def test_what_an_older_version_did_know_is_compared():
    rows = [{**row, "schema_version": 0} for row in kept(report(project(name="Old", decision="Go")))]
    found = past_in(rows, report(project(name="New", sponsor="Ada"), day=1))
    assert changed(found) == [("P", "name", "Old", "New"), ("P", "decision", "Go", None)]


def test_columns_that_an_older_version_did_not_have_are_no_change(stored):
    append(stored, report(FULL), without=("sponsor", "cost", "start_day"), version=0)
    now = report(replace(FULL, facts=replace(FULL.facts, name="New")), day=1)
    assert changed(read(stored, now)) == [("P", "name", "The project", "New")]
    append(stored, report(with_values_of(FULL, sponsor=None), day=1))
    later = replace(now, generated_on=now.generated_on + timedelta(days=1))
    assert changed(read(stored, later)) == [
        ("P", "name", "The project", "New"),
        ("P", "sponsor", None, "Ada"),
    ]


def test_a_blank_of_this_version_is_a_change():
    blank = with_values_of(FULL, business_initiative=None, sponsor=None, start_date=None, target_end_date=None)
    assert changed(past(report(FULL, day=1), report(blank))) == [
        ("P", "business_initiative", None, "Fraud"),
        ("P", "sponsor", None, "Ada"),
        ("P", "start_date", None, "2026-01-05"),
        ("P", "target_end_date", None, "2026-06-30"),
    ]


# an instance ------------------------------------------------------------------------------------------------


def test_a_report_tells_what_was_done_since_the_last_snapshot(instance, stored):
    instance.history = stored
    instance.done("init", "P", "Q", "--value", "High")
    instance.snapshot()
    instance.after(1).done("advance", "P")
    instance.snapshot()
    instance.rename("P", "New name")
    instance.done("qualify", "P", "--decision", "Go")
    instance.done("ungovern", "Q", "--yes")
    instance.after(1)
    with clock.set_to(instance.now):
        built = with_history(build_report(connect_to(instance.connection.url, instance.connection.api_key)), stored)
    found = built.portfolio.trends
    assert (found.since, found.days) == (date(2026, 3, 2), (date(2026, 3, 1), date(2026, 3, 2)))
    assert changed(found) == [
        ("P", "name", "The project", "New name"),
        ("P", "decision", None, "Go"),
        ("Q", "state", "governed", None),
    ]
    with open_trends(stored) as trends:
        assert [
            {"day": str(at), "step": step, "projects": count}
            for at, counts in zip(found.days, found.flow, strict=True)
            for step, count in counts.items()
        ] == fetch(trends, "flow")


def test_a_history_of_other_instances_is_an_error_with_a_way_out(stored):
    append(stored, report(project()))
    with pytest.raises(HistoryError, match=r"no snapshot of the instance other\b.*snapshot --history"):
        with_history(Report(report(project(node="other"), node="other", day=1)), stored)
