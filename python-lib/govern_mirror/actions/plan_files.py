"""Apply a plan file: the desired state of many projects, compared, checked and applied as a sync is."""

from __future__ import annotations

from pathlib import Path

from govern_mirror.actions.hub_reading import HubReading
from govern_mirror.actions.session import Session
from govern_mirror.actions.sync import ComparisonResult
from govern_mirror.bulk import Progress
from govern_mirror.model.item import Problem
from govern_mirror.plan_files.plan_file import groups, read_plan_file
from govern_mirror.sync.apply import Sides
from govern_mirror.sync.compare import WORKFLOW
from govern_mirror.sync.plan import Direction, Plan, Prefer, Rules
from govern_mirror.sync.planner import plan_groups


def compare_with_file(
    session: Session,
    path: Path,
    *,
    prefer: Prefer | None = None,
    create: bool = False,
    override: str | None = None,
    progress: Progress | None = None,
) -> ComparisonResult:
    """Compare the DSS projects with a plan file; `apply_plan` applies the plan.

    Args:
        session: the DSS instance.
        path: the plan file; it is read, and refused, before anything is asked of DSS.
        prefer: whose value wins a conflict: DSS's, or (`Prefer.GOVERN`) the file's.
        create: also govern projects that the file names and that are not governed yet.
        override: why the requirements of steps that the file finishes are overridden, or None.
        progress: told when projects must be read one by one.

    Raises:
        PlanFileInvalid: the file is not valid; everything that is wrong is listed.
        GovernMirrorError: the projects cannot be read.
    """
    plan_file = read_plan_file(path, session.blueprint)
    projects, unreadable = session.store.read_all(progress)
    paired, problems = groups(plan_file, projects)
    ungoverned = [group for group in paired if not group.projects[0].is_governed]
    selected = paired if create else [group for group in paired if group not in ungoverned]
    planned, _ = plan_groups(selected, Direction.PULL, prefer)
    problems += [problem for group in selected for problem in group.counterpart.problems]
    problems += [Problem(project.project_key, None, "a readable project", project.message) for project in unreadable]
    plan = Plan(
        direction=Direction.PULL,
        prefer=prefer,
        node_id=session.store.node_id,
        projects=planned,
        compared=sum(group.projects[0].is_governed for group in selected),
        only_there=() if create else tuple(group.projects[0].facts.project_key for group in ungoverned),
        problems=tuple(problems),
        unreadable=tuple(problems),
    )
    others = {group.counterpart.id: group.counterpart for group in selected}
    reading = HubReading(session)
    # only moves of the workflow are held against the sign-offs
    facts = {part.project_key: reading.facts(part.project_key) for part in planned if WORKFLOW in part.writes}
    rules = Rules(override, session.rules_unreadable is not None, facts)
    return ComparisonResult(plan, Sides(session.store, others, rules=rules), tuple(projects))
