"""What people read when they may not, cannot, or look: whom to ask, and names in place of ids."""

import json

import pytest
from hub.conftest import REVIEWERS, V1


def test_who_may_not_approve_is_told_who_can(bank, as_, asked, configured):
    asked()
    assert "ask one of them: ana, group board" in as_("ben", "signoff", "approve", V1).err
    bank.accounts.change_user("emil", groups=["editors", "board"])
    ended = as_("emil", "signoff", "approve", V1)
    assert "you exported this bundle" in ended.err and "Ask another final approver: ana, group board" in ended.err
    configured(REVIEWERS.replace("[user:ana, group:board]", "[user:rita]"))
    assert "names no other final approver: ask a governance manager" in as_("rita", "signoff", "approve", V1).err
    configured(REVIEWERS.replace("[user:ana, group:board]", "[]"))
    assert "the hub names none: ask a governance manager" in as_("ana", "signoff", "approve", V1).err


def test_a_preset_that_is_not_there_is_told_as_that(bank, as_):
    ended = as_("rita", "signoff", "request", V1, "--preset", "nosuch")
    assert ended.code == 1 and "an administrator makes the preset, and lets you use it" in ended.err


def test_a_project_whose_steps_are_not_signed_off_is_told_so(bank, as_):
    ended = as_("rita", "signoff", "request", "CHURN")
    assert ended.code == 1 and "no step of projects is signed off in this hub" in ended.err


def test_a_version_is_called_by_the_name_of_its_model(as_, asked, churn_model, page_of):
    version = f"CHURN/model/{churn_model}/new"
    asked(version)
    review = page_of("ana").get(f"reviews/{version}").json
    assert review["label"] == "model version new of Churn model of CHURN"
    assert review["subject"]["model"] == churn_model


@pytest.mark.parametrize("steps", ["[qualification]", "[]"], ids=["signed off", "not any more"])
def test_waiting_reviews_name_their_step(bank, as_, configured, tmp_path, steps):
    configured(f"{REVIEWERS}  project_steps: [qualification]\n")
    for command in (("advance", "CHURN", "--to", "qualification"), ("set", "CHURN", "qualification.decision=Go")):
        assert as_("rita", *command).code == 0
    assert as_("rita", "signoff", "request", "CHURN", "qualification").code == 0
    configured(f"{REVIEWERS}  project_steps: {steps}\n")
    ended = as_("admin", "reviews")
    assert ended.code == 3 and "Qualification" in ended.out
    assert json.loads(as_("admin", "reviews", "--format", "json").out)["reviews"][0]["step"] == "qualification"


def test_a_gate_says_where_it_stands_in_words(bank, as_, asked):
    asked()
    assert as_("ana", "signoff", "reject", V1, "--comment", "no").code == 0
    head, line = as_("admin", "gate", V1, "--signed-off").out.splitlines()
    assert head.split()[0] == "ITEM" and V1 in line and "Rejected" in line
    assert as_("admin", "advance", "CHURN", "--to", "progress").code == 0
    _, line = as_("admin", "gate", "CHURN", "--step", "progress", "--allow-skipped").out.splitlines()
    assert "On going" in line and "In Progress" in line and "progress" not in line
