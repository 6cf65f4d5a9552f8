"""The three-way compare and what a plan does, without DSS or Govern: random states of both sides and of the base."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standard import decode, encode

from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror.model.changes import initialize
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item import ProjectFacts, SyncBase, with_values
from govern_mirror.model.workflow import Workflow
from govern_mirror.sync.bases import SealKey, trusted_bases
from govern_mirror.sync.compare import (
    WORKFLOW,
    Comparison,
    Counterpart,
    PairedProjects,
    compare_value,
    compared_paths,
    fingerprint,
    statuses_of,
    texts_of,
    value_of,
)
from govern_mirror.sync.plan import Direction, Plan, Prefer, Resolution, with_plan
from govern_mirror.sync.plan_json import plan_from_json, plan_json
from govern_mirror.sync.planner import plan_groups

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
SYNC = Actor("alice", Source.SYNC, NOW)
NODE = "govern"
SEAL = SealKey.from_secret("of the test")
PATHS = compared_paths(STANDARD)
SAMPLES = {
    "overview.start_date": ("2026-01-01", "2026-02-01", "2027-12-31"),
    "overview.target_end_date": ("2026-01-01", "2026-02-01", "2027-12-31"),
    "overview.technical_dimension": ("AI/ML", "Analytics", "AI/ML, LLM/GenAI"),
    WORKFLOW: (
        "exploration ONGOING, qualification NOT_STARTED, progress NOT_STARTED, rollout NOT_STARTED, "
        "delivery NOT_STARTED",
        "exploration FINISHED, qualification FINISHED, progress ONGOING, rollout NOT_STARTED, delivery NOT_STARTED",
        "exploration NOT_STARTED, qualification ONGOING, progress SKIPPED, rollout FINISHED, delivery ONGOING",
    ),
}


def held_by(project):
    """What a project holds, as far as it is compared with Govern."""
    return {path: text for path, text in texts_of(project).items() if path in PATHS}


def samples(path):
    found = SAMPLES.get(path) or (path in STANDARD.by_path and STANDARD.by_path[path].choices[:3])
    return found or ("one", "two", "drei ü")


sides = st.fixed_dictionaries({path: st.sampled_from((None, *samples(path))) for path in PATHS})
partly = st.sets(st.sampled_from(PATHS))


def project_of(key, texts, base=None):
    """A governed project that holds these texts, as it would be read back from DSS."""
    facts = ProjectFacts(key, key, node_id="design")
    empty = {"customFields": {}, "tags": [], "checklists": {"checklists": []}}
    project = initialize(decode(empty, facts), {}, SYNC)
    values = {path: value_of(path, text, STANDARD) for path, text in texts.items() if path != WORKFLOW}
    statuses = statuses_of(texts[WORKFLOW], STANDARD)
    steps = tuple(
        step.moved(status, NOW, "alice", is_hidden=status is Status.SKIPPED)
        for step in project.workflow.steps
        for status in [statuses.get(step.id, step.status)]
    )
    sealed = base and SEAL.sealed(base, facts)
    project = replace(with_values(project, values), workflow=Workflow(steps), sync_base=sealed)
    return decode(encode(project, empty, SYNC), facts)


def base(texts, artifact="ar.1"):
    return SyncBase(NODE, artifact, {path: fingerprint(text) for path, text in texts.items()})


def planned(projects, there, direction, prefer=None, artifact="ar.1"):
    group = PairedProjects(Counterpart(artifact, "Churn", there), tuple(projects))
    found, written = plan_groups([group], direction, prefer, trusted_bases([group], SEAL, NODE)[0])
    return Plan(direction, prefer, "design", NODE, found, written, compared=len(projects))


def take(project, part, actor=SYNC):
    base = SyncBase(NODE, part.counterpart, dict(part.base))
    return with_plan(project, part, SEAL.sealed(base, project.facts), actor)


def applied(projects, there, plan):
    """Both sides after the plan."""
    by_key = {each.project_key: each for each in plan.projects}
    after = [take(p, by_key[p.facts.project_key]) if p.facts.project_key in by_key else p for p in projects]
    # through the metadata, as in DSS
    again = [project_of(p.facts.project_key, held_by(p), p.sync_base) for p in after]
    writes = plan.counterparts[0].writes if plan.counterparts else {}
    return again, {**there, **writes}


def test_every_case_of_the_documented_table():
    a, b, c = "a", "b", "c"
    table = [
        (None, a, a, Comparison.SAME),
        (a, a, a, Comparison.SAME),
        (c, a, a, Comparison.SAME),
        (a, a, b, Comparison.CHANGED_THERE),
        (a, b, a, Comparison.CHANGED_HERE),
        (a, b, c, Comparison.CONFLICT),
        (a, None, a, Comparison.CHANGED_HERE),
        (a, a, None, Comparison.CHANGED_THERE),
        (a, None, b, Comparison.CONFLICT),
        ("", b, None, Comparison.CHANGED_HERE),
        ("", None, b, Comparison.CHANGED_THERE),
        (None, None, b, Comparison.CHANGED_THERE),
        (None, b, None, Comparison.CHANGED_HERE),
        (None, a, b, Comparison.CONFLICT),
    ]
    for was, here, there, verdict in table:
        known = None if was is None else "" if was == "" else fingerprint(was)
        assert compare_value(known, here, there) is verdict, (was, here, there)


@given(sides, sides, sides, partly)
def test_both_makes_the_sides_equal_but_for_conflicts(was, here, there, known):
    project = project_of("CHURN", here, base({path: was[path] for path in known}))
    plan = planned([project], there, Direction.BOTH)
    [after], other = applied([project], there, plan)
    conflicts = {each.field for part in plan.projects for each in part.conflicts}
    for path in PATHS:
        if path in conflicts:
            assert (held_by(after)[path], other[path]) == (here[path], there[path])
        else:
            assert held_by(after)[path] == other[path]
    again = planned([after], other, Direction.BOTH)
    assert not again.changes
    assert {each.field for part in again.projects for each in part.differences} == conflicts
    assert not any(part.rebases for part in again.projects)


@given(sides, sides, sides, st.sampled_from([Direction.PULL, Direction.PUSH, Direction.BOTH]), st.sampled_from(Prefer))
def test_no_value_that_only_one_side_changed_is_ever_lost(was, here, there, direction, prefer):
    project = project_of("CHURN", here, base(was))
    [after], other = applied([project], there, planned([project], there, direction, prefer))
    for path in PATHS:
        mine, theirs = here[path] != was[path], there[path] != was[path]
        if mine and not theirs:
            assert held_by(after)[path] == here[path]
        if theirs and not mine:
            assert other[path] == there[path]


@given(sides, sides, sides, partly)
def test_pull_after_push_leaves_only_what_the_other_side_changed(was, here, there, known):
    project = project_of("CHURN", here, base({path: was[path] for path in known}))
    pushed = planned([project], there, Direction.PUSH)
    [after], other = applied([project], there, pushed)
    assert not planned([after], other, Direction.PUSH).changes
    pulled = planned([after], other, Direction.PULL)
    for part in pulled.projects:
        for each in part.differences:
            if each.outcome is Resolution.TO_DSS:
                assert each.verdict is Comparison.CHANGED_THERE
                assert other[each.field] == there[each.field]
    [last], end = applied([after], other, pulled)
    assert end == other
    assert not planned([last], end, Direction.PULL).changes


@given(sides, sides)
def test_pull_after_push_is_empty_when_only_dss_changed(was, here):
    project = project_of("CHURN", here, base(was))
    [after], other = applied([project], was, planned([project], was, Direction.PUSH))
    assert other == held_by(after) == {**here}
    pull = planned([after], other, Direction.PULL)
    assert pull.projects == ()


@given(sides, sides, sides, st.sampled_from(Prefer))
def test_a_preference_settles_every_conflict_its_way(was, here, there, prefer):
    project = project_of("CHURN", here, base(was))
    plan = planned([project], there, Direction.BOTH, prefer)
    assert plan.conflicts == 0
    [after], other = applied([project], there, plan)
    assert held_by(after) == other
    for path in PATHS:
        if len({was[path], here[path], there[path]}) == 3:
            assert other[path] == (here[path] if prefer is Prefer.DSS else there[path])


@given(sides, sides, sides, sides, st.booleans())
def test_several_projects_under_one_agree_or_are_left(was, one, two, there, agree):
    two = one if agree else two
    projects = [project_of("ONE", one, base(was)), project_of("TWO", two, base(was))]
    plan = planned(projects, there, Direction.BOTH)
    after, other = applied(projects, there, plan)
    for path in PATHS:
        changed = {texts[path] for texts in (one, two) if texts[path] != was[path]}
        held = {held_by(each)[path] for each in after}
        if len(changed) == 1 and there[path] == was[path]:
            assert held == {other[path]} == changed
        if not changed:
            assert held == {there[path]}
        if len(changed) == 2:
            assert [held_by(each)[path] for each in after] == [one[path], two[path]]
            assert other[path] == there[path]


@given(sides, sides)
def test_another_artifact_or_node_is_no_base(was, there):
    for foreign in (SyncBase(NODE, "ar.9", base(was).prints), SyncBase("other", "ar.1", base(was).prints)):
        project = project_of("CHURN", was, foreign)
        plan = planned([project], there, Direction.PULL)
        for part in plan.projects:
            for each in part.differences:
                expected = (
                    Comparison.CHANGED_THERE
                    if each.here is None
                    else Comparison.CHANGED_HERE
                    if each.there is None
                    else Comparison.CONFLICT
                )
                assert each.verdict is expected


@given(sides, sides)
def test_status_writes_nothing(here, there):
    plan = planned([project_of("CHURN", here)], there, Direction.STATUS, Prefer.GOVERN)
    assert not plan.changes
    assert not any(part.rebases for part in plan.projects)
    assert plan.differs is any(here[path] != there[path] for path in PATHS)


def test_a_value_that_is_not_valid_is_listed_and_never_written_over():
    facts = ProjectFacts("CHURN", node_id="design")
    fields = {"govern_risk_rating": "Very high", "govern_status_progress": "HALFWAY", "govern_sponsor": "Ada"}
    project = decode({"customFields": fields}, facts)
    there = {**dict.fromkeys(PATHS), "qualification.risk.rating": "High", WORKFLOW: SAMPLES[WORKFLOW][0]}
    plan = planned([project], there, Direction.BOTH, Prefer.GOVERN)
    assert not plan.changes


@given(sides, sides, sides)
def test_a_plan_that_was_saved_is_the_same_plan(was, here, there):
    import json

    plan = planned([project_of("CHURN", here, base(was))], there, Direction.BOTH)
    assert plan_from_json(json.loads(json.dumps(plan_json(plan))), "plan.json") == plan


def test_edits_made_in_dss_are_numbered_before_the_base_is_written():
    texts = dict.fromkeys(PATHS)
    empty = {"customFields": {}, "tags": [], "checklists": {"checklists": []}}
    facts = ProjectFacts("CHURN", node_id="design")
    metadata = encode(initialize(decode(empty, facts), {}, SYNC), empty, SYNC)
    metadata["customFields"]["govern_sponsor"] = "Ada"
    project = decode(metadata, facts)
    assert [event.what for event in project.pending] == ["overview.sponsor"]
    [part] = planned([project], texts, Direction.PULL).projects
    written = encode(take(project, part), metadata, SYNC)
    again = decode(written, facts)
    assert again.pending == ()
    assert [event.what for event in again.events] == ["initialize", "overview.sponsor"]


def many(count, changed, back=0):
    start, end = SAMPLES[WORKFLOW][:2]
    was = {**dict.fromkeys(PATHS), WORKFLOW: end, "qualification.value.rating": "Low"}
    parts = []
    for number in range(count):
        there = dict(was)
        if number < changed:
            there["qualification.value.rating"] = "High"
        if number < back:
            there[WORKFLOW] = start
        parts += planned([project_of(f"P{number}", was, base(was))], there, Direction.PULL).projects
    return Plan(Direction.PULL, projects=tuple(parts), compared=count)


@pytest.mark.parametrize(
    ("count", "changed", "back", "refused"),
    [(9, 9, 9, False), (10, 3, 0, False), (10, 4, 0, True), (20, 6, 0, False), (20, 7, 0, True), (10, 2, 1, False),
     (10, 2, 2, True), (20, 2, 2, False), (20, 3, 3, True)],
)  # fmt: skip
def test_a_plan_that_changes_too_much_is_refused_from_ten_projects_up(count, changed, back, refused):
    assert bool(many(count, changed, back).refusals(STANDARD)) is refused


def test_creations_do_not_count_for_the_threshold():
    there = {**dict.fromkeys(PATHS), "qualification.value.rating": "High", WORKFLOW: SAMPLES[WORKFLOW][0]}
    parts = []
    for number in range(12):
        bare = decode({"customFields": {}}, ProjectFacts(f"P{number}", node_id="design"))
        parts += planned([bare], there, Direction.PULL).projects
    plan = Plan(Direction.PULL, projects=tuple(parts), compared=12)
    assert all(part.creates and part.writes for part in parts)
    assert plan.refusals(STANDARD) == ()


def test_a_step_that_goes_back_takes_the_times_along():
    start, end = SAMPLES[WORKFLOW][:2]
    was = {**dict.fromkeys(PATHS), WORKFLOW: end}
    project = project_of("CHURN", was, base(was))
    [part] = planned([project], {**was, WORKFLOW: start}, Direction.PULL).projects
    later = Actor("alice", Source.SYNC, NOW + timedelta(days=3))
    after = take(project, part, later)
    assert after.workflow["exploration"].status is Status.ONGOING
    assert after.workflow["exploration"].started_on == later.now
    assert after.workflow["progress"].started_on is None
    assert (after.events[-1].what, after.events[-1].source) == ("sync", "sync")
