"""The scenario's definition: whatever people put into it survives us, and installing twice is installing once."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govern_mirror.scenario.definition import (
    NAME,
    TAG,
    foreign,
    installed,
    is_marked,
    lost,
    new,
    part,
    removed,
    reporting_of,
    run_as,
)
from govern_mirror.scenario.parts import DAYS, Mail, PartId, Reporting, Schedule

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
LATER = datetime(2026, 5, 1, tzinfo=timezone.utc)
MAIL = Mail(("ada@example.com", "bob@example.com"), "mail")
FULL = Reporting(Schedule(7, 30, ("Monday",), "Europe/Paris"), True, ("governed", "history"), "f1", MAIL, MAIL)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
OURS = [identifier.value for identifier in PartId]


def is_ours(item: Any) -> bool:
    return isinstance(item, dict) and (item.get("id") in OURS or item.get("name") in OURS)


own_items = st.one_of(
    json_values,
    st.fixed_dictionaries({"id": texts, "name": texts, "type": texts}, optional={"params": json_values}),
).filter(lambda item: not is_ours(item))
definitions = st.fixed_dictionaries(
    {},
    optional={
        "name": texts,
        "active": st.booleans(),
        "tags": st.lists(texts, max_size=3),
        "triggers": st.lists(own_items, max_size=3),
        "reporters": st.lists(own_items, max_size=3),
        "params": st.fixed_dictionaries({}, optional={"steps": st.lists(own_items, max_size=4), "x": json_values}),
        "customFields": json_values,
        "runAsUser": texts,
    },
)
mails = st.none() | st.builds(
    Mail,
    st.lists(st.sampled_from(["a@b.c", "d@e.f"]), min_size=1, unique=True).map(tuple),
    texts.map(lambda t: f"c{t}"),
)
schedules = st.builds(
    Schedule,
    st.integers(0, 23),
    st.integers(0, 59),
    st.sets(st.sampled_from(DAYS)).map(lambda days: tuple(day for day in DAYS if day in days)),
    st.sampled_from(["SERVER", "UTC", "Europe/Paris"]),
)
reportings = st.builds(
    Reporting,
    schedules,
    st.booleans(),
    st.lists(st.sampled_from(["governed", "history", "flow"]), unique=True).map(tuple),
    st.none() | st.sampled_from(["f1", "P.f2"]),
    mails,
    mails,
)


def lists(definition: dict[str, Any]) -> list[list[Any]]:
    params = definition.get("params") or {}
    return [params.get("steps") or [], definition.get("triggers") or [], definition.get("reporters") or []]


def foreign_items(definition: dict[str, Any]) -> list[list[Any]]:
    return [[item for item in items if not is_ours(item)] for items in lists(definition)]


def rest(definition: dict[str, Any]) -> dict[str, Any]:
    """All but the lists and our mark."""
    bare = copy.deepcopy(definition)
    for key in ("triggers", "reporters"):
        bare.pop(key, None)
    params = bare.pop("params", None) or {}
    params.pop("steps", None)
    tags = [tag for tag in bare.pop("tags", []) if tag != TAG]
    return {**bare, "params": params, "tags": tags}


@given(definitions, st.lists(reportings, min_size=1, max_size=4))
def test_what_people_added_survives_any_install_update_and_removal_in_its_order(definition, wanted):
    before = copy.deepcopy(definition)
    current = definition
    for each in wanted:
        current = installed(current, each, NOW)
        assert foreign_items(current) == foreign_items(before)
        assert rest(current) == rest(before)
    left = removed(current)
    if left is None:
        assert not any(foreign_items(before)) and foreign(current) == 0
    else:
        assert lists(left) == foreign_items(before) and rest(left) == rest(before)
        assert not is_marked(left) and foreign(left) == foreign(current)
    assert definition == before, "what was read is not changed in place"


@given(definitions, reportings)
def test_installing_twice_changes_nothing_the_second_time(definition, wanted):
    once = installed(definition, wanted, NOW)
    assert installed(once, wanted, LATER) == once
    assert json.loads(json.dumps(once)) == once


@given(definitions, reportings, reportings)
def test_an_update_leads_to_what_a_fresh_install_does(definition, earlier, wanted):
    updated = installed(installed(definition, earlier, NOW), wanted, NOW)
    assert reporting_of(updated) == wanted == reporting_of(installed(definition, wanted, NOW))
    assert lost(installed(definition, wanted, NOW), updated) == []


@given(definitions, reportings, st.randoms())
def test_the_order_that_people_gave_the_steps_stays(definition, wanted, random):
    current = installed(definition, wanted, NOW)
    random.shuffle(current["params"]["steps"])
    assert installed(current, wanted, NOW) == current


@given(definitions)
def test_any_definition_can_be_read(definition):
    reporting_of(definition), run_as(definition), foreign(definition)


@given(json_values)
def test_a_definition_that_makes_no_sense_is_still_read(value):
    odd = {"params": value, "triggers": value, "reporters": value, "tags": value, "versionTag": value}
    reporting_of(odd), run_as(odd), is_marked(odd), removed(odd)
    assert reporting_of(installed(odd, FULL, NOW)) == FULL


def steps(definition: dict[str, Any]) -> list[str]:
    return [step["id"] for step in definition["params"]["steps"]]


def test_a_step_that_comes_later_goes_where_it_belongs_among_peoples_own():
    start = installed(new(), Reporting(Schedule(), folder="f1"), NOW)
    start["params"]["steps"] = [{"id": "first"}, *start["params"]["steps"], {"id": "last"}]
    both = installed(start, Reporting(Schedule(), datasets=("d",), folder="f1"), NOW)
    assert steps(both) == ["first", "govern_mirror_build", "govern_mirror_report", "last"]
    both["params"]["steps"].insert(2, {"id": "between"})
    full = installed(both, FULL, NOW)
    assert steps(full) == [
        "first", "govern_mirror_sync", "govern_mirror_build", "between", "govern_mirror_report", "last",
    ]  # fmt: skip
    without = installed(full, Reporting(Schedule(), sync=True, folder="f1"), NOW)
    assert steps(without) == ["first", "govern_mirror_sync", "between", "govern_mirror_report", "last"]


def test_what_people_set_in_our_own_parts_stays_on_an_update():
    definition = installed(new(), FULL, NOW)
    sync, build, report = definition["params"]["steps"]
    sync["enabled"] = False
    build["maxRetriesOnFail"] = 3
    report["params"]["config"]["tag"] = ["churn"]
    trigger, reporter = definition["triggers"][0], definition["reporters"][0]
    trigger["active"] = False
    reporter["messaging"]["configuration"]["message"] = "Oh dear"
    updated = installed(definition, Reporting(Schedule(8), True, ("governed",), None, None, MAIL), LATER)
    sync, build, report_gone = part(updated, PartId.SYNC), part(updated, PartId.BUILD), part(updated, PartId.REPORT)
    assert sync["enabled"] is False and build["maxRetriesOnFail"] == 3 and report_gone is None
    assert [each["itemId"] for each in build["params"]["builds"]] == ["governed"]
    trigger = part(updated, PartId.SCHEDULE)
    assert (trigger["active"], trigger["params"]["hour"], trigger["params"]["frequency"]) == (False, 8, "Daily")
    assert trigger["params"]["startingFrom"].startswith("2026-03-01")
    assert part(updated, PartId.FAILURE)["messaging"]["configuration"]["message"] == "Oh dear"
    narrowed = installed(definition, Reporting(FULL.schedule, True, FULL.datasets, "f2", None, None), LATER)
    assert part(narrowed, PartId.REPORT)["params"]["config"] == {"tag": ["churn"], "managed_folder": "f2"}
    assert part(narrowed, PartId.FAILURE) is None


@pytest.mark.parametrize("params", [{"frequency": "Hourly", "repeatFrequency": 6}, {"repeatFrequency": 2}])
def test_a_trigger_that_people_set_in_their_own_way_is_not_reset_by_an_update_of_the_mail(params):
    definition = installed(new(), Reporting(Schedule(), folder="f1"), NOW)
    definition["triggers"][0]["params"].update(params)
    before = copy.deepcopy(definition["triggers"])
    known = reporting_of(definition)
    updated = installed(definition, Reporting(known.schedule, folder="f1", mail=MAIL, alert=MAIL), NOW)
    assert updated["triggers"] == before


def test_what_dss_adds_to_our_parts_on_saving_is_no_difference():
    definition = installed(new(), FULL, NOW)
    for items in lists(definition):
        for item in items:
            item["added"] = {"by": "DSS"}
            item.get("params", {})["alsoAdded"] = None
    definition["versionTag"] = {"versionNumber": 3}
    assert installed(definition, FULL, LATER) == definition and lost(installed(new(), FULL, NOW), definition) == []


def test_a_copy_that_people_made_of_our_step_is_theirs():
    definition = installed(new(), FULL, NOW)
    mine = copy.deepcopy(part(definition, PartId.REPORT))
    mine["params"]["config"] = {"mail_to": "others@example.com"}
    definition["params"]["steps"].append(mine)
    updated = installed(definition, Reporting(Schedule(), folder="f9"), NOW)
    assert updated["params"]["steps"][-1] == mine and foreign(updated) == 1
    assert part(updated, PartId.REPORT)["params"]["config"] == {"managed_folder": "f9"}
    assert removed(updated)["params"]["steps"] == [mine]


def test_our_parts_are_found_again_when_dss_gives_them_ids_of_its_own():
    definition = installed(new(), FULL, NOW)
    for number, item in enumerate(item for items in lists(definition) for item in items):
        item["id"] = f"dss{number}"
    assert reporting_of(definition) == FULL
    assert [len(items) for items in lists(installed(definition, FULL, NOW))] == [3, 1, 1]
    assert removed(definition) is None


def test_the_installed_scenario_says_what_dss_needs():
    """Shapes as in platform-facts: a macro step, a build step, a trigger, a mail reporter."""
    definition = installed(new(), FULL, NOW)
    sync, build, report = definition["params"]["steps"]
    assert report["params"] == {
        "runnableType": "pyrunnable_govern-mirror_governed-projects-report",
        "config": {"managed_folder": "f1", "mail_to": "ada@example.com, bob@example.com", "channel": "mail"},
        "adminConfig": {}, "proceedOnFailure": False,
    }  # fmt: skip
    assert sync["params"]["proceedOnFailure"] is True, "a Govern node that is away does not cost the day's report"
    assert build["params"]["builds"][0] == {"type": "DATASET", "itemId": "governed", "partitionsSpec": ""}
    assert {step["runConditionType"] for step in (sync, build, report)} == {"RUN_IF_STATUS_MATCH"}
    (trigger,) = definition["triggers"]
    assert trigger["params"] == {
        "frequency": "Weekly", "repeatFrequency": 1, "daysOfWeek": ["Monday"], "hour": 7, "minute": 30,
        "timezone": "Europe/Paris", "startingFrom": "2026-03-01T00:00:00.000+0000",
    }  # fmt: skip
    (reporter,) = definition["reporters"]
    assert reporter["runCondition"] == "outcome != 'SUCCESS'" and reporter["phase"] == "END"
    assert reporter["messaging"]["configuration"]["channelId"] == "mail"
    assert NAME and definition["tags"] == [TAG] and definition["active"] is True


@pytest.mark.parametrize(
    ("definition", "login"),
    [
        ({"runAsUser": "ada", "versionTag": {"lastModifiedBy": {"login": "bob"}}}, "ada"),
        ({"runAsUser": None, "versionTag": {"lastModifiedBy": {"login": "bob"}}}, "bob"),
        ({"creationTag": {"lastModifiedBy": {"login": "cyd"}}}, "cyd"),
        ({}, None),
    ],
)
def test_the_user_it_runs_as_is_told_as_dss_chooses_it(definition, login):
    assert run_as(definition) == login


def test_what_dss_did_not_keep_is_named():
    written = installed(new(), FULL, NOW)
    found = copy.deepcopy(written)
    found["tags"] = []
    found["params"]["steps"].pop()
    found["triggers"][0]["params"]["hour"] = 9
    found["reporters"][0]["added by DSS"] = True
    assert lost(written, found) == [f"the tag {TAG}", "govern_mirror_report", "govern_mirror_schedule"]
