"""Home of the live page, in a real browser: what is next for my projects, and what is told to who may read none."""

from __future__ import annotations

import contextlib

import pytest
from playwright.sync_api import expect

from govern_mirror import Scope, connect_to, hide, initialize
from govern_mirror.settings import Settings
from govern_mirror.web.loopback import serving
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve

RULES = [{"step": "exploration", "field": field} for field in ("overview.description", "overview.sponsor")]
STATUS = "https://dss.example.com/projects/GOVERNANCE/"


@pytest.fixture(scope="module")
def dss():
    with contextlib.closing(Sandbox()) as sandbox, serve(sandbox) as url:
        keys = {"olga": sandbox.create_user("olga", ("administrators",))}
        keys |= {login: sandbox.create_user(login, ("outsiders",)) for login in ("otto", "omar")}
        sandbox.create_project("CHURN", "Churn", "olga")
        sandbox.create_project("TOY", "Toy", "olga")
        admin = connect_to(url, sandbox.admin_key, settings=Settings(settling_seconds=0))
        initialize(admin, Scope(keys=("CHURN",)))
        hide(admin, ["TOY"], "a toy")
        yield keys, url


@pytest.fixture
def home(dss, browser):
    keys, url = dss
    with contextlib.ExitStack() as stack:

        def opened(login, **settings):
            session = connect_to(url, keys[login], settings=Settings(settling_seconds=0, **settings))
            address = stack.enter_context(serving(session))
            context = browser.new_context(reduced_motion="reduce")
            stack.callback(context.close)
            page = context.new_page()
            page.goto(address.url)
            return page

        yield opened


def test_my_projects_say_what_is_missing_next(home):
    page = home("olga", required_fields=RULES)
    mine = page.get_by_role("region", name="My projects")
    expect(mine.get_by_text("Not started · next: Description, then Sponsor")).to_be_visible()
    expect(page.get_by_text("Toy")).to_have_count(0)


def test_who_may_read_nothing_is_told_where_to_look_and_whom_to_ask(home):
    page = home("otto", status_page=STATUS, ask="the governance team")
    told = page.get_by_text("You may read no governed project.")
    expect(told).to_contain_text("See the published status page Open, or ask the governance team for the right")
    expect(told.get_by_role("link", name="Open")).to_have_attribute("href", STATUS.rstrip("/"))


def test_what_nobody_said_is_left_out(home):
    page = home("omar")
    told = page.get_by_text("You may read no governed project.")
    expect(told).to_contain_text("Ask an administrator of this DSS for the right")
    expect(told.get_by_role("link")).to_have_count(0)
