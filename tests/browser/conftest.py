"""The page in a real browser: Debian's Chromium, driven by Playwright. Left out where there is none."""

import gc
import shutil
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import expect, sync_playwright
from standard import build

from govern_mirror.model.item import Closure, Item
from govern_mirror.model.workflow import CLOSED, COMPLETE
from govern_mirror.report.html_report import HtmlReport
from govern_mirror.report.portfolio import Filters
from govern_mirror.report.trends_view import Change, CycleTime, TrendsView
from govern_mirror_devkit.seeds.scale import generate

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)

# one for all: what a module sets holds in the modules after it, too
expect.set_options(timeout=20_000)

DAYS = 500


def past_of(portfolio):
    """A past as a history of so many days would tell it: every project there, moving on now and then."""
    rows = portfolio.governed
    places = ["not_started", *portfolio.blueprint.step_ids, COMPLETE, CLOSED]
    reached = Counter(places.index(row.stage) for row in rows)
    flow = []
    for day in range(DAYS):
        counts = Counter()
        for place, count in reached.items():
            counts[places[max(0, place - (DAYS - 1 - day) // 100)]] += count
        flow.append(dict(counts))
    fields = ("state", "current_step", "value", "owner")
    changes = [
        Change(
            row.project.facts.project_key, row.project.facts.name, row.project.facts.link, fields[at % 4],
            None if at % 4 == 0 else "exploration" if at % 4 == 1 else row.project.facts.name,
            "governed" if at % 4 == 0 else "progress" if at % 4 == 1 else row.project.facts.owner,
        )
        for at, row in enumerate(rows)
    ]  # fmt: skip
    changes += [Change("GONE", row.project.facts.name, None, "state", "governed", None) for row in rows[:1]]
    steps = portfolio.blueprint.step_ids
    return TrendsView(
        days=[NOW.date() - timedelta(days=DAYS - 1 - day) for day in range(DAYS)],
        flow=flow,
        cycle_times=[CycleTime(step, 40 + at, 12.5 * (at + 1), 30.25 * (at + 1)) for at, step in enumerate(steps)],
        throughput=[("2026-06", 3), ("2026-09", 12)],
        since=NOW.date() - timedelta(days=7),
        changes=changes,
    )


def write_page(folder, projects, name="report.html", **known):
    portfolio = build(projects, Filters(include_ungoverned=True), NOW, node_id="design", url="https://dss.example.com")
    portfolio = replace(portfolio, trends=past_of(portfolio), **known)
    path = folder / name
    path.write_bytes(HtmlReport().render(portfolio))
    return path, portfolio


def with_one_closed(projects: list[Item]) -> list[Item]:
    """Close the last governed project: the page must show a stage that most pages do not have."""
    last = max(position for position, project in enumerate(projects) if project.is_governed)
    closed = replace(projects[last], closed=Closure(NOW, "ada", "replaced by another"))
    return [*projects[:last], closed, *projects[last + 1 :]]


@pytest.fixture(scope="session")
def page_of(tmp_path_factory):
    """Pages of so many generated projects, made once: the path and the portfolio."""
    made = {}

    def of(count):
        if count not in made:
            generated = generate(count, NOW, node_id="design", url="https://dss.example.com")
            projects = with_one_closed([made.project for made in generated])
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

    def open_filter(self, field):
        """Open what can be asked of a field: its chip, or its place in the menu."""
        chip = self.page.locator(f'.gm-filter .gm-choice[data-field="{field}"] > summary')
        if chip.count():
            chip.click()
        else:
            self.page.click('.gm-choice[data-field="add"] > summary')
            self.page.click(f'button[data-filter="{field}"]')
        self.page.wait_for_selector(f'[data-pane="{field}"]')

    def choose(self, field, *labels):
        """Tick values in a filter's list."""
        self.open_filter(field)
        for label in labels:
            self.page.locator(f'[data-pane="{field}"]').get_by_label(label, exact=True).check()
        self.page.keyboard.press("Escape")

    def flag(self, flag, word="is"):
        """Ask for a mark, or for its absence."""
        self.open_filter(flag)
        self.page.locator(f'[data-pane="{flag}"]').get_by_label(word, exact=True).check()
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


@pytest.fixture
def visit(browser, live):
    """Open a browser on the module's webapp, logged in as somebody; what goes wrong in it is collected."""
    contexts = []

    def opened(role):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        contexts.append(context)
        context.add_cookies(live.cookies(role))
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def page_with(tmp_path_factory):
    """Makes a page of given projects."""
    return lambda projects: write_page(tmp_path_factory.mktemp("page"), projects)
