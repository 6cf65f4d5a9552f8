"""Fill a sandbox with many projects whose texts, comments and histories look like real ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from govern_mirror.metadata import Layout, decode, encode
from govern_mirror.model import changes
from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item import Item, ProjectFacts
from govern_mirror.model.values import Document, Value

from ..sandbox.instance import DssInstance

LAYOUT = Layout(STANDARD)

GOVERNED = 0.85
"""The share of projects that are governed."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_TOPICS = _words("Churn Fraud Pricing Demand Credit Claims Routing Energy Quality Leads Returns Staffing Yield Safety")
_KINDS = _words("prediction forecast scoring detection assistant dashboard segmentation monitoring")
_INITIATIVES = _words("Growth Efficiency Compliance Climate Service Safety")
_WORDS = _words(
    "data model customer risk value team review quality training drift approval budget season legal consent baseline "
    "metric target rollout feedback owner region contract sample label feature backlog pilot threshold audit"
)


@dataclass(frozen=True)
class GeneratedProject:
    """One project: what DSS knows of it, and what is governed in it, written last by `actor`; None when nothing is."""

    facts: ProjectFacts
    description: str
    project: Item
    actor: Actor | None


def generate(count: int, now: datetime, *, node_id: str = "sandbox", url: str = "") -> Iterator[GeneratedProject]:
    """Make projects, most of them governed; the same ones each time.

    Args:
        count: how many.
        now: the time that their histories count back from.
        node_id: the instance they live on.
        url: its address, for links.
    """
    dice = random.Random(20)  # noqa: S311 - the same projects each time
    owners = [f"user{number}" for number in range(max(1, count // 25))]
    for number in range(1, count + 1):
        key = f"P{number:05d}"
        facts = ProjectFacts(
            project_key=key,
            name=f"{dice.choice(_TOPICS)} {dice.choice(_KINDS)} {number}",
            url=f"{url}/projects/{key}/",
            node_id=node_id,
            owner=dice.choice(owners),
            tags=tuple(dice.sample(("llm", "production", "poc", "emea", "apac", "regulated"), dice.randint(0, 2))),
        )
        description = _text(dice, 12)
        project, actor = decode({}, facts, LAYOUT), None
        if dice.random() < GOVERNED:
            project, actor = _history(dice, project, now)
        yield GeneratedProject(facts, description, project, actor)


def fill(sandbox: DssInstance, count: int, now: datetime, progress: Callable[[int, int], object] | None = None) -> None:
    """Create generated projects in a sandbox.

    Args:
        sandbox: what to fill.
        count: how many projects.
        now: the time that their histories count back from.
        progress: told after each hundred.
    """
    owners: set[str] = set()
    for number, generated in enumerate(generate(count, now, node_id=sandbox.node_id), 1):
        facts, owner = generated.facts, generated.facts.owner or ""
        if owner not in owners:
            sandbox.accounts.create_user(owner, display_name=owner.capitalize())
            owners.add(owner)
        sandbox.create_project(
            facts.project_key, facts.name, owner, description=generated.description, tags=list(facts.tags)
        )
        if generated.actor:
            metadata = sandbox.metadata(facts.project_key)
            written = encode(generated.project, metadata, generated.actor, LAYOUT)
            sandbox.projects.set_metadata(sandbox.admin, facts.project_key, written)
        if progress and number % 100 == 0:
            progress(number, count)


def _history(dice: random.Random, project: Item, now: datetime) -> tuple[Item, Actor]:
    at = now - timedelta(days=dice.randint(20, 700))

    def actor() -> Actor:
        nonlocal at
        at = min(now, at + timedelta(days=dice.randint(0, 40), minutes=dice.randint(1, 300)))
        source = dice.choice((Source.MACRO, Source.CLI, Source.API))
        return Actor(f"user{dice.randint(1, 40)}", source, at.replace(microsecond=0))

    ratings = STANDARD.rating_names
    overview: dict[str, Value] = {
        "overview.business_initiative": f"{dice.choice(_INITIATIVES)} programme",
        "overview.target_end_date": (now + timedelta(days=dice.randint(-200, 400))).date(),
        "qualification.value.rating": dice.choice((*ratings, None)),
        "qualification.risk.rating": dice.choice((*ratings, None)),
    }
    who = actor()
    project = changes.initialize(project, overview, who)
    for step in range(dice.randint(0, 6)):
        if step == 2:
            project = changes.edit(project, _qualification(dice), actor(), confirm=True)
        if project.workflow.current and dice.random() < 0.6:
            notes = STANDARD.step(project.workflow.current.id).paths[1]
            project = changes.edit(project, {notes: _text(dice, dice.randint(8, 60))}, actor())
        if dice.random() < 0.3 and project.workflow.current:
            link = Document(_text(dice, 3), f"https://wiki.example.com/{dice.randint(1, 9999)}")
            path = STANDARD.step(project.workflow.current.id).paths[2]
            present = project.values[path]
            links = (*present, link) if isinstance(present, tuple) else (link,)
            project = changes.edit(project, {path: links}, actor())
        who = actor()
        if not project.workflow.is_complete:
            project = changes.move(project, Move(MoveKind.ADVANCE), who)
    if dice.random() < 0.05:
        back = next((step for step in project.workflow.steps if step.status is Status.FINISHED), None)
        if back:
            who = actor()
            project = changes.move(project, Move(MoveKind.REOPEN, back.id, _text(dice, 9)), who)
    return project, who


def _qualification(dice: random.Random) -> dict[str, Value]:
    return {
        "qualification.feasibility.rating": dice.choice(STANDARD.rating_names),
        "qualification.cost.rating": dice.choice((*STANDARD.rating_names, None)),
        "qualification.risk.comment": _text(dice, 20),
        "qualification.decision": dice.choice((*STANDARD.decisions, "Go", "Go", None)),
        "qualification.decision_comment": _text(dice, 15),
    }


def _text(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(_WORDS, k=words)).capitalize()
