"""Sign-offs of a project's steps, and attested decisions: with the real client, each person with their own key."""

import json
from dataclasses import replace

import pytest
from hub.conftest import HUB, PERMISSIONS, REVIEWERS, V1
from support.projects import edit_article, wiki_articles
from support.request_log import RequestLog

from govern_mirror.hub.ledger import read_entry

READING = {"owner": "admin", "permissions": PERMISSIONS[1:]}


@pytest.fixture
def settings(tmp_path):
    """What people give who may not read the plugin's settings: only administrators may."""
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"hub_project": HUB, "settling_seconds": 0}))
    return ("--settings", file)


@pytest.fixture
def configure(as_, tmp_path):
    def import_(*switches):
        file = tmp_path / "switches.yaml"
        file.write_text(REVIEWERS + "".join(f"  {line}\n" for line in switches))
        ended = as_("admin", "hub", "import", file)
        assert ended.code == 0, ended.err

    return import_


@pytest.fixture
def churn(bank, as_, configure, settings):
    """CHURN at Qualification, which the hub has signed off; editors read the hub."""
    configure("project_steps: [qualification]")
    for login in ("rita", "emil"):
        bank.accounts.change_user(login, groups=["editors", "readers"])
    bank.projects.set_document(bank.admin, HUB, "permissions", READING)
    for _ in range(2):
        assert as_("admin", "advance", "CHURN").code == 0
    return "CHURN"


@pytest.fixture
def approved(churn, as_, asked):
    asked(churn)
    assert as_("ana", "signoff", "approve", churn, "--comment", "go").code == 0
    return churn


def hide_hub(bank):
    """Let nobody but administrators read the hub."""
    bank.projects.set_document(bank.admin, HUB, "permissions", {"owner": "admin", "permissions": []})


def problems(ended):
    assert ended.code in (0, 3), ended.err
    return [problem["field"] for problem in ended.json["problems"]]


def test_a_step_without_its_approval_cannot_be_finished(churn, as_, asked, settings):
    refused = as_("emil", *settings, "advance", churn)
    assert refused.code == 1, refused.err
    assert "nobody asked for its review yet, and ana, group board can approve it" in refused.err
    assert "signoff request CHURN qualification" in refused.err
    assert as_("emil", *settings, "step", "skip", churn, "qualification", "--reason", "no").code == 1
    assert as_("emil", *settings, "step", "set", churn, "progress", "--reason", "no").code == 1
    asked(churn)
    refused = as_("emil", *settings, "step", "finish", churn, "qualification")
    assert refused.code == 1 and "waits for the final approval" in refused.err
    assert as_("ana", "signoff", "approve", churn).code == 0
    assert as_("emil", *settings, "advance", churn).code == 0
    shown = as_("emil", *settings, "show", churn, "--format", "json").json
    assert shown["signoffs"][0]["by"] == "ana" and shown["problems"] == []
    assert "Sign-off of Qualification: approved, ana\n" in as_("admin", "show", churn).out
    assert "unchecked" not in (shown["events"][-1]["reason"] or "")


def test_a_rejected_sign_off_locks_until_it_is_reset(churn, as_, asked, settings):
    asked(churn)
    assert as_("ana", "signoff", "reject", churn, "--comment", "the data is not ours").code == 0
    refused = as_("emil", *settings, "advance", churn)
    assert refused.code == 1 and "locked" in refused.err and "the data is not ours" in refused.err
    assert as_("emil", *settings, "step", "reopen", churn, "exploration").code == 1
    assert as_("rita", "signoff", "reset", churn).code == 0
    assert as_("emil", *settings, "step", "reopen", churn, "exploration").code == 0


def test_an_override_is_an_event_and_stays_a_finding(churn, as_, settings):
    over = ("step", "set", churn, "progress", "--override", "--reason", "the board said so")
    assert as_("emil", *settings, *over).code == 0
    shown = as_("emil", *settings, "show", churn, "--format", "json")
    assert problems(shown) == ["signoff.qualification"]
    assert shown.json["events"][-1]["reason"] == "the board said so (rules overridden)"
    gate = as_("admin", "gate", churn, "--step", "progress", "--format", "json")
    assert gate.code == 3 and "sign-off" in gate.json["reason"] and problems(gate) == ["signoff.qualification"]
    report = as_("admin", "report", "--format", "json").json["projects"]
    assert [p["field"] for row in report if row["project_key"] == churn for p in row["problems"]] == [
        "signoff.qualification"
    ]


