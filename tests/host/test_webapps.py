"""Backends of webapps: a process of their own, with DSS's app, for the person in the browser."""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from govern_mirror_devkit.host import ComponentError, Connection, PluginHost
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.sandbox.sessions import COOKIE

SERVICE = "service"
NOWHERE = Connection("http://127.0.0.1:9", "no-key")
IMPERSONATING = """
import threading
import dataiku
from flask import jsonify, request

@app.errorhandler(Exception)
def failed(error):
    return str(error), 500

def acting():
    return dataiku.api_client().get_auth_info()["authIdentifier"]

def in_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(acting()))
    thread.start()
    thread.join()
    return found[0]

both = threading.Barrier(2, timeout=10)

@app.get("/together")
def together():
    with dataiku.WebappImpersonationContext():
        both.wait()
        found = acting()
        both.wait()
    return found

@app.get("/meanwhile")
def meanwhile():
    both.wait()
    found = acting()
    both.wait()
    return found

@app.get("/order")
def order():
    before = acting()
    client = dataiku.api_client()
    with dataiku.WebappImpersonationContext() as context:
        within = [acting(), client.get_auth_info()["authIdentifier"], in_a_thread()]
    return jsonify([before, within, acting()])

@app.get("/fails")
def fails():
    try:
        with dataiku.WebappImpersonationContext():
            raise ValueError("within the block")
    except ValueError:
        return acting()
"""


class Backend:
    """A throw-away webapp whose backend runs."""

    def __init__(self, process):
        self.process = process

    def get(self, path, **options):
        return requests.get(f"http://127.0.0.1:{self.process.port}/{path}", timeout=20, **options)


@pytest.fixture
def start(plugin):
    """Start the backend of a webapp with this code."""
    started = []

    def begin(code, connection=NOWHERE, python=None, descriptor=None, **options):
        folder = plugin.root / "webapps" / "w"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "webapp.json").write_text(json.dumps({"baseType": "STANDARD", **(descriptor or {})}))
        (folder / "backend.py").write_text(code, encoding="utf-8")
        host = PluginHost(plugin.root, python)
        backend = Backend(host.start_webapp("w", project_key="P", connection=connection, **options))
        started.append(backend)
        return backend

    yield begin
    for backend in started:
        backend.process.stop()


@pytest.fixture
def people(sandbox):
    """A sandbox on a socket, whose service account may act for analysts: a connection, and cookies of logins."""
    sandbox.create_user(SERVICE, ("services",))
    for login, group in (("ada", "analysts"), ("bob", "analysts"), ("eve", "strangers")):
        sandbox.create_user(login, (group,), password=login)
    sandbox.impersonation.allow("services", "analysts")
    with serve(sandbox) as url:
        connection = Connection(url, sandbox.accounts.create_personal_key(SERVICE))
        tokens = {login: sandbox.sessions.log_in(login, login) for login in ("ada", "bob", "eve")}
        yield connection, {login: {"Cookie": f"{COOKIE}={token}"} for login, token in tokens.items()}


def test_the_backend_uses_the_app_that_dss_gives_it(start):
    backend = start("@app.get('/hello')\ndef hello(): return 'hello'")
    assert backend.get("hello").text == "hello"
    assert backend.get("__ping").status_code == 200


def test_the_backend_is_a_process_of_its_own(start, monkeypatch):
    monkeypatch.setenv("DKU_API_KEY", "secret")
    backend = start("import os\n@app.get('/')\ndef all(): return [os.getpid(), sorted(os.environ), os.getcwd()]")
    pid, names, folder = backend.get("").json()
    assert pid != os.getpid() and "DKU_API_KEY" not in names and folder != str(Path.cwd())
    backend.process.stop()
    assert not Path(folder).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_finds_its_settings_and_those_of_the_plugin(start, plugin):
    plugin.settings({"name": "color", "type": "STRING", "label": "Color", "defaultValue": "red"})
    code = "from dataiku.customwebapp import get_plugin_config, get_webapp_config\n"
    code += "@app.get('/')\ndef all(): return [get_webapp_config(), get_plugin_config()]"
    params = [
        {"name": "rows", "type": "INT", "label": "Rows"},
        {"name": "title", "type": "STRING", "defaultValue": "T"},
    ]
    backend = start(code, descriptor={"params": params}, config={"rows": 3})
    assert backend.get("").json() == [{"rows": 3.0, "title": "T"}, {"color": "red"}]


def test_it_finds_the_plugins_own_library(start, plugin):
    (plugin.root / "python-lib").mkdir()
    (plugin.root / "python-lib" / "ours.py").write_text("def setup(app): app.add_url_rule('/', 'x', lambda: 'ours')")
    assert start("from ours import setup\nsetup(app)").get("").text == "ours"


def test_requests_are_answered_at_once_and_not_one_after_the_other(start):
    code = "import threading\nboth = threading.Barrier(2, timeout=10)\n"
    backend = start(code + "@app.get('/')\ndef wait():\n    both.wait()\n    return 'ok'")
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: backend.get("").text, range(2))) == ["ok", "ok"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise RuntimeError('no settings')", "no settings"),
        ("import no_such_module", "no_such_module"),
        ("def broken(:", "invalid syntax"),
        ("import sys\nsys.exit(3)", "the code ended Python"),
        ("import os, sys\nprint('disk full', file=sys.stderr, flush=True)\nos._exit(7)", "disk full"),
    ],
    ids=["raises", "import", "syntax", "exit", "dies"],
)
def test_a_backend_that_cannot_start_says_why(start, code, message):
    with pytest.raises(ComponentError, match=message):
        start(code)


