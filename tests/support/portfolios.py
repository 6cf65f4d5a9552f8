"""What the report's tests draw: projects with everything that can stand in them, and every filter."""

from collections import Counter
from datetime import date, datetime, timedelta, timezone

from hypothesis import strategies as st
from standard import Overview, Qualification, Rating, build, item

from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror.model.event import Event
from govern_mirror.model.item import Governance, Problem, ProjectFacts
from govern_mirror.model.workflow import StepState, Workflow
from govern_mirror.report.portfolio import Filters

NOW = datetime(2026, 6, 30, 12, tzinfo=timezone.utc)
STEPS = ("exploration", "qualification", "progress", "rollout", "delivery")
STAGES = ("not_started", *STEPS, "complete", "closed")
RATINGS = ("Low", "Medium low", "Medium high", "High")
DECISIONS = ("Go", "No go", "On hold")
TAGS = ("pii", "eu", "PII", "é 😀")
OWNERS = ("alice", "Alice", "api:1a2b", "bob@x.example")
INITIATIVES = ("Loyalty", "LOYALTY", "Fraud", "Straße", "")
HOSTILE = (
    "<script>alert(1)</script>", "<SCRIPT/SRC=//x.example>", '"><img src=x onerror=alert(1)>', "' onmouseover='x",
    "{{7*7}}", "{% for x in y %}", "${7*7} #{7*7}", "javascript:alert(1)", "&lt;b&gt; &amp; co & co", "&#60;b&#62;",
    "\u202egnirts\u202c", "\u200fשלום\u200f", "</style><style>*{color:red}", "</bdi></a></td><!--", "--> ]]>", "`x`",
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "a\x00b", "\x1b[2J", "\ud800", "x" * 300, "a\nb", "", " ",
)  # fmt: skip

texts = st.sampled_from(HOSTILE) | st.text(max_size=8)
_hours = st.integers(-3, 24 * 70).map(lambda hours: NOW - timedelta(hours=hours))
_maybe_time = st.none() | _hours
_link = st.sampled_from(
    (None, "javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>", "//evil.example", "")
)


_status = st.sampled_from(list(Status))
_irregular = st.tuples(_status, _status, _status, _status, _status)
_regular = st.integers(0, 5).flatmap(
    lambda done: st.sampled_from((Status.ONGOING, Status.NOT_STARTED)).map(
        lambda current: ((Status.FINISHED,) * done + (current,) + (Status.NOT_STARTED,) * 5)[:5]
    )
)
_steps = st.tuples(_regular | _irregular, st.lists(_maybe_time, min_size=10, max_size=10)).map(
    lambda drawn: tuple(
        StepState(step.id, step.name, status, started_on=started, finished_on=finished)
        for step, status, started, finished in zip(STANDARD.steps, drawn[0], drawn[1][:5], drawn[1][5:], strict=True)
    )
)
_rating = (st.none() | st.sampled_from(RATINGS)).map(Rating)
_qualification = st.builds(Qualification, _rating, _rating, _rating, _rating, st.none() | st.sampled_from(DECISIONS))
_dates = st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31))
_overview = st.builds(Overview, st.none() | st.sampled_from(INITIATIVES) | texts, st.none() | texts, _dates, _dates)
_problem = st.builds(Problem, st.sampled_from(("steps", "govern_record")) | texts, st.none() | texts, texts, texts)
_event = st.builds(Event, st.integers(1, 9), _maybe_time, st.none() | texts, st.just("cli"), st.just("advance"))


@st.composite
def projects(draw, key: str):
    """One project of any state, as `decode` may give it."""
    facts = ProjectFacts(
        key,
        name=draw(texts),
        url=draw(st.just(f"https://dss.example.com/projects/{key}/") | _link),
        node_id="design 😀",
        owner=draw(st.none() | st.sampled_from(OWNERS) | texts),
        tags=tuple(draw(st.lists(st.sampled_from(TAGS) | texts, max_size=3))),
    )
    problems = tuple(draw(st.lists(_problem, max_size=2)))
    state = draw(st.sampled_from([Governance.GOVERNED] * 4 + [Governance.COPIED, Governance.UNGOVERNED]))
    if state is Governance.UNGOVERNED:
        return item(facts, Workflow.not_started(STANDARD), problems=problems)
    return item(
        facts,
        Workflow(draw(_steps)),
        state,
        qualification=draw(_qualification),
        overview=draw(_overview),
        revision=draw(st.integers(0, 99)),
        events=tuple(draw(st.lists(_event, max_size=2))),
        pending=tuple(draw(st.lists(_event, max_size=1))),
        problems=problems,
        copied_from=("other", "ORIGINAL") if state is Governance.COPIED else None,
    )


