"""The library and the command line against the sandbox: once without a socket, once over HTTP."""

from collections import Counter
from functools import partial

import pytest
from support.command_line import run_command
from support.projects import edit_fields

from govern_mirror.actions.session import connect_to


@pytest.fixture
def session(sandbox, url):
    return connect_to(url, sandbox.admin_key)


@pytest.fixture
def session_of(url):
    return lambda key: connect_to(url, key)


@pytest.fixture
def requests_seen(sandbox):
    """How often each (method, path) arrived."""
    seen = Counter()
    around = sandbox.faults.around

    def counted(method, path, answer):
        seen[method, path] += 1
        return around(method, path, answer)

    sandbox.faults.around = counted
    return seen


@pytest.fixture
def writes(requests_seen):
    """How many requests arrived that write something."""
    return lambda: sum(count for (method, _), count in requests_seen.items() if method not in ("GET", "HEAD"))


@pytest.fixture
def on_nth(sandbox):
    """Do something just before the nth matching request is handled, counted from now."""

    def register(n, method, path, action):
        seen = []

        def hook():
            seen.append(1)
            if len(seen) == n:
                action()

        sandbox.faults.before(method, path, hook, once=False)

    return register


@pytest.fixture
def edit(sandbox):
    """Edit custom fields as people do in DSS's form; None takes a field away."""
    return partial(edit_fields, sandbox)


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A home folder without a config file, an environment without an instance."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("DKU_DSS_URL", raising=False)
    monkeypatch.delenv("DKU_API_KEY", raising=False)
    return folder


@pytest.fixture
def run(sandbox, url, home, monkeypatch):
    """Run the command line in this process, as the sandbox's administrator; the key may never be printed."""
    monkeypatch.setenv("DKU_DSS_URL", url)
    monkeypatch.setenv("DKU_API_KEY", sandbox.admin_key)

    return partial(run_command, secrets=(sandbox.admin_key,))
