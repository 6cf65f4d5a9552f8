"""Lists that several people see: made once, sent once compressed, and never another one's, or half a one."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import dataikuapi
import pytest
from support.live_page import open_page_of
from support.projects import create_project
from support.request_log import RequestLog

from govern_mirror.actions.govern import Scope, initialize
from govern_mirror.actions.session import connect_to
from govern_mirror.settings import Settings
from govern_mirror.web import listings
from govern_mirror.web.listings import Listings, Packed
from govern_mirror.web.rows import Rows
from govern_mirror.web.visitors import Visitor
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import URL
from govern_mirror_devkit.sandbox.server import serve

GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def visitor(dss):
    """Somebody with a key, as the page lets them in."""

    def of(login, api_key):
        return Visitor(login, connect_to(URL, api_key, settings=Settings(settling_seconds=0)))

    return of


@pytest.fixture
def everybody(dss, visitor):
    """Two readers of CHURN, its writer, and who sees nothing, on one backend."""
    keys = {"olga": "writers", "rita": "readers", "rolf": "readers", "otto": "outsiders"}
    keys = {login: dss.create_user(login, (group,)) for login, group in keys.items()}
    permissions = [
        {"group": "writers", "readProjectContent": True, "writeProjectContent": True},
        {"group": "readers", "readProjectContent": True},
    ]
    dss.create_project("CHURN", "Churn", "olga", permissions=permissions)
    dss.create_project("SECRET", "Secret", "olga", permissions=permissions[:1])
    initialize(connect_to(URL, dss.admin_key), Scope(("CHURN", "SECRET")), {"overview.sponsor": "Ada"})
    return {login: visitor(login, key) for login, key in keys.items()}


@pytest.fixture
def made(monkeypatch):
    """The keys of the projects whose rows were made, in order."""
    keys = []
    make = Rows.make

    def counted(self, session, projects, now):
        keys.extend(project.facts.project_key for project in projects)
        return make(self, session, projects, now)

    monkeypatch.setattr(Rows, "make", counted)
    return keys


def shown(packed):
    return json.loads(gzip.decompress(packed))


def test_what_one_person_saw_is_not_decoded_again_for_the_next(everybody, made):
    page = Listings()
    for login in ("olga", "rita", "rolf"):
        page.of(everybody[login])
    assert sorted(made) == ["CHURN", "SECRET"]


def test_people_who_see_the_same_keep_one_list(everybody):
    page = Listings()
    rita, rolf, olga = (page.of(everybody[login]) for login in ("rita", "rolf", "olga"))
    assert rita.content is rolf.content and rita.token != rolf.token
    assert olga.content is not rita.content


def test_the_list_is_compressed_once_for_all_who_see_it(everybody, monkeypatch):
    packed = []
    pack = Listings._pack
    monkeypatch.setattr(Listings, "_pack", lambda self, seen: packed.append(seen) or pack(self, seen))
    page = Listings()
    answers = [shown(page.packed(page.of(everybody[login]))) for login in ("rita", "rolf", "rita")]
    assert len(packed) == 1
    assert answers[0].pop("token") != answers[1].pop("token")
    assert answers[0]["columns"] == answers[1]["columns"] and answers[0]["columns"]["key"] == ["CHURN"]


def test_the_same_projects_with_other_rights_are_another_list(everybody, dss):
    project = dataikuapi.DSSClient(URL, dss.admin_key).get_project("SECRET")
    permissions = project.get_permissions()
    permissions["permissions"].append({"group": "readers", "readProjectContent": True})
    project.set_permissions(permissions)
    page = Listings()
    olga, rita = (page.of(everybody[login]) for login in ("olga", "rita"))
    assert olga.rows == rita.rows
    writable = [shown(page.packed(listing))["columns"]["writable"] for listing in (olga, rita)]
    assert writable[0]["values"] == [True] and writable[1]["values"] == [False]


def test_nothing_kept_for_others_shows_a_word_to_who_may_not_read(everybody):
    page = Listings()
    for login in ("olga", "rita"):
        page.packed(page.of(everybody[login]))
    for login, hidden in (("otto", ("Churn", "Secret", "Ada")), ("rita", ("Secret", "SECRET"))):
        text = gzip.decompress(page.packed(page.of(everybody[login]))).decode()
        assert not [word for word in hidden if word in text]


def test_the_head_stands_in_no_shared_part():
    packed = Packed(b'{"count":1}')
    one, other = packed.with_head(b'{"token":"secret of one"}'), packed.with_head(b'{"token":"another"}')
    assert shown(one) == {"count": 1, "token": "secret of one"}
    assert b"secret" not in gzip.decompress(other) and shown(other)["token"] == "another"


def test_a_list_that_breaks_off_is_asked_for_again(page, dss):
    dss.faults.set("GET /projects:cut-after-write@1")
    log = RequestLog(dss)
    found = page.get("portfolio?fresh=1")
    assert sorted(found.json["columns"]["key"]) == ["CHURN", "PLAIN"]
    assert log.count("GET", "/projects") >= 2


def test_a_list_that_always_breaks_off_shows_no_half_of_it(page, dss):
    token = page.get("portfolio").json["token"]
    dss.faults.set("GET /projects:cut-after-write")
    assert page.get(f"portfolio?since={token}&fresh=1").status_code == 502
    dss.faults.set("")
    assert page.get(f"portfolio?since={token}").json["gone"] == []


@pytest.mark.parametrize("answer", ["html", "json={}", "json=null", "json=[1]", "empty", 'json={"projectKey":"X"}'])
def test_what_is_no_list_of_projects_is_none(page, dss, answer):
    dss.faults.set(f"GET /projects:{answer}")
    found = page.get("portfolio?fresh=1")
    assert found.status_code == 502 and "not from DSS" in found.json["detail"]


def test_changes_are_told_as_long_as_they_are_remembered(page):
    token = page.get("portfolio").json["token"]
    for number in range(listings.MAX_EARLIER):
        page.save("CHURN", changes={"overview.sponsor": f"{number}"})
    found = page.get(f"portfolio?since={token}").json
    assert found["since"] is True and found["columns"]["key"] == ["CHURN"]
    page.save("CHURN", changes={"overview.sponsor": "last"})
    found = page.get(f"portfolio?since={token}").json
    assert "since" not in found and found["count"] == 2


def test_what_was_changed_and_changed_back_is_told(page, dss):
    token = page.get("portfolio").json["token"]
    create_project(dss, "BRIEF")
    middle = page.get(f"portfolio?since={token}&fresh=1").json
    dss.projects.delete(dss.admin, "BRIEF")
    assert middle["columns"]["key"] == ["BRIEF"]
    assert page.get(f"portfolio?since={middle['token']}&fresh=1").json["gone"] == ["BRIEF"]


def test_over_a_real_connection_the_list_is_the_same(monkeypatch):
    dss = Sandbox()
    for number in range(300):
        create_project(dss, f"P{number:03d}", label='A "},{"projectKey":"X" \\ name', shortDesc="é" * 2000)
    with serve(dss) as url:
        monkeypatch.setattr("govern_mirror.dss.transport.PIECE", 1000)
        session = connect_to(url, dss.admin_key, settings=Settings(settling_seconds=0))
        found = open_page_of(session).get("portfolio").json
        assert sorted(found["columns"]["key"]) == sorted(session.store.listed())
        assert found["columns"]["name"] == ['A "},{"projectKey":"X" \\ name'] * 300


def test_many_people_at_once_each_get_their_own_list():
    dss = Sandbox()
    groups = {f"p{number}": f"group{number % 3}" for number in range(9)}
    keys = {login: dss.create_user(login, (group,)) for login, group in groups.items()}
    for number in range(30):
        permissions = [{"group": f"group{number % 3}", "readProjectContent": True}]
        dss.create_project(f"P{number:02d}", permissions=permissions)
    page = Listings()
    with serve(dss) as url:
        people = {
            login: Visitor(login, connect_to(url, key, settings=Settings(settling_seconds=0)))
            for login, key in keys.items()
        }

        def look(login):
            for _ in range(5):
                listing = page.of(people[login], fresh=True)
                packed, since = shown(page.packed(listing)), page.changes(people[login], listing.token)
                wanted = [f"P{number:02d}" for number in range(30) if f"group{number % 3}" == groups[login]]
                assert sorted(packed["columns"]["key"]) == sorted(listing.rows) == wanted
                assert since is not None and since["count"] == 0
            return login

        with ThreadPoolExecutor(len(people)) as pool:
            assert sorted(pool.map(look, people, timeout=120)) == sorted(people)
