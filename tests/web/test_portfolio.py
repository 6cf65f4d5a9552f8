"""What the live page lists: what each person sees, how fresh it is, what changed since."""

import csv
import gzip
import io
import json

import dataikuapi
import pytest
from support.projects import create_project

from govern_mirror import clock
from govern_mirror.settings import Settings
from govern_mirror.web import listings
from govern_mirror_devkit.sandbox.mock_instance import URL


def test_the_list_has_what_the_report_has_and_the_ungoverned(page):
    found = page.get("portfolio").json
    assert found["count"] == 2 and sorted(found["columns"]["key"]) == ["CHURN", "PLAIN"]
    assert found["about"]["steps"][0] == {"id": "exploration", "name": "Exploration"}
    assert found["scope"] == {"seen": 2}


def test_who_may_write_nothing_is_told_so_and_why(people, open_page):
    writer, reader, outsider = (open_page(people[login]).get("me").json for login in ("olga", "rita", "otto"))
    assert (writer["read_only"], writer["reason"]) == (False, None)
    assert reader["read_only"] is True and "none of the projects that you see" in reader["reason"]
    assert outsider["read_only"] is True


def test_an_unchanged_list_is_not_sent_again(page):
    first = page.get("portfolio")
    assert page.get("portfolio", **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    item = page.get("items/CHURN")
    assert page.get("items/CHURN", **{"If-None-Match": item.headers["ETag"]}).status_code == 304
    assert "no-store" in page.get("me").headers["Cache-Control"]


def test_the_list_comes_compressed_where_the_browser_takes_that(page):
    packed = page.get("portfolio", **{"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.data)) == page.get("portfolio").json


def test_only_what_changed_is_asked_for_again(page, dss):
    token = page.get("portfolio").json["token"]
    assert page.get(f"portfolio?since={token}").json["count"] == 0
    page.save("CHURN", changes={"overview.sponsor": "Bea"})
    dss.projects.delete(dss.admin, "PLAIN")
    create_project(dss, "FRESH")
    mine = page.get(f"portfolio?since={token}").json
    assert mine["columns"]["key"] == ["CHURN"] and mine["gone"] == []
    changed = page.get(f"portfolio?since={token}&fresh=1").json
    assert changed["since"] is True and changed["token"] != token
    assert sorted(changed["columns"]["key"]) == ["CHURN", "FRESH"] and changed["gone"] == ["PLAIN"]
    assert page.get(f"portfolio?since={changed['token']}").json["count"] == 0


def test_who_asks_for_changes_since_the_unknown_gets_all(page):
    found = page.get("portfolio?since=unknown").json
    assert "since" not in found and found["count"] == 2


def test_my_own_change_shows_at_once_others_within_a_minute(page, dss, open_page, monkeypatch):
    other = open_page(dss.admin_key)
    now = [1000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])

    def sponsor(of, query=""):
        columns = of.get(f"portfolio{query}").json["columns"]
        return columns["sponsor"]["values"][columns["sponsor"]["codes"][columns["key"].index("CHURN")]]

    assert sponsor(page) == sponsor(other) == "Ada"
    page.save("CHURN", changes={"overview.sponsor": "Bea"})
    assert sponsor(page) == "Bea" and sponsor(other) == "Ada"
    assert sponsor(other, "?fresh=1") == "Bea"
    page.save("CHURN", changes={"overview.sponsor": "Cem"})
    now[0] += listings.MAX_AGE - 1
    assert sponsor(other) == "Bea"
    now[0] += 2
    assert sponsor(other) == "Cem"


def test_nobody_gets_a_word_of_a_project_they_may_not_read(people, open_page):
    owner, outsider = open_page(people["olga"]), open_page(people["otto"])
    owner.post("items/CHURN/govern", {"values": {"overview.sponsor": "Secretariat"}})
    owner.get("portfolio")
    for path in ("portfolio", "portfolio/texts", "recent", "items/CHURN", "me", "portfolio?since=x"):
        answer = outsider.get(path)
        assert "Secretariat" not in answer.text and '"Churn"' not in answer.text
    mine, theirs = (page.get("portfolio").headers["ETag"] for page in (owner, outsider))
    assert mine != theirs
    assert outsider.get("portfolio", **{"If-None-Match": mine}).status_code == 200


def test_a_project_that_is_withdrawn_is_gone_at_the_next_look(people, dss, open_page):
    reader = open_page(people["rita"])
    token = reader.get("portfolio").json["token"]
    project = dataikuapi.DSSClient(URL, dss.admin_key).get_project("CHURN")
    project.set_permissions({**project.get_permissions(), "permissions": []})
    assert reader.get(f"portfolio?since={token}&fresh=1").json["gone"] == ["CHURN"]
    empty = reader.get("portfolio").json
    assert empty["count"] == 0 and empty["columns"]["key"] == []


def test_notes_are_found_by_their_text(page):
    page.save("CHURN", changes={"steps.exploration.notes": "two meetings with the branch"})
    assert "two meetings" in page.get("portfolio/texts").json["texts"]["CHURN"]


def test_the_latest_events_are_told_as_sentences(page):
    page.save("CHURN", changes={"overview.sponsor": "Bea"})
    (last, first) = page.get("recent").json["events"]
    assert (last["project_key"], last["by"], last["sentence"]) == ("CHURN", "admin", "Sponsor: Ada → Bea")
    assert first["sentence"].startswith("Governed")


def test_what_is_filtered_is_exported_and_no_formula_runs(page):
    page.save("CHURN", changes={"overview.sponsor": "=1+1"})
    answer = page.post("export", {"keys": ["CHURN", "NOPE"], "format": "csv"})
    assert "attachment" in answer.headers["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert row["project_key"] == "CHURN" and not row["sponsor"].startswith("=")
    assert page.post("export", {"keys": ["CHURN"], "format": "xlsx"}).data[:2] == b"PK"


@pytest.mark.parametrize("keys", [["CHURN", "PLAIN"], ["PLAIN", "CHURN"]])
def test_an_export_has_the_order_that_was_asked_for(page, keys):
    answer = page.post("export", {"keys": keys, "format": "csv"})
    rows = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert [row["project_key"] for row in rows] == keys


@pytest.mark.parametrize("document", [{"keys": ["CHURN"]}, {"keys": "CHURN", "format": "csv"}, {"format": "csv"}])
def test_an_export_of_nothing_that_is_known_is_refused(page, document):
    assert page.post("export", document).status_code == 422


def test_people_are_offered_by_their_names(page, dss):
    dss.create_user("olga", (), "Olga Weber")
    assert {"login": "olga", "name": "Olga Weber"} in page.get("people").json["people"]


def test_people_whose_account_is_disabled_are_not_suggested(dss, people, open_page):
    page = open_page(people["rita"])
    dss.accounts.change_user("otto", enabled=False)
    logins = [person["login"] for person in page.get("people").json["people"]]
    assert "rita" in logins and "otto" not in logins


def test_a_project_that_cannot_be_read_hides_no_other(page, dss):
    create_project(dss, "DEEP", customFields={"x": json.loads("[" * 300 + "]" * 300)})
    found = page.get("portfolio?fresh=1").json
    assert found["count"] >= 2 and [item["project_key"] for item in found["unreadable"]] in ([], ["DEEP"])


def test_what_is_shown_does_not_depend_on_who_asked_first(people, dss, open_page):
    owner, reader = open_page(people["olga"]), open_page(people["rita"])
    owner.post("items/CHURN/govern", {"values": {"overview.sponsor": "Ada"}})
    mine, theirs = (page.get("portfolio?fresh=1").json for page in (owner, reader))
    assert mine["columns"].pop("writable")["values"] == [True] and theirs["columns"].pop("writable")["values"] == [
        False
    ]
    assert mine["columns"] == theirs["columns"] and mine["about"] == theirs["about"]
    assert "Ada" in str(theirs["columns"]["sponsor"])
    owner.save("CHURN", changes={"overview.sponsor": "Bea"})
    after = owner.get("portfolio").json["columns"]
    assert after == owner.get("portfolio?fresh=1").json["columns"], "a change shows as DSS lists it afterwards"


def test_a_right_that_is_given_shows_at_the_next_look(people, dss, open_page):
    reader = open_page(people["rita"])
    token = reader.get("portfolio").json["token"]
    project = dataikuapi.DSSClient(URL, dss.admin_key).get_project("CHURN")
    permissions = project.get_permissions()
    permissions["permissions"][1]["writeProjectContent"] = True
    project.set_permissions(permissions)
    changed = reader.get(f"portfolio?since={token}&fresh=1").json
    assert changed["columns"]["key"] == ["CHURN"] and changed["columns"]["writable"]["values"] == [True]


def test_what_the_next_step_lacks_is_told_of_each_project(page, dss, open_page):
    rules = Settings(required_fields=[{"step": "exploration", "field": "overview.description"}], settling_seconds=0)
    strict = open_page(dss.admin_key, rules)

    def missing():
        columns = strict.get("portfolio?fresh=1").json["columns"]
        found = columns["missing"]
        return {key: found["values"][code] for key, code in zip(columns["key"], found["codes"], strict=True)}

    assert missing() == {"CHURN": ["Description"], "PLAIN": None}
    changes = {"overview.description": "x", "qualification.risk.rating": "Low"}
    strict.save("CHURN", changes=changes, statuses={"exploration": "FINISHED", "qualification": "ONGOING"})
    assert missing()["CHURN"] == ["Value", "Feasibility", "Cost", "Decision"]
    strict.post("items/CHURN/close", {"reason": "over"})
    assert missing()["CHURN"] is None


def test_whom_to_ask_and_where_to_look_is_told_where_it_is_known(page, dss, open_page):
    assert page.get("me").json["status_page"] is None and page.get("me").json["ask"] is None
    settings = Settings(status_page="https://dss.example.com/status/", ask=" Governance ", settling_seconds=0)
    me = open_page(dss.admin_key, settings).get("me").json
    assert (me["status_page"], me["ask"]) == ("https://dss.example.com/status", "Governance")
    for unsafe in ("javascript:alert(1)", "data:text/html,x", "", " "):
        harmless = open_page(dss.admin_key, Settings(status_page=unsafe, settling_seconds=0))
        assert harmless.get("me").json["status_page"] is None
