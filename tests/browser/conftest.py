"""The page in a real browser: Debian's Chromium, driven by Playwright. Left out where there is none."""

import gc
import shutil
from datetime import datetime, timezone

import pytest

from govern_mirror.report.html_report import HtmlReport
from govern_mirror.report.portfolio import Filters, build
from govern_mirror_devkit.seeds.scale import generate

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)


def write_page(folder, projects, name="report.html"):
    portfolio = build(projects, Filters(include_ungoverned=True), NOW, node_id="design", url="https://dss.example.com")
    path = folder / name
    path.write_bytes(HtmlReport().render(portfolio))
    return path, portfolio


@pytest.fixture(scope="session")
def page_of(tmp_path_factory):
    """Pages of so many generated projects, made once: the path and the portfolio."""
    made = {}

    def of(count):
        if count not in made:
            projects = (each.project for each in generate(count, NOW, node_id="design", url="https://dss.example.com"))
            made[count] = write_page(tmp_path_factory.mktemp(f"page-{count}"), projects)
            # the tests that follow in this process must not look for cycles in 20,000 projects again and again
            gc.collect()
            gc.freeze()
        return made[count]

    return of


@pytest.fixture(scope="session")
def browser():
    if not shutil.which("chromium"):
        pytest.skip("no Chromium: apt-get install -y chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield launched
        launched.close()


class Watched:
    """A page that is open, and all that went wrong in it."""

    def __init__(self, page, path):
        self.page, self.path = page, path
        self.dialogs, self.errors, self.requests = [], [], []
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("request", lambda request: self.requests.append(request.url))

    def go(self, fragment=""):
        self.page.goto("about:blank")
        self.page.goto(self.path.as_uri() + fragment)
        self.page.wait_for_selector("body[data-ready]")
        return self

    @property
    def foreign_requests(self):
        return [url for url in self.requests if url.partition("#")[0] not in (self.path.as_uri(), "about:blank")]

    @property
    def count(self):
        return self.page.inner_text("#count")

    @property
    def keys(self):
        """The keys of the rows that the table draws, from the top."""
        return self.page.eval_on_selector_all("#table .gm-open", "found => found.map(each => each.dataset.key)")

    def until(self, script, argument=None):
        """Wait until a function in the page says so; Playwright's own waiting needs eval, which the page forbids."""
        for _ in range(200):
            if self.page.evaluate(script, argument):
                return
            self.page.wait_for_timeout(25)
        raise AssertionError(f"never came true: {script} {argument}")

    def tab(self, name):
        self.page.click(f"#tab-{name}")
        self.page.wait_for_selector(f"#view-{name}:not([hidden])")

    def choose(self, field, *labels):
        """Tick values in a filter's list."""
        self.page.click(f'.gm-choice[data-field="{field}"] > summary')
        for label in labels:
            self.page.get_by_label(label, exact=True).and_(
                self.page.locator(f'.gm-choice[data-field="{field}"] input[type=checkbox]')
            ).click()
        self.page.keyboard.press("Escape")


@pytest.fixture
def open_page(browser):
    contexts = []

    def opened(path, fragment="", scheme="light", **options):
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": 1400, "height": 900}, reduced_motion="reduce", **options
        )
        contexts.append(context)
        return Watched(context.new_page(), path).go(fragment)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def page_with(tmp_path_factory):
    """Makes a page of given projects."""
    return lambda projects: write_page(tmp_path_factory.mktemp("page"), projects)
