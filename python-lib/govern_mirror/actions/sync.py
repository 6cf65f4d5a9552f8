"""Keep DSS projects and a Govern node in step: compare, refuse what is too much, apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from govern_mirror.actions.session import Session
from govern_mirror.artifact import read_signoffs
from govern_mirror.bulk import Progress, for_each
from govern_mirror.connection import Instance
from govern_mirror.errors import Action, GovernMirrorError, Hint, InputError
from govern_mirror.govern_node import GovernNode, GovernSurvey, connect_govern
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item import Item, Problem
from govern_mirror.model.trust import needs_whole_history
from govern_mirror.sync.apply import Sides, SyncResult, apply, changes_since, refusals
from govern_mirror.sync.bases import SealKey, trusted_bases
from govern_mirror.sync.compare import Hold, PairedProjects
from govern_mirror.sync.pairing import KNOWN, pair
from govern_mirror.sync.plan import CounterpartPlan, Direction, Plan, Prefer, ProjectPlan
from govern_mirror.sync.plan_json import part_json
from govern_mirror.sync.planner import guarded_paths, held_by_signoffs, plan_groups

MAX_NAMED = 10
"""How many differences a refusal names."""

NOTHING_IN_GOVERN = (
    "Govern shows this key no project at all, so that nothing could be compared: check that the key may read the "
    "governed projects, and that this is the right Govern node"
)


@dataclass(frozen=True)
class SyncScope:
    """Which DSS projects are synced: all when nothing is given, else those with a key or a tag of these."""

    keys: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def takes(self, project: Item) -> bool:
        """Whether a project is in the scope."""
        if not self.keys and not self.tags:
            return True
        return project.facts.project_key in self.keys or not set(self.tags).isdisjoint(project.facts.tags)

    def may_take(self, project_key: str) -> bool:
        """Whether a project that could not be read, so that its tags are not known, may be in the scope."""
        return bool(self.tags) or not self.keys or project_key in self.keys


class SyncedNode(GovernNode):
    """A Govern node to sync with, and the key that seals what is in step with it.

    Args:
        instance: where the node is asked, and its key.
        session: the DSS instance, whose template and settling time hold here, too.
        seal: seals the sync bases in the projects' records.
    """

    def __init__(self, instance: Instance, session: Session, seal: SealKey) -> None:
        settling_seconds = session.settings.settling_seconds
        super().__init__(connect_govern(instance), session.blueprint, settling_seconds=settling_seconds)
        self.url, self.seal = instance.url, seal


@dataclass(frozen=True)
class ComparisonResult:
    """A plan, what it is applied to, and the projects as they were compared.

    Attributes:
        plan: what differs, and what would be done.
        sides: both sides.
        projects: the DSS projects that were compared.
        shown_problems: those of the plan's problems that are about these projects. The others are about what the
            Govern node holds besides, which not everyone who syncs may know of.
    """

    plan: Plan
    sides: Sides
    projects: tuple[Item, ...]
    shown_problems: tuple[Problem, ...] = ()


def govern_node(
    session: Session,
    url: str | None = None,
    api_key: str | None = None,
    *,
    check_certificate: bool = True,
    sync_secret: str | None = None,
) -> SyncedNode:
    """The Govern node to sync with: the one given, else the one that the instance is integrated with.

    Args:
        session: the DSS instance.
        url: Govern's address.
        api_key: a Govern API key.
        check_certificate: whether TLS certificates are checked.
        sync_secret: what everyone who syncs these projects shares, to seal what is in step; else the Govern key.

    Raises:
        InputError: only half of it is given, or none and the instance tells none.
    """
    if bool(url) != bool(api_key):
        missing = "--govern-api-key or DKU_GOVERN_API_KEY" if url else "--govern-url or DKU_GOVERN_URL"
        raise InputError(f"half of a Govern node is given: {missing} is missing")
    reference = (url, api_key, check_certificate) if url and api_key else session.store.govern_reference()
    if reference is None:
        raise InputError("no Govern node is known", hint=Hint(Action.GOVERN_NODE))
    instance = Instance(*reference)
    secret = (sync_secret or "").strip()
    seal = SealKey.from_secret(secret) if secret else SealKey.from_api_key(instance.reveal_key())
    return SyncedNode(instance, session, seal)


def compare(
    session: Session,
    govern: SyncedNode,
    direction: Direction,
    *,
    prefer: Prefer | None = None,
    scope: SyncScope = SyncScope(),
    create: bool = False,
    over_signoffs: bool = False,
    make_known: bool = False,
    progress: Progress | None = None,
) -> ComparisonResult:
    """Compare the DSS projects with the Govern node, in a number of requests that does not grow with projects.

    Only what a sign-off could stand against costs one request more each, where the search shows no sign-offs.

    Args:
        session: the DSS instance.
        govern: the Govern node.
        direction: which side a plan writes.
        prefer: whose value wins a conflict; None leaves conflicts.
        scope: which DSS projects.
        create: also govern what is governed on the other side only.
        over_signoffs: also write decisions and statuses that a sign-off in Govern stands against.
        make_known: first let Govern know those projects that are to be governed there and that it does not know yet,
            which only administrators of DSS may.
        progress: told when projects must be read one by one.

    Raises:
        InputError: the scope names what is not there.
        GovernMirrorError: a side cannot be read or does not say which node it is, or DSS shows no project at all.
    """
    if session.store.node_id is None:
        raise GovernMirrorError(
            "DSS does not say which node it is, so that none of its projects can be found in Govern: nothing was "
            "compared. Try again, or let an administrator look at `/instance-info`"
        )
    projects, unreadable = session.store.read_all(progress)
    survey = govern.survey()
    selected = _in_scope(projects, {project.project_key for project in unreadable}, scope)
    pairing = pair(selected, survey, session.store.node_id, create=create)
    untold: tuple[Problem, ...] = ()
    if make_known and pairing.unknown and direction.writes_govern:
        untold = _made_known(session, pairing.unknown)
        if len(untold) < len(pairing.unknown):
            survey = govern.survey()
            pairing = pair(selected, survey, session.store.node_id, create=create)
    bases, base_problems = trusted_bases(pairing.groups, govern.seal, govern.node_id)
    groups, planned, counterparts = _planned(
        session, govern, survey, pairing.groups, direction, prefer, bases, over_signoffs
    )
    unread = tuple(
        Problem(project.project_key, None, "a readable project", project.message)
        for project in unreadable
        if scope.may_take(project.project_key)
    )
    if not survey.projects and not survey.known and not survey.problems:
        unread += (Problem("govern", None, "a Govern project", NOTHING_IN_GOVERN),)
    shown = (*pairing.problems, *untold, *base_problems, *_value_problems(selected), *unread)
    plan = Plan(
        direction=direction,
        prefer=prefer,
        create=create,
        over_signoffs=over_signoffs,
        only=scope.keys,
        tags=scope.tags,
        node_id=session.store.node_id,
        govern_node_id=govern.node_id,
        projects=planned,
        counterparts=counterparts,
        compared=pairing.compared,
        only_here=pairing.only_here,
        only_there=pairing.only_there,
        problems=(*pairing.elsewhere, *shown),
        unreadable=(*pairing.unreadable, *unread),
    )
    others = {group.counterpart.id: group.counterpart for group in groups}
    return ComparisonResult(plan, Sides(session.store, others, govern, survey, govern.seal), selected, shown)


def _made_known(session: Session, keys: Sequence[str]) -> tuple[Problem, ...]:
    """Let Govern know projects; returns those that it could not be told of, with the reason."""
    return tuple(
        Problem(ending.item, None, KNOWN, str(ending.error))
        for ending in for_each(keys, session.store.make_known_to_govern)
        if ending.error is not None
    )


def _in_scope(projects: Sequence[Item], unreadable: set[str], scope: SyncScope) -> tuple[Item, ...]:
    """The projects of the scope; a scope without any is a mistake, and no all-clear."""
    if not projects and not unreadable:
        raise GovernMirrorError(
            "DSS lists no project for this key: nothing was compared. Check that the key may read the projects, and "
            "that this is the right instance"
        )
    unknown = sorted(set(scope.keys) - {project.facts.project_key for project in projects} - unreadable)
    if unknown:
        raise InputError(f"there is no project {', '.join(unknown)} that you can see: correct the key")
    selected = tuple(project for project in projects if scope.takes(project))
    if not selected and scope.tags and not scope.keys:
        raise InputError(f"no project that you can see has the tag {' or '.join(scope.tags)}: correct the tag")
    return selected


def _planned(
    session: Session,
    govern: GovernNode,
    survey: GovernSurvey,
    groups: Sequence[PairedProjects],
    direction: Direction,
    prefer: Prefer | None,
    bases: Mapping[str, Mapping[str, str]],
    over_signoffs: bool,
) -> tuple[Sequence[PairedProjects], tuple[ProjectPlan, ...], tuple[CounterpartPlan, ...]]:
    """The plan of the groups, without what nobody recorded, and without what a sign-off in Govern stands against."""
    planned, counterparts = plan_groups(groups, direction, prefer, bases)
    written = {part.id for part in counterparts}
    whole = [_with_whole_history(session, group) if group.counterpart.id in written else group for group in groups]
    held = {} if over_signoffs else _held(govern, survey, counterparts, session.blueprint)
    replanned = [
        replace(group, held=held[group.counterpart.id]) if group.counterpart.id in held else group for group in whole
    ]
    if all(new is old for new, old in zip(replanned, groups, strict=True)):
        return groups, planned, counterparts
    return replanned, *plan_groups(replanned, direction, prefer, bases)


def _with_whole_history(session: Session, group: PairedProjects) -> PairedProjects:
    """The group with those events of its projects that stand in the wiki, where only they tell what was recorded."""
    projects = tuple(
        replace(project, events=session.store.read(project.facts.project_key).events)
        if needs_whole_history(project)
        else project
        for project in group.projects
    )
    return group if projects == group.projects else replace(group, projects=projects)


def _held(
    govern: GovernNode, survey: GovernSurvey, counterparts: Sequence[CounterpartPlan], blueprint: Blueprint
) -> dict[str, dict[str, Hold]]:
    """What sign-offs hold, by artifact and path. They are asked for where the search showed none that can be read."""
    guarded = [part for part in counterparts if guarded_paths(part, blueprint)]
    signoffs = {part.id: read_signoffs(survey.signoffs.get(part.id)) for part in guarded}
    for ending in for_each([id_ for id_, found in signoffs.items() if found is None], govern.signoffs):
        # an error leaves them unknown, and what is unknown is not pushed over
        signoffs[ending.item] = read_signoffs(ending.result)
    held = {part.id: held_by_signoffs(part, signoffs[part.id], blueprint) for part in guarded}
    return {id_: reasons for id_, reasons in held.items() if reasons}


def apply_plan(
    session: Session,
    compared: ComparisonResult,
    *,
    force: bool = False,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> list[SyncResult]:
    """Apply a plan that was just made.

    Args:
        session: the DSS instance.
        compared: as `compare` gave it.
        force: apply it although it changes more than the safety threshold allows.
        progress: told after each group.
        now: the time to record, else the current time.

    Raises:
        ThresholdExceeded: it changes too much; nothing was written.
    """
    actor = session.actor(now)
    return apply(compared.plan, compared.sides, Actor(actor.by, Source.SYNC, actor.now), progress, force=force)


def refusals_of(session: Session, compared: ComparisonResult) -> dict[str, GovernMirrorError]:
    """What would refuse the values of a plan file that was just compared, by project key."""
    if compared.sides.rules is None:
        return {}
    actor = session.actor()
    return refusals(compared.plan, compared.sides, compared.projects, Actor(actor.by, Source.SYNC, actor.now))


def revalidate(session: Session, govern: SyncedNode, plan: Plan, *, force: bool = False) -> ComparisonResult:
    """What a saved plan asked for, computed anew: it is the saved plan, or it is refused.

    A file can be edited by anyone who can write it. So what is shown, counted and written is never what it says, but
    what the two sides give now.

    Args:
        session: the DSS instance.
        govern: the Govern node.
        plan: as it was saved.
        force: also write over sign-offs, if the plan was made so.

    Raises:
        GovernMirrorError: a side has moved, the plan is of other nodes, or it is not what the two sides give.
    """
    fresh = compare(
        session,
        govern,
        plan.direction,
        prefer=plan.prefer,
        scope=SyncScope(plan.only, plan.tags),
        create=plan.create,
        over_signoffs=plan.over_signoffs and force,
    )
    if (plan.node_id, plan.govern_node_id) != (fresh.plan.node_id, fresh.plan.govern_node_id):
        raise GovernMirrorError(
            f"the plan was made for DSS {plan.node_id} and Govern {plan.govern_node_id}, these are "
            f"{fresh.plan.node_id} and {fresh.plan.govern_node_id}: nothing was written"
        )
    if plan.over_signoffs and not force:
        raise GovernMirrorError(
            "the plan was made to write over sign-offs too: nothing was written", hint=Hint(Action.FORCE)
        )
    moved = changes_since(plan, fresh.projects, fresh.sides.counterparts) or _unlike(plan, fresh.plan)
    if moved:
        more = f" and {len(moved) - MAX_NAMED} more" if len(moved) > MAX_NAMED else ""
        raise GovernMirrorError(f"{'; '.join(moved[:MAX_NAMED])}{more}: nothing was written, make the plan again")
    return fresh


def _unlike(plan: Plan, fresh: Plan) -> list[str]:
    """In what a saved plan is another than the one computed anew, as sentences."""
    saved_parts, fresh_parts = (
        {
            **{f"project {each.project_key}": part_json(each) for each in one.projects},
            **{f"Govern project {each.id}": part_json(each) for each in one.counterparts},
        }
        for one in (plan, fresh)
    )
    doubled = len(plan.projects) + len(plan.counterparts) != len(saved_parts)
    names = [
        name for name in dict.fromkeys([*saved_parts, *fresh_parts]) if saved_parts.get(name) != fresh_parts.get(name)
    ]
    sentences = [f"the plan says something else of {name} than the two sides give now" for name in names]
    return [*sentences, "the plan names something twice"] if doubled else sentences


def _value_problems(projects: tuple[Item, ...]) -> list[Problem]:
    """Values that cannot be synced because they are not valid, by project."""
    return [
        replace(problem, field=f"{project.facts.project_key}: {problem.field}")
        for project in projects
        for problem in project.problems
        if problem.field in project.blueprint.by_path
    ]
