"""Trends on the live page, in a real browser: read when the view is opened, following the filters; the bar's total."""

from __future__ import annotations

import contextlib
import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from govern_mirror import Move, MoveKind, Scope, clock, connect_to, initialize, move, take_snapshot
from govern_mirror.settings import Settings
from govern_mirror.web.loopback import serving
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve

SETTINGS = Settings(settling_seconds=0)


@pytest.fixture(scope="module")
def governed(tmp_path_factory):
    """Three projects with a history, of which a reader sees one; and the sandbox's address."""
    history = tmp_path_factory.mktemp("history") / "history.duckdb"
    with contextlib.closing(Sandbox()) as sandbox, serve(sandbox) as url:
        readers = [{"group": "readers", "readProjectContent": True}]
        for key in ("ALPHA", "BETA", "GAMMA"):
            sandbox.create_project(key, key.title(), permissions=readers if key == "ALPHA" else [])
        admin, now = connect_to(url, sandbox.admin_key, settings=SETTINGS), clock.now()
        initialize(admin, Scope(keys=("ALPHA", "BETA", "GAMMA")), now=now - timedelta(days=9))
        take_snapshot(admin, history, as_of=now - timedelta(days=9))
        for key in ("ALPHA", "BETA"):
            move(admin, key, Move(MoveKind.ADVANCE), now=now - timedelta(days=8))
        take_snapshot(admin, history, as_of=now - timedelta(days=2))
        yield sandbox, url, history


@pytest.fixture
def visit(governed, browser):
    _, url, history = governed
    with contextlib.ExitStack() as stack:

        def opened(api_key, fragment, path=history):
            session = connect_to(url, api_key, settings=SETTINGS)
            address = stack.enter_context(serving(session, history=path))
            context = browser.new_context(reduced_motion="reduce", viewport={"width": 1400, "height": 900})
            stack.callback(context.close)
            page = context.new_page()
            asked = []
            page.on("request", lambda request: asked.append(request.url.rpartition("/api/")[2]))
            page.goto(address.url)
            page.goto(f"{address.base}{fragment}")
            return page, asked

        yield opened


def numbers(page):
    page.get_by_text("Projects by day and step, as numbers").click()
    return (
        page.get_by_role("region", name="Projects by day and step, as numbers").locator("tbody tr").first.inner_text()
    )


def test_trends_are_read_when_they_are_opened_and_follow_the_filters(governed, visit):
    page, asked = visit(governed[0].admin_key, "#page=projects")
    expect(page.locator("#tab-trends")).to_be_visible()
    assert not any(path.startswith("trends") for path in asked), "read before anybody asked"
    page.locator("#tab-trends").click()
    expect(page.get_by_role("heading", name="Cumulative flow")).to_be_visible()
    expect(page.locator("#trends")).to_contain_text("Of all governed projects you see")
    assert re.findall(r"\d+", numbers(page))[3:5] == ["1", "2"]
    page.locator("#search").fill("alpha")
    expect(page.locator("#trends")).to_contain_text("that pass the filters")
    expect(
        page.get_by_role("region", name="Projects by day and step, as numbers").locator("tbody tr").first
    ).to_have_text(re.compile(r"^\d{4}-\d{2}-\d{2}0100000$"))


def test_a_reader_sees_the_trends_of_their_own_projects_and_the_total(governed, visit):
    page, _ = visit(governed[0].create_user("rita", ("readers",)), "#page=projects&view=trends")
    expect(page.get_by_role("heading", name="Cumulative flow")).to_be_visible()
    assert re.findall(r"\d+", numbers(page))[3:5] == ["0", "1"]
    assert "Beta" not in page.content() and "GAMMA" not in page.content()
    expect(page.locator(".gl-scope")).to_contain_text("You see 1 of 3 governed projects ·")


def test_without_a_history_the_view_says_what_to_set_up(governed, visit):
    page, _ = visit(governed[0].admin_key, "#page=projects&view=trends", path=None)
    expect(page.get_by_text("start the page with --history PATH")).to_be_visible()
    expect(page.locator(".gl-scope")).to_contain_text("You see 3 projects ·")
