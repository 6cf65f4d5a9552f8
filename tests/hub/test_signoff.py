"""Sign-offs through the plugin's macros, each person with their own key and the rights that DSS gives them."""

import json

import pytest
from hub.conftest import HUB, REVIEWERS, V1, V2
from support.request_log import RequestLog


def gate(as_, address=V1, who="admin", before=()):
    return as_(who, *before, "gate", address, "--signed-off", "--format", "json")


@pytest.fixture
def settings(tmp_path):
    """What people give who may not read the plugin's settings: only administrators may."""
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"hub_project": HUB}))
    return ("--settings", file)


def test_a_bundle_is_reviewed_and_approved(bank, as_):
    assert gate(as_).code == 3
    request = as_("rita", "signoff", "request", V1)
    assert request.code == 0 and "Waiting for feedback" in request.out
    assert as_("ben", "signoff", "feedback", V1, "--status", "minor_issue", "--comment", "fine").code == 0
    assert as_("rita", "signoff", "request", V1, "--final").code == 0
    assert gate(as_).code == 3
    approved = as_("ana", "signoff", "approve", V1, "--comment", "go")
    assert approved.code == 0 and "final approver" in approved.out
    ended = gate(as_)
    assert ended.code == 0 and ended.json["met"]
    assert (ended.json["signoff"]["by"], ended.json["trust"]) == ("ana", "attested")
    assert ended.json["heads"][V1] == [ended.json["signoff"]["entry"]]
    assert as_("admin", "audit", "--all").code == 0


def test_a_gate_needs_at_most_eight_requests_besides_entries(bank, as_, asked):

    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    log = RequestLog(bank)
    assert gate(as_).code == 0
    assert len(log.requests) <= 8 + 2


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("rita", "no final approver"),
        ("emil", "no final approver"),
        ("ben", "no final approver"),
        ("max", "no final approver"),
        ("eve", "read"),
    ],
)
def test_nobody_but_a_final_approver_opens_the_gate(bank, as_, who, why, asked):
    asked()
    ended = as_(who, "signoff", "approve", V1)
    assert ended.code == 1 and why in ended.err
    assert gate(as_).code == 3


def test_who_asked_for_a_review_cannot_approve_it(bank, as_, people, asked):
    bank.accounts.change_user("ana", groups=["editors"])
    asked(who="ana")
    ended = as_("ana", "signoff", "approve", V1)
    assert ended.code == 1 and "you asked for this review" in ended.err
    assert as_("olga", "signoff", "approve", V1).code == 0
    assert gate(as_).json["signoff"]["by"] == "olga"


def test_who_exported_a_bundle_cannot_approve_it(bank, as_, asked):
    bank.accounts.change_user("emil", groups=["editors", "board"])
    asked()
    ended = as_("emil", "signoff", "approve", V1)
    assert ended.code == 1 and "you exported this bundle" in ended.err
    # nor through somebody else
    assert as_("emil", "signoff", "delegate", V1, "--to", "dan").code == 0
    ended = as_("dan", "signoff", "approve", V1)
    assert ended.code == 1 and "emil, for whom this is, exported this bundle" in ended.err


@pytest.mark.parametrize("kind", ["PYTHON_AGENT", "RETRIEVAL_AUGMENTED_LLM"])
def test_the_gate_of_an_agent_keeps_its_budget(as_, bank, asked, kind):
    agent = bank.saved_models.create(bank.accounts.user("emil"), "CHURN", "Bot", kind)
    address = f"CHURN/agent/{agent}/v1"
    asked(address)
    assert as_("ana", "signoff", "approve", address).code == 0
    log = RequestLog(bank)
    assert as_("admin", "gate", address, "--signed-off").code == 0
    assert len(log.requests) <= 8 + 2
    (listed,) = [item for item in as_("admin", "items", "CHURN", "--format", "json").json["items"] if item["name"]]
    assert listed["active"] is True and listed["address"] == address


def test_heads_of_all_items_serve_for_one(as_, bank, asked, tmp_path):
    asked()
    heads = tmp_path / "heads.json"
    heads.write_text(as_("admin", "audit", "--all", "--format", "json").out)
    assert as_("admin", "audit", V1, "--heads", heads).code == 0


def test_a_key_that_is_no_person_takes_no_part(bank, as_, people, asked):
    asked()
    people["robot"] = bank.accounts.create_global_key(groups=("readers", "board"))
    for arguments in (("approve", V1), ("request", V2), ("reject", V1, "--comment", "no")):
        ended = as_("robot", "signoff", *arguments)
        assert ended.code == 1
    assert gate(as_).code == 3


