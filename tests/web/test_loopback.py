"""Who gets in where the page is served on a person's own machine: that person, and nobody else."""

import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import requests
from support.command_line import use_instance

from govern_mirror.actions.session import connect_to
from govern_mirror.web.loopback import serving
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve

COMMAND = Path(sys.executable).with_name("govern-mirror")
ITEM = "/api/items/CHURN"
CHANGE = {"changes": {"overview.sponsor": "Eve"}}


@pytest.fixture
def served():
    """The address of the page of a DSS's administrator, over a real socket."""
    with closing(Sandbox()) as sandbox, serve(sandbox) as url:
        sandbox.create_project("CHURN")
        with serving(connect_to(url, sandbox.admin_key)) as address:
            yield address


@pytest.fixture
def browser(served):
    """A browser that opened the address."""
    with requests.Session() as session:
        answer = session.get(served.url)
        assert answer.status_code == 200 and answer.url == served.base
        session.headers.update({"Origin": served.base.rstrip("/"), "Sec-Fetch-Site": "same-origin"})
        yield session


def test_the_code_opens_the_page_once_and_leaves_the_address(served, browser):
    page = browser.get(served.base)
    assert 'id="gm-live"' in page.text and "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert browser.get(f"{served.base}api/me").json()["login"] == "admin"
    with requests.Session() as another:
        again = another.get(served.url)
        assert again.status_code == 401 and not another.cookies and "govern-mirror serve" in again.text
    assert browser.get(served.url).status_code == 200, "a reload of the first address is no reason to be locked out"


def test_the_cookie_is_hidden_from_scripts_and_from_other_sites(served):
    answer = requests.get(served.url, allow_redirects=False)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "code" not in answer.headers["Location"]


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer wrong", "Basic {token}", "Bearer {token}x", "{token}"]
)
def test_without_the_token_nothing_is_answered(served, authorization):
    headers = {"Authorization": authorization.format(token=served.token)} if authorization else {}
    for answer in (requests.get(f"{served.base}api/me", headers=headers), requests.get(served.base, headers=headers)):
        assert answer.status_code == 401 and "admin" not in answer.text


def test_a_program_reads_and_writes_with_the_token(served):
    headers = {"Authorization": f"Bearer {served.token}"}
    governed = requests.post(f"{served.base[:-1]}{ITEM}/govern", headers=headers, json={"values": {}})
    assert governed.status_code == 200 and governed.json()["governed"]
    saved = requests.patch(f"{served.base[:-1]}{ITEM}", headers=headers, json=CHANGE)
    assert saved.json()["overview"]["sponsor"] == "Eve"


@pytest.mark.parametrize("path", ["items/{}", "items/{}/close", "reviews/{}"])
@pytest.mark.parametrize("address", ["CHURN%2Fbundle%2Fv9", "CHURN%2fmodel%2fM%2f1", "CHURN%2Fbundle/v9"])
def test_an_address_may_come_quoted_as_a_whole(served, path, address):
    method, headers = "POST" if path.endswith("close") else "GET", {"Authorization": f"Bearer {served.token}"}
    plain, quoted = (
        requests.request(method, f"{served.base}api/{path.format(text)}", headers=headers, json={"reason": "x"})
        for text in (address.replace("%2F", "/").replace("%2f", "/"), address)
    )
    assert "not found on the server" not in plain.text and "is not a project key" not in plain.text
    assert (quoted.status_code, quoted.json()) == (plain.status_code, plain.json())


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil:{port}"]
)
def test_another_name_for_this_machine_gets_nothing(served, browser, host):
    port = re.search(r":(\d+)/", served.base)[1]
    for path in ("", "api/me", "page.js"):
        answer = browser.get(served.base + path, headers={"Host": host.format(port=port)})
        assert answer.status_code == 403, path


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": None},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_another_page_in_the_same_browser_can_write_nothing(served, browser, headers):
    assert browser.post(f"{served.base[:-1]}{ITEM}/govern", json={}).status_code == 200
    answer = browser.patch(f"{served.base[:-1]}{ITEM}", json=CHANGE, headers=headers)
    assert answer.status_code == 403
    assert browser.get(f"{served.base[:-1]}{ITEM}").json()["overview"]["sponsor"] is None


def test_a_page_of_another_site_reads_nothing(served, browser):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = browser.get(f"{served.base}api/portfolio", headers=headers)
        assert answer.status_code == 403 and "Access-Control-Allow-Origin" not in answer.headers


def test_it_answers_on_the_loopback_interface_only(served):
    port = int(re.search(r":(\d+)/", served.base)[1])
    outside = [info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    for address in {*outside} - {"127.0.0.1"}:
        with pytest.raises(OSError), socket.create_connection((address, port), timeout=1):
            pass


def test_serve_prints_its_address_first_and_stops_quietly(monkeypatch, tmp_path):
    with closing(Sandbox()) as sandbox, serve(sandbox) as url:
        use_instance(monkeypatch, tmp_path, url, sandbox.admin_key)
        with subprocess.Popen([COMMAND, "serve"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            line = json.loads(process.stdout.readline())
            assert set(line) == {"url", "token"}
            base = line["url"].partition("?")[0]
            assert requests.get(f"{base}api/me", headers={"Authorization": f"Bearer {line['token']}"}).json()["login"]
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
        assert process.returncode == 0 and out == "" and "Stopped." in err
        assert sandbox.admin_key not in err and line["token"] not in err


def test_a_port_that_is_taken_is_told(monkeypatch, tmp_path):
    with closing(Sandbox()) as sandbox, serve(sandbox) as url, socket.socket() as taken:
        use_instance(monkeypatch, tmp_path, url, sandbox.admin_key)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run([COMMAND, "serve", "--port", port], capture_output=True, text=True, timeout=30)
        assert ended.returncode == 1 and "choose --port" in ended.stderr and ended.stdout == ""