def test_a_plan_file_keeps_the_sign_off_unless_it_is_overridden(churn, as_, settings, tmp_path):
    plan = tmp_path / "plan.csv"
    plan.write_text("project_key,qualification_status\nCHURN,Finished\n", encoding="utf-8")
    apply = ("sync", "apply", plan, "--prefer", "file")
    refused = as_("admin", *apply)
    assert refused.code == 1 and "nobody asked for its review" in refused.out + refused.err
    assert "override the rules with a reason" in refused.out + refused.err
    ended = as_("admin", *apply, "--override", "--reason", "the board said so")
    assert ended.code == 0, ended.err
    assert problems(as_("admin", "show", churn, "--format", "json")) == ["signoff.qualification"]


def test_a_plan_file_says_what_it_could_not_look_at(churn, bank, as_, settings, tmp_path):
    plan = tmp_path / "plan.csv"
    plan.write_text("project_key,qualification_status\nCHURN,Finished\n", encoding="utf-8")
    hide_hub(bank)
    ended = as_("emil", *settings, "sync", "apply", plan, "--prefer", "file")
    assert ended.code == 0 and "sign-offs unchecked" in ended.out + ended.err, ended.err
    shown = as_("emil", *settings, "show", churn, "--format", "json").json
    assert shown["events"][-1]["reason"] == "sign-off unchecked"


def test_who_may_not_read_the_hub_goes_on_and_it_is_told(churn, bank, as_, settings):
    hide_hub(bank)
    moved = as_("emil", *settings, "advance", churn)
    assert moved.code == 0 and "its event says so" in moved.err
    shown = as_("emil", *settings, "show", churn, "--format", "json")
    assert shown.json["events"][-1]["reason"] == "sign-off unchecked"
    assert (
        problems(shown) == ["steps"]
        and shown.json["signoffs"] is None
        and "GOVERNANCE" in shown.json["signoffs_unreadable"]
    )
    gate = as_("emil", *settings, "gate", churn, "--step", "progress", "--format", "json")
    assert problems(gate) == ["steps"], gate.err
    assert as_("emil", *settings, "gate", churn, "--step", "qualification", "--signed-off").code == 1
    # who may read the hub finds what is so
    assert problems(as_("admin", "show", churn, "--format", "json")) == ["signoff.qualification"]
    assert as_("admin", "gate", churn, "--step", "progress").code == 3


def test_what_hand_edits_bring_is_listed(churn, bank, as_):
    bank.edit_metadata(churn, lambda metadata: metadata["customFields"].update(govern_status_qualification="FINISHED"))
    assert "signoff.qualification" in problems(as_("admin", "show", churn, "--format", "json"))


def test_a_mandatory_sign_off_can_be_switched_off(churn, configure, as_, settings):
    configure("mandatory: false", "project_steps: [qualification]")
    assert as_("emil", *settings, "advance", churn).code == 0


def test_a_report_reads_the_hub_once_for_all_projects(churn, bank, as_):
    for number in range(5):
        bank.create_project(f"P{number}", permissions=PERMISSIONS)
        assert as_("admin", "init", f"P{number}").code == 0
    log = RequestLog(bank)
    assert as_("admin", "report", "--format", "json").code == 0
    hub = [request for request in log.requests if HUB in str(request)]
    assert 0 < len(hub) <= 5, hub


def test_without_a_hub_nothing_is_asked(churn, bank, as_):
    bank.plugins.configure(hub_project=None)
    log = RequestLog(bank)
    assert as_("admin", "advance", churn).code == 0
    assert not [request for request in log.requests if HUB in str(request)]
    assert as_("admin", "show", churn, "--format", "json").json["signoffs"] is None


# the macro finishes, with the hub's key ---------------------------------------------------------------------------


def test_the_macro_finishes_for_who_may_not_read_the_hub(churn, bank, as_, asked):
    hide_hub(bank)
    refused = as_("emil", "signoff", "finish", churn)
    assert refused.code == 1 and "nobody asked for its review" in refused.err and "macro" in refused.err
    asked(churn)
    assert as_("ana", "signoff", "approve", churn).code == 0
    tried = as_("emil", "signoff", "finish", churn, "--dry-run")
    assert tried.code == 3 and "nothing was written" in tried.out
    done = as_("emil", "signoff", "finish", churn, "qualification", "--comment", "as agreed")
    again = as_("emil", "signoff", "finish", churn, "--dry-run")
    assert again.code == 0 and "Nothing to do" in again.out, "a dry run that would change nothing"
    assert done.code == 0, done.err
    shown = as_("admin", "show", churn, "--format", "json").json
    assert shown["events"][-1]["by"] == "emil" and shown["events"][-1]["reason"] == "as agreed"
    assert shown["problems"] == [] and shown["steps"][1]["status"] == "FINISHED"


