"""The macro's targets (page, article, mail): each is tried, and what failed is told with what did not."""

from __future__ import annotations

import pytest
from dataikuapi import DSSClient
from dataikuapi.dss.messaging_channel import DSSMailMessagingChannel
from dataikuapi.utils import DataikuException
from werkzeug import Response

HUB = "HUB"
REPORT = "pyrunnable_govern-mirror_governed-projects-report"
TO = "ada@example.com, bob@example.com"


def send_before_15_1(
    self, project_key, to, subject, body, attachments=None, plain_text=False, sender=None, cc=None, bcc=None
):
    raise AssertionError("the client's own send differs between its versions")


@pytest.fixture
def press(hub):
    """Press the report's macro in the hub; its HTML."""

    def press(**params):
        macro = hub.get_macro(REPORT)
        return macro.get_result(macro.run(params), as_type="string").decode()

    return press


@pytest.fixture
def refused(press):
    """Press it, which must fail; the message."""

    def refused(**params):
        with pytest.raises(DataikuException) as failure:
            press(**params)
        return str(failure.value)

    return refused


@pytest.fixture
def has_page(hub, folder):
    return lambda: [item["path"] for item in hub.get_managed_folder(folder).list_contents()["items"]] != []


@pytest.mark.parametrize("version", ["before 15.1", "without messaging channels"])
def test_d1_mail_goes_out_with_every_client(version, press, sandbox, monkeypatch):
    if version == "before 15.1":
        monkeypatch.setattr(DSSMailMessagingChannel, "send", send_before_15_1)
    else:
        monkeypatch.delattr(DSSClient, "get_messaging_channel")
    assert f"Mailed to {TO}" in press(mail_to=TO)
    (mail,) = sandbox.messaging.outbox
    assert mail.to == tuple(TO.split(", ")) and mail.project_key == HUB
    assert mail.body.lstrip().startswith("<!doctype html>") and not mail.plain_text


def test_d1_page_that_cannot_be_written_costs_no_mail(refused, sandbox):
    message = refused(managed_folder="nowhere", mail_to=TO)
    assert f"it was mailed to {TO}, but it was not published in the managed folder HUB.nowhere" in message
    (mail,) = sandbox.messaging.outbox
    assert "Open the whole report" not in mail.body


def test_d1_mail_that_cannot_be_sent_costs_no_page(refused, sandbox, folder, has_page, hub):
    sandbox.messaging.delete("mail")
    message = refused(managed_folder=folder, wiki_article=HUB, mail_to=TO)
    assert f"the report is in the managed folder HUB.{folder}, the report is in the article" in message
    assert f"but it was not mailed to {TO}: this instance has no mail channel" in message
    assert has_page() and len(hub.get_wiki().list_articles()) == 1


def test_d1_every_failure_is_named(refused, sandbox):
    sandbox.messaging.delete("mail")
    message = refused(managed_folder="nowhere", wiki_article="NOSUCH", mail_to=TO)
    for part in ("the managed folder HUB.nowhere", "in the wiki of NOSUCH", "no mail channel"):
        assert part in message
    assert "but" not in message


def test_d1_scenario_names_every_failure(done, sandbox, folder, scenario, shown):
    done("install", HUB, "--managed-folder", folder, "--mail", TO)
    sandbox.managed_folders.delete(sandbox.admin, HUB, folder)
    sandbox.faults.set("POST /messaging-channels/*/actions/send:403@1")
    scenario().run_and_wait(no_fail=True)
    message = shown()["last_run"]["message"]
    assert "it was not published in" in message and "it was not mailed to" in message


def test_d1_mail_without_an_answer_is_sent_once_and_said_unclear(refused, sandbox):
    sandbox.faults.set("POST /messaging-channels/*/actions/send:timeout-after-write")
    assert f"it may have been mailed to {TO}: no answer tells whether it went out" in refused(mail_to=TO)
    assert len(sandbox.messaging.outbox) == 1


def test_r7_page_without_an_answer_is_said_unclear(refused, sandbox, folder, has_page):
    sandbox.faults.set("POST /projects/HUB/managedfolders/*:timeout-after-write")
    message = refused(managed_folder=folder, mail_to=TO)
    assert f"but it may have been published in the managed folder HUB.{folder}: no answer tells whether" in message
    assert has_page() and len(sandbox.messaging.outbox) == 1


@pytest.mark.parametrize("answer", ["{}", '"x"', "[1]", '[{"id": null}]', "null", "[null]"])
def test_d1_list_of_channels_in_another_shape_is_no_list(answer, refused, sandbox):
    answered = sandbox.faults.around

    def around(method, path, found):
        is_list = path.rstrip("/") == "/messaging-channels"
        return answered(method, path, (lambda: Response(answer, content_type="application/json")) if is_list else found)

    sandbox.faults.around = around
    assert "not from DSS's API" in refused(mail_to=TO)
    assert sandbox.messaging.outbox == []
