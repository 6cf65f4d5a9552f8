"""The library on Govern's standard template, as most tests want it: its functions with that template given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import partial
from typing import Any

from govern_mirror import metadata
from govern_mirror.actions import history as history_actions
from govern_mirror.artifact import compared_fields as _compared_fields
from govern_mirror.artifact import content as _content
from govern_mirror.artifact import decode_artifact as _decode_artifact
from govern_mirror.artifact import encode_artifact as _encode_artifact
from govern_mirror.artifact import governed_content as _governed_content
from govern_mirror.artifact import new_artifact as _new_artifact
from govern_mirror.dss import ProjectStore as _ProjectStore
from govern_mirror.govern_node import GovernNode as _GovernNode
from govern_mirror.history.trends import Trends as _Trends
from govern_mirror.metadata import Layout as _Layout
from govern_mirror.model.blueprint import OVERVIEW, STANDARD, Role
from govern_mirror.model.item import Governance, Item, ProjectFacts
from govern_mirror.model.values import Document
from govern_mirror.model.workflow import Workflow
from govern_mirror.report.portfolio import build as _build

Layout = partial(_Layout, STANDARD)
LAYOUT = Layout()


def decode(document, facts, layout=LAYOUT, **kw):
    return metadata.decode(document, facts, layout, **kw)


def encode(project, document, actor, layout=LAYOUT, **kw):
    return metadata.encode(project, document, actor, layout, **kw)


def removed(document, layout=LAYOUT, **kw):
    return metadata.removed(document, layout, **kw)


def governed_part(document, layout=LAYOUT):
    return metadata.governed_part(document, layout)


def overflow(project, document, layout=LAYOUT):
    return metadata.overflow(project, document, layout)


build = partial(_build, blueprint=STANDARD)
decode_artifact = partial(_decode_artifact, blueprint=STANDARD)
encode_artifact = partial(_encode_artifact, blueprint=STANDARD)
new_artifact = partial(_new_artifact, blueprint=STANDARD)
open_trends = partial(history_actions.open_trends, blueprint=STANDARD)
Trends = partial(_Trends, blueprint=STANDARD)


def content(artifact, blueprint=STANDARD):
    return _content(artifact, blueprint)


def governed_content(artifact, blueprint=STANDARD):
    return _governed_content(artifact, blueprint)


def compared_fields(blueprint=STANDARD):
    return _compared_fields(blueprint)


def ProjectStore(clients, layout=LAYOUT, *args, **kw):
    return _ProjectStore(clients, layout, *args, **kw)


def GovernNode(clients, blueprint=STANDARD, **kw):
    return _GovernNode(clients, blueprint, **kw)


# values by the names that tests use -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rating:
    rating: str | None = None
    comment: str | None = None
    origin: str | None = None


@dataclass(frozen=True)
class Qualification:
    value: Rating = Rating()
    risk: Rating = Rating()
    feasibility: Rating = Rating()
    cost: Rating = Rating()
    decision: str | None = None
    decision_comment: str | None = None
    project_plan: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Overview:
    business_initiative: str | None = None
    sponsor: str | None = None
    start_date: date | None = None
    target_end_date: date | None = None


@dataclass(frozen=True)
class Texts:
    """Notes and documents of a step."""

    notes: str | None = None
    documents: tuple[Document, ...] = field(default=())


def values_of(
    qualification: Qualification = Qualification(),
    overview: Overview = Overview(),
    texts: Mapping[str, Texts] | Texts | None = None,
) -> dict[str, Any]:
    """Values by path, of the standard template."""
    values: dict[str, Any] = dict(STANDARD.blank_values)
    for part in fields(overview):
        values[f"overview.{part.name}"] = getattr(overview, part.name)
    for part in fields(qualification):
        held = getattr(qualification, part.name)
        if isinstance(held, Rating):
            values[f"qualification.{part.name}.rating"] = held.rating
            values[f"qualification.{part.name}.comment"] = held.comment
        else:
            values[f"qualification.{part.name}"] = held
    for step in STANDARD.steps:
        of_step = texts if isinstance(texts, Texts) else (texts or {}).get(step.id, Texts())
        values[step.paths[1]], values[step.paths[2]] = of_step.notes, of_step.documents
    return values


def item(
    facts: ProjectFacts,
    workflow: Workflow,
    state: Governance = Governance.UNGOVERNED,
    *,
    qualification: Qualification = Qualification(),
    overview: Overview = Overview(),
    texts: Mapping[str, Texts] | Texts | None = None,
    blueprint=STANDARD,
    **given: Any,
) -> Item:
    """A project of known values, as `decode` may give it: recorded, unless `has_own_record` says otherwise."""
    values = values_of(qualification, overview, texts)
    home = blueprint.home
    origins = {f.path: home[f.path] for f in blueprint.rated if values[f.path]}
    for role in (Role.VALUE, Role.RISK, Role.FEASIBILITY, Role.COST):
        rating = getattr(qualification, role.value)
        if rating.origin:
            origins[blueprint.roles[role].path] = rating.origin
    return Item(facts, blueprint, workflow, values, origins, state, **{"has_own_record": True, **given})


def with_values_of(project: Item, **parts: Any) -> Item:
    """The project with other values of its overview, e.g. `sponsor=None`."""
    return replace(project, values={**project.values, **{f"{OVERVIEW}.{name}": value for name, value in parts.items()}})
