"""A portfolio of all the bad input a report can meet, and a plain one of known values."""

from datetime import date, datetime, timedelta, timezone

from standard import Overview, Qualification, Rating, Texts, build, item

from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror.model.event import Event
from govern_mirror.model.item import Governance, Problem, ProjectFacts
from govern_mirror.model.values import Document
from govern_mirror.model.workflow import StepState, Workflow
from govern_mirror.report.portfolio import Filters

NOW = datetime(2026, 6, 30, 12, 34, 56, tzinfo=timezone.utc)
LONG = "a note of 100 kB " * 6000

NAMES = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</td></tr></table><h1>x", "<!-- x --> <b>bold</b>",
    "<!-- govern-mirror report: end -->", "<!-- govern-mirror report: begin 2026-01-01T00:00:00Z -->",
    "{{7*7}}", "{% raw %}", "${7*7}", "#{7*7}", "&lt;b&gt; &amp; co", "it's \"quoted\"",
    "a|b|c", "`code`", "``", "[text](https://evil.example/)", "![image](https://evil.example/x.png)",
    "[x]: https://e.example",
    "https://evil.example/path", "www.evil.example", "evil.example", "//evil.example", "mail@evil.example",
    "<https://evil.example>", "javascript:alert(1)", "**bold** _em_ ~~gone~~", "# heading", "- item", "1. item",
    "\\", "\\|", "a\\", "| --- |", ":smile: @channel #12", "a\nb", "a\r\nb", "a\u2028b", "\ttab",
    "\u202egnirts\u202c", "\u200fשלום\u200f", "\u2066isolate", "zero\u200bwidth\ufeff", "soft\xadhyphen", "👩\u200d🔬",
    "=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://evil.example\")", " =1", "\t=1", "{=1}",
    "1e3", "007", "TRUE",
    "2026-01-01", "<r>rich</r>", "<r><t>&</t></r>", "_x0041_", "bell\x07 esc\x1b[2J nul\x00",
    "\x85\x9f", "\ud800", "\uffff\ufffe",
    "internal:Sheet2!A1", "external:c:\\x", "data:text/html,<script>", "", " ", "   \u3000",
    LONG, "é" * 40_000, "😀" * 20_000,
)  # fmt: skip
URLS = (
    "javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x",
    "//evil.example/",
    "https://dss.example.com/a b|c)d<e>\"f'[g]\\h", "https://dss.example.com/" + "x" * 5000, "https://dss.example.com/\u202e",
    "", None, "/projects/KEY/", "internal:Sheet2!A1", "external:c:\\x", "file:///etc/passwd",
)  # fmt: skip
RATINGS = (None, "Low", "Medium low", "Medium high", "High")
DECISIONS = (None, "Go", "No go", "On hold")


DOCUMENTS = tuple(Document(name[:50], url) for name, url in zip(NAMES, URLS, strict=False) if url)


def workflow(finished=0, started=None):
    """So many finished steps, then an ongoing one, then the rest."""
    states = []
    for position, step in enumerate(STANDARD.steps):
        status = (
            Status.FINISHED if position < finished else Status.ONGOING if position == finished else Status.NOT_STARTED
        )
        states.append(StepState(step.id, step.name, status, started_on=started))
    return Workflow(tuple(states))


def hostile_projects():
    """A project a hostile name; its other texts are hostile too."""
    found = []
    for number, name in enumerate(NAMES):
        other, url = NAMES[-1 - number], URLS[number % len(URLS)]
        facts = ProjectFacts(f"KEY_{number}", name, url, "node <1>", other, (name, other))
        ratings = [Rating(RATINGS[(number + step) % 5], comment=other) for step in range(4)]
        started = (NOW - timedelta(days=number), datetime(1, 1, 1, tzinfo=timezone.utc), None)[number % 3]
        found.append(
            item(
                facts,
                workflow(number % 6, started),
                (Governance.GOVERNED, Governance.GOVERNED, Governance.COPIED)[number % 3],
                qualification=Qualification(*ratings, DECISIONS[number % 4]),
                texts=Texts(LONG, DOCUMENTS),
                overview=Overview(other, name, date(1900, 1, 1), date(2199, 12, 31)),
                revision=number,
                events=(Event(1, NOW - timedelta(days=number), other, "cli", "advance"),),
                problems=(Problem(name, other, name, other),) * (number % 3),
                copied_from=("other", "ORIGINAL") if number % 3 == 2 else None,
            )
        )
    return found


def hostile_portfolio():
    """All of it in one report."""
    filters = Filters(tags=NAMES, include_ungoverned=True)
    return build(hostile_projects(), filters, NOW, node_id=NAMES[0], url="https://dss.example.com")


def plain(number, name=None, **given):
    """A project of known values, with an address as DSS gives it."""
    facts = ProjectFacts(f"P{number}", name or f"Project {number}", f"https://dss.example.com/projects/P{number}/")
    given.setdefault("texts", Texts(documents=DOCUMENTS))
    given.setdefault("workflow", workflow(number % 5, NOW - timedelta(days=number % 60)))
    given.setdefault("qualification", Qualification(Rating("High"), Rating("Low"), Rating(), Rating(), "Go"))
    return item(facts, state=Governance.GOVERNED, **given)


def many(count):
    """A report on so many projects."""
    return build([plain(number) for number in range(count)], Filters(), NOW, node_id="design")
