"""`reviews --all`: an auditor who may only read finds who approved what, and takes it along."""

import csv
import io
import json

import pytest
from hub.conftest import HUB, V1, V2


@pytest.fixture
def auditor(bank, as_, people, tmp_path):
    """Somebody who reads the hub and nothing else."""
    people["aud"] = bank.create_user("aud", ("auditors",))
    permissions = [{"group": "auditors", "readProjectContent": True}]
    bank.projects.set_document(bank.admin, HUB, "permissions", {"owner": "admin", "permissions": permissions})
    settings = tmp_path / "auditor.json"
    settings.write_text(json.dumps({"hub_project": HUB}))
    return lambda *arguments: as_("aud", "--settings", settings, "reviews", *arguments)


@pytest.fixture
def approved(bank, as_, asked):
    """V1 is approved, with a comment that a spreadsheet would run; V2 is asked for."""
    assert as_("admin", "set", "CHURN", "qualification.decision=Go").code == 0
    asked()
    assert as_("ana", "signoff", "approve", V1, "--comment", "=1+1").code == 0
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    asked(V2)


def test_an_auditor_reads_who_approved_what_after_all_is_gone(bank, approved, auditor):
    bank.projects.delete(bank.admin, "CHURN")
    bank.accounts.change_user("ana", enabled=False)
    ended = auditor("--all", "--by", "ana")
    line = " ".join(ended.out.split())
    assert ended.code == 0 and f"ana approved {V1} final approver" in line and "=1+1" in line
    assert "1 of 5 entries; the ledger is as it was written" in ended.err


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (("--item", "bundle/V2"), 1),
        (("--act", "approve"), 1),
        (("--act", "configuration"), 2),
        (("--since", "2099-01-01"), 0),
        (("--until", "2099-01-01"), 5),
        (("--until", "2001-01-01"), 0),
    ],
)
def test_the_register_is_filtered_on_the_command_line(approved, auditor, wanted, count):
    document = json.loads(auditor("--all", "--format", "json", *wanted).out)
    assert len(document["entries"]) == document["found"] == count


def test_an_act_that_nobody_can_do_is_not_told_as_never_done(approved, auditor):
    ended = auditor("--all", "--act", "aprove")
    assert ended.code == 2 and "unknown act 'aprove': use one of request_feedback" in ended.err


def test_the_register_is_exported_whole_and_harmless(approved, auditor):
    ended = auditor("--all", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    (approval,) = [row for row in rows if row["act"] == "approve"]
    assert (approval["by"], approval["item"], approval["role"]) == ("ana", V1, "final approver")
    assert approval["comment"] == "'=1+1", "no spreadsheet runs it"
    assert json.loads(approval["subject"])["bundle"] == "v1" and "user:ana" in approval["reviewers"]
    assert json.loads(approval["values"])["qualification.decision"] == "Go"


def test_a_register_that_was_tampered_with_is_told(bank, approved, auditor):
    (folder,) = bank.managed_folders.listed(bank.admin, HUB)
    for item in bank.managed_folders.contents(bank.admin, HUB, folder["id"])["items"]:
        content = bank.managed_folders.get(bank.admin, HUB, folder["id"], item["path"])
        if b'"approve"' in content:
            bank.managed_folders.put(bank.admin, HUB, folder["id"], item["path"], content.replace(b"=1+1", b"=2+2"))
    ended = auditor("--all")
    assert ended.code == 3 and "not as it was written" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [("--by", "ana"), ("--format", "csv"), ("--all", "--mine"), ("--all", "--since", "yesterday")],
    ids=["a filter alone", "csv alone", "both", "no day"],
)
def test_what_the_register_does_not_take_is_refused(bank, auditor, arguments):
    ended = auditor(*arguments)
    assert ended.code in (1, 2) and ended.out == ""
