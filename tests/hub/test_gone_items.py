"""A review whose item was deleted or made anew meanwhile: nobody approves it, and it can be ended."""

from datetime import timedelta

import dataikuapi
import pytest
from hub.conftest import V1
from support.live_page import is_a

from govern_mirror_devkit.sandbox.mock_instance import URL


@pytest.fixture
def waiting(request, bank, asked, churn_model):
    """An item of which a review waits, and that is not there any more."""
    emil = bank.accounts.user("emil")
    if request.param == "a bundle":
        asked(V1)
        bank.bundles.delete(emil, "CHURN", "v1")
        return V1
    address = f"CHURN/model/{churn_model}/old"
    asked(address)
    if request.param == "a version":
        bank.saved_models.delete_versions(emil, "CHURN", churn_model, ["old"])
    else:
        bank.saved_models.delete(emil, "CHURN", churn_model)
    return address


@pytest.mark.parametrize("waiting", ["a bundle", "a version", "a model"], indirect=True)
def test_the_review_of_a_deleted_item_is_ended(as_, waiting):
    assert waiting in as_("admin", "reviews").out
    for act in (("approve",), ("reject", "--comment", "no"), ("feedback", "--status", "approved")):
        who = "ben" if act[0] == "feedback" else "ana"
        ended = as_(who, "signoff", act[0], waiting, *act[1:])
        assert ended.code == 1 and ("was deleted" in ended.err or "no version" in ended.err or "not find" in ended.err)
    assert as_("eve", "signoff", "abandon", waiting).code == 1
    assert as_("ben", "signoff", "abandon", waiting).code == 1
    assert as_("rita", "signoff", "abandon", waiting, "--dry-run").code == 3
    assert as_("rita", "signoff", "abandon", waiting).code == 0
    assert as_("admin", "reviews").code == 0
    assert as_("rita", "signoff", "reset", waiting).code == 0
    assert as_("rita", "signoff", "request", waiting).code == 1
    assert as_("admin", "gate", waiting, "--signed-off").code == 1
    assert as_("admin", "audit", "--all").code == 0


@pytest.mark.parametrize("waiting", ["a bundle"], indirect=True)
def test_the_page_ends_the_review_of_a_deleted_item(page_of, waiting):
    rita = page_of("rita")
    review = is_a("review", rita.get(f"reviews/{waiting}").json)
    assert "was deleted" in review["gone"] and review["unchanged"] is False
    may = page_of("ana").get(f"reviews/{waiting}").json["you"]["may"]
    assert "was deleted" in may["approve"] and "was deleted" in may["reject"] and may["abandon"] is None
    answer = rita.post(f"reviews/{waiting}", {"act": "abandon"})
    assert answer.status_code == 200 and is_a("review", answer.json)["status"] == "ABANDONED"


@pytest.mark.parametrize("waiting", ["a bundle"], indirect=True)
def test_the_macro_tells_that_the_item_was_deleted(people, waiting):
    project = dataikuapi.DSSClient(URL, api_key=people["ana"]).get_project("CHURN")
    macro = project.get_macro("pyrunnable_govern-mirror_review")
    form = {"hub": {"mode": "PRESET", "name": "hub"}, "action": "look", "address": waiting}
    rows = macro.get_result(macro.run(params=form), as_type="json")["records"]
    assert any(row[0] == "Since then" and row[1].startswith("deleted") for row in rows), rows
    assert any(row[1].startswith("not approve") and "was deleted" in row[1] for row in rows), rows


def test_the_page_offers_nothing_that_would_be_refused(page_of, bank, asked, as_):
    assert as_("rita", "signoff", "request", V1).code == 0
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    bank.clock.move(timedelta(seconds=2))
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    for login, act in (("ana", "approve"), ("ana", "reject"), ("ben", "feedback")):
        page = page_of(login)
        assert "changed since its review" in page.get(f"reviews/{V1}").json["you"]["may"][act]
        more = {"comment": "x", **({"feedback": "approved"} if act == "feedback" else {})}
        assert page.post(f"reviews/{V1}", {"act": act, **more}).status_code == 422