def test_a_bundle_exported_again_is_not_what_was_approved(bank, as_, asked):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    ended = gate(as_)
    assert ended.code == 3 and "changed since" in ended.err


def test_a_bundle_exported_again_while_asked_is_not_approved(bank, as_, asked):
    asked()
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    ended = as_("ana", "signoff", "approve", V1)
    assert ended.code == 1 and "changed since its review was asked for" in ended.err


def test_a_rejection_locks_until_it_is_reset(bank, as_, asked):
    asked()
    assert as_("ana", "signoff", "reject", V1).code in (1, 2), "a reason is needed"
    assert as_("ana", "signoff", "reject", V1, "--comment", "biased").code == 0
    ended = as_("rita", "signoff", "request", V1)
    assert ended.code == 1 and "ana rejected this" in ended.err
    assert as_("rita", "signoff", "reset", V1).code == 0
    asked()


def test_a_dry_run_records_nothing(bank, as_):
    ended = as_("rita", "signoff", "request", V1, "--final", "--dry-run")
    assert ended.code == 3 and "nothing was recorded" in ended.out
    assert as_("ana", "signoff", "approve", V1).code == 1


def test_a_deputy_acts_for_who_is_asked(bank, as_):
    assert as_("rita", "signoff", "request", V1).code == 0
    ended = as_("dan", "signoff", "feedback", V1, "--status", "approved")
    assert ended.code == 0 and "Business (for ben)" in ended.out
    assert as_("dan", "signoff", "feedback", V1, "--group", "risk_compliance", "--status", "approved").code == 1


def test_a_manager_hands_over_the_review_of_who_is_absent(bank, as_, asked):
    asked()
    refused = as_("max", "signoff", "delegate", V1, "--to", "cleo", "--of", "ana", "--as", "final_approvers")
    assert refused.code == 1 and "say why" in refused.err
    handed = ("signoff", "delegate", V1, "--to", "cleo", "--of", "ana", "--as", "final_approvers", "--comment", "ill")
    assert as_("dan", *handed).code == 1
    assert as_("max", *handed).code == 0
    assert as_("cleo", "signoff", "approve", V1).code == 0
    assert gate(as_).json["signoff"]["by"] == "cleo"


def test_nobody_hands_over_what_was_never_theirs(bank, as_, asked):
    asked()
    ended = as_(
        "max", "signoff", "delegate", V1, "--to", "eve", "--of", "rita", "--as", "final_approvers", "--comment", "x"
    )
    assert ended.code == 1 and "nothing to hand over" in ended.err


def test_an_editor_chooses_no_reviewers_with_the_initiative(bank, as_, tmp_path, asked):
    file = tmp_path / "hub.yaml"
    file.write_text(
        REVIEWERS.replace("  projects:\n", "  initiatives:\n    Friends: {final_approvers: [user:dan]}\n  projects:\n")
    )
    assert as_("admin", "hub", "import", file).code == 0
    assert as_("rita", "set", "CHURN", "overview.business_initiative=Friends").code == 0
    asked()
    assert as_("dan", "signoff", "approve", V1).code == 1
    assert as_("ana", "signoff", "approve", V1).code == 0


def test_the_reviews_that_wait_for_me(bank, as_, settings):
    bank.projects.set_document(
        bank.admin,
        HUB,
        "permissions",
        {"owner": "admin", "permissions": [{"group": "readers", "readProjectContent": True}]},
    )
    assert as_("ben", *settings, "reviews", "--mine").code == 0
    assert as_("rita", "signoff", "request", V1).code == 0
    ended = as_("ben", *settings, "reviews", "--mine", "--format", "json")
    assert ended.code == 3
    (review,) = ended.json["reviews"]
    assert (review["address"], review["requested_by"]) == (V1, "rita")
    assert review["roles"] == [{"role": "business", "for": None}]
    assert as_("max", *settings, "reviews", "--mine").code == 0
    assert as_("max", *settings, "reviews").code == 3


def test_without_a_hub_nothing_is_signed_off(bank, as_):
    bank.plugins.configure(hub_project=None)
    ended = gate(as_)
    assert ended.code == 3 and "approvals are off" in ended.err


def test_a_hub_that_cannot_be_read_is_no_answer(bank, as_, settings):
    ended = gate(as_, who="ben", before=settings)
    assert ended.code == 1 and "GOVERNANCE" in ended.err
    ended = gate(as_, who="ben")
    assert ended.code == 1 and "give them with --settings" in ended.err


def test_a_preset_of_another_hub_is_refused(bank, as_):
    bank.plugins.add_preset("governance-hub", "hub", project="OTHER", api_key="x")
    ended = as_("rita", "signoff", "request", V1)
    assert ended.code == 1 and "is of the hub OTHER" in ended.err


