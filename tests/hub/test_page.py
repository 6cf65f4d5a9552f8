"""Reviews on the live page: what waits, what is asked, and taking part with one's own rights."""

import dataikuapi
import pytest
from hub.conftest import HUB, REVIEWERS, V1
from support.live_page import is_a

from govern_mirror_devkit.sandbox.mock_instance import URL


def test_a_reviewer_finds_what_waits_and_approves(page_of, asked):
    asked()
    ana = page_of("ana")
    got = ana.get("reviews")
    assert got.status_code == 200, got.text
    (waiting,) = is_a("reviews", got.json)["reviews"]
    assert waiting["roles"] == [{"role": "final_approvers", "for": None}]
    got = ana.get(f"reviews/{waiting['address']}")
    assert got.status_code == 200, got.text
    review = is_a("review", got.json)
    assert review["unchanged"] is True and review["requested"]["by"] == "rita"
    assert review["you"]["may"]["approve"] is None and review["earlier"] is None
    answer = ana.post(f"reviews/{V1}", {"act": "approve", "comment": "go"})
    assert answer.status_code == 200, answer.text
    approved = is_a("review", answer.json)
    assert approved["verdict"]["by"] == "ana" and "entry" in approved["recorded"]
    assert ana.get("reviews").json["reviews"] == []


def test_the_requester_is_told_why_they_cannot_approve(page_of, asked, bank):
    asked()
    rita = page_of("rita")
    assert "no final approver" in rita.get(f"reviews/{V1}").json["you"]["may"]["approve"]
    refused = rita.post(f"reviews/{V1}", {"act": "approve"})
    assert refused.status_code == 422 and "no final approver" in is_a("problem", refused.json)["detail"]
    assert rita.get(f"reviews/{V1}").json["status"] == "WAITING_FOR_APPROVAL"


def test_a_review_is_handed_over_on_the_page(page_of, asked, as_):
    asked()
    hand_over = {
        login: page_of(login).get(f"reviews/{V1}").json["you"]["hand_over"] for login in ("ana", "rita", "max", "ben")
    }
    assert hand_over["ana"] == {"own": ["final_approvers"], "others": []}
    assert hand_over["rita"] == {"own": [], "others": []} and hand_over["ben"]["own"] == ["business"]
    assert hand_over["max"] == {"own": [], "others": ["risk_compliance", "business", "final_approvers"]}
    form = {"act": "delegate", "to": "dan", "group": "final_approvers", "until": "2030-01-01T23:59:59Z"}
    assert page_of("rita").post(f"reviews/{V1}", form).status_code == 422
    answer = page_of("ana").post(f"reviews/{V1}", form)
    assert answer.status_code == 200 and "entry" in is_a("review", answer.json)["recorded"]
    assert page_of("max").post(f"reviews/{V1}", {**form, "of": "ben", "group": "business"}).status_code == 422
    assert page_of("dan").get(f"reviews/{V1}").json["you"]["may"]["approve"] is None
    assert page_of("dan").post(f"reviews/{V1}", {"act": "approve"}).json["verdict"]["for"] == "ana"


def test_what_changed_since_the_last_approved_bundle_is_shown(page_of, asked, bank, as_):
    asked()
    assert page_of("ana").post(f"reviews/{V1}", {"act": "approve"}).status_code == 200
    assert as_("emil", "set", "CHURN", "overview.sponsor=Ada").code == 0
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    asked("CHURN/bundle/v2")
    earlier = page_of("ana").get("reviews/CHURN/bundle/v2").json["earlier"]
    assert earlier["address"] == V1 and earlier["by"] == "ana"
    assert {"path": "overview.sponsor", "label": "Sponsor", "from": None, "to": "Ada"} in earlier["changes"]


def test_without_a_hub_the_page_says_that_approvals_are_off(page_of):
    answer = page_of("ana", hub=None).get("reviews").json
    assert "approvals are off" in is_a("reviews", answer)["off"]


@pytest.mark.parametrize(
    "document",
    [{}, {"act": "emergency"}, {"act": "approve", "hub": {}}, {"act": "approve", "comment": 1}, {"act": ["approve"]}],
    ids=["nothing", "emergency", "preset", "number", "list"],
)
def test_what_no_act_takes_is_refused(page_of, asked, document):
    asked()
    assert page_of("ana").post(f"reviews/{V1}", document).status_code == 422
    assert page_of("ana").get(f"reviews/{V1}").json["status"] == "WAITING_FOR_APPROVAL"


@pytest.mark.parametrize("address", ["CHURN/bundle/nosuch", "NOSUCH/bundle/v1", "CHURN/bundle", "CHURN/bundle/.."])
def test_an_address_of_nothing_is_a_problem(page_of, address):
    answer = page_of("ana").get(f"reviews/{address}")
    assert answer.status_code in (404, 422)


