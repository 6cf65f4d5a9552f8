"""What a reviewer looks at beside a bundle: problems, Project Standards, and its models, which may hold it back."""

import json
from datetime import timedelta

import pytest
from hub.conftest import HUB, REVIEWERS, V1, V2
from support.live_page import is_a
from support.request_log import RequestLog

from govern_mirror.hub.store import folder_prefix
from govern_mirror.model.address import parse_address


@pytest.fixture
def block(as_, bank, tmp_path):
    """Let unapproved models hold bundles back."""
    file = tmp_path / "block.yaml"
    file.write_text(REVIEWERS + "  models_block_bundles: true\n")
    assert as_("admin", "hub", "import", file).code == 0


@pytest.fixture
def train(bank):
    """Train a version of a model, which becomes the active one."""
    trainer = bank.accounts.user("emil")
    models = {}

    def trained(version, name="Churn model"):
        if name not in models:
            models[name] = bank.saved_models.create(trainer, "CHURN", name, "DSS_MANAGED")
        bank.clock.move(timedelta(seconds=1))  # never in the millisecond of an export
        return f"CHURN/model/{models[name]}/{bank.saved_models.train(trainer, 'CHURN', models[name], version)}"

    return trained


@pytest.fixture
def bundle(bank, train, block):
    """A model, and a bundle that was exported after it was trained."""
    model = train("first")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    return model


def approve(as_, asked, address):
    asked(address)
    ended = as_("ana", "signoff", "approve", address)
    assert ended.code == 0, ended.err


def gate(as_, *before):
    return as_("admin", *before, "gate", V2, "--signed-off", "--format", "json")


def test_an_unapproved_model_holds_its_bundle_back(bundle, as_, asked, train, page_of):
    asked(V2)
    why_not = page_of("ana").get(f"reviews/{V2}").json["you"]["may"]["approve"]
    assert bundle in why_not and "before the models in it are" in why_not
    refused = as_("ana", "signoff", "approve", V2)
    assert refused.code == 1 and bundle in refused.err and "Churn model" in refused.err
    assert gate(as_).code == 3
    approve(as_, asked, bundle)
    assert as_("ana", "signoff", "approve", V2).code == 0
    assert gate(as_).code == 0
    train("second")
    assert gate(as_).code == 0, "a version that came later is of later bundles"
    assert as_("rita", "signoff", "reset", bundle).code == 0
    ended = gate(as_)
    assert ended.code == 3 and f"{bundle} (not started)" in ended.json["reason"]
    assert as_("admin", "audit", "--all").code == 0


def test_a_model_trained_after_the_export_cannot_be_the_one_inside(bundle, as_, asked, train):
    second = train("second")
    approve(as_, asked, second)
    asked(V2)
    refused = as_("ana", "signoff", "approve", V2)
    assert refused.code == 1 and "trained after the bundle was exported" in refused.err
    assert as_("ana", "signoff", "reject", V2, "--comment", "export anew").code == 0, "to reject needs no model"


def test_a_version_made_active_after_the_export_is_not_the_one_inside(bank, block, as_, asked, train):
    emil = bank.accounts.user("emil")
    first = train("first")
    approve(as_, asked, first)
    train("second")
    bank.bundles.export(emil, "CHURN", "v2")  # with the second one, which nobody approved
    bank.clock.move(timedelta(seconds=1))
    model = first.split("/")[2]
    bank.saved_models.activate(emil, "CHURN", model, "first")
    asked(V2)
    refused = as_("ana", "signoff", "approve", V2)
    assert refused.code == 1 and "was changed after the bundle was exported" in refused.err
    bank.bundles.export(emil, "CHURN", "v3")
    approve(as_, asked, V2.replace("v2", "v3"))


def test_an_agent_edited_after_the_export_is_not_the_one_inside(bank, block, as_, asked):
    emil = bank.accounts.user("emil")
    agent = bank.saved_models.create(emil, "CHURN", "Helper", "PYTHON_AGENT")
    bank.bundles.export(emil, "CHURN", "v2")
    bank.clock.move(timedelta(seconds=1))
    definition = bank.saved_models.definition(emil, "CHURN", agent, ("PYTHON_AGENT",))
    definition["versions"][0]["code"] = "def harmless(): pass"
    bank.saved_models.edit(emil, "CHURN", agent, ("PYTHON_AGENT",), definition)
    approve(as_, asked, f"CHURN/agent/{agent}/{definition['versions'][0]['versionId']}")
    asked(V2)
    refused = as_("ana", "signoff", "approve", V2)
    assert refused.code == 1 and "was changed after the bundle was exported" in refused.err


