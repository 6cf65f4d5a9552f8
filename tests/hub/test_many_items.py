"""A project with thousands of bundles and versions: few requests, and no time that grows with their square."""

import json
import time

import pytest
from hub.conftest import V1
from support.projects import edit_article
from support.request_log import RequestLog

from govern_mirror.actions.gate import gate
from govern_mirror.actions.governed_items import read_item
from govern_mirror.actions.items import items_of
from govern_mirror.actions.record import move, write_note
from govern_mirror.actions.session import connect_to
from govern_mirror.metadata.items import ARTICLE, with_archived
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL

BUNDLES, VERSIONS = 2_000, 300


@pytest.fixture
def many(bank, people):
    """2,000 bundles and 300 versions, each with a record of its own: a few in the field, the rest in the wiki."""
    exporter = bank.accounts.user("emil")
    session = connect_to(URL, people["rita"], settings=Settings(settling_seconds=0))
    move(session, V1, Move(MoveKind.ADVANCE))
    stored = json.loads(bank.metadata("CHURN")["customFields"]["govern_items"])
    document = json.dumps(stored["items"]["bundle/v1"])
    names = [f"bundle/b{number}" for number in range(BUNDLES)]
    for name in names:
        bank.bundles.export(exporter, "CHURN", name.partition("/")[2])
    model = bank.saved_models.create(exporter, "CHURN", "Churn model", "DSS_MANAGED", identifier="MODEL")
    versions = [bank.saved_models.train(exporter, "CHURN", model, f"n{number}") for number in range(VERSIONS)]
    names += [f"model/{model}/{version}" for version in versions]
    archived = {name: json.loads(document.replace("bundle/v1", name)) for name in names}
    # somebody typed into each of them: who last wrote the project is looked up once, if at all
    for content in archived.values():
        content["govern_notes_review"] = "typed"
    bank.wiki.create(bank.admin, "CHURN", ARTICLE, None)
    edit_article(bank, "CHURN", ARTICLE, with_archived("", archived))
    stored["archived"] = True
    bank.edit_metadata("CHURN", lambda metadata: metadata["customFields"].update(govern_items=json.dumps(stored)))
    return session


def asked(bank, action):
    """The requests, and the seconds, that something takes."""
    log = RequestLog(bank)
    started = time.perf_counter()
    action()
    return log, time.perf_counter() - started


def test_thousands_of_items_take_few_requests(bank, many):
    address = "CHURN/bundle/b1500"
    listing = []
    for name, action, requests, seconds in (
        ("items", lambda: listing.append(items_of(many, "CHURN")), 8, 10),
        ("show", lambda: read_item(many, address), 5, 2),
        ("gate", lambda: gate(many, address, "review"), 6, 2),
        ("move", lambda: move(many, address, Move(MoveKind.ADVANCE)), 14, 5),
        ("note", lambda: write_note(many, address, "review", "x" * 9_000), 20, 10),
    ):
        log, took = asked(bank, action)
        assert len(log.requests) <= requests, (name, log.requests)
        assert took < seconds, (name, took)
    assert len(listing[0].items) == BUNDLES + VERSIONS + 1


@pytest.mark.parametrize("item", ["bundle", "model"])
def test_a_gate_asks_for_nothing_twice(bank, as_, churn_model, item):
    address = V1 if item == "bundle" else f"CHURN/model/{churn_model}/new"
    for who, act in (("rita", ("request", address, "--final")), ("ana", ("approve", address))):
        assert as_(who, "signoff", *act).code == 0
    assert as_("rita", "advance", address, "--to", "review").code == 0
    log = RequestLog(bank)
    ended = as_("admin", "gate", address, "--step", "review", "--signed-off", "--allow-skipped")
    assert ended.code == 0, ended.err
    twice = {request for request in log.requests if log.requests.count(request) > 1}
    assert twice == set()
