"""The HTTP policy: each sentence of docs/reliability.md, section HTTP, has a test here that quotes it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
import responses
from standard import GovernNode, ProjectStore
from support.command_line import run_command as command
from support.http_servers import ForeignServer, watched

from govern_mirror import Scope, initialize
from govern_mirror.actions.session import connect_to
from govern_mirror.connection import Instance
from govern_mirror.dss import connect
from govern_mirror.dss.client import api_errors
from govern_mirror.errors import ConnectionFailed, InputError
from govern_mirror.govern_node import connect_govern
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.server import serve

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
METADATA = "/projects/CHURN/metadata"
QUOTED = set()


def promise(sentence):
    """Say which sentence a test holds the code to."""
    QUOTED.add(sentence)
    return lambda test: test


def sentences():
    text = DOCUMENT.read_text(encoding="utf-8")
    section = re.search(r"^## HTTP\n(.*?)(?=^## |\Z)", text, re.M | re.S).group(1)
    return {" ".join(item.split()) for item in re.findall(r"^- (.*?)(?=^- |^\S|^$)", section, re.M | re.S)}


def test_every_sentence_has_its_test_and_every_test_its_sentence():
    assert sentences() == QUOTED and len(QUOTED) > 20


@pytest.fixture
def dss(sandbox, home):
    """A DSS over a socket with the governed project CHURN; `dss.url` is its address."""
    sandbox.create_project("CHURN", "Churn")
    with watched(sandbox) as (front, url):
        initialize(connect_to(url, sandbox.admin_key), Scope(("CHURN",)))
        front.requests.clear()
        front.ports.clear()
        front.url, front.sandbox = url, sandbox
        yield front


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("DKU_DSS_URL", "DKU_API_KEY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def run(dss, monkeypatch):
    monkeypatch.setenv("DKU_DSS_URL", dss.url)
    monkeypatch.setenv("DKU_API_KEY", dss.sandbox.admin_key)
    return command


@pytest.fixture
def elsewhere():
    other = ForeignServer()
    with serve(other) as url:
        other.url = url
        yield other


@pytest.fixture
def pauses(monkeypatch):
    """How long each wait would have been."""
    seconds = []
    monkeypatch.setattr("govern_mirror.clock.sleep", seconds.append)
    return seconds


@pytest.fixture
def govern():
    with ExitStack() as stack:
        node = GovernSandbox()
        stack.callback(node.close)
        front, url = stack.enter_context(watched(node))
        front.sandbox, front.url = node, url
        yield front


# who is asked --------------------------------------------------------------------------------------

READS = ("/plugins/*", "/auth/info", "/instance-info", METADATA)
STATUSES = (301, 302, 303, 307, 308)


@promise("A request goes to the address that was given, and its key with it; to no other server.")
@pytest.mark.parametrize("status", STATUSES)
def test_r13_no_other_server_is_asked(dss, run, elsewhere, status):
    dss.sandbox.faults.set(f"* *:redirect={elsewhere.url}*,{status}")
    assert run("advance", "CHURN").code == 1
    assert elsewhere.requests == []


@promise("A read follows a redirect within the same scheme, host and port only.")
@pytest.mark.parametrize("status", STATUSES)
def test_p1_a_read_is_followed_on_the_same_server(dss, run, status):
    dss.sandbox.faults.set(f"GET {METADATA}:redirect={dss.url}/dip/publicapi{METADATA},{status}@1")
    assert run("show", "CHURN").code == 0
    dss.sandbox.faults.set(f"GET {METADATA}:redirect={dss.url}/dip/publicapi{METADATA},{status}")
    ended = run("show", "CHURN")
    assert ended.code == 1 and "without end" in ended.err


@promise("A read that is redirected elsewhere fails and names the address; the command writes nothing from then on.")
@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(
    "arguments", [("advance", "CHURN"), ("init", "CHURN", "OTHER"), ("ungovern", "CHURN", "--yes")]
)
def test_p1_a_redirect_names_the_address_before_any_write(dss, run, path, arguments):
    dss.sandbox.create_project("OTHER")
    dss.sandbox.faults.set(f"GET {path}:redirect=https://dss.example.com*@1")
    ended = run(*arguments)
    if path in ("/auth/info",) and arguments[0] == "ungovern":
        return  # it does not ask
    assert ended.code == 1 and "https://dss.example.com" in ended.err + ended.out
    assert dss.writes == []


@promise("A request that writes follows no redirect.")
@pytest.mark.parametrize("target", ["elsewhere", "same"])
@pytest.mark.parametrize("status", STATUSES)
def test_p1_a_write_is_never_redirected(dss, run, elsewhere, target, status):
    base = elsewhere.url if target == "elsewhere" else f"{dss.url}/dip/publicapi"
    dss.sandbox.faults.set(f"PUT {METADATA}:redirect={base}*,{status}")
    before = dss.sandbox.metadata("CHURN")
    ended = run("advance", "CHURN")
    assert ended.code == 1 and "redirected" in ended.err and "another writer" not in ended.err
    assert elsewhere.requests == [] and dss.sandbox.metadata("CHURN") == before


@pytest.mark.parametrize("status", STATUSES)
def test_p1_govern_is_asked_at_its_own_address_only(govern, elsewhere, status):
    node = GovernNode(connect_govern(Instance(govern.url, govern.sandbox.api_key)))
    govern.sandbox.faults.set(f"POST /artifacts/search:redirect={elsewhere.url}*,{status}")
    with pytest.raises(ConnectionFailed, match=re.escape(elsewhere.url)):
        node.survey()
    govern.sandbox.faults.set("")
    with pytest.raises(ConnectionFailed, match="nothing is written"):
        node.put("ar.1", {})
    assert elsewhere.requests == []
    assert [each.path for each in govern.writes] == ["/artifacts/search"]


WITH_USER = (
    "https://user:pa55word@dss.example.com",
    "http://user@dss.example.com:80",
    "HTTPS://u:pa55word@[::1]/",
    "user:pa55word@dss.example.com",
    "https:/user:pa55word@dss.example.com",
    "https://user:pa55word@",
    r"https:\\user:pa55word@dss.example.com",
    "https://user:pa55word@dss.example.com/@",
    "https:///user:pa55word@dss.example.com",
    " https://:pa55word@dss.example.com",
)


@promise("An address that holds a user name or a password is refused, and not repeated.")
@pytest.mark.parametrize("address", WITH_USER)
def test_t7_a_password_in_an_address_is_not_repeated(home, monkeypatch, address):
    monkeypatch.setenv("DKU_DSS_URL", address)
    monkeypatch.setenv("DKU_API_KEY", "k")
    for ended in (command("report"), command("--url", address, "--api-key", "k", "show", "CHURN")):
        assert ended.code == 2 and "pa55word" not in ended.err + ended.out
    with pytest.raises(InputError) as raised:
        connect_to(address, "k")
    assert "pa55word" not in str(raised.value)
    with pytest.raises(InputError):
        Instance(address, "k")


@promise("The key of a named instance, or of the environment, goes to no other address that `--url` names.")
def test_low_url_other_a_key_goes_to_its_own_address_only(dss, home, elsewhere, monkeypatch):
    config = home / ".dataiku" / "config.json"
    config.parent.mkdir()
    config.write_text(f'{{"dss_instances": {{"prod": {{"url": "{dss.url}", "api_key": "{dss.sandbox.admin_key}"}}}}}}')
    ended = command("--instance", "prod", "--url", elsewhere.url, "report")
    assert ended.code == 2 and "one of them" in ended.err
    monkeypatch.setenv("DKU_DSS_URL", dss.url)
    monkeypatch.setenv("DKU_API_KEY", dss.sandbox.admin_key)
    ended = command("--url", elsewhere.url, "report")
    assert ended.code == 2 and "DKU_API_KEY" in ended.err
    assert elsewhere.requests == []
    assert command("--url", f"{dss.url}/", "report").code == 0, "the same address may be given twice"


WRONG_KEYS = (
    "CHURN/settings?x=",
    "A/../CHURN",
    "CHURN\r",
    "CHURN\n",
    "CHURN ",
    " CHURN",
    ".",
    "..",
    "CHURN#",
    "CHURN%2F",
    "CHÜRN",
    "CHURN;",
    "CHURN\x00",
    "CH-URN",
    "\u200bCHURN",
    "ＣＨＵＲＮ",
    "CHURN\\..",
    "",
)
COMMANDS_WITH_KEY = (
    ("show", "{}"),
    ("init", "{}"),
    ("advance", "{}"),
    ("qualify", "{}", "--notes", "x"),
    ("ungovern", "{}", "--yes"),
    ("gate", "{}", "--step", "rollout"),
    ("step", "start", "{}", "exploration"),
    ("step", "note", "{}", "exploration", "x"),
    ("step", "document", "{}", "exploration", "https://x.example"),
    ("doctor", "{}"),
    ("scenario", "status", "{}"),
    ("scenario", "install", "{}"),
    ("scenario", "remove", "{}"),
    ("sync", "status", "--only", "{}"),
)


@promise("A project key that is not made of letters, digits and `_` is refused before anything is asked.")
@pytest.mark.parametrize("key", WRONG_KEYS)
def test_p2_a_key_that_is_none_never_enters_an_address(dss, run, key):
    for arguments in COMMANDS_WITH_KEY:
        ended = run(*(each.format(key) for each in arguments))
        assert ended.code == 2, arguments
        assert "\r" not in ended.err and "\x00" not in ended.err
    store = ProjectStore(connect(Instance(dss.url, dss.sandbox.admin_key)))
    with pytest.raises(InputError):
        store.read(key)
    assert dss.requests == []


@pytest.mark.parametrize("folder", [".", "..", "a\nb", "a/../../CHURN", "a?x=", "a#b", "%2e%2e"])
def test_p2_a_folder_id_never_leads_out_of_its_place(dss, run, folder):
    ended = run("report", "--publish-folder", f"CHURN.{folder}")
    assert ended.code in (1, 2) and "Traceback" not in ended.err
    assert all(each.path.startswith("/projects/CHURN/managedfolders/") for each in dss.writes)


def test_p1_a_redirect_of_one_server_stops_writes_to_all_of_the_command(dss, govern, elsewhere):
    from govern_mirror.operation import Work, doing

    govern.sandbox.faults.set(f"GET *:redirect={elsewhere.url}*")
    store = ProjectStore(connect(Instance(dss.url, dss.sandbox.admin_key)))
    node = GovernNode(connect_govern(Instance(govern.url, govern.sandbox.api_key)))
    with doing(Work()):
        with pytest.raises(ConnectionFailed, match=re.escape(elsewhere.url)):
            node.read("ar.1")
        with pytest.raises(ConnectionFailed, match=re.escape(elsewhere.url)) as raised:
            store.put_metadata("CHURN", {})
    assert raised.value.never_sent and dss.writes == []


@promise(
    "Certificates are checked unless `--no-check-certificate` says otherwise, and a certificate file that is not there "
    "is named."
)
def test_p11_certificates_that_are_not_there_are_named(home, monkeypatch):
    for check, verified in ((True, True), (False, False)):
        with responses.RequestsMock() as rsps:
            rsps.get("https://dss.example.com/dip/publicapi/auth/info", json={"authIdentifier": "alice"})
            store = ProjectStore(connect(Instance("https://dss.example.com", "k", check)))
            assert store.login() == "alice"
            assert bool(rsps.calls[0].request.req_kwargs["verify"]) is verified
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(home / "nosuch.pem"))
    ended = command("--url", "https://127.0.0.1:9", "--api-key", "k", "report")
    assert ended.code == 1 and "REQUESTS_CA_BUNDLE" in ended.err and "is not there" in ended.err
    (home / "nosuch.pem").write_text("no certificate")
    ended = command("--url", "https://127.0.0.1:9", "--api-key", "k", "report")
    assert ended.code == 1 and "Traceback" not in ended.err


def test_p21_https_to_an_http_port_says_so(dss):
    ended = command("--url", dss.url.replace("http://", "https://"), "--api-key", "k", "report")
    assert ended.code == 1 and "http://" in ended.err and "certificate" not in ended.err


def test_p21_a_scheme_counts_in_any_case(dss, run):
    for scheme in ("HTTP://", "Http://"):
        assert run("--url", dss.url.replace("http://", scheme), "report").code == 0


# how long it takes ---------------------------------------------------------------------------------


def ends_in_time(run, *arguments, within=1.5):
    began = time.monotonic()
    ended = run("--timeout", "0.4", *arguments)
    assert time.monotonic() - began < within
    return ended


@promise("`--timeout` (120 s) bounds all that is asked for one project or one list, repeated reads included.")
@pytest.mark.parametrize(
    ("fault", "arguments"),
    [
        (f"GET {METADATA}:slow=9", ("show", "CHURN")),
        (f"GET {METADATA}:slow=0.15", ("advance", "CHURN")),
        ("GET /projects:slow=9", ("report",)),
        ("GET /projects:slow=0.15; GET /projects:503", ("report",)),
        (f"PUT {METADATA}:slow=9", ("advance", "CHURN")),
        ("GET /instance-info:slow=9", ("report",)),
    ],
)
def test_p8_a_server_that_does_not_answer_ends_at_the_timeout(dss, run, fault, arguments, request):
    dss.sandbox.faults.set(fault)
    ended = ends_in_time(run, *arguments)
    dss.sandbox.faults.release()
    assert ended.code == 1


@promise("A server that answers byte by byte without end is cut off at the same time.")
@pytest.mark.parametrize("path", ["/projects", "/plugins/*", "/instance-info"])
def test_r8_a_server_that_drips_is_cut_off(dss, run, path):
    dss.sandbox.faults.set(f"GET {path}:drip=0.1,1000")
    ended = ends_in_time(run, "report")
    dss.sandbox.faults.release()
    assert ended.code == 1 and "--timeout" in ended.err


@promise("A server that cannot be connected to within 10 s counts as out of reach.")
def test_r8_connecting_has_a_limit_of_its_own():
    with responses.RequestsMock() as rsps:
        rsps.get("https://dss.example.com/dip/publicapi/auth/info", json={"authIdentifier": "alice"})
        ProjectStore(connect(Instance("https://dss.example.com", "k"))).login()
        assert rsps.calls[0].request.req_kwargs["timeout"][0] == 10.0


@promise("When the time is over, the message says so and names `--timeout`.")
def test_p8_the_message_names_the_timeout(dss, run):
    dss.sandbox.faults.set(f"GET {METADATA}:slow=9")
    ended = ends_in_time(run, "show", "CHURN")
    dss.sandbox.faults.release()
    assert "did not answer in time" in ended.err and "--timeout" in ended.err and "0.4 s" in ended.err


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "soon", "86401"])
def test_r8_a_timeout_that_is_none_is_refused(value, home):
    assert command("--timeout", value, "report").code == 2


# what is sent again --------------------------------------------------------------------------------


@promise("A read is sent up to four times in all: after 429, 502, 503 and 504, and when the connection breaks.")
@pytest.mark.parametrize(
    "kind", ["429", "502", "503", "504", "json-503={}", "json-429=[]", "html-502", "empty-504", "close", "cut"]
)
def test_r7_a_passing_fault_of_a_read_is_not_noticed(dss, run, kind):
    faults = [f"GET {METADATA}:{kind}@{count}" for count in (1, 2, 3)]
    dss.sandbox.faults.set("; ".join(faults))
    assert run("show", "CHURN").code == 0
    dss.requests.clear()
    dss.sandbox.faults.set(f"GET {METADATA}:{kind}")
    assert run("show", "CHURN").code == 1
    assert dss.count("GET", METADATA) == 4
    dss.sandbox.faults.set(f"GET {METADATA}:500")
    dss.requests.clear()
    assert run("show", "CHURN").code == 1
    assert dss.count("GET", METADATA) == 1


@promise("`Retry-After` is obeyed, but for 5 s at most and not beyond the end of `--timeout`.")
def test_p7_retry_after_is_bounded(dss, run, pauses):
    dss.sandbox.faults.set(f"GET {METADATA}:retry-after=3600@1; GET {METADATA}:retry-after=2@2")
    assert run("show", "CHURN").code == 0
    assert pauses == [5.0, 2.0]
    dss.sandbox.faults.set(f"GET {METADATA}:retry-after=3600")
    dss.requests.clear()
    assert run("--timeout", "3", "show", "CHURN").code == 1
    assert dss.count("GET", METADATA) == 1


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2115 07:28:00 GMT", 5.0),
        ("-1", 0.3),
        ("soon", 0.3),
        ("", 0.3),
        ("9" * 400, 5.0),
        ("1e9", 0.3),
        ("٣", 0.3),
        ("Wed, 21 Oct 99999 07:28:00 GMT", 0.3),
    ],
)
def test_p7_any_retry_after_is_a_bearable_pause(header, pause, pauses):
    with responses.RequestsMock() as rsps:
        url = "https://dss.example.com/dip/publicapi/auth/info"
        rsps.get(url, status=503, headers={"Retry-After": header})
        rsps.get(url, json={"authIdentifier": "alice"})
        assert ProjectStore(connect(Instance("https://dss.example.com", "k"))).login() == "alice"
    assert pauses == [pause]


@promise("A search of Govern is a read, although it is a POST.")
def test_r7_a_search_of_govern_is_sent_again(govern):
    node = GovernNode(connect_govern(Instance(govern.url, govern.sandbox.api_key)))
    govern.sandbox.faults.set("POST /artifacts/search:503@1; POST /artifacts/search:cut@2")
    assert node.survey().projects == []
    assert govern.count("POST", "/artifacts/search") == 3


WRITES = ("429", "502", "503", "504", "close", "cut", "retry-after=1", "html-503")


@promise("No other request is ever sent again by the transport.")
@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_r7_a_write_is_sent_once_by_the_transport(dss, kind, method):
    dss.sandbox.faults.set(f"{method} *:{kind}")
    client = connect(Instance(dss.url, dss.sandbox.admin_key))()
    with pytest.raises(ConnectionFailed) as raised, api_errors("CHURN", "write"):
        client._perform_json(method, METADATA, body={})
    assert len(dss.writes) == 1 and not raised.value.never_sent


UNCLEAR = (
    "408",
    "429",
    "500",
    "502",
    "503",
    "504",
    "json-503={}",
    "json-500=[]",
    "html-502",
    "empty-503",
    "close",
    "cut",
)


@promise("After 408, 429, 500, 502, 503, 504 or a broken connection, a write is looked up, whatever the body says.")
@pytest.mark.parametrize("kind", UNCLEAR)
def test_r7_a_write_that_was_done_is_not_told_as_failed(dss, run, kind):
    name, dash, rest = kind.partition("-")
    head, equals, value = rest.partition("=")
    applied = f"{name}{dash}{head}-after-write{equals}{value}"
    dss.sandbox.faults.set(f"PUT {METADATA}:{applied}@1")
    ended = run("advance", "CHURN")
    assert (ended.code, dss.count("PUT", METADATA)) == (0, 1), ended.err


@promise("A write that cannot be looked up is told as one that may have been written.")
@pytest.mark.parametrize("kind", ["503", "html-502", "close", "json-500=[]"])
def test_r7_what_cannot_be_looked_up_may_have_been_written(dss, run, kind):
    name, dash, rest = kind.partition("-")
    head, equals, value = rest.partition("=")
    applied = f"{name}{dash}{head}-after-write{equals}{value}"
    reads = []

    def swallow():
        dss.sandbox.faults.set(f"PUT {METADATA}:{applied}; GET {METADATA}:{kind}")
        reads.append(1)

    dss.sandbox.faults.before("PUT", METADATA, swallow)
    ended = run("advance", "CHURN")
    assert reads and ended.code == 1 and "may have been written" in ended.err


def test_r7_a_refused_connection_was_surely_not_carried_out():
    client = connect(Instance("http://127.0.0.1:9", "k"))()
    for _ in range(2):
        try:
            raise ConnectionFailed("an earlier one")
        except ConnectionFailed:
            with pytest.raises(ConnectionFailed) as raised, api_errors("CHURN", "write"):
                client._perform_json("PUT", METADATA, body={})
        assert raised.value.never_sent


# what counts as an answer --------------------------------------------------------------------------


@promise("An error names the status that came, also when a page of a proxy said it.")
@pytest.mark.parametrize("status", [400, 404, 408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", ["html-{}", "json-{}=[]", "empty-{}", "json-{}={{}}"])
def test_r18_the_status_is_named(dss, run, status, body):
    dss.sandbox.faults.set(f"GET {METADATA}:{body.format(status)}")
    ended = run("show", "CHURN")
    assert ended.code == 1 and str(status) in ended.err
    assert status < 500 or "use the address at which" not in ended.err


SHAPES = (
    "null",
    "[]",
    "{}",
    "1",
    '"x"',
    '{"errorType": "x", "message": "y"}',
    '{"authIdentifier": null}',
    '{"authIdentifier": ""}',
    '{"authIdentifier": 1}',
    '{"nodeId": 1, "dssVersion": "14"}',
)


@promise(
    "An answer that says neither who acts nor which instance it is stops the command; nothing is written by nobody."
)
@pytest.mark.parametrize("path", ["/auth/info", "/instance-info"])
@pytest.mark.parametrize("shape", SHAPES)
def test_r12_nothing_is_written_by_nobody(dss, run, path, shape):
    dss.sandbox.faults.set(f"GET {path}:json={shape}")
    ended = run("advance", "CHURN")
    assert ended.code == 1 and "Traceback" not in ended.err and dss.writes == []


UNREADABLE = ("403", "500", "json={}", "json=[]", 'json={"errorType": "x"}', 'json={"config": []}', "503")


@promise(
    "Where the plugin is not there, no rule is; where its settings cannot be read, moves warn and the gate fails "
    "closed."
)
@pytest.mark.parametrize("kind", UNREADABLE)
def test_r12_unreadable_rules_close_the_gate_and_warn_moves(dss, run, home, kind):
    dss.sandbox.faults.set(f"GET /plugins/*:{kind}")
    gate = ("gate", "CHURN", "--step", "exploration")
    closed = run(*gate)
    assert closed.code == 1 and "--without-rules" in closed.err
    assert run(*gate, "--without-rules").code == 3
    (home / "settings.json").write_text("{}")
    assert run("--settings", home / "settings.json", *gate).code == 3
    moved = run("advance", "CHURN")
    assert moved.code == 0 and "settings could not be read" in moved.err


@pytest.mark.parametrize(
    "message", ["no such plugin", "Plugin govern-mirror not found", "Unknown plugin govern-mirror"]
)
def test_r12_without_the_plugin_there_are_no_rules(dss, run, message):
    for status, kind in ((404, "com.dataiku.dip.server.controllers.NotFoundException"), (500, "java.lang.Exception")):
        dss.sandbox.faults.set(f'GET /plugins/*:json-{status}={{"errorType": "{kind}", "message": "{message}"}}')
        assert run("gate", "CHURN", "--step", "exploration").code == 3
        assert "settings" not in run("step", "note", "CHURN", "exploration", message).err


@pytest.mark.parametrize("kind", ["html", "html-403", "close"])
def test_r12_another_server_in_place_of_the_settings_stops_everything(dss, run, kind):
    dss.sandbox.faults.set(f"GET /plugins/*:{kind}")
    for arguments in (("advance", "CHURN"), ("gate", "CHURN", "--step", "exploration")):
        assert run(*arguments).code == 1
    assert dss.writes == []


@promise(
    "Only what comes from an answer's shape is told as another server's answer; a fault of our own is shown as it is."
)
def test_d3_a_fault_of_our_own_is_not_a_proxys(dss):
    client = connect(Instance(dss.url, dss.sandbox.admin_key))()
    for fault, error in (
        (lambda: client.get_project("CHURN").get_metadata(no_such_argument=1), TypeError),
        (lambda: client.no_such_method(), AttributeError),
        (lambda: int("x"), ValueError),
    ):
        with pytest.raises(error), api_errors("CHURN", "read"):
            client.get_auth_info()
            fault()
    dss.sandbox.faults.set("GET /projects:json=[1]")
    with pytest.raises(ConnectionFailed, match="not from DSS"), api_errors():
        client.list_project_keys()


def test_d4_a_requests_without_its_own_json_error_will_do(dss, run, monkeypatch):
    monkeypatch.delattr(requests.exceptions, "JSONDecodeError")
    monkeypatch.setattr("requests.models.RequestsJSONDecodeError", ValueError)
    dss.sandbox.faults.set(f"GET {METADATA}:html")
    ended = run("show", "CHURN")
    assert ended.code == 1 and "not from DSS" in ended.err


# how many at once, and how it ends -----------------------------------------------------------------


@pytest.fixture
def many(dss):
    keys = [f"P{number:02}" for number in range(40)]
    for key in keys:
        dss.sandbox.create_project(key)
    dss.sandbox.faults.latency_ms = 10
    return keys


@promise("At most 8 requests are in flight, or as many as `--workers` says, up to 64.")
def test_r9_requests_in_flight_are_bounded(dss, run, many):
    assert run("init", *many[:20]).code == 0
    assert 4 < dss.most <= 8
    dss.most = 0
    assert run("--workers", "2", "ungovern", "--yes", *many[:10]).code == 0
    assert dss.most == 2
    for value in ("0", "65", "x"):
        assert run("--workers", value, "report").code == 2


@promise("Connections stay open and serve all steps of a command.")
def test_r17_connections_are_used_again(dss, run, many):
    assert run("init", "--all").code == 0
    assert len(dss.requests) > 100 and len(dss.ports) <= 2 * 8


@pytest.fixture
def restored_signals():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def interrupted(dss, run, number, *arguments, at="PUT", presses=1):
    """Run a command, and send it a signal at the 25th write; later answers take long."""
    seen, sent = [], []

    def press():
        seen.append(1)
        if len(seen) == 25:
            dss.sandbox.faults.latency_ms = 5_000
            for _ in range(presses):
                sent.append(time.monotonic())
                os.kill(os.getpid(), number)
                time.sleep(0.05)
            sent.append(len(dss.requests))

    dss.sandbox.faults.before(at, "/projects/*/metadata", press, once=False)
    ended = run(*arguments)
    took = time.monotonic() - sent[0]
    asked = len(dss.requests)
    dss.sandbox.faults.latency_ms = 0
    dss.sandbox.faults.release()
    return ended, took, asked - sent[-1]


@promise("Ctrl-C and SIGTERM end a command within a second, with exit code 130 or 143.")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.usefixtures("restored_signals")
def test_r9_an_interrupted_run_ends_within_a_second(dss, run, many, number, code):
    ended, took, _ = interrupted(dss, run, number, "init", *many)
    assert ended.code == code and took < 1.5, "a second, and a machine under load"
    assert "Traceback" not in ended.err and "Aborted" not in ended.err


@promise("What was written, what was not and what is unclear is named then.")
@pytest.mark.usefixtures("restored_signals")
def test_r9_an_interrupted_run_says_how_far_it_came(dss, run, many):
    ended, _, _ = interrupted(dss, run, signal.SIGINT, "-q", "init", *many)
    told = {word: line.split(", ") for word, line in re.findall(r"^([a-z, ]+): (P\d\d.*)$", ended.err, re.M)}
    assert sorted(key for keys in told.values() for key in keys) == many
    governed = {key for key in many if "govern_record" in dss.sandbox.metadata(key)["customFields"]}
    certain = set(told.get("written", ()))
    assert certain and certain <= governed
    assert not governed & set(told["not written"])
    assert governed - certain <= set(told.get("may have been written", ()))
    assert len(told.get("may have been written", ())) <= 8


@promise("No request begins after an interruption.")
@pytest.mark.usefixtures("restored_signals")
def test_r9_nothing_is_asked_after_an_interruption(dss, run, many):
    _, _, later = interrupted(dss, run, signal.SIGINT, "init", *many)
    assert later <= 8, "but for those that were on their way"
    asked = len(dss.requests)
    time.sleep(0.2)
    assert len(dss.requests) == asked


@promise("Pressing again while the end is told changes nothing.")
@pytest.mark.usefixtures("restored_signals")
def test_r9_pressing_again_gives_no_traceback(dss, run, many):
    ended, _, _ = interrupted(dss, run, signal.SIGINT, "init", *many, presses=3)
    assert ended.code == 130 and "Interrupted" in ended.err and "Traceback" not in ended.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_r9_a_process_ends_at_once_however_often_it_is_pressed(dss, many, number, code):
    begun = threading.Event()
    dss.sandbox.faults.before("PUT", "/projects/*/metadata", begun.set)
    dss.sandbox.faults.set("PUT *:slow=20")
    shell = [sys.executable, "-c", "from govern_mirror.cli.main import main; main()", "init", *many]
    environment = {**os.environ, "DKU_DSS_URL": dss.url, "DKU_API_KEY": dss.sandbox.admin_key}
    process = subprocess.Popen(shell, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert begun.wait(30)
    pressed = time.monotonic()
    for _ in range(4):
        process.send_signal(number)
        time.sleep(0.05)
    _, err = process.communicate(timeout=10)
    took = time.monotonic() - pressed
    assert (process.returncode, "Traceback" in err) == (code, False), err
    assert took < 2 and "may have been written" in err and "not written: P" in err


@pytest.mark.usefixtures("restored_signals")
@pytest.mark.parametrize(
    ("arguments", "says"), [(("advance", "CHURN"), "may have been written"), (("report",), "nothing")]
)
def test_r9_a_single_command_says_whether_it_may_have_written(dss, run, arguments, says):
    path, method = (METADATA, "PUT") if arguments[0] == "advance" else ("/projects", "GET")

    def press():
        dss.sandbox.faults.latency_ms = 5_000
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()

    dss.sandbox.faults.before(method, path, press)
    dss.sandbox.faults.set(f"{method} {path}:slow=5")
    ended = run(*arguments)
    dss.sandbox.faults.release()
    assert ended.code == 130 and says in ended.err