def test_who_may_not_read_the_hub_is_told(page_of, bank):
    bank.projects.set_document(bank.admin, HUB, "permissions", {"owner": "admin", "permissions": []})
    answer = page_of("ana").get("reviews")
    assert answer.status_code == 404 and "GOVERNANCE" in is_a("problem", answer.json)["detail"]


@pytest.mark.parametrize("fault", ["500", "503", "html-502", "close"])
def test_a_failing_dss_is_not_taken_for_a_hub_without_reviews(page_of, bank, fault):
    page = page_of("ana")
    bank.faults.set(f"GET /projects/{HUB}/*:{fault}")
    assert page.get("reviews").status_code == 502


# the register ------------------------------------------------------------------------------------------------------


def test_an_auditor_finds_who_approved_what_also_when_it_is_gone(bank, as_, asked, people, page_of):
    asked()
    assert as_("ana", "signoff", "approve", V1, "--comment", "go").code == 0
    page = page_of("max")
    bank.projects.delete(bank.admin, "CHURN")
    register = is_a("approvals", page.get("approvals?item=churn").json)
    assert register["breaks"] == [] and register["all"] >= 4
    approval, request = register["entries"]
    assert (approval["by"], approval["words"], approval["comment"]) == ("ana", "approved", "go")
    assert approval["subject"]["bundle"] == "v1" and "user:ana" in approval["reviewers"]["final_approvers"]
    assert request["by"] == "rita"


@pytest.mark.parametrize(
    ("query", "acts"),
    [
        ("by=ana", ["approve"]),
        ("act=request_approval", ["request_approval"]),
        ("item=nothing", []),
        ("since=2099-01-01", []),
        ("until=2000-01-01", []),
        ("act=configuration", ["configuration", "configuration"]),
    ],
)
def test_the_register_is_filtered(page_of, as_, asked, query, acts):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    answer = page_of("max").get(f"approvals?{query}").json
    assert [entry["act"] for entry in answer["entries"]] == acts and answer["found"] == len(acts)


def test_a_day_that_is_none_is_refused(page_of):
    assert page_of("max").get("approvals?since=yesterday").status_code == 422


def test_the_items_of_a_project_tell_where_they_stand(page_of, as_, asked, bank):
    trainer = bank.accounts.user("emil")
    model = bank.saved_models.create(trainer, "CHURN", "Churn model", "DSS_MANAGED")
    old, new = (bank.saved_models.train(trainer, "CHURN", model, version) for version in ("old", "new"))
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    found = is_a("items", page_of("ana").get("items/CHURN/items").json)["items"]
    assert [(item["address"], item["active"], item["status"], item["approved"]) for item in found] == [
        (V1, None, "APPROVED", True),
        (f"CHURN/model/{model}/{new}", True, "NOT_STARTED", False),
        (f"CHURN/model/{model}/{old}", False, "NOT_STARTED", False),
    ]
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    ended = as_("admin", "items", "CHURN")
    assert ended.code == 0 and "Approved, changed since" in ended.out and "Churn model" in ended.out
    bank.plugins.configure(hub_project=None)
    ended = as_("admin", "items", "CHURN")
    assert ended.code == 0 and "approvals are off" in ended.err


def test_home_names_what_is_deployed_without_approval(page_of, bank, automation, people):
    people["admin"] = bank.admin_key
    client = dataikuapi.DSSClient(URL, api_key=bank.admin_key)
    client.get_project("CHURN").publish_bundle("v1")
    deployer = client.get_projectdeployer()
    deployer.create_infra("PROD", "Production")
    bank.connect_automation("PROD", automation)
    deployment = deployer.create_deployment("CHURN-on-PROD", "CHURN", "PROD", "v1", "CHURN_PROD")
    page = page_of("admin")
    assert is_a("deployed", page.get("deployed").json)["looked_at"] == 0, "it was never carried out"
    deployment.start_update().wait_for_result()
    (found,) = is_a("deployed", page.get("deployed").json)["unapproved"]
    assert (found["infrastructure"], found["address"]) == ("PROD", V1) and "not approved" in found["why"]


def test_what_govern_says_stands_beside_the_review(page_of, side):
    side.approve()
    ana = page_of("ana")
    review = is_a("review", ana.get(f"reviews/{V1}").json)
    assert review["status"] == "NOT_STARTED" and review["verdict"] is None
    assert (review["in_govern"]["status"], review["in_govern"]["approved"]) == ("APPROVED", True)
    (item,) = ana.get("items/CHURN/items").json["items"]
    assert item["approved"] is True and item["govern"]["trust"] == "recorded"


