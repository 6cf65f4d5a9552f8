"""What an editor of the project types into its items, and addresses that lead elsewhere: told, and no gate opens."""

import json

import pytest
from hub.conftest import V1, V2
from support.live_page import open_page_of
from support.projects import edit_article

from govern_mirror.actions.session import connect_to
from govern_mirror.connection import Instance
from govern_mirror.dss import connect
from govern_mirror.dss.macros import run_macro
from govern_mirror.errors import GovernMirrorError
from govern_mirror.metadata.items import ARTICLE, with_archived
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL


def shown(as_, address):
    ended = as_("admin", "show", address, "--format", "json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def edit(bank, change):
    def edited(metadata):
        items = json.loads(metadata["customFields"]["govern_items"])
        change(items["items"])
        metadata["customFields"]["govern_items"] = json.dumps(items)

    bank.edit_metadata("CHURN", edited)


@pytest.fixture
def finished(bank, as_):
    """Bundle v1 has passed its review; v2 has not begun."""
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    for command in (("advance", V1), ("advance", V1), ("advance", V1)):
        assert as_("rita", *command).code == 0
    assert as_("rita", "gate", V1, "--step", "review").code == 0
    return bank


def taken(items):
    items["bundle/v2"] = items["bundle/v1"]


def renamed(items):
    items["bundle/v2"] = json.loads(json.dumps(items["bundle/v1"]).replace("bundle/v1", "bundle/v2"))


def bare(items):
    items["bundle/v2"] = {name: value for name, value in items["bundle/v1"].items() if name != "govern_record"}


@pytest.mark.parametrize("change", [taken, renamed, bare])
def test_steps_put_under_another_bundle_open_no_gate(finished, as_, change):
    edit(finished, change)
    document = shown(as_, V2)
    assert document["trust"] == "typed" or document["problems"], document
    assert as_("rita", "gate", V2, "--step", "review").code == 3
    assert as_("rita", "gate", V1, "--step", "review").code == 0


def test_steps_typed_into_the_article_open_no_gate(finished, as_):
    items = json.loads(finished.metadata("CHURN")["customFields"]["govern_items"])["items"]
    bare(items)
    finished.wiki.create(finished.admin, "CHURN", ARTICLE, None)
    edit_article(finished, "CHURN", ARTICLE, with_archived("", {"bundle/v2": items["bundle/v2"]}))
    assert shown(as_, V2)["trust"] == "typed"
    assert as_("rita", "gate", V2, "--step", "review").code == 3


SPELLINGS = ["bundle/v2 ", " bundle/v2", "bundle/ｖ2", "bundle/v2\u200b", "Bundle/v2", "bundle//v2", "bundle/v2/"]


@pytest.mark.parametrize("name", [*SPELLINGS, "./bundle/v2", "bundle/V2"])
def test_another_spelling_is_another_item(finished, as_, name):
    edit(finished, lambda items: items.update({name: items["bundle/v1"]}))
    assert shown(as_, V2)["revision"] == 0
    listed = as_("admin", "items", "CHURN", "--format", "json")
    assert listed.code == 0, listed.err
    stages = {item["address"]: item["stage"] for item in json.loads(listed.out)["items"]}
    assert stages == {V1: "deployment", V2: "not_started"}


RECORDS = [{"govern_record": stored} for stored in (7, "nonsense", '{"schema": 99}')]


@pytest.mark.parametrize("content", [7, "x", [], True, *RECORDS], ids=str)
def test_an_item_that_is_none_is_told_and_opens_no_gate(finished, as_, content):
    edit(finished, lambda items: items.update({"bundle/v1": content}))
    document = shown(as_, V1)
    assert document["problems"] or not document["revision"]
    assert as_("rita", "gate", V1, "--step", "review").code == 3
    as_("rita", "advance", V2)
    assert json.loads(finished.metadata("CHURN")["customFields"]["govern_items"])["items"]["bundle/v1"] == content


def test_what_the_list_tells_is_of_the_bundle_that_is_there(finished, as_):
    finished.bundles.delete(finished.accounts.user("emil"), "CHURN", "v1")
    finished.bundles.export(finished.accounts.user("emil"), "CHURN", "v1", "again")
    listed = json.loads(as_("admin", "items", "CHURN", "--format", "json").out)["items"]
    assert {item["address"]: item["stage"] for item in listed}[V1] == "not_started"


def test_the_list_says_that_items_cannot_be_read(finished, as_):
    finished.edit_metadata("CHURN", lambda metadata: metadata["customFields"].update(govern_items="nonsense"))
    listed = as_("admin", "items", "CHURN")
    assert "own workflows cannot be read" in listed.err


def test_an_article_that_is_gone_begins_nothing_anew(finished, as_):
    def archived(metadata):
        metadata["customFields"]["govern_items"] = '{"schema":1,"archived":true,"items":{}}'

    finished.edit_metadata("CHURN", archived)
    ended = as_("rita", "advance", V1)
    assert ended.code == 1 and "Govern items` of CHURN is gone" in ended.err
    assert "is gone" in shown(as_, V1)["problems"][-1]["message"]
    assert "is gone" in as_("admin", "items", "CHURN").err
    finished.wiki.create(finished.admin, "CHURN", ARTICLE, None)
    assert as_("rita", "advance", V1).code == 0


# addresses --------------------------------------------------------------------------------------------------------

BAD = [
    "CHURN/bundle/../..",
    "CHURN/bundle/..",
    "CHURN/bundle/.",
    "CHURN/bundle/",
    "CHURN/bundle",
    "CHURN//",
    "CHURN/",
    "/",
    "CHURN/bundle/v1/",
    "CHURN/bundle/v1/v2",
    "CHURN//bundle/v1",
    "CHURN/model/x",
    "CHURN/agent//1",
    "CHURN/thing/x",
    "CHURN/bundle/v1\n",
    "CHURN/bundle/v1 ",
    "CHURN/bundle/\u3000v1",
    "CHURN/bundle/v1\u200b",
    "CHURN/bundle/v1\ud800",
    "CHURN%2Fbundle%2Fv1",
]
UNKNOWN = [f"CHURN/bundle/{id_}" for id_ in ("%2F", "ｖ1", "v%31", "v1?x=1", "v1#x")]
COMMANDS = [
    ("show",),
    ("history",),
    ("gate", "--step", "review"),
    ("gate", "--signed-off"),
    ("advance",),
    ("set", "description=x"),
    ("step start", "review"),
    ("step note", "review", "x"),
    ("close", "--reason", "x"),
    ("signoff request",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_address_that_is_none_reaches_nothing(bank, as_, command):
    before = bank.metadata("CHURN")
    for address in BAD:
        ended = as_("rita", *command[0].split(), address, *command[1:])
        assert ended.code == 2, (address, ended.code, ended.err)
    for address in UNKNOWN:
        ended = as_("rita", *command[0].split(), address, *command[1:])
        assert ended.code in (1, 3) and "Traceback" not in ended.err, (address, ended.err)
    assert bank.metadata("CHURN") == before


@pytest.mark.parametrize("macro", ["advance-workflow", "edit-governed-project"])
def test_a_macro_refuses_an_address_that_is_none(bank, people, macro):
    client = connect(Instance(URL, people["rita"]))()
    form = {"field_1": "steps.review.notes", "value_1": "x"}
    before = bank.metadata("CHURN")
    for address in (*(text for text in BAD if text.strip("/")), "bundle/..", "bundle/", "model/x", "../TWIN"):
        if address.strip() == V1:
            continue  # a line break behind it is taken away, as a blank is
        with pytest.raises(GovernMirrorError):
            run_macro(client, "CHURN", macro, {"address": address, **form}, "do it")
    assert bank.metadata("CHURN") == before


PATHS = [
    *(
        f"CHURN/bundle/{id_}"
        for id_ in ("..", "%2E%2E", "v1%0A", "v1%20", "%E2%80%8Bv1", "%2F", "", "v1%2F..", "v1%00")
    ),
    *("CHURN/bundle/", "CHURN/model/a", "CHURN%2Fbundle%2F..", "..%2Fbundle%2Fv1", "CHURN%20/bundle/v1"),
]


def test_a_route_refuses_an_address_that_is_none(bank, people):
    rita = open_page_of(connect_to(URL, people["rita"], settings=Settings(settling_seconds=0)))
    before = bank.metadata("CHURN")
    for path in PATHS:
        patched = rita.patch(f"items/{path}", {"revision": 0, "changes": {"description": "x"}})
        for answer in (rita.get(f"items/{path}"), patched, rita.post(f"items/{path}/close", {"reason": "x"})):
            assert answer.status_code in (400, 404, 405, 422), (path, answer.status_code, answer.text[:200])
    assert bank.metadata("CHURN") == before
