"""What the live page could not ask does not look like nothing there; in a real browser."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from support.accessibility import serious

from govern_mirror import Scope, connect_to, initialize
from govern_mirror.actions.hub import set_up_hub
from govern_mirror.settings import Settings
from govern_mirror.web.loopback import serving
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve

HUB = "APPROVALS"
REVIEWS = "Which reviews wait for you could not be looked at"
DEPLOYED = "Whether something is deployed without approval could not be looked at"
NOTHING = "Nothing waits for you."


@dataclass
class Live:
    """The live page of somebody, on a sandbox with a hub."""

    sandbox: Sandbox
    page: Page
    url: str

    def go(self, fragment="home"):
        self.page.goto("about:blank")
        self.page.goto(f"{self.url}#page={fragment}")


@pytest.fixture(scope="module")
def dss():
    with contextlib.closing(Sandbox()) as sandbox, serve(sandbox) as url:
        # olga reads the hub, omar reads the project alone
        keys = {
            "olga": sandbox.create_user("olga", ("administrators",)),
            "omar": sandbox.create_user("omar", ("team",)),
        }
        sandbox.create_project("CHURN", "Churn", "olga")
        permissions = {"owner": "olga", "permissions": [{"group": "team", "readProjectContent": True}]}
        sandbox.projects.set_document(sandbox.admin, "CHURN", "permissions", permissions)
        admin = connect_to(url, sandbox.admin_key, settings=Settings(settling_seconds=0))
        initialize(admin, Scope(keys=("CHURN",)))
        sandbox.create_project(HUB)
        set_up_hub(admin, HUB)
        yield sandbox, keys, url


@pytest.fixture
def live(dss, browser):
    sandbox, keys, url = dss
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: sandbox.faults.set(""))

        def opened(login="olga", hub=HUB):
            session = connect_to(url, keys[login], settings=Settings(settling_seconds=0, hub_project=hub))
            address = stack.enter_context(serving(session))
            context = browser.new_context(reduced_motion="reduce")
            stack.callback(context.close)
            page = context.new_page()
            page.goto(address.url)
            expect(page.get_by_role("heading", name="Recently")).to_be_visible()
            return Live(sandbox, page, page.url.partition("#")[0])

        yield opened


@pytest.mark.parametrize("fault", ["500", "html-502", "close"])
def test_home_says_that_reviews_could_not_be_looked_at(live, fault):
    olga = live()
    expect(olga.page.get_by_text(NOTHING)).to_be_visible()
    olga.sandbox.faults.set(f"GET /projects/{HUB}/*:{fault}")
    olga.go()
    expect(olga.page.get_by_text(REVIEWS)).to_contain_text("Refresh asks again.")
    expect(olga.page.get_by_text(NOTHING)).to_have_count(0)
    assert serious(olga.page) == []
    olga.sandbox.faults.set("")
    olga.page.get_by_role("button", name="Refresh", exact=True).click()
    expect(olga.page.get_by_text(NOTHING)).to_be_visible()
    expect(olga.page.get_by_text(REVIEWS)).to_have_count(0)


def test_who_may_not_read_the_hub_has_nothing_to_review(live):
    omar = live("omar")
    expect(omar.page.get_by_text(NOTHING)).to_be_visible()
    expect(omar.page.get_by_text("could not be looked at")).to_have_count(0)


def test_a_failing_deployer_is_said_whatever_the_reviews_answer(live):
    olga = live()
    olga.sandbox.faults.set(f"GET /projects/{HUB}/*:500; GET /project-deployer/deployments:500")
    olga.go()
    expect(olga.page.get_by_text(DEPLOYED)).to_be_visible()
    expect(olga.page.get_by_text(REVIEWS)).to_be_visible()


def test_home_says_nothing_of_approvals_that_are_off(live):
    olga = live(hub=None)
    olga.sandbox.faults.set("GET /project-deployer/deployments:500")
    olga.go()
    expect(olga.page.get_by_text("Approvals are off")).to_be_visible()
    expect(olga.page.get_by_text("could not be looked at")).to_have_count(0)


def test_home_says_nothing_waits_only_once_all_was_answered(live):
    olga = live()
    asked = []
    olga.page.route("**/api/reviews", lambda route: asked.append(route))
    olga.go()
    expect(olga.page.get_by_role("heading", name="Recently")).to_be_visible()
    expect(
        olga.page.get_by_text("Nothing has happened yet.").or_(olga.page.locator("#recently ~ ul li").first)
    ).to_be_visible()
    expect(olga.page.get_by_text(NOTHING)).to_have_count(0)
    asked[0].continue_()
    expect(olga.page.get_by_text(NOTHING)).to_be_visible()


def test_a_refresh_that_fails_says_of_when_the_projects_are(live):
    olga = live()
    olga.page.route("**/api/portfolio?fresh=1", lambda route: route.fulfill(status=500, json={"detail": "it broke"}))
    olga.page.get_by_role("button", name="Refresh", exact=True).click()
    expect(olga.page.get_by_role("alert").get_by_text("could not be read again: It broke.")).to_be_visible()
    olga.page.unroute("**/api/portfolio?fresh=1")
    olga.page.get_by_role("alert").get_by_role("button", name="Refresh").click()
    expect(olga.page.get_by_text("could not be read again")).to_have_count(0)


def test_projects_that_cannot_be_listed_are_not_read_for_ever(live):
    olga = live()
    olga.page.route("**/api/portfolio*", lambda route: route.fulfill(status=500, json={"detail": "it broke"}))
    for place in ("home", "projects", "registry", "ungoverned"):
        olga.go(place)
        expect(olga.page.get_by_text("It broke.")).to_be_visible()
        expect(olga.page.get_by_text("Reading the projects…")).to_have_count(0)
    olga.page.unroute("**/api/portfolio*")
    olga.page.get_by_role("button", name="Try again").click()
    expect(olga.page.get_by_text("1 project of the 2 you see")).to_be_visible()


def test_projects_that_cannot_be_read_are_not_none(live):
    olga = live()
    olga.page.route("**/api/portfolio*", lambda route: unreadable_in(route))
    for place, said in (("home", "1 project could not be read"), ("registry", "1 project could not be read")):
        olga.go(place)
        expect(olga.page.get_by_text(said)).to_be_visible()
        expect(olga.page.get_by_text("You may read no governed project")).to_have_count(0)
        expect(olga.page.get_by_text(NOTHING)).to_have_count(0)


def test_a_project_that_cannot_be_read_any_more_does_not_vanish(live):
    olga = live()
    olga.page.route("**/api/**", lambda route: route.abort())
    olga.page.get_by_role("button", name="Refresh", exact=True).click()
    expect(olga.page.get_by_role("button", name="Retry")).to_be_visible()
    # all else stays cut off, or an answer to it would end the loss of the connection before Retry does
    gone = {"gone": ["CHURN"], "scope": {"seen": 2}}
    olga.page.route("**/api/portfolio?since=*", lambda route: route.fulfill(json={**route.fetch().json(), **gone}))
    olga.page.route("**/api/portfolio", lambda route: unreadable_in(route))
    olga.page.get_by_role("button", name="Retry").click()
    expect(olga.page.get_by_text("1 project could not be read")).to_be_visible()


def unreadable_in(route):
    """Answer as where the only project cannot be read."""
    portfolio = route.fetch(headers={**route.request.headers, "if-none-match": ""}).json()
    columns = {name: [] for name in portfolio["columns"]}
    unreadable = [{"project_key": "CHURN", "message": "it broke"}]
    route.fulfill(json={**portfolio, "count": 0, "columns": columns, "unreadable": unreadable, "scope": {"seen": 1}})


def test_projects_says_that_notes_are_not_searched(live):
    olga = live()
    olga.page.route("**/api/portfolio/texts", lambda route: route.fulfill(status=500, json={"detail": "it broke"}))
    olga.go("projects")
    expect(olga.page.get_by_text("Notes are not searched: It broke. Refresh asks again.")).to_be_visible()
    olga.page.unroute("**/api/portfolio/texts")
    olga.page.get_by_role("button", name="Refresh", exact=True).click()
    expect(olga.page.get_by_text("Notes are not searched")).to_have_count(0)


def test_the_register_shows_no_entries_of_another_filter(live):
    olga = live()
    olga.go("approvals")
    expect(olga.page.get_by_text("Verified")).to_be_visible()
    olga.page.route("**/api/approvals?*", lambda route: route.fulfill(status=500, json={"detail": "it broke"}))
    olga.page.get_by_label("Item").fill("CHURN")
    expect(olga.page.get_by_text("It broke.")).to_be_visible()
    expect(olga.page.get_by_text("Verified")).to_have_count(0)
