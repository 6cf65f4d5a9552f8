"""The webapp as DSS shows it: behind a login, in a frame, under a strict policy, each person with their own rights."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from support.webapp import live_webapp, small_plugin

from govern_mirror_devkit.seeds.people import WEBAPP_NAME


class Visit:
    """Somebody's browser, and all that went wrong in it."""

    def __init__(self, context):
        self.context = context
        self.page = context.new_page()
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))

    @property
    def frame(self):
        return self.page.frame_locator(f'iframe[title="{WEBAPP_NAME}"]')


@pytest.fixture
def visit(browser):
    """Open a browser, logged in as somebody."""
    contexts = []

    def opened(live, role=None, **options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", **options)
        contexts.append(context)
        if role:
            context.add_cookies(live.cookies(role))
        return Visit(context)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    with live_webapp(folder, small_plugin(folder / "plugin"), stories=False) as live:
        yield live


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with live_webapp(tmp_path_factory.mktemp("real")) as live:
        yield live


def test_somebody_logs_in_and_sees_the_webapp_in_its_frame(small, visit):
    somebody = visit(small)
    page = somebody.page
    page.goto(small.url)
    page.get_by_label("Login").fill("bruno")
    page.get_by_label("Password").fill("bruno")
    page.get_by_role("button", name="Log in").click()
    expect(somebody.frame.locator("#said")).to_have_text("bruno")
    assert page.url == small.url and not somebody.errors


def test_a_strict_policy_lets_the_webapps_own_files_through(small, visit):
    somebody = visit(small, "reader")
    somebody.page.goto(small.direct_url)
    said = somebody.page.locator("#said")
    expect(said).to_have_text("rita")
    expect(said).to_have_css("color", "rgb(0, 0, 255)")
    assert not somebody.errors
    assert not somebody.page.evaluate("document.cookie"), "scripts must not see the session"


def test_two_people_in_two_browsers_stay_apart(small, visit):
    browsers = {role: visit(small, role) for role in ("manager", "visitor")}
    for somebody in browsers.values():
        somebody.page.goto(small.url)
    for role, somebody in browsers.items():
        expect(somebody.frame.locator("#said")).to_have_text(small.login(role))


def test_a_backend_that_is_stopped_is_said_plainly(real, visit):
    somebody = visit(real, "owner")
    real.stop()
    try:
        somebody.page.goto(real.url)
        alert = somebody.frame.get_by_role("alert")
        expect(alert).to_contain_text("does not answer")
        expect(alert).to_contain_text("Start backend")
    finally:
        real.restart()
