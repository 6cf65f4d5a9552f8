"""Bundles and versions with workflows of their own: shown, moved and edited by their address."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from hub.conftest import PERMISSIONS, V1, V2
from support.request_log import RequestLog


def shown(as_, address=V1, who="admin"):
    ended = as_(who, "show", address, "--format", "json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def steps(document):
    return {step["id"]: step["status"] for step in document["steps"]}


def delete(bank):
    bank.bundles.delete(bank.accounts.user("emil"), "CHURN", "v1")


def later(bank, **by):
    bank.clock.move(timedelta(**(by or {"minutes": 1})))


# by its address ---------------------------------------------------------------------------------------------------


def test_a_bundle_is_governed_by_rule(bank, as_):
    document = shown(as_)
    assert document["governed"] and document["project_key"] == "CHURN" and document["address"] == V1
    assert list(steps(document)) == ["development", "review", "deployment", "production"]
    assert document["stage"] == "not_started" and document["overview"]["made"].endswith("by emil")
    assert "govern_items" not in bank.metadata("CHURN")["customFields"], "who looks writes nothing"


def test_a_bundle_moves_through_its_own_steps(bank, as_):
    assert as_("rita", "advance", V1).code == 0
    assert as_("rita", "advance", V1, "--reason", "built").code == 0
    document = shown(as_)
    assert steps(document)["development"] == "FINISHED" and steps(document)["review"] == "ONGOING"
    assert [event["what"] for event in document["events"]] == ["initialize", "overview.made", "advance", "advance"]
    assert shown(as_, "CHURN")["stage"] == "not_started", "the project's own workflow stays"


@pytest.mark.parametrize(
    "command",
    [
        ("step", "start", V1, "Development"),
        ("step", "finish", V1, "development"),
        ("step", "skip", V1, "development", "--reason", "bought"),
        ("step", "set", V1, "Production", "--reason", "it runs"),
        ("step", "note", V1, "review", "see the minutes"),
        ("step", "document", V1, "review", "Minutes=https://wiki.example.com/m"),
        ("set", V1, "description=what it brings"),
        ("close", V1, "--reason", "replaced"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_each_change_takes_an_address(bank, as_, command):
    dry = as_("rita", *command, "--dry-run")
    assert dry.code == 3, dry.err
    assert "govern_items" not in bank.metadata("CHURN")["customFields"]
    ended = as_("rita", *command)
    assert ended.code == 0, ended.err
    again = as_("rita", *command)
    assert again.code == 0 and "nothing to change" in again.err


def test_the_history_of_a_bundle_is_its_own(bank, as_):
    as_("rita", "advance", V1)
    as_("rita", "advance", "CHURN")
    lines = json.loads(as_("rita", "history", V1, "--format", "json").out)["saves"]
    assert [[event["what"] for event in save["events"]] for save in lines] == [
        ["initialize", "overview.made", "advance"]
    ]
    assert lines[0]["by"] == "rita"
    of_project = json.loads(as_("rita", "history", "CHURN", "--format", "json").out)["saves"]
    assert all(event["what"] != "overview.made" for save in of_project for event in save["events"])


def test_an_unknown_bundle_is_not_governed(bank, as_):
    for command in (("show",), ("advance",), ("set", "description=x"), ("history",)):
        ended = as_("rita", command[0], "CHURN/bundle/v9", *command[1:])
        assert ended.code == 1 and "no bundle v9" in ended.err
    assert "govern_items" not in bank.metadata("CHURN")["customFields"]


def test_a_bundle_of_an_ungoverned_project_is_not_written(bank, as_):
    bank.create_project("PLAIN", permissions=PERMISSIONS)
    bank.bundles.export(bank.accounts.user("emil"), "PLAIN", "v1")
    ended = as_("rita", "advance", "PLAIN/bundle/v1")
    assert ended.code == 1 and "PLAIN is not governed" in ended.err
    assert not shown(as_, "PLAIN/bundle/v1")["governed"]


def test_a_reader_moves_no_bundle(bank, as_):
    ended = as_("ana", "advance", V1)
    assert ended.code == 1 and "not" in ended.err
    assert "govern_items" not in bank.metadata("CHURN")["customFields"]


def test_a_bundle_of_a_closed_project_is_not_moved(bank, as_):
    assert as_("rita", "close", "CHURN", "--reason", "cancelled").code == 0
    ended = as_("rita", "advance", V1)
    assert ended.code == 1 and "CHURN is closed" in ended.err


def test_nobody_edits_when_a_bundle_was_exported(bank, as_):
    ended = as_("rita", "set", V1, "Exported=yesterday")
    assert ended.code == 2 and "DSS tells" in ended.err
    assert "govern_items" not in bank.metadata("CHURN")["customFields"]


# made anew, deleted, copied -----------------------------------------------------------------------------------------


def test_an_exported_again_bundle_begins_anew(bank, as_):
    as_("rita", "advance", V1, "--to", "production")
    as_("rita", "step", "note", V1, "review", "kept")
    delete(bank)
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1", "again")
    document = shown(as_)
    assert "made anew" in document["problems"][0]["message"] and steps(document)["production"] == "NOT_STARTED"
    assert as_("rita", "advance", V1).code == 0
    document = shown(as_)
    assert steps(document)["development"] == "ONGOING" and not document["problems"]
    assert document["steps"][1]["notes"] == "kept"
    assert "restart" in [event["what"] for event in document["events"]]


def test_a_deleted_bundle_stays_to_be_read(bank, as_):
    as_("rita", "advance", V1)
    delete(bank)
    assert "not in DSS any more" in shown(as_)["problems"][0]["message"]
    ended = as_("rita", "advance", V1)
    assert ended.code == 1 and "no bundle v1" in ended.err


def test_a_duplicated_project_does_not_take_bundles_over(bank, as_):
    as_("rita", "advance", V1)
    fields = bank.metadata("CHURN")["customFields"]
    bank.create_project("TWIN", permissions=PERMISSIONS)
    bank.edit_metadata("TWIN", lambda metadata: metadata["customFields"].update(govern_items=fields["govern_items"]))
    assert as_("admin", "init", "TWIN").code == 0
    bank.bundles.export(bank.accounts.user("emil"), "TWIN", "v1")
    document = shown(as_, "TWIN/bundle/v1")
    assert "is of CHURN/bundle/v1" in document["problems"][0]["message"] and document["stage"] == "not_started"
    assert as_("admin", "gate", "TWIN/bundle/v1", "--step", "development").code == 3
    assert as_("rita", "advance", "TWIN/bundle/v1").code == 0
    document = shown(as_, "TWIN/bundle/v1")
    assert document["stage"] == "development" and not document["problems"] and document["trust"] == "recorded"
    assert "CHURN" in next(event["from"] for event in document["events"] if event["what"] == "adopt")
    assert shown(as_)["stage"] == "development", "the original stays"


# kept whole ---------------------------------------------------------------------------------------------------------


def test_many_bundles_move_to_the_wiki_and_come_back(bank, as_):
    exporter = bank.accounts.user("emil")
    names = [f"b{number}" for number in range(30)]
    for name in names:
        bank.bundles.export(exporter, "CHURN", name)
        ended = as_("rita", "step", "note", f"CHURN/bundle/{name}", "review", f"about {name}")
        assert ended.code == 0, ended.err
        assert len(bank.metadata("CHURN")["customFields"]["govern_items"]) <= 16_384
    for name in names:
        document = shown(as_, f"CHURN/bundle/{name}")
        assert document["steps"][1]["notes"] == f"about {name}" and document["revision"] == 1
    assert as_("rita", "advance", "CHURN/bundle/b0").code == 0
    document = shown(as_, "CHURN/bundle/b0")
    assert document["revision"] == 2 and document["steps"][1]["notes"] == "about b0"
    assert '"bundle/b0"' in bank.metadata("CHURN")["customFields"]["govern_items"]


def test_the_long_history_of_a_bundle_is_kept_whole(bank, as_):
    for number in range(25):
        ended = as_("rita", "set", V1, f"description=text number {number}")
        assert ended.code == 0, ended.err
    events = shown(as_)["events"]
    assert [event["number"] for event in events] == list(range(1, len(events) + 1)) and len(events) == 27
    assert not shown(as_)["problems"]


def test_a_text_too_long_for_the_field_is_refused(bank, as_):
    ended = as_("rita", "step", "note", V1, "review", "x" * 20_000)
    assert ended.code == 2 and "put long ones into a document" in ended.err
    assert "govern_items" not in bank.metadata("CHURN")["customFields"]


@pytest.mark.parametrize("stored", ["nonsense", '{"schema":2,"items":{}}', "[]", 7, {"a": 1}])
def test_damaged_items_are_told_and_kept(bank, as_, stored):
    bank.edit_metadata("CHURN", lambda metadata: metadata["customFields"].update(govern_items=stored))
    assert "cannot be read" in shown(as_)["problems"][0]["message"]
    ended = as_("rita", "advance", V1)
    assert ended.code == 1 and "cannot be read" in ended.err
    assert bank.metadata("CHURN")["customFields"]["govern_items"] == stored


def test_writing_the_project_keeps_its_items(bank, as_):
    as_("rita", "advance", V1)
    before = bank.metadata("CHURN")["customFields"]["govern_items"]
    assert as_("rita", "advance", "CHURN").code == 0
    assert as_("rita", "advance", V2.replace("v2", "v1")).code == 0
    document = json.loads(bank.metadata("CHURN")["customFields"]["govern_items"])
    assert before and document["items"].keys() == {"bundle/v1"}


def test_ungoverning_shows_that_items_go_before_they_do(bank, as_):
    assert "bundles and versions" not in as_("admin", "ungovern", "CHURN", "--dry-run").err
    as_("rita", "step", "note", V1, "review", "see the minutes")
    for arguments in (("--dry-run",), ("--yes",)):
        told = " ".join(as_("admin", "ungovern", "CHURN", *arguments).err.split())
        assert "what is recorded of 1 bundle or version goes, too" in told


def test_ungoverning_the_project_takes_its_items_away(bank, as_):
    as_("rita", "advance", V1)
    assert as_("admin", "ungovern", "CHURN", "--yes").code == 0
    assert "govern_items" not in bank.metadata("CHURN")["customFields"]


def test_what_was_typed_into_the_items_is_told(bank, as_):
    as_("rita", "advance", V1)

    def forge(metadata):
        fields = metadata["customFields"]
        fields["govern_items"] = fields["govern_items"].replace("ONGOING", "FINISHED", 1)

    bank.edit_metadata("CHURN", forge)
    document = shown(as_)
    assert document["trust"] == "typed" and document["pending"]


# superseded ---------------------------------------------------------------------------------------------------------


def listed(as_):
    listing = json.loads(as_("admin", "items", "CHURN", "--format", "json").out)
    return {item["address"]: item for item in listing["items"]}


def test_older_bundles_nobody_reviewed_are_superseded(bank, as_, asked):
    later(bank)
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    items = listed(as_)
    assert items[V1]["superseded"] and not items[V2]["superseded"]
    asked(V1)
    assert not listed(as_)[V1]["superseded"], "who is reviewed is not"


def test_the_list_of_items_tells_their_steps(bank, as_):
    as_("rita", "advance", V1, "--to", "review")
    assert listed(as_)[V1]["stage"] == "review"
    ended = as_("rita", "items", "CHURN")
    assert ended.code == 0 and "Review" in ended.out and "cannot be read" in ended.err


def train(bank, nights):
    """A model that is trained anew every night; the addresses of its versions."""
    trainer = bank.accounts.user("emil")
    model = bank.saved_models.create(trainer, "CHURN", "Churn model", "DSS_MANAGED", identifier="MODEL")
    addresses = []
    bank.clock.move(-timedelta(days=nights))  # whoever looks has the present
    for _ in range(nights):
        later(bank, days=1)
        version = bank.saved_models.train(trainer, "CHURN", model)
        addresses.append(f"CHURN/model/{model}/{version}")
    return addresses


def test_retraining_every_night_leaves_one_review(bank, as_):
    addresses = train(bank, 4)
    for address in addresses:
        ended = as_("rita", "signoff", "request", address, "--final")
        assert ended.code == 0, ended.err
    waiting = json.loads(as_("admin", "reviews", "--format", "json").out)["reviews"]
    assert [review["address"] for review in waiting] == addresses[-1:]
    ended = as_("ana", "signoff", "approve", addresses[0])
    assert ended.code == 1 and "superseded" in ended.err and addresses[-1] in ended.err
    assert as_("ana", "signoff", "approve", addresses[-1]).code == 0
    items = listed(as_)
    assert items[addresses[-1]]["approved"] and not items[addresses[-1]]["superseded"]


def test_a_review_waits_again_once_the_newer_one_ends(bank, as_):
    older, newer = train(bank, 2)
    for address in (older, newer):
        assert as_("rita", "signoff", "request", address, "--final").code == 0
    assert listed(as_)[older]["superseded"]
    assert as_("ana", "signoff", "reject", newer, "--comment", "worse").code == 0
    assert not listed(as_)[older]["superseded"]
    assert as_("ana", "signoff", "approve", older).code == 0


# the gate, and what show adds ---------------------------------------------------------------------------------------


def test_the_gate_asks_for_a_step_of_the_bundle(bank, as_):
    ended = as_("rita", "gate", V1, "--step", "deployment")
    assert ended.code == 3
    as_("rita", "advance", V1, "--to", "review")
    assert as_("rita", "gate", V1, "--step", "Review", "--allow-skipped").code == 0
    document = json.loads(as_("rita", "gate", V1, "--step", "review", "--allow-skipped", "--format", "json").out)
    assert document["status"] == "ONGOING" and document["stage"] == "review" and document["project_key"] == "CHURN"
    assert as_("admin", "gate", V1, "--step", "exploration").code == 3, "a step of the project is asked for there"


def test_a_step_that_is_none_is_answered_with_all_there_are(bank, as_):
    ended = as_("admin", "gate", V1, "--step", "reveiw")
    assert ended.code == 2 and "exploration" in ended.err
    assert "or of the bundle one of development, review, deployment, production" in ended.err


def test_the_gate_forgets_the_steps_of_an_earlier_export(bank, as_):
    as_("rita", "advance", V1)
    as_("rita", "advance", V1)
    assert as_("rita", "gate", V1, "--step", "review").code == 0
    delete(bank)
    later(bank)
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    assert as_("rita", "gate", V1, "--step", "review").code == 3
    delete(bank)
    ended = as_("rita", "gate", V1, "--step", "review")
    assert ended.code == 1 and "no bundle v1" in ended.err


def test_typed_steps_of_a_bundle_do_not_open_the_gate(bank, as_):
    as_("rita", "advance", V1)

    def forge(metadata):
        fields = metadata["customFields"]
        fields["govern_items"] = fields["govern_items"].replace("ONGOING", "FINISHED", 1)

    bank.edit_metadata("CHURN", forge)
    ended = as_("rita", "gate", V1, "--step", "development")
    assert ended.code == 3 and "typed" in ended.err


def test_show_tells_the_sign_off_of_a_bundle(bank, as_, asked):
    asked()
    assert shown(as_)["signoff"]["status"] == "WAITING_FOR_APPROVAL"
    assert as_("ana", "signoff", "approve", V1).code == 0
    document = shown(as_)
    assert document["signoff"]["approved"] and document["signoff"]["by"] == "ana" and document["deployments"] == []
    out = as_("admin", "show", V1).out
    assert "Sign-off: Approved by ana" in out and "Priority" not in out


def test_showing_an_item_reads_each_file_of_the_hub_once(as_, asked, bank, page_of):
    asked()
    page = page_of("rita")
    log = RequestLog(bank)
    for look in (lambda: as_("admin", "show", V1), lambda: page.get(f"items/{V1}")):
        log.clear()
        look()
        times = Counter(path for _, path in log.requests if "/managedfolders/" in path)
        assert len(times) >= 3 and set(times.values()) == {1}
