"""Keep DSS projects and a Govern node in step: compare, refuse what is too much, apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from govern_mirror.actions.session import Session
from govern_mirror.bulk import Progress
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.event import Actor, Source
from govern_mirror.govern_node import GovernInstance, GovernNode, connect_govern
from govern_mirror.project import GovernedProject, Problem
from govern_mirror.sync.apply import Done, Sides, apply, moved_since
from govern_mirror.sync.pairing import pair
from govern_mirror.sync.plan import Direction, Plan, Prefer, plan_groups
from govern_mirror.sync.safety import refusals


class TooMuch(GovernMirrorError):  # noqa: N818 - a refusal is an outcome, named as users read it
    """A plan changes more than the safety threshold allows."""


@dataclass(frozen=True)
class Scope:
    """Which DSS projects are synced: all when nothing is given, else those with a key or a tag of these."""

    keys: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def takes(self, project: GovernedProject) -> bool:
        """Whether a project is in the scope."""
        if not self.keys and not self.tags:
            return True
        return project.facts.project_key in self.keys or not set(self.tags).isdisjoint(project.facts.tags)


@dataclass(frozen=True)
class Compared:
    """A plan, what it is applied to, and the projects as they were compared."""

    plan: Plan
    sides: Sides
    projects: tuple[GovernedProject, ...]


def govern_node(
    session: Session, url: str | None = None, api_key: str | None = None, *, check_certificate: bool = True
) -> GovernNode:
    """The Govern node to sync with: the one given, else the one that the instance is integrated with.

    Args:
        session: the DSS instance.
        url: Govern's address.
        api_key: a Govern API key.
        check_certificate: whether TLS certificates are checked.

    Raises:
        InputError: only half of it is given, or none and the instance tells none.
    """
    if bool(url) != bool(api_key):
        missing = "--govern-api-key or DKU_GOVERN_API_KEY" if url else "--govern-url or DKU_GOVERN_URL"
        raise InputError(f"half of a Govern node is given: {missing} is missing")
    if url and api_key:
        instance = GovernInstance(url.strip().rstrip("/"), api_key.strip(), check_certificate)
    else:
        found = session.store.govern_reference()
        if found is None:
            raise InputError(
                "no Govern node: give --govern-url and --govern-api-key, or use the key of an administrator of a DSS "
                "instance that is integrated with one"
            )
        instance = GovernInstance(found[0].rstrip("/"), found[1], found[2])
    return GovernNode(connect_govern(instance), session.blueprint, settling_seconds=session.settings.settling_seconds)


def compare(
    session: Session,
    govern: GovernNode,
    direction: Direction,
    *,
    prefer: Prefer | None = None,
    scope: Scope = Scope(),
    create: bool = False,
    progress: Progress | None = None,
) -> Compared:
    """Compare the DSS projects with the Govern node, in a number of requests that does not grow with projects.

    Args:
        session: the DSS instance.
        govern: the Govern node.
        direction: which side a plan writes.
        prefer: whose value wins a conflict; None leaves conflicts.
        scope: which DSS projects.
        create: also govern what is governed on the other side only.
        progress: told when projects must be read one by one.

    Raises:
        GovernMirrorError: a side cannot be read.
    """
    projects, unreadable = session.store.read_all(progress)
    unknown = sorted(set(scope.keys) - {project.facts.project_key for project in projects})
    if unknown:
        raise InputError(f"there is no project {', '.join(unknown)} that you can see: correct the key")
    wanted = tuple(project for project in projects if scope.takes(project))
    survey = govern.survey()
    node_id = session.store.node_id
    pairing = pair(wanted, survey, node_id, create=create)
    planned, counterparts = plan_groups(pairing.groups, direction, prefer, govern_node_id=govern.node_id)
    problems = [*pairing.problems, *_value_problems(wanted)]
    problems += [Problem(each.project_key, None, "a readable project", each.message) for each in unreadable]
    plan = Plan(
        direction=direction,
        prefer=prefer,
        node_id=node_id,
        govern_node_id=govern.node_id,
        projects=planned,
        counterparts=counterparts,
        compared=pairing.compared,
        only_here=pairing.only_here,
        only_there=pairing.only_there,
        problems=tuple(problems),
    )
    others = {group.counterpart.id: group.counterpart for group in pairing.groups}
    return Compared(plan, Sides(session.store, others, govern, survey), wanted)


def carry_out(
    session: Session,
    compared: Compared,
    *,
    force: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> list[Done]:
    """Apply a plan that was just made.

    Args:
        session: the DSS instance.
        compared: as `compare` gave it.
        force: apply it although it changes more than the safety threshold allows.
        progress: told after each group.
        now: the time to record, else the present.

    Raises:
        TooMuch: it changes too much; nothing was written.
    """
    reasons = refusals(compared.plan, session.blueprint)
    if reasons and not force:
        raise TooMuch(f"{'; '.join(reasons)}: nothing was written. Look at the plan; --force applies it all the same")
    actor = session.actor(now)
    return apply(compared.plan, compared.sides, Actor(actor.by, Source.SYNC, actor.now), progress)


def confirmed(session: Session, govern: GovernNode, plan: Plan) -> Compared:
    """A plan that was saved, ready to be carried out, if neither side has moved since.

    Raises:
        GovernMirrorError: a side has moved, or the plan is of other nodes.
    """
    create = any(each.creates for each in plan.projects) or any(each.creates_over for each in plan.counterparts)
    fresh = compare(session, govern, plan.direction, prefer=plan.prefer, create=create)
    if (plan.node_id, plan.govern_node_id) != (fresh.plan.node_id, fresh.plan.govern_node_id):
        raise GovernMirrorError(
            f"the plan was made for DSS {plan.node_id} and Govern {plan.govern_node_id}, these are "
            f"{fresh.plan.node_id} and {fresh.plan.govern_node_id}: nothing was written"
        )
    moved = moved_since(plan, fresh.projects, fresh.sides.counterparts)
    if moved:
        raise GovernMirrorError(f"{'; '.join(moved[:10])}: nothing was written, make the plan again")
    return replace(fresh, plan=plan)


def _value_problems(projects: tuple[GovernedProject, ...]) -> list[Problem]:
    """Values that cannot be synced because they are not valid, by project."""
    return [
        replace(problem, field=f"{project.facts.project_key}: {problem.field}")
        for project in projects
        for problem in project.problems
        if problem.field in project.blueprint.by_path
    ]


def by_name(results: list[Done]) -> Mapping[str, int]:
    """How many results ended how."""
    counts: dict[str, int] = {}
    for result in results:
        counts[result.outcome] = counts.get(result.outcome, 0) + 1
    return counts
