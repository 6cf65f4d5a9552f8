"""Addresses, zones and times as people type them: what is not one is refused, and nothing is installed."""

from __future__ import annotations

import pytest
from dataikuapi.utils import DataikuException

HUB = "HUB"
REPORT = "pyrunnable_govern-mirror_governed-projects-report"

NO_ADDRESSES = [
    "mailto:ada@example.com",
    "mailto:a@b",
    '"ada@example.com"',
    '"Ada" <ada@example.com>',
    '"ada lovelace"@example.com',
    "'ada@example.com'",
    "`ada@example.com`",
    "<ada@example.com>",
    "Ada <ada@example.com>",
    "ada@example.com.",
    "ada.@example.com",
    ".ada@example.com",
    "ada..lovelace@example.com",
    "ada@example..com",
    "ada@-example.com",
    "ada@exam_ple.com",
    "ada@[127.0.0.1]",
    "ada@",
    "@example.com",
    "ada@bob@example.com",
    "ada(comment)@example.com",
    "a\u200bda@example.com",
    "ada@example.com\u200b",
    "\ufeffada@example.com",
    "ada@example.com\u202e",
    "ada@exаmple.com",  # a Cyrillic а
    "ada＠example.com",
    "ada@example.com\x07",
    "ada\x00@example.com",
    "ada@example.com?bcc=eve@example.com",
    "ada\\@example.com",
    f"{'a' * 250}@example.com",
    "${scenarioName}@example.com",
]
ADDRESSES = ["ada@example.com", "o'brien+dss@mail.example.co.uk", "ops@mailhost", "x_1-2@xn--mller-kva.example"]

NO_ZONES = [
    "localtime",
    "Factory",
    "posixrules",
    "posix/Europe/Paris",
    "right/Europe/Paris",
    "posix/UTC",
    "europe/paris",
    "Europe/Paris/",
    "/etc/localtime",
    "Europe",
    "Europe/../Europe/Paris",
    "Europe/Paris\u200b",
    "zone.tab",
    "tzdata.zi",
    "+01:00",
    "CEST",
]
ZONES = ["Europe/Paris", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "server"]

NO_TIMES = [
    "٠٧:٠٠",
    "०७:००",
    "７:００",
    "0７:00",
    "07:0٠",
    "07：00",
    "24:00",
    "07:60",
    "7",
    "07:00:00",
    "-7:00",
    "7.00",
]


@pytest.fixture
def refused(run, hub):
    def refused(*options):
        result = run("install", HUB, *options)
        assert result.exit_code == 2, result.output
        assert hub.list_scenarios() == []
        return result.stderr

    return refused


@pytest.mark.parametrize("text", NO_ADDRESSES, ids=ascii)
def test_p22_what_is_no_address_is_refused(text, refused):
    message = refused("--mail", f"bob@example.com, {text}")
    assert "not a mail address" in message and message.isascii() and "\x07" not in message


@pytest.mark.parametrize("text", ADDRESSES)
def test_p22_addresses_are_taken_as_they_are(text, done, shown):
    done("install", HUB, "--mail", text)
    assert shown()["mail"] == [text]


def test_p22_macro_refuses_them_before_it_publishes(hub, folder, sandbox):
    macro = hub.get_macro(REPORT)
    with pytest.raises(DataikuException, match="not a mail address"):
        macro.get_result(macro.run({"managed_folder": folder, "mail_to": "mailto:a@b"}), as_type="string")
    assert sandbox.messaging.outbox == [] and hub.get_managed_folder(folder).list_contents()["items"] == []


def test_p22_stored_address_that_is_none_is_told(done, change):
    done("install", HUB, "--mail", "ada@example.com")
    change(lambda raw: raw["params"]["steps"][0]["params"]["config"].update(mail_to="mailto:a@b"))
    said = " ".join(done("install", HUB, "--daily", "09:00").stderr.split())
    assert "mails to what is no mail address" in said and "'mailto:a@b'" in said
    assert "no mail address" not in done("install", HUB, "--mail", "ada@example.com").stderr


@pytest.mark.parametrize("text", NO_ZONES, ids=ascii)
def test_p23_what_is_no_time_zone_is_refused(text, refused):
    assert "is not a time zone" in refused("--mail", "ada@example.com", "--timezone", text)


@pytest.mark.parametrize("text", ZONES)
def test_p23_time_zones_are_taken(text, done, shown):
    done("install", HUB, "--mail", "ada@example.com", "--timezone", text)
    assert shown()["schedule"]["timezone"] == ("SERVER" if text == "server" else text)


@pytest.mark.parametrize("text", NO_TIMES, ids=ascii)
def test_p23_time_in_other_digits_is_refused(text, refused):
    assert "is not a time of day" in refused("--mail", "ada@example.com", "--daily", text)