def test_a_model_that_cannot_be_read_holds_the_bundle_back(bundle, as_, asked, bank):
    asked(V2)
    bank.faults.set("GET /projects/CHURN/savedmodels/:500")
    assert as_("ana", "signoff", "approve", V2).code == 1
    bank.faults.set("")
    assert gate(as_).code == 3


def test_without_the_switch_models_are_told_and_block_nothing(as_, asked, bank, train, page_of):
    model = train("first")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    asked(V2)
    review = is_a("review", page_of("ana").get(f"reviews/{V2}").json)
    assert review["models"]["block"] is False
    assert [(m["address"], m["approved"], m["newer"]) for m in review["models"]["items"]] == [(model, False, False)]
    assert as_("ana", "signoff", "approve", V2).code == 0
    assert gate(as_).code == 0


def test_a_gate_with_models_keeps_its_budget(bundle, as_, asked, bank):
    approve(as_, asked, bundle)
    approve(as_, asked, V2)
    log = RequestLog(bank)
    assert gate(as_).code == 0
    entries = [path for _, path in log.requests if "/contents/ledger/" in path]
    assert len(log.requests) - len(entries) <= 8 and len(entries) == 2 + 2
    assert len([path for _, path in log.requests if path.strip("/").endswith("contents")]) == 1, "listed once"
    prefixes = {folder_prefix(parse_address(address)) for address in (bundle, V2)}
    assert {path.split("/contents/")[1][:40] for path in entries} == {prefix[:40] for prefix in prefixes}


def test_a_review_shows_problems_and_project_standards(as_, asked, bank, page_of):
    asked()
    ana = page_of("ana")
    review = is_a("review", ana.get(f"reviews/{V1}").json)
    assert review["standards"] is None and review["problems"] == [] and review["models"]["items"] == []
    bank.standards.note(bank.admin, "CHURN", {"readme": 0, "size": 4})
    bank.edit_metadata("CHURN", lambda metadata: metadata["customFields"].update(govern_risk_rating="Purple"))
    review = is_a("review", ana.get(f"reviews/{V1}").json)
    assert (review["standards"]["severity"], review["standards"]["label"]) == (4, "High")
    assert review["standards"]["ran_on"].startswith("20") and [p["found"] for p in review["problems"]] == ["Purple"]
    bank.faults.set("GET /projects/CHURN/project-standards/last-report:500")
    review = is_a("review", ana.get(f"reviews/{V1}").json)
    assert review["standards"]["unreadable"], "a review is shown all the same"


# what changed since the version approved last ---------------------------------------------------------------------


def test_what_changed_since_the_version_approved_last(as_, asked, bank, train, page_of):
    first, other = train("first"), train("first", "Other model")
    approve(as_, asked, first)
    approve(as_, asked, other)
    assert as_("emil", "set", "CHURN", "overview.sponsor=Ada").code == 0
    second, third = train("second"), train("third")
    ana = page_of("ana")
    earlier = is_a("review", ana.get(f"reviews/{second}").json)["earlier"]
    assert (earlier["address"], earlier["by"]) == (first, "ana")
    assert {"path": "overview.sponsor", "label": "Sponsor", "from": None, "to": "Ada"} in earlier["changes"]
    approve(as_, asked, second)
    assert ana.get(f"reviews/{third}").json["earlier"]["address"] == second
    assert ana.get(f"reviews/{first}").json["earlier"] is None, "it was approved before the others"


def test_an_agent_is_compared_with_its_version_approved_last(as_, asked, bank, page_of):
    maker, types = bank.accounts.user("emil"), ("PYTHON_AGENT",)
    agent = bank.saved_models.create(maker, "CHURN", "Helper", "PYTHON_AGENT", settings={"code": "a"})
    definition = bank.saved_models.definition(maker, "CHURN", agent, types)
    definition["versions"].append({**definition["versions"][0], "versionId": "v2"})
    bank.saved_models.edit(maker, "CHURN", agent, types, definition)
    first, second = (f"CHURN/agent/{agent}/{version}" for version in ("v1", "v2"))
    ana = page_of("ana")
    assert is_a("review", ana.get(f"reviews/{second}").json)["earlier"] is None
    approve(as_, asked, first)
    assert ana.get(f"reviews/{second}").json["earlier"]["address"] == first


def test_an_approval_with_models_is_told_in_the_ledger(bundle, as_, asked, bank):
    approve(as_, asked, bundle)
    approve(as_, asked, V2)
    (folder,) = bank.managed_folders.listed(bank.admin, HUB)
    files = bank.managed_folders.contents(bank.admin, HUB, folder["id"])["items"]
    read = [json.loads(bank.managed_folders.get(bank.admin, HUB, folder["id"], item["path"])) for item in files]
    (approval,) = [e for e in read if e.get("item") == V2 and e.get("body", {}).get("act") == "approve"]
    assert list(approval["body"]["models"]) == [bundle]
