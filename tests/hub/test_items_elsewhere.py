"""Bundles and versions on the live page, in macros, and beside other writers."""

import json
from datetime import datetime, timezone

import pytest
from hub.conftest import HUB, PERMISSIONS, V1
from support.live_page import is_a, open_page_of

from govern_mirror.actions.record import move, write_note
from govern_mirror.actions.session import connect_to
from govern_mirror.actions.show import show
from govern_mirror.connection import Instance
from govern_mirror.dss import connect
from govern_mirror.dss.macros import run_macro
from govern_mirror.errors import ConflictError
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL

ITEM = f"items/{V1}"


def is_item(document):
    return is_a("item", document)


@pytest.fixture
def page_of(bank, people):
    bank.projects.set_document(bank.admin, HUB, "permissions", {"owner": "admin", "permissions": PERMISSIONS[1:]})
    bank.accounts.change_user("rita", groups=["editors", "readers"])

    def opened(login):
        settings = Settings(hub_project=HUB, settling_seconds=0)
        return open_page_of(connect_to(URL, people[login], settings=settings))

    return opened


@pytest.fixture
def session(bank, people):
    return connect_to(URL, people["rita"], settings=Settings(settling_seconds=0))


@pytest.fixture
def other(bank, people):
    return connect_to(URL, people["emil"], settings=Settings(settling_seconds=0))


# on the live page ---------------------------------------------------------------------------------------------------


def test_the_page_shows_a_bundle_with_its_form(page_of):
    document = is_item(page_of("rita").get(ITEM).json)
    assert document["address"] == V1 and document["project_key"] == "CHURN"
    assert [section["id"] for section in document["form"]["sections"]][:3] == ["overview", "development", "review"]
    assert document["signoff"]["status"] == "NOT_STARTED" and document["source"]["made"].endswith("by emil")
    assert document["form"]["can_edit"] and not document["form"]["actions"]["ungovern"]["allowed"]
    assert all("overview.made" not in section["paths"] for section in document["form"]["sections"])


def test_the_page_saves_a_bundle(page_of, bank):
    rita = page_of("rita")
    document = rita.get(ITEM).json
    patch = {
        "revision": document["revision"],
        "changes": {"steps.development.notes": "built"},
        "statuses": {"development": "FINISHED", "review": "ONGOING"},
    }
    answer = rita.patch(ITEM, patch)
    assert answer.status_code == 200, answer.text
    saved = is_item(answer.json)
    assert saved["stage"] == "review" and saved["saved"]["written"] and not saved["saved"]["also_changed"]
    stale = rita.patch(ITEM, {**patch, "changes": {"steps.development.notes": "no"}, "statuses": {}})
    assert stale.status_code == 409
    assert bank.metadata("CHURN")["customFields"].get("govern_notes_exploration") is None


def test_the_page_moves_and_closes_a_bundle(page_of):
    rita = page_of("rita")
    assert rita.post(f"{ITEM}/move", {"move": "start", "step": "development"}).status_code == 200
    assert rita.post(f"{ITEM}/skip", {"step": "deployment", "reason": "not here"}).status_code == 200
    closed = rita.post(f"{ITEM}/close", {"reason": "replaced"})
    assert closed.status_code == 200 and closed.json["stage"] == "closed"
    assert rita.get("items/CHURN").json["stage"] == "not_started"


@pytest.mark.parametrize("action", ["adopt", "hide", "undo-hide", "ungovern"])
def test_what_belongs_to_projects_is_refused_for_a_bundle(page_of, action):
    refused = page_of("rita").post(f"{ITEM}/{action}", {})
    assert refused.status_code == 404 and "no action" in refused.json["detail"]


def test_a_reader_sees_a_bundle_and_saves_nothing(page_of, bank):
    ana = page_of("ana")
    document = ana.get(ITEM).json
    assert not document["form"]["can_edit"]
    refused = ana.patch(ITEM, {"revision": 0, "changes": {"steps.review.notes": "x"}})
    assert refused.status_code in (403, 422)
    assert "govern_items" not in bank.metadata("CHURN")["customFields"]


def test_an_unknown_item_is_not_found(page_of):
    rita = page_of("rita")
    assert rita.get("items/CHURN/bundle/v9").status_code == 404
    assert rita.get("items/CHURN/model/NONE/1").status_code == 404
    assert rita.get("items/CHURN/thing/x").status_code == 404


# in macros ----------------------------------------------------------------------------------------------------------


def test_the_macros_take_a_bundle(bank, people, as_):
    client = connect(Instance(URL, people["rita"]))()
    rows = run_macro(
        client,
        "CHURN",
        "advance-workflow",
        {"address": "bundle/v1", "item_step": "review", "step": "exploration"},
        "move it",
    )
    assert ("Review", "Not started", "On going") in [row[:3] for row in rows]
    form = {"address": V1, "field_1": "steps.review.notes", "value_1": "as agreed"}
    run_macro(client, "CHURN", "edit-governed-project", form, "edit it")
    document = json.loads(as_("admin", "show", V1, "--format", "json").out)
    assert document["stage"] == "review" and document["steps"][1]["notes"] == "as agreed"


# beside other writers -----------------------------------------------------------------------------------------------


def test_two_bundles_written_at_once_both_stay(bank, session, other):
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    reached = []

    def meanwhile():
        if not reached:
            reached.append(write_note(other, "CHURN/bundle/v2", "review", "theirs"))

    bank.faults.after("PUT", "/projects/CHURN/metadata", meanwhile)
    write_note(session, V1, "review", "mine")
    assert reached and show(session, V1).notes("review") == "mine"
    assert show(session, "CHURN/bundle/v2").notes("review") == "theirs"


def test_a_project_written_meanwhile_keeps_both(bank, session, other):
    bank.faults.after(
        "PUT", "/projects/CHURN/metadata", lambda: move(other, "CHURN", Move(MoveKind.ADVANCE)), once=True
    )
    move(session, V1, Move(MoveKind.ADVANCE))
    assert show(session, V1).stage == "development" and show(session, "CHURN").stage == "exploration"


def test_one_bundle_moved_twice_at_once_moves_once_each(bank, session, other):
    raced = []

    def overwrite():
        # as a writer does that read before us and put after us
        raced.append(True)
        bank.edit_metadata("CHURN", lambda metadata: metadata["customFields"].pop("govern_items"))

    bank.faults.after("PUT", "/projects/CHURN/metadata", overwrite, once=True)
    after = move(session, V1, Move(MoveKind.ADVANCE)).project
    assert raced and after.workflow.position == "development ONGOING"
    assert show(session, V1).workflow.position == "development ONGOING"


def test_a_value_somebody_else_took_is_told(bank, session, other):
    def overwrite():
        bank.edit_metadata("CHURN", lambda metadata: metadata["customFields"].pop("govern_items"))
        write_note(other, V1, "review", "theirs")

    bank.faults.after("PUT", "/projects/CHURN/metadata", overwrite, once=True)
    with pytest.raises(ConflictError, match=r"emil changed steps\.review\.notes"):
        write_note(session, V1, "review", "mine")
    assert show(session, V1).notes("review") == "theirs"


def test_the_time_of_an_items_change_is_kept(bank, session):
    at = datetime(2026, 11, 3, tzinfo=timezone.utc)
    move(session, V1, Move(MoveKind.ADVANCE), now=at)
    assert show(session, V1).workflow["development"].started_on == at
