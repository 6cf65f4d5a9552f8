"""Trends on the live page: of the projects that a person sees, whatever else the history tells of."""

from datetime import timedelta

import dataikuapi
import pytest
from support.live_page import START, open_page_of
from support.projects import create_project

from govern_mirror import Move, MoveKind, Scope, connect_to, initialize, move, set_values, take_snapshot, ungovern
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL

DAYS_BEFORE = [START - timedelta(days=days) for days in (20, 10, 1)]


@pytest.fixture
def session_of(dss):
    return lambda key: connect_to(URL, key, settings=Settings(settling_seconds=0))


@pytest.fixture
def history(people, dss, session_of, tmp_path):
    """A history of CHURN, which readers see, and SECRET, which they do not."""
    dss.create_project("SECRET", "Secretariat", "admin")
    path, admin = tmp_path / "history.duckdb", session_of(dss.admin_key)
    initialize(admin, Scope(keys=("CHURN", "SECRET")), now=DAYS_BEFORE[0])
    take_snapshot(admin, path, as_of=DAYS_BEFORE[0])
    for key in ("CHURN", "SECRET"):
        move(admin, key, Move(MoveKind.ADVANCE), now=DAYS_BEFORE[0])
        move(admin, key, Move(MoveKind.ADVANCE, "qualification"), now=DAYS_BEFORE[1])
    take_snapshot(admin, path, as_of=DAYS_BEFORE[1])
    take_snapshot(admin, path, as_of=DAYS_BEFORE[2])
    return path


@pytest.fixture
def open_trends(session_of, history):
    return lambda key: open_page_of(session_of(key), history)


def trends(page, **headers):
    answer = page.get("trends", **headers)
    assert answer.status_code == 200, answer.text
    return answer.json


def last(past):
    return {step: counts[-1] for step, counts in past["flow"].items() if counts[-1]}


def test_trends_are_those_of_the_projects_that_somebody_sees(people, dss, open_trends):
    manager, reader = open_trends(dss.admin_key), open_trends(people["rita"])
    assert last(trends(manager)["past"]) == {"qualification": 2}
    mine = trends(reader)
    assert last(mine["past"]) == {"qualification": 1} and mine["why_not"] is None
    assert [row[1] for row in mine["past"]["cycle_times"]] == [1]
    assert mine["past"]["since"] == DAYS_BEFORE[2].date().isoformat()


def test_no_word_of_a_project_leaves_that_its_reader_may_not_see(people, dss, session_of, history, open_trends):
    admin = session_of(dss.admin_key)
    set_values(admin, "SECRET", {"overview.sponsor": "Confidential"})
    set_values(admin, "CHURN", {"overview.sponsor": "Ada"})
    text = open_trends(people["rita"]).get("trends").text
    assert "Ada" in text
    for word in ("SECRET", "Secretariat", "Confidential"):
        assert word not in text
    # nor when it is gone, nor when it is asked for by its key
    ungovern(admin, ["SECRET"])
    reader = open_trends(people["rita"])
    assert "SECRET" not in reader.get("trends").text
    asked = reader.post("trends", {"keys": ["SECRET"]})
    assert asked.json["past"] is None and "SECRET" not in asked.text
    assert reader.post("trends", {"keys": ["SECRET", "CHURN"]}).json["past"]["flow"] == trends(reader)["past"]["flow"]


def test_trends_follow_the_filters(dss, open_trends):
    page = open_trends(dss.admin_key)
    filtered = page.post("trends", {"keys": ["SECRET"]}).json["past"]
    assert last(filtered) == {"qualification": 1}
    assert page.post("trends", {"keys": []}).json["past"] is None
    for wrong in ({}, {"keys": "SECRET"}, {"keys": [1]}):
        assert page.post("trends", wrong).status_code == 422


def test_what_changed_since_the_last_snapshot_is_told(dss, session_of, open_trends):
    set_values(session_of(dss.admin_key), "CHURN", {"overview.sponsor": "Ada"})
    news = trends(open_trends(dss.admin_key))["past"]["news"]
    assert news == [["Other changes", 1, [["CHURN", "Churn", "Sponsor: – → Ada"]]]]


def test_trends_that_are_the_same_are_not_sent_again(dss, open_trends):
    page = open_trends(dss.admin_key)
    tag = page.get("trends").headers["ETag"]
    assert page.get("trends", **{"If-None-Match": tag}).status_code == 304
    page.save("CHURN", changes={"overview.sponsor": "Bea"})
    assert page.get("trends", **{"If-None-Match": tag}).status_code == 200


def test_a_right_that_is_withdrawn_takes_its_trends_away(people, dss, open_trends):
    reader = open_trends(people["rita"])
    assert trends(reader)["past"]
    project = dataikuapi.DSSClient(URL, dss.admin_key).get_project("CHURN")
    project.set_permissions({**project.get_permissions(), "permissions": []})
    reader.get("portfolio?fresh=1")
    assert trends(reader)["past"] is None


def test_the_total_is_that_of_the_last_snapshot(people, dss, open_trends, open_page):
    told = open_trends(people["rita"]).get("total").json
    assert told == {"governed": 2, "at": DAYS_BEFORE[2].isoformat().replace("+00:00", "Z")}
    assert open_page(people["rita"]).get("total").json == {"governed": None, "at": None}


def test_without_a_history_the_view_says_what_to_set_up(page):
    told = trends(page)
    assert told["past"] is None and "--history" in told["why_not"]


def test_a_history_that_cannot_be_read_is_told(dss, session_of, tmp_path):
    page = open_page_of(session_of(dss.admin_key), tmp_path / "none.duckdb")
    assert "snapshot --history" in trends(page)["why_not"] and page.get("total").json["governed"] is None
    (tmp_path / "odd.duckdb").write_bytes(b"SQLite format 3\x00" + bytes(100))
    page = open_page_of(session_of(dss.admin_key), tmp_path / "odd.duckdb")
    assert "no history" in trends(page)["why_not"]


def test_a_project_that_no_snapshot_holds_has_no_trends_yet(dss, session_of, history):
    create_project(dss, "FRESH")
    initialize(session_of(dss.admin_key), Scope(keys=("FRESH",)))
    page = open_page_of(session_of(dss.admin_key), history)
    assert "no snapshot" in page.post("trends", {"keys": ["FRESH"]}).json["why_not"]