portfolios = st.integers(0, 5).flatmap(lambda count: st.tuples(*(projects(f"KEY_{n}") for n in range(count))).map(list))
"""Lists of projects with different keys."""


def _some(values):
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


filters = st.builds(
    Filters,
    tags=_some(TAGS),
    steps=_some(STAGES),
    decisions=_some((*DECISIONS, "undecided")),
    initiatives=_some(("loyalty", "Fraud", "STRASSE", "nobody's")),
    owners=_some(OWNERS),
    stale=st.booleans(),
    stale_days=st.none() | st.integers(1, 60),
    with_problems=st.booleans(),
    include_ungoverned=st.booleans(),
)


# the same once more, written plainly: what the report is checked against --------------------------------------


def current(project):
    """The current step by the plan: ongoing, else the first not started if any is done, else the last."""
    by_status = Counter(step.status for step in project.workflow.steps)
    for step in project.workflow.steps:
        if step.status is Status.ONGOING:
            return step
    if by_status[Status.NOT_STARTED] == 5:
        return None
    waiting = [step for step in project.workflow.steps if step.status is Status.NOT_STARTED]
    return waiting[0] if waiting else project.workflow.steps[-1]


def step_name(project):
    """The stage; none of these projects is closed."""
    if all(step.status in (Status.FINISHED, Status.SKIPPED) for step in project.workflow.steps):
        return "complete"
    step = current(project)
    return step.id if step else "not_started"


def days(project):
    """Whole days in the current step, None when nothing started, all is done, or the time is not known."""
    step = current(project)
    statuses = {each.status for each in project.workflow.steps}
    if step is None or not statuses & {Status.ONGOING, Status.NOT_STARTED}:
        return None
    if step.status is Status.ONGOING:
        since = step.started_on
    else:
        done = (Status.FINISHED, Status.SKIPPED)
        since = max((s.finished_on for s in project.workflow.steps if s.status in done and s.finished_on), default=None)
    return None if since is None else max(0, int((NOW - since).total_seconds() // 86400))


def priority(project):
    m = {"Low": 20, "Medium low": 40, "Medium high": 60, "High": 80}
    q = project.qualification
    if q.value.rating is None or q.risk.rating is None:
        return None
    parts = [m[q.value.rating], 100 - m[q.risk.rating]]
    parts += [m[q.feasibility.rating]] if q.feasibility.rating else []
    parts += [100 - m[q.cost.rating]] if q.cost.rating else []
    return round(sum(parts) / len(parts), 2)


def stale(project, limit):
    found = days(project)
    return project.is_governed and found is not None and found >= limit


def matches(project, chosen: Filters, stale_after_days=30):
    """Whether the plan wants this project in the report."""
    if not project.is_governed and not chosen.include_ungoverned:
        return False
    if not project.is_governed and (chosen.steps or chosen.decisions or chosen.initiatives or chosen.stale):
        return False
    initiative = (project.overview.business_initiative or "").casefold()
    return all(
        (
            not chosen.tags or any(tag in chosen.tags for tag in project.facts.tags),
            not chosen.owners or project.facts.owner in chosen.owners,
            not chosen.steps or step_name(project) in chosen.steps,
            not chosen.decisions or (project.qualification.decision or "undecided") in chosen.decisions,
            not chosen.initiatives or initiative in [text.casefold() for text in chosen.initiatives],
            not chosen.stale or stale(project, chosen.stale_days or stale_after_days),
            not chosen.with_problems or project.problems,
        )
    )


def made(found, chosen=Filters(), **given):
    return build(found, chosen, NOW, **given)


def keys(portfolio):
    return [row.project.facts.project_key for row in portfolio.rows]
