"""Project keys, ids and addresses as no honest person writes them: refused, asked nowhere else, and never echoed raw.

A new hostile key, address or command is one line.
"""

from __future__ import annotations

import re

import pytest
from reliability.world import DSS_URL

KEYS = {
    "parent": "A/../B",
    "query": "P/settings?x=",
    "query-alone": "P?x=1",
    "fragment": "P#x",
    "carriage-return": "P\r",
    "line-feed": "P\n",
    "inner-line-feed": "P\nQ",
    "encoded-parent": "%2e%2e",
    "encoded-slash": "P%2Fsettings",
    "encoded-nul": "P%00",
    "dot": ".",
    "dots": "..",
    "parents": "../../admin/users",
    "slash": "P/",
    "leading-slash": "/P",
    "backslash": "P\\..\\Q",
    "semicolon": "P;x=1",
    "at": "P@elsewhere.example.net",
    "colon": "P:80",
    "blank": "P Q",
    "inner-tab": "P\tQ",
    "only-blanks": "  ",
    "empty": "",
    "nul": "P\0",
    "escape": "P\x1b[2J",
    "bell": "P\x07",
    "c1": "P\x9b31m",
    "bidi": "P\u202eQ",
    "zero-width": "P\u200b",
    "full-width": "Ｐ",
    "cyrillic": "Р",
    "accent": "É",
    "digits": "٣",
    "emoji": "P😀",
    "surrogate": "P\udcff",
    "hyphen": "P-Q",
    "star": "*",
    "braces": "{P}",
    "template": "{{P}}",
    "workflow-command": "##vso[task.complete]P",
    "github-command": "::error::P",
    "url": "https://elsewhere.example.net/P",
    "quote": "P'\"",
    "option-like": "P --yes",
}
"""Project keys that DSS cannot have."""

COMMANDS = {
    "init": ("init", "KEY"),
    "init-one-of-two": ("init", "P", "KEY"),
    "init-dry-run": ("init", "KEY", "--dry-run"),
    "ungovern": ("ungovern", "KEY", "--yes"),
    "ungovern-dry-run": ("ungovern", "KEY", "--dry-run"),
    "show": ("show", "KEY"),
    "show-json": ("show", "KEY", "--format", "json"),
    "qualify": ("qualify", "KEY", "--risk", "Low"),
    "advance": ("advance", "KEY"),
    "step-start": ("step", "start", "KEY", "exploration"),
    "step-set": ("step", "set", "KEY", "rollout", "--reason", "r"),
    "step-note": ("step", "note", "KEY", "exploration", "text"),
    "step-document": ("step", "document", "KEY", "exploration", "https://example.com"),
    "gate": ("gate", "KEY", "--step", "exploration"),
    "doctor": ("doctor", "KEY"),
    "doctor-probe": ("doctor", "KEY", "--probe-write"),
    "publish-folder": ("report", "--publish-folder", "KEY.abc"),
    "publish-wiki": ("report", "--publish-wiki", "KEY"),
    "publish-article": ("report", "--publish-wiki", "KEY:Report"),
    "scenario-install": ("scenario", "install", "KEY", "--daily", "06:00", "--managed-folder", "abc"),
    "scenario-show": ("scenario", "show", "KEY"),
    "scenario-remove": ("scenario", "remove", "KEY"),
    "sync-only": ("sync", "status", "--only", "KEY"),
}
"""Every command that takes a project key."""

SENSIBLE = {("colon", "publish-wiki"), ("colon", "publish-article")}
"""`PROJECT:ARTICLE` is how an article is named there."""

HARMLESS = re.compile(r"^/(plugins/govern-mirror/settings|auth/info|instance-info|projects)$")
"""What a command may have asked before it looks at the key."""

IDS = {
    "folder-parent": ("report", "--publish-folder", "P.../x"),
    "folder-query": ("report", "--publish-folder", "P.abc?x=1"),
    "folder-dots": ("report", "--publish-folder", "P..."),
    "folder-control": ("report", "--publish-folder", "P.a\x1bb"),
    "article-slash": ("report", "--publish-wiki", "P:a/b"),
    "article-dots": ("report", "--publish-wiki", "P:.."),
    "article-query": ("report", "--publish-wiki", "P:a?b"),
    "article-encoded": ("report", "--publish-wiki", "P:%2e%2e"),
    "article-control": ("report", "--publish-wiki", "P:a\x00b"),
    "step-parent": ("step", "note", "P", "../exploration", "text"),
    "gate-step": ("gate", "P", "--step", "explo\x1b[2Jration"),
    "managed-folder": ("scenario", "install", "P", "--daily", "06:00", "--managed-folder", "../../x"),
}
"""Other ids that end in an address, or in a message."""