def test_a_model_version_is_bound_to_its_training(bank, as_, asked):
    trainer = bank.accounts.user("emil")
    model = bank.saved_models.create(trainer, "CHURN", "Churn model", "DSS_MANAGED", identifier="abcdefgh")
    version = bank.saved_models.train(trainer, "CHURN", model, "one")
    address = f"CHURN/model/{model}/{version}"
    asked(address)
    assert as_("ana", "signoff", "approve", address).code == 0
    assert gate(as_, address).code == 0
    bank.saved_models.train(trainer, "CHURN", model, "one", again=True)
    assert gate(as_, address).code == 3


def test_an_agent_is_bound_to_its_definition(bank, as_, asked):
    author = bank.accounts.user("emil")
    agent = bank.saved_models.create(author, "CHURN", "Agent", "PYTHON_AGENT", settings={"code": "a"})
    address = f"CHURN/agent/{agent}/v1"
    assert as_("rita", "signoff", "request", f"CHURN/model/{agent}/v1").code == 1
    asked(address)
    assert as_("ana", "signoff", "approve", address).code == 0
    assert gate(as_, address).code == 0
    definition = bank.saved_models.definition(author, "CHURN", agent, ("PYTHON_AGENT",))
    definition["versions"][0]["pythonAgentSettings"] = {"code": "b"}
    bank.saved_models.edit(author, "CHURN", agent, ("PYTHON_AGENT",), definition)
    assert gate(as_, address).code == 3


def test_what_is_not_there_cannot_be_signed_off(bank, as_):
    for address in ("CHURN/bundle/nosuch", "CHURN/model/x/y", "NOSUCH/bundle/v1"):
        assert as_("rita", "signoff", "request", address).code == 1
        assert gate(as_, address).code == 1
    bank.create_project("OTHER")
    assert as_("admin", "signoff", "request", "OTHER/bundle/v1").code == 1


def test_a_step_of_a_project_is_signed_off_where_the_hub_says(bank, as_, tmp_path, asked):
    assert as_("rita", "signoff", "request", "CHURN", "qualification").code == 1
    file = tmp_path / "hub.yaml"
    file.write_text(REVIEWERS + "  project_steps: [qualification]\n")
    assert as_("admin", "hub", "import", file).code == 0
    refused = as_("rita", "signoff", "request", "CHURN", "--final")
    assert refused.code == 1 and "not on going" in refused.err
    for _ in range(2):
        assert as_("emil", "advance", "CHURN").code == 0
    asked("CHURN")
    assert as_("ana", "signoff", "approve", "CHURN").code == 0
    assert as_("admin", "gate", "CHURN", "--signed-off", "--step", "qualification").code == 0
    assert as_("rita", "set", "CHURN", "qualification.value.comment=changed").code == 0
    assert as_("admin", "gate", "CHURN", "--signed-off").code == 3


def test_an_entry_that_was_changed_closes_the_gate(bank, as_, asked):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    folder = bank.managed_folders
    (described,) = folder.listed(bank.admin, HUB)
    for item in folder.contents(bank.admin, HUB, described["id"])["items"]:
        content = folder.get(bank.admin, HUB, described["id"], item["path"])
        if b'"approve"' in content:
            changed = json.dumps({**json.loads(content), "by": "olga"}).encode()
            folder.put(bank.admin, HUB, described["id"], item["path"], changed)
    ended = gate(as_)
    assert ended.code == 1 and "not as it was written" in ended.err


def test_nobody_stands_in_for_somebody_who_has_left(bank, as_):
    assert as_("rita", "signoff", "request", V1).code == 0
    bank.accounts.change_user("ben", enabled=False)
    ended = as_("dan", "signoff", "feedback", V1, "--status", "approved")
    assert ended.code == 1 and "not in a group" in ended.err


def test_only_what_waits_for_approval_is_sent_back(bank, as_):
    assert as_("rita", "signoff", "request", V1).code == 0
    ended = as_("ana", "signoff", "back", V1)
    assert ended.code == 1 and "only a review that waits for the final approval is sent back" in ended.err


def test_a_missing_preset_is_told_with_who_makes_it(bank, as_):
    ended = as_("rita", "signoff", "request", V1, "--preset", "other")
    assert ended.code == 1 and "an administrator makes the preset" in ended.err


def test_who_may_not_read_the_settings_learns_how_to_name_the_hub(bank, as_):
    ended = as_("rita", "reviews")
    assert ended.code == 1 and '--settings FILE, which holds {"hub_project": "KEY"}' in ended.err