def test_the_macro_finishes_the_review_of_a_bundle(churn, bank, as_, asked):
    hide_hub(bank)
    for _ in range(2):
        assert as_("emil", "advance", V1).code == 0
    refused = as_("emil", "signoff", "finish", V1)
    assert refused.code == 1 and "nobody asked for its review" in refused.err
    asked(V1)
    assert as_("ana", "signoff", "approve", V1).code == 0
    assert as_("emil", "signoff", "finish", V1, "review").code == 0
    shown = as_("admin", "show", V1, "--format", "json").json
    assert shown["steps"][1]["status"] == "FINISHED" and shown["problems"] == []
    refused = as_("emil", "signoff", "attest", V1)
    assert refused.code == 1 and "attest that of its project CHURN" in refused.err


def test_the_macro_moves_only_with_rights_of_the_person(approved, as_):
    assert as_("ben", "signoff", "finish", approved).code == 1
    assert as_("emil", "signoff", "finish", f"{approved}/bundle/v1").code == 1
    assert as_("emil", "signoff", "finish", approved, "progress").code == 1


# a decision, attested ---------------------------------------------------------------------------------------------


@pytest.fixture
def decided(churn, as_, settings):
    assert as_("emil", *settings, "set", churn, "qualification.decision=Go").code == 0
    return churn


def trust(as_, key, who="admin"):
    return as_(who, "show", key, "--format", "json").json["trust_by_path"]["qualification.decision"]


@pytest.mark.parametrize(("who", "role"), [("ana", "final approver"), ("max", "governance manager")])
def test_a_decision_is_attested_by_whom_the_hub_names(decided, as_, who, role):
    assert trust(as_, decided) == "recorded"
    tried = as_(who, "signoff", "attest", decided, "--dry-run")
    assert tried.code == 3 and trust(as_, decided) == "recorded"
    done = as_(who, "signoff", "attest", decided, "--comment", "in the board of 3 March")
    assert done.code == 0 and role in done.out, done.err
    assert trust(as_, decided) == "attested"
    gate = as_("admin", "gate", decided, "--step", "qualification", "--decision", "go", "--format", "json")
    assert gate.json["trust_by_path"]["qualification.decision"] == "attested"
    assert as_("admin", "audit", "--all").code == 0
    assert as_("admin", "reviews").code == 0, "it is no review"
    assert as_("admin", "gate", decided, "--signed-off").code == 3, "and no approval"


def test_a_later_decision_is_not_attested_by_an_earlier_word(decided, as_):
    assert as_("ana", "signoff", "attest", decided).code == 0
    assert as_("admin", "set", decided, "qualification.decision=No go").code == 0
    assert trust(as_, decided) == "recorded"
    assert as_("admin", "set", decided, "qualification.decision=Go").code == 0
    assert trust(as_, decided) == "recorded"
    assert as_("ana", "signoff", "attest", decided).code == 0
    assert trust(as_, decided) == "attested"


@pytest.mark.parametrize("purge", [(), ("--purge",)], ids=["removed", "purged"])
def test_a_project_governed_anew_is_not_attested_by_an_old_word(decided, as_, purge):
    assert as_("ana", "signoff", "attest", decided).code == 0
    assert as_("admin", "ungovern", decided, "--yes", *purge).code == 0
    assert as_("admin", "init", decided).code == 0
    assert as_("admin", "set", decided, "qualification.decision=Go").code == 0
    assert trust(as_, decided) == "recorded"
    for number in range(5):  # as many events as there were before, and more
        assert as_("admin", "set", decided, f"overview.description={number}").code == 0
        assert trust(as_, decided) == "recorded"


def test_a_value_left_behind_when_it_was_governed_anew_is_not_attested(decided, bank, as_):
    assert as_("ana", "signoff", "attest", decided).code == 0
    assert as_("admin", "ungovern", decided, "--yes").code == 0
    bank.edit_metadata(decided, lambda metadata: metadata["customFields"].update(govern_decision="Go"))
    assert as_("admin", "init", decided).code == 0
    assert as_("admin", "set", decided, "overview.description=x").code == 0
    assert trust(as_, decided) != "attested"