PASSWORD = "hunter2-secret"
ADDRESSES = {
    "user-info": f"https://user:{PASSWORD}@dss.example.com",
    "user-info-plain": f"http://user:{PASSWORD}@dss.example.com",
    "user-info-encoded": f"https://user%3A{PASSWORD}@dss.example.com",
    "password-alone": f"https://:{PASSWORD}@dss.example.com",
    "token-as-user": f"https://{PASSWORD}@dss.example.com",
    "user-info-other-host": f"https://dss.example.com:{PASSWORD}@elsewhere.example.net",
    "backslash-at": f"https://user:{PASSWORD}\\@dss.example.com",
    "no-scheme-user-info": f"user:{PASSWORD}@dss.example.com",
    "query": "https://dss.example.com/x?y=1",
    "fragment": "https://dss.example.com/#x",
    "line-feed": "https://dss.example.com\nX-Header: 1",
    "nul": "https://dss.example.com\0",
    "escape": "https://dss.example.com\x1b[2J",
    "blank-inside": "https://dss example.com",
    "no-host": "https://",
    "no-scheme": "dss.example.com",
    "scheme-relative": "//dss.example.com",
    "file": "file:///etc/passwd",
    "ftp": "ftp://dss.example.com",
    "javascript": "javascript:alert(1)",
    "data": "data:text/plain,x",
    "port-too-high": "https://dss.example.com:99999",
    "port-no-number": "https://dss.example.com:https",
    "open-bracket": "https://[::1",
    "empty": "",
    "bidi": "https://dss.example.com\u202e/x",
    "too-long": "https://" + "a" * 5000,
}
"""Addresses of an instance that are none, or that hold a secret."""

RAW_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


def printed_harmlessly(run):
    assert run.crash is None, repr(run.crash)
    assert "Traceback" not in run.text
    assert not RAW_CONTROL.search(run.text), repr(run.text[:400])
    assert not re.search(r"^(##|::)", run.text, re.MULTILINE)
    assert len(run.text) < 4000


@pytest.fixture
def governed(states):
    states.enter("started")
    states.world.env.pop("DKU_DSS_URL", None)
    states.world.env["DKU_DSS_URL"] = DSS_URL
    return states.world


@pytest.mark.sampled(60)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("key", KEYS)
def test_p2_a_hostile_key_is_refused_before_anything_is_asked(governed, key, command):
    before = governed.save()
    arguments = [part.replace("KEY", KEYS[key]) for part in COMMANDS[command]]
    run = governed.run(*arguments)
    printed_harmlessly(run)
    if (key, command) in SENSIBLE:
        assert not [request for request in governed.requests if request.path.startswith("/projects/P:")]
        return
    assert run.code == 2, (run.code, run.text)
    asked = [str(request) for request in governed.requests if not HARMLESS.match(request.path)]
    assert not asked
    assert governed.save().dss == before.dss


@pytest.mark.parametrize("command", COMMANDS)
def test_p2_an_endless_key_ends_in_a_message(governed, command):
    run = governed.run(*[part.replace("KEY", "P" * 50_000) for part in COMMANDS[command]])
    assert run.crash is None and run.code in (1, 2, 3)
    assert "Traceback" not in run.text


@pytest.mark.parametrize("name", IDS)
def test_p2_a_hostile_id_asks_no_other_endpoint(governed, name):
    before = governed.save()
    run = governed.run(*IDS[name])
    printed_harmlessly(run)
    assert run.code in (1, 2), (run.code, run.text)
    assert not [request for request in governed.requests if request.writes]
    assert governed.save().dss == before.dss


@pytest.mark.sampled(30)
@pytest.mark.parametrize("way", ["option", "environment", "govern"])
@pytest.mark.parametrize("name", ADDRESSES)
def test_t7_a_hostile_address_is_refused_and_its_secret_kept(governed, name, way):
    address = ADDRESSES[name]
    if "\0" in address and way == "environment":
        address = address.replace("\0", "\x01")  # no environment holds a NUL
    if way == "option":
        run = governed.run("--url", address, "advance", "P")
    elif way == "environment":
        run = governed.run("advance", "P", env={"DKU_DSS_URL": address})
    else:
        run = governed.run("sync", "push", "--govern-url", address)
    printed_harmlessly(run)
    assert PASSWORD not in run.text
    if not address and way == "option":
        return  # an empty option is none: the environment's address counts
    if not address and way == "govern":
        return
    assert run.code in (1, 2), (run.code, run.text)
    assert not [request for request in governed.requests if request.writes or request.node == "elsewhere"]


@pytest.mark.parametrize("where", ["scheme in capitals", "slash at the end", "blanks around", "line end of Windows"])
def test_p21_an_honest_address_is_taken_however_it_is_written(governed, where):
    address = {
        "scheme in capitals": "HTTPS://dss.example.com",
        "slash at the end": f"{DSS_URL}/",
        "blanks around": f"  {DSS_URL} ",
        "line end of Windows": f"{DSS_URL}\r\n",
    }[where]
    assert governed.run("--url", address, "show", "P").code == 0
