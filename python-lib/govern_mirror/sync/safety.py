"""The safety threshold: a plan that changes too much at once is refused, unless forced.

It guards against a mistake that looks like work: the wrong node, a template that lost its steps, a file that was
sorted in one column only.
"""

from __future__ import annotations

from collections.abc import Mapping

from govern_mirror.model.blueprint import Blueprint
from govern_mirror.sync.compare import WORKFLOW, moves_back, statuses_of
from govern_mirror.sync.plan import Plan

FROM = 10
"""Below so many pairs, a plan is never refused."""

MOST_CHANGED = 0.30
"""The share of the pairs that may change; creations do not count."""

MOST_MOVED_BACK = 0.10
"""The share of the pairs whose workflow may move backwards."""


def refusals(plan: Plan, blueprint: Blueprint) -> tuple[str, ...]:
    """Say why a plan is refused, with the numbers; empty when it is within the threshold."""
    if plan.compared < FROM:
        return ()
    reasons = []
    changed = {
        "DSS projects": sum(bool(each.writes) and not each.creates for each in plan.projects),
        "Govern projects": len(plan.counterparts),
    }
    for what, count in changed.items():
        if count > MOST_CHANGED * plan.compared:
            reasons.append(f"{count} of {plan.compared} {what} would change, more than {MOST_CHANGED:.0%}")
    back = sum(_goes_back(each.seen, each.writes, blueprint) for each in plan.projects if not each.creates)
    back += sum(_goes_back(each.seen, each.writes, blueprint) for each in plan.counterparts)
    if back > MOST_MOVED_BACK * plan.compared:
        reasons.append(f"{back} of {plan.compared} workflows would move backwards, more than {MOST_MOVED_BACK:.0%}")
    return tuple(reasons)


def _goes_back(seen: Mapping[str, str | None], writes: Mapping[str, str | None], blueprint: Blueprint) -> bool:
    if WORKFLOW not in writes:
        return False
    return moves_back(statuses_of(seen.get(WORKFLOW), blueprint), statuses_of(writes[WORKFLOW], blueprint))
