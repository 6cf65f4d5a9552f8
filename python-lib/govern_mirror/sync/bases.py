"""Which of the bases in the projects' records count: those that the right key sealed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from govern_mirror.model.item import Item, Problem
from govern_mirror.sync.compare import UNKNOWN, comparable_paths
from govern_mirror.sync.group import Group
from govern_mirror.sync.seal import SealKey, SealState

MAX_NAMED = 5
"""How many projects a problem names."""


@dataclass(frozen=True)
class Bases:
    """What the projects' records say that was in step, as far as it counts.

    Attributes:
        prints: fingerprints by path, by project key. For a base that does not count, every fingerprint is `UNKNOWN`:
            equal values are in step, and different ones a conflict.
        problems: which bases do not count, and why.
    """

    prints: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def trusted_bases(groups: Iterable[Group], seal: SealKey, govern_node_id: str | None) -> Bases:
    """Check the seal of every base.

    Args:
        groups: DSS projects by Govern project.
        seal: the key of this run.
        govern_node_id: the Govern node, which a base must name to count.
    """
    prints: dict[str, Mapping[str, str]] = {}
    void: dict[SealState, list[str]] = {}
    foreign_ids: set[str] = set()
    for group in groups:
        if group.counterpart.creates_over:
            continue  # what was in step with another Govern project says nothing of one that does not exist yet
        for project in group.projects:
            base, key = project.sync_base, project.facts.project_key
            if base is None:
                continue
            state = seal.check(base, project.facts)
            if state is not SealState.VALID:
                void.setdefault(state, []).append(key)
                foreign_ids |= {base.key_id or ""} if state is SealState.FOREIGN else set()
                prints[key] = _unknown(project)
            elif (base.node_id, base.artifact_id) == (govern_node_id, group.counterpart.id):
                prints[key] = base.prints
    problems = [_problem(state, keys, seal, foreign_ids) for state, keys in void.items()]
    return Bases(prints, tuple(problems))


def _unknown(project: Item) -> dict[str, str]:
    return dict.fromkeys(comparable_paths(project.blueprint), UNKNOWN)


def _problem(state: SealState, keys: list[str], seal: SealKey, foreign_ids: set[str]) -> Problem:
    what = {
        SealState.UNSEALED: "without a seal, as version 0.1.0 wrote it or as somebody made it up",
        SealState.FOREIGN: (
            f"sealed with another key ({', '.join(sorted(key_id[:8] for key_id in foreign_ids)[:MAX_NAMED])}, and this "
            f"run's is {seal.key_id}); give everyone who syncs the same sync secret, or the same Govern key"
        ),
        SealState.ALTERED: "that does not match its seal: somebody altered it, or copied it from another project",
    }
    named = ", ".join(keys[:MAX_NAMED]) + (f" and {len(keys) - MAX_NAMED} more" if len(keys) > MAX_NAMED else "")
    message = (
        f"{named}: the record holds a sync base {what[state]}. It does not count: equal values are taken as in step "
        "and sealed, different ones are conflicts, which --prefer settles"
    )
    return Problem(keys[0] if len(keys) == 1 else "sync base", f"{len(keys)}", "a base that this key sealed", message)
