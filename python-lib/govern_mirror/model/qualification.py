"""The qualification of a project: ratings with their origin, the decision, scores and priority.

Scores are those of the hook of Govern's project template: `qualification_value_score` = m(value) and
`qualification_risk_score` = 100 − m(risk), with m(Low) = 20, m(Medium low) = 40, m(Medium high) = 60,
m(High) = 80, and null when unrated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.document import Document

DIMENSIONS = ("value", "risk", "feasibility", "cost")
"""What is rated, in the order of Govern's forms."""

INHERITED = ("value", "risk")
"""The ratings that the Overview and the Qualification step share: one field in two views."""


class Origin(str, Enum):
    """Where a rating comes from: set in the Overview at initialization, or recorded in the step."""

    OVERVIEW = "overview"
    QUALIFICATION = "qualification"


@dataclass(frozen=True, slots=True)
class Rating:
    """A rating: the exact category or None, people's comment on it, and where it comes from."""

    rating: str | None = None
    comment: str | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the four ratings in the priority; not negative, 1 unless set."""

    value: float = 1.0
    risk: float = 1.0
    feasibility: float = 1.0
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Qualification:
    """All that the Qualification step records, but its notes and documents (those are the step's)."""

    value: Rating = Rating()
    risk: Rating = Rating()
    feasibility: Rating = Rating()
    cost: Rating = Rating()
    decision: str | None = None
    decision_comment: str | None = None
    project_plan: tuple[Document, ...] = ()

    def rating(self, dimension: str) -> Rating:
        """The rating of one of `DIMENSIONS`."""
        found: Rating = getattr(self, dimension)
        return found

    def confirmed(self, dimensions: Iterable[str]) -> Qualification:
        """The same values, those ratings checked in the step: their origin is now the qualification."""
        checked = {name: replace(self.rating(name), origin=Origin.QUALIFICATION) for name in dimensions}
        return replace(self, **checked)  # type: ignore[arg-type]  # names are the dataclass's own


@dataclass(frozen=True, slots=True)
class Scores:
    """Numbers 0 to 100 computed from the ratings; None where the ratings they need are missing."""

    value: int | None
    risk: int | None
    priority: float | None


def scores(qualification: Qualification, blueprint: Blueprint, weights: Weights = Weights()) -> Scores:
    """Compute the scores as Govern does, and the priority.

    value = m(value); risk = 100 − m(risk), so that more is better in both. priority = the mean of m(value),
    100 − m(risk), m(feasibility), 100 − m(cost) over those rated, weighted; None unless value and risk are
    both rated, or when the weights of all that is rated are 0. Rounded to 2 decimals.
    """
    m = {category.name: category.score for category in blueprint.ratings}
    good = {name: m.get(qualification.rating(name).rating or "") for name in DIMENSIONS}
    for name in ("risk", "cost"):
        rated = good[name]
        good[name] = None if rated is None else 100 - rated
    priority = None
    if good["value"] is not None and good["risk"] is not None:
        parts = [(getattr(weights, name), score) for name, score in good.items() if score is not None]
        total = sum(weight for weight, _ in parts)
        if total > 0:
            priority = round(sum(weight * score for weight, score in parts) / total, 2)
    return Scores(good["value"], good["risk"], priority)
