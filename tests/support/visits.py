"""Somebody's browser on the live page: logged in, watched for what goes wrong, driven by mouse or by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from support.webapp import LiveWebapp

MAX_TABS = 120


class Visit:
    """A browser of its own, and all that went wrong in it."""

    def __init__(self, live: LiveWebapp, context: BrowserContext) -> None:
        self.live, self.context = live, context
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        self.foreign: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.accept()))
        self.page.on("request", self._note_request)

    def _note_request(self, request: Any) -> None:
        asked, own = urlsplit(request.url), urlsplit(self.live.base)
        if asked.scheme in ("http", "https", "ws") and asked.netloc != own.netloc:
            self.foreign.append(request.url)

    def open(self, fragment: str, heading: str | re.Pattern[str] | None = None) -> Page:
        """Open a place of the webapp's page alone, anew."""
        self.page.goto("about:blank")
        self.page.goto(self.live.direct_url + fragment)
        expect(self.page.locator("h1")).to_be_attached()
        if heading is not None:
            expect(self.page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        return self.page

    def go(self, fragment: str) -> None:
        """Go to another place of the page that is open."""
        self.page.evaluate("hash => { location.hash = hash; }", fragment)

    def open_item(self, key: str, section: str | None = None) -> Page:
        page = self.open(f"#page=item&item={key}" + (f"&section={section}" if section else ""))
        expect(page.locator("#section-name")).to_be_visible()
        return page

    def edit(self, key: str, section: str | None = None) -> Page:
        page = self.open_item(key, section)
        page.locator("#edit").click()
        expect(self.save_button).to_be_visible()
        return page

    @property
    def save_button(self) -> Locator:
        return self.page.get_by_role("region", name="Save").get_by_role("button", name="Save", exact=True)

    def field(self, path: str) -> Locator:
        return self.page.locator(f"[id='input-{path}']")

    def save(self) -> None:
        """Press Save, and wait until it is done."""
        self.save_button.click()
        expect(self.page.locator("#edit")).to_be_visible()

    def tab_to(self, target: Locator) -> None:
        """Reach something with the Tab key alone."""
        for _ in range(MAX_TABS):
            if target.count() and target.first.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not reach {target}")

    def active(self) -> str:
        """What has focus, in a few words."""
        script = "(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent).trim()"
        return str(self.page.evaluate(script))


Visitor = Callable[..., Visit]


def visitor(browser: Browser, live: LiveWebapp, contexts: list[BrowserContext]) -> Visitor:
    """Return what opens a browser as somebody; each is put into `contexts`, to be closed."""

    def opened(role: str | None = None, **options: Any) -> Visit:
        given = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
        context = browser.new_context(**given)
        context.set_default_timeout(10_000)
        contexts.append(context)
        if role:
            context.add_cookies(live.cookies(role))
        return Visit(live, context)

    return opened


def act(live: LiveWebapp, session: requests.Session, key: str, action: str, **body: Any) -> Any:
    """Do one of an item's actions as the page does; return the item as it is then."""
    revision = session.get(live.backend(f"api/items/{key}"), timeout=60).json()["revision"]
    headers = {"X-Requested-With": "govern-mirror"}
    url = live.backend(f"api/items/{key}/{action}")
    answer = session.post(url, json={"revision": revision, **body}, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()