@pytest.mark.parametrize("who", ["emil", "ben", "eve"])
def test_nobody_else_attests(decided, as_, who):
    ended = as_(who, "signoff", "attest", decided)
    assert ended.code == 1 and trust(as_, decided) == "recorded"


@pytest.mark.parametrize("forged", [{"role": "editor"}, {"groups": [5]}, {"reviewers": {}}, {"attested": {}}])
def test_an_attestation_that_somebody_else_wrote_does_not_count(decided, bank, as_, forged):
    assert as_("ana", "signoff", "attest", decided).code == 0
    (folder,) = bank.managed_folders.listed(bank.admin, HUB)
    files = bank.managed_folders.contents(bank.admin, HUB, folder["id"])["items"]
    for item in files:
        content = bank.managed_folders.get(bank.admin, HUB, folder["id"], item["path"])
        if b'"attestation"' in content:
            entry = read_entry(item["path"].lstrip("/"), content)
            changed = replace(entry, by="emil", body={**entry.body, **forged})
            bank.managed_folders.remove(bank.admin, HUB, folder["id"], item["path"])
            bank.managed_folders.put(bank.admin, HUB, folder["id"], changed.path, changed.content)
    assert trust(as_, decided) == "recorded"
    audit = as_("admin", "audit", "--all")
    assert audit.code == 3 and decided in audit.out


def test_what_was_typed_or_is_not_there_is_not_attested(churn, bank, as_):
    refused = as_("ana", "signoff", "attest", churn)
    assert refused.code == 1 and "no decision yet" in refused.err
    bank.edit_metadata(churn, lambda metadata: metadata["customFields"].update(govern_decision="Go"))
    refused = as_("ana", "signoff", "attest", churn)
    assert refused.code == 1 and "recorded by nobody" in refused.err
    refused = as_("ana", "signoff", "attest", f"{churn}/bundle/v1")
    assert refused.code == 1 and "bundle" in refused.err


def test_a_gate_with_a_step_reads_the_hub_once(approved, bank, as_):
    log = RequestLog(bank)
    assert as_("admin", "gate", approved, "--step", "qualification", "--signed-off").code == 0
    hub = [path for _, path in log.requests if HUB in path]
    # metadata, folders, contents, the configuration; the item's two entries
    assert len(hub) == 4 + 2, hub


# who wrote the step ------------------------------------------------------------------------------------------------


def test_who_wrote_a_step_with_a_plan_file_does_not_approve_it(churn, bank, as_, asked, settings, tmp_path):
    bank.accounts.change_user("olga", groups=["editors", "readers", "board"])
    plan = tmp_path / "plan.csv"
    plan.write_text("project_key,decision\nCHURN,Go\n", encoding="utf-8")
    ended = as_("olga", *settings, "sync", "apply", plan, "--prefer", "file")
    assert as_("admin", "show", churn, "--format", "json").json["qualification"]["decision"] == "Go", ended.err
    asked(churn)
    refused = as_("olga", "signoff", "approve", churn)
    assert refused.code == 1 and "you last wrote this step" in refused.err
    assert as_("ana", "signoff", "approve", churn).code == 0


def test_who_cuts_the_history_does_not_approve_what_they_wrote(churn, bank, as_, asked, settings):
    bank.accounts.change_user("olga", groups=["editors", "readers", "board"])
    assert as_("olga", *settings, "set", churn, "qualification.decision=Go").code == 0
    for number in range(40):  # the record keeps the last events, the wiki the others
        note = f"overview.description={number}{'y' * 80}"
        assert as_("emil", *settings, "set", churn, note).code == 0
    asked(churn)
    assert as_("olga", "signoff", "approve", churn).code == 1, "she wrote it"
    assert "olga" in wiki_articles(bank, churn)["Govern timeline"]
    edit_article(bank, churn, "Govern timeline", "nothing of interest")
    refused = as_("olga", "signoff", "approve", churn)
    assert refused.code == 1 and "nobody can say who last wrote Qualification" in refused.err
    assert as_("admin", "gate", churn, "--signed-off").code == 3
    assert as_("emil", *settings, "set", churn, "steps.qualification.notes=looked at again").code == 0
    for act in (("abandon", churn), ("reset", churn)):
        assert as_("ana", "signoff", *act).code == 0
    asked(churn)
    assert as_("ana", "signoff", "approve", churn).code == 0