def test_a_webapp_that_is_not_there_is_said(plugin):
    with pytest.raises(ComponentError, match="no webapp 'w'"):
        PluginHost(plugin.root).start_webapp("w", project_key="P", connection=NOWHERE)


def test_what_the_backend_prints_is_in_its_log(start):
    backend = start(
        "print('set up', flush=True)\n@app.get('/')\ndef say():\n    print('asked', flush=True)\n    return ''"
    )
    backend.get("")
    assert backend.process.log().split() == ["set", "up", "asked"]


def test_a_backend_that_dies_is_not_alive(start):
    backend = start("import os\n@app.get('/die')\ndef die(): os._exit(1)")
    assert backend.process.alive
    with pytest.raises(requests.ConnectionError):
        backend.get("die")
    for _ in range(100):
        if not backend.process.alive:
            return
        time.sleep(0.02)
    raise AssertionError("it is still alive")


def test_it_runs_under_another_interpreter(start):
    backend = start("import sys\n@app.get('/')\ndef which(): return sys.executable", python=Path(sys.executable))
    assert backend.get("").text == sys.executable


def test_the_backend_acts_as_its_own_user_unless_it_impersonates(start, people):
    connection, cookies = people
    before, within, after = start(IMPERSONATING, connection).get("order", headers=cookies["ada"]).json()
    assert (before, after) == (SERVICE, SERVICE)
    # a client that was made before the block, and a thread that was started in it, are the backend's own
    assert within == ["ada", SERVICE, SERVICE]


def test_a_context_never_leaks_into_another_request(start, people):
    connection, cookies = people
    backend = start(IMPERSONATING, connection)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda who: backend.get("together", headers=cookies[who]).text, ["ada", "bob"]))
        assert both == ["ada", "bob"]
        first = pool.submit(backend.get, "together", headers=cookies["ada"])
        other = pool.submit(backend.get, "meanwhile", headers=cookies["bob"])
        assert (first.result().text, other.result().text) == ("ada", SERVICE)


def test_a_block_that_fails_leaves_nobody_behind(start, people):
    connection, cookies = people
    assert start(IMPERSONATING, connection).get("fails", headers=cookies["ada"]).text == SERVICE


def test_impersonation_that_is_not_allowed_is_refused(start, people, sandbox):
    connection, cookies = people
    backend = start(IMPERSONATING, connection)
    for who in ("eve", "ada"):
        sandbox.impersonation.forbid("services")
        answer = backend.get("order", headers=cookies[who])
        assert answer.status_code == 500 and "not allowed to impersonate" in answer.text
        sandbox.impersonation.allow("services", "analysts")
    assert backend.get("order", headers=cookies["eve"]).status_code == 500
    assert backend.get("order", headers=cookies["ada"]).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cookie": f"{COOKIE}=forged"},
        {"X-DKU-ProxyUser": "ada", "Remote-User": "ada", "X-DKU-AuthIdentifier": "ada"},
        {"Authorization": "Bearer ada"},
    ],
    ids=["nothing", "cookie", "names", "key"],
)
def test_forged_headers_stand_for_nobody(start, people, headers):
    answer = start(IMPERSONATING, people[0]).get("order", headers=headers)
    assert answer.status_code == 500 and "NotAuthenticated" in answer.text


def test_there_is_nobody_to_impersonate_outside_a_request(start, people):
    code = "import dataiku\nwith dataiku.WebappImpersonationContext():\n    pass"
    with pytest.raises(ComponentError, match="outside of request context"):
        start(code, people[0])


def test_threads_of_the_backend_act_as_its_own_user(start, people):
    code = """
import threading
import dataiku
seen = []
def look(): seen.append([dataiku.default_project_key(), dataiku.api_client().get_auth_info()["authIdentifier"]])
thread = threading.Thread(target=look)
thread.start()
thread.join()
@app.get("/")
def all(): return seen
"""
    assert start(code, people[0]).get("").json() == [["P", SERVICE]]


def test_the_backend_ends_with_the_process_that_started_it(plugin, tmp_path):
    code = "import os\nopen({!r}, 'w').write(str(os.getpid()))".format(str(tmp_path / "pid"))
    folder = plugin.root / "webapps" / "w"
    folder.mkdir(parents=True)
    (folder / "webapp.json").write_text("{}")
    (folder / "backend.py").write_text(code)
    starting = (
        "import os\nfrom pathlib import Path\nfrom govern_mirror_devkit.host import Connection, PluginHost\n"
        f"host = PluginHost(Path({str(plugin.root)!r}))\n"
        "host.start_webapp('w', project_key='P', connection=Connection('http://127.0.0.1:9', 'k'))\n"
        "os._exit(0)"
    )
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", starting]) == 0
    pid = int((tmp_path / "pid").read_text())
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError("the backend goes on without anybody")
