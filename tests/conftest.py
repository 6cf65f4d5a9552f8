"""Shared by all tests: what is left out is said, and under REQUIRE_ALL=1 leaving something out fails."""

import os

import pytest
import responses
from canned import URL, CannedDSS
from hypothesis import HealthCheck, settings

from govern_mirror.connection import Instance
from govern_mirror.dss import ProjectStore, connect

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.load_profile("suite")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"left out under REQUIRE_ALL=1: {report.longrepr}"
    return report


@pytest.fixture
def canned():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as rsps:
        yield CannedDSS(rsps)


@pytest.fixture
def store():
    return ProjectStore(connect(Instance(URL, "secret-key")), url=URL)
