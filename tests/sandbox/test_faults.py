"""Each kind of fault does what its name says, mounted and over a socket: is the request handled, what is answered?"""

import contextlib
import re
import time
from pathlib import Path

import pytest
import requests

from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve

BROKEN = requests.exceptions.ConnectionError
CUT = requests.exceptions.ChunkedEncodingError

# kind, how many times the write is handled, what the client sees: status and the beginning of the body, or an error
KINDS = [
    ("503", 0, (503, '{"errorType"')),
    ("503-after-write", 1, (503, '{"errorType"')),
    ("409", 0, (409, '{"errorType"')),
    ("html", 0, (200, "<html>")),
    ("html-502", 0, (502, "<html>")),
    ("html-503-after-write", 1, (503, "<html>")),
    ("json={}", 0, (200, "{}")),
    ("json=[]", 0, (200, "[]")),
    ("json=null", 0, (200, "null")),
    ('json={"a": ";@:", "b": [1]}', 0, (200, '{"a": ";@:", "b": [1]}')),
    ("json-after-write={}", 1, (200, "{}")),
    ('json-500={"errorType": "x"}', 0, (500, '{"errorType": "x"}')),
    ("json-504-after-write=[]", 1, (504, "[]")),
    ("empty", 0, (200, "")),
    ("empty-204", 0, (204, "")),
    ("empty-after-write", 1, (200, "")),
    ("retry-after=3", 0, (503, '{"errorType"')),
    ("retry-after=3,429", 0, (429, '{"errorType"')),
    ("retry-after-after-write=3", 1, (503, '{"errorType"')),
    ("redirect=https://elsewhere.example.com/", 0, (302, "")),
    ("redirect=https://elsewhere.example.com*,307", 0, (307, "")),
    ("redirect-after-write=https://elsewhere.example.com/", 1, (302, "")),
    ("close", 0, BROKEN),
    ("timeout-after-write", 1, BROKEN),
    ("close-after-write", 1, BROKEN),
    ("cut", 0, CUT),
    ("cut-after-write", 1, CUT),
    ("doubled", 2, (200, "{}")),
    ("slow=0.01", 1, (200, "{}")),
    ("drip=0.01", 1, (200, "{}")),
    ("drip=5,0", 1, (200, "{}")),
]
NOT_KINDS = [
    "nonsense", "503=1", "99", "600", "503-before-write", "json", "json=", "json={", "json-99={}", "html-", "close=1",
    "cut-503", "doubled-after-write", "slow", "slow=soon", "slow=-1", "slow=nan", "slow-after-write=1", "drip=x",
    "drip=1,x", "redirect", "redirect=https://x,99", "retry-after", "retry-after=soon", "empty=1", "503@often",
    "503@0x1", "503@p2", "503@every0", "",
]  # fmt: skip


@pytest.fixture
def put(sandbox, url):
    sandbox.create_project("P")

    def put():
        path = f"{url}/dip/publicapi/projects/P/variables"
        return requests.put(path, json={"standard": {}}, auth=(sandbox.admin_key, ""), timeout=5, allow_redirects=False)

    return put


@pytest.mark.parametrize(("kind", "handled", "answer"), KINDS, ids=[kind for kind, _, _ in KINDS])
def test_a_fault_does_what_its_name_says(sandbox, put, kind, handled, answer):
    done = []
    sandbox.faults.after("PUT", "/projects/P/variables", lambda: done.append(1), once=False)
    sandbox.faults.set(f"PUT /projects/*/variables:{kind}@1; GET /nowhere:503")
    if isinstance(answer, tuple):
        response = put()
        assert (response.status_code, response.text[: len(answer[1])]) == answer
    else:
        with pytest.raises(answer):
            put()
    assert len(done) == handled
    assert len(sandbox.faults.happened) == 1
    assert put().status_code == 200


def test_what_a_redirect_and_a_retry_after_name(sandbox, put):
    sandbox.faults.set("PUT *:redirect=https://elsewhere.example.com*,307@1; PUT *:retry-after=7@2+")
    assert put().headers["Location"] == "https://elsewhere.example.com/dip/publicapi/projects/P/variables"
    assert [put().headers["Retry-After"] for _ in range(2)] == ["7", "7"]


def test_an_upload_that_is_doubled_holds_its_file_twice(sandbox, url):
    sandbox.create_project("P")
    folder = sandbox.managed_folders.create(sandbox.admin, "P", {"name": "out"})["id"]
    sandbox.faults.set("POST *:doubled")
    path = f"{url}/dip/publicapi/projects/P/managedfolders/{folder}/contents/a.txt"
    answer = requests.post(path, files={"file": ("a.txt", b"bytes")}, auth=(sandbox.admin_key, ""), timeout=5)
    assert answer.status_code == 200
    assert sandbox.managed_folders.get(sandbox.admin, "P", folder, "a.txt") == b"bytes"


def test_a_drip_comes_byte_by_byte_up_to_its_bound(sandbox, put):
    sandbox.faults.set('PUT *:slow=0.01; PUT *:drip=0.05,4; GET *:json={"nothing": 1}')
    began = time.monotonic()
    assert put().text == "{}"
    assert 0.1 < time.monotonic() - began < 2


def test_leaving_the_sandbox_lets_a_slow_answer_go():
    with contextlib.closing(Sandbox()) as sandbox:
        sandbox.faults.set("GET *:slow=600")
        began = time.monotonic()
        with serve(sandbox) as url, pytest.raises(requests.exceptions.ReadTimeout):
            requests.get(f"{url}/dip/publicapi/projects/", timeout=0.1)
        assert time.monotonic() - began < 5


def test_every_kind_is_documented():
    document = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    words = {re.sub(r"-\d{3}|-after-write", "", kind.partition("=")[0]) for kind, _, _ in KINDS} - {"409", "timeout"}
    assert {word for word in words if f"`{word}" not in document} == set()


@pytest.mark.parametrize("kind", NOT_KINDS)
def test_a_fault_that_cannot_be_read_is_refused_by_name(sandbox, kind):
    with pytest.raises(ValueError, match="not a fault"):
        sandbox.faults.set(f"GET /x:{kind}")
    with pytest.raises(ValueError, match="not a fault"):
        sandbox.faults.set("nonsense")
