"""Scores and priority, computed from the ratings.

Scores are those of the hook of Govern's project template: `qualification_value_score` = m(value) and
`qualification_risk_score` = 100 − m(risk), with m(Low) = 20, m(Medium low) = 40, m(Medium high) = 60,
m(High) = 80, and null when unrated. Which field is the value and which the risk, and where less is better, the template
says (`Field.role`, `Field.turned`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from govern_mirror.model.blueprint import RATED_ROLES, Blueprint, Role
from govern_mirror.model.values import Value


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the four ratings in the priority; not negative, 1 unless set."""

    value: float = 1.0
    risk: float = 1.0
    feasibility: float = 1.0
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Scores:
    """Numbers 0 to 100 computed from the ratings; None where the ratings they need are missing."""

    value: int | None
    risk: int | None
    priority: float | None


def scores(values: Mapping[str, Value], blueprint: Blueprint, weights: Weights = Weights()) -> Scores:
    """Compute the scores as Govern does, and the priority.

    value = m(value); risk = 100 − m(risk), so that more is better in both. priority = the mean of m(value),
    100 − m(risk), m(feasibility), 100 − m(cost) over those rated, weighted; None unless value and risk are
    both rated (as far as the template has them), or when the weights of all that is rated are 0. Rounded to 2 decimals.

    Args:
        values: of an item, by path.
        blueprint: its template.
        weights: of the priority.
    """
    m = blueprint.scores
    good: dict[Role, int] = {}
    needed = True
    for role in RATED_ROLES:
        field = blueprint.roles.get(role)
        if field is None:
            continue
        rating = values[field.path]
        score = m.get(rating) if isinstance(rating, str) else None
        if score is not None:
            good[role] = 100 - score if field.turned else score
        elif role in (Role.VALUE, Role.RISK):
            needed = False
    priority = None
    if needed and good:
        total = sum(getattr(weights, role.value) for role in good)
        if total > 0:
            weighted = sum(getattr(weights, role.value) * score for role, score in good.items())
            priority = round(weighted / total, 2)
    return Scores(good.get(Role.VALUE), good.get(Role.RISK), priority)