# steps of projects ------------------------------------------------------------------------------------------------


@pytest.fixture
def qualifying(bank, as_, tmp_path):
    """CHURN at Qualification, which the hub has signed off, as it has Exploration."""
    file = tmp_path / "steps.yaml"
    file.write_text(REVIEWERS + "  project_steps: [qualification]\n")
    assert as_("admin", "hub", "import", file).code == 0
    for _ in range(2):
        assert as_("admin", "advance", "CHURN").code == 0
    return "CHURN"


def item_of(page, key="CHURN"):
    got = page.get(f"items/{key}")
    assert got.status_code == 200, got.text
    return is_a("item", got.json)


def test_the_item_tells_what_its_sign_off_holds_back(qualifying, page_of, asked, as_):
    rita = page_of("rita")
    (signoff,) = item_of(rita)["signoffs"]
    assert signoff["status"] == "NOT_STARTED" and "nobody asked" in signoff["missing"]
    (finish,) = [
        move
        for move in item_of(rita)["form"]["moves"]
        if move["step"] == "qualification" and move["status"] == "FINISHED"
    ]
    assert [missing["label"] for missing in finish["missing"]] == ["Sign-off of Qualification"]
    refused = rita.patch("items/CHURN", {"statuses": {"qualification": "FINISHED"}})
    assert refused.status_code == 422 and is_a("problem", refused.json)["overridable"] is True
    assert refused.json["errors"][0]["path"] == "steps.qualification.status"
    asked("CHURN")
    assert as_("ana", "signoff", "reject", "CHURN", "--comment", "not ours").code == 0
    (signoff,) = item_of(rita)["signoffs"]
    assert signoff["locked"] is True and (signoff["by"], signoff["comment"]) == ("ana", "not ours")
    review = is_a("review", rita.get("reviews/CHURN?step=qualification").json)
    assert review["kind"] == "project" and review["you"]["may"]["reset"] is None
    reset = rita.post("reviews/CHURN", {"act": "reset", "step": "qualification"})
    assert reset.status_code == 200 and item_of(rita)["signoffs"][0]["locked"] is False


def test_who_may_not_read_the_hub_lets_the_plugin_look(qualifying, page_of, bank, asked, as_):
    rita = page_of("rita")
    bank.projects.set_document(bank.admin, HUB, "permissions", {"owner": "admin", "permissions": []})
    item = item_of(rita)
    assert item["signoffs"] is None and "GOVERNANCE" in item["signoffs_unreadable"]
    assert item["attest"]["allowed"] is False
    refused = rita.post("items/CHURN/finish-step", {"step": "qualification"})
    assert refused.status_code == 422 and "nobody asked" in is_a("problem", refused.json)["detail"]
    asked("CHURN")
    assert as_("ana", "signoff", "approve", "CHURN").code == 0
    done = rita.post("items/CHURN/finish-step", {"step": "qualification"})
    assert done.status_code == 200, done.text
    assert is_a("item", done.json)["steps"][1]["status"] == "FINISHED" and done.json["recorded"] == "in CHURN"
    saved = rita.patch("items/CHURN", {"statuses": {"progress": "ONGOING"}})
    assert saved.status_code == 200 and "could not be looked at" in saved.json["saved"]["warnings"][-1]


def test_a_decision_is_attested_from_the_page(qualifying, page_of, bank, as_):
    bank.accounts.change_user("ana", groups=["editors", "readers"])
    assert item_of(page_of("rita"))["attest"]["allowed"] is False
    ana = page_of("ana")
    item = item_of(ana)
    assert item["attest"] == {
        "allowed": True,
        "why_not": None,
        "paths": ["qualification.decision", "qualification.decision_comment"],
    }
    assert ana.patch("items/CHURN", {"changes": {"qualification.decision": "Go"}}).status_code == 200
    attested = ana.post("items/CHURN/attest", {})
    assert attested.status_code == 200, attested.text
    field = is_a("item", attested.json)["form"]["fields"]["qualification.decision"]
    assert field["trust"] == "attested" and "as entry" in attested.json["recorded"]
    assert page_of("rita").post("items/CHURN/attest", {}).status_code == 422
    entries = is_a("approvals", page_of("max").get("approvals?act=attestation").json)["entries"]
    assert [(entry["by"], entry["words"]) for entry in entries] == [("ana", "attested the decision")]


@pytest.mark.parametrize("document", [{"hub": {}}, {"action": "approve"}, {"step": 5}, {"dry_run": True}])
def test_what_the_macro_is_not_to_be_told_is_refused(qualifying, page_of, document):
    for action in ("finish-step", "attest"):
        assert page_of("rita").post(f"items/CHURN/{action}", document).status_code == 422
