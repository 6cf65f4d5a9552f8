"""Shared by all tests: what is left out is said, and under REQUIRE_ALL=1 leaving something out fails."""

import contextlib
import os

import pytest
from hypothesis import HealthCheck, settings
from sampling import EXAMPLES, REQUIRE_ALL, examples, sampled
from standard import ProjectStore
from support.request_log import RequestLog

from govern_mirror.connection import Instance
from govern_mirror.dss import connect
from govern_mirror.history.engine import Engine
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import URL, mock_instance
from govern_mirror_devkit.sandbox.server import serve

DSS_14, DSS_15 = "14.2.0", "15.1.0"

settings.register_profile(
    "suite",
    examples(EXAMPLES),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    # the same cases each time, so that a change is judged by itself; `make random` looks further
    derandomize=os.environ.get("RANDOM_SEEDS") != "1",
    print_blob=True,
)
settings.load_profile("suite")


FOLDER_MARKS = {"browser": "browser", "engines": "engine"}
"""Folders whose tests all need something big, which `make test` leaves out."""


def pytest_itemcollected(item):
    if (mark := FOLDER_MARKS.get(item.path.parent.name)) is not None:
        item.add_marker(mark)


def pytest_report_header():
    if REQUIRE_ALL:
        return "REQUIRE_ALL=1: every case is tried"
    return "of long lists of cases a part of each kind is tried; REQUIRE_ALL=1 tries all"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    kept = sampled(items)
    left_out = {*items} - {*kept}
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and REQUIRE_ALL:
        report.outcome = "failed"
        report.longrepr = f"left out under REQUIRE_ALL=1: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def no_settling_time(monkeypatch):
    """A write looks for itself a second time after a wait; the tests care for the look, not for the wait."""
    monkeypatch.setattr("govern_mirror.clock.sleep", lambda seconds: None)


@pytest.fixture(autouse=True, scope="session")
def sql_compiled_once():
    """Compile equal expressions of trends once: it takes Ibis longer than the engine takes to answer."""
    texts = {}
    compile_ = Engine.sql

    def sql(engine, expression):
        key = engine.dialect, expression.op()
        if key not in texts:
            texts[key] = compile_(engine, expression)
        return texts[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "sql", sql)
        yield


@pytest.fixture(autouse=True, scope="session")
def no_proxies():
    """Ask nothing through a proxy: to look for one in the environment takes longer than to answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("requests.sessions.get_environ_proxies", lambda url, no_proxy=None: {})
        yield


@pytest.fixture(
    params=["mounted", pytest.param("served", marks=pytest.mark.costly(4))], ids=["mounted-dss14", "served-dss15"]
)
def transport(request):
    """How a sandbox is reached: mounted into `responses`, or over a real socket."""
    return request.param


@pytest.fixture
def dss_version(request):
    """The version that the sandbox is: a mounted one is a DSS 14, a served one a DSS 15, so that both are tried."""
    served = "transport" in request.fixturenames and request.getfixturevalue("transport") == "served"
    return DSS_15 if served else DSS_14


@pytest.fixture
def reached(transport):
    """Lets a sandbox (of DSS or Govern) be reached in the test's way; a context manager that tells its address."""

    @contextlib.contextmanager
    def reach(node, address=URL):
        if transport == "served":
            with serve(node) as url:
                yield url
        else:
            with mock_instance(node, address):
                yield address

    return reach


@pytest.fixture
def sandbox(dss_version):
    with contextlib.closing(Sandbox(dss_version=dss_version)) as sandbox:
        yield sandbox


@pytest.fixture
def url(sandbox, reached):
    with reached(sandbox) as url:
        yield url


@pytest.fixture
def dss():
    """A DSS without the plugin, mounted into `responses`: for tests that care for no transport and no version."""
    with contextlib.closing(Sandbox(node_id="design")) as sandbox, mock_instance(sandbox):
        yield sandbox


@pytest.fixture
def request_log(dss):
    """The requests that reach `dss`."""
    return RequestLog(dss)


@pytest.fixture
def store(dss):
    return ProjectStore(connect(Instance(URL, dss.admin_key)), url=URL)
