"""The register on the live page as a file: all that the filter finds, also more than the page shows."""

import csv
import io

import pytest
from hub.conftest import HUB, V1

from govern_mirror.actions import register
from govern_mirror.actions.register import CSV_COLUMNS
from govern_mirror.web import signoffs


@pytest.fixture
def approved(bank, as_, asked):
    asked()
    assert as_("ana", "signoff", "approve", V1, "--comment", "=1+1").code == 0


def rows_of(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def test_the_file_holds_more_than_the_page_shows(approved, page_of, monkeypatch):
    monkeypatch.setattr(signoffs, "MAX_ENTRIES", 1)
    monkeypatch.setattr(register, "AT_ONCE", 2)
    auditor = page_of("ben")
    shown = auditor.get("approvals").json
    rows = rows_of(auditor.get("approvals.csv"))
    assert len(shown["entries"]) == 1 and len(rows) == shown["found"] == 4
    assert tuple(rows[0]) == CSV_COLUMNS
    (approval,) = [row for row in rows if row["act"] == "approve"]
    assert (approval["by"], approval["comment"]) == ("ana", "'=1+1"), "no spreadsheet runs it"
    assert rows[0]["id"] == shown["entries"][0]["id"]


def test_the_file_is_filtered_as_the_page_is(approved, page_of):
    auditor = page_of("ben")
    assert [row["act"] for row in rows_of(auditor.get("approvals.csv?by=ana"))] == ["approve"]
    assert rows_of(auditor.get("approvals.csv?item=nothing")) == []
    assert auditor.get("approvals.csv?since=yesterday").status_code == 422


def test_no_file_is_begun_that_cannot_be_read_whole(approved, page_of, bank):
    bank.projects.set_document(bank.admin, HUB, "permissions", {"owner": "admin", "permissions": []})
    answer = page_of("ben").get("approvals.csv")
    assert answer.status_code >= 400 and "GOVERNANCE" in answer.json["detail"]
    assert page_of("ben", hub=None).get("approvals.csv").status_code == 404


def test_a_part_of_the_file_holds_a_hundred_entries_at_most(approved, hub_session):
    entries = register.read_register(hub_session, limit=None).entries
    parts = list(register.register_csv(entries * 100, hub_session.blueprint))
    assert len(parts) == len(entries) + 1 and b"".join(parts).count(b"\r\n") == 100 * len(entries) + 1
