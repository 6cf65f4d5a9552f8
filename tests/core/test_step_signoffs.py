"""The judge of sign-offs: what a mandatory one holds back, what a rejected one locks, what an attestation covers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples
from standard import decode, encode
from support.signoffs import chain
from support.strategies import ALICE, FACTS, STEPS, initialized, later, moves

from govern_mirror.errors import MoveRefused
from govern_mirror.model import changes, policy
from govern_mirror.model.blueprint import STANDARD, Rule, Status
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.hub_facts import Attestation, HubFacts, StepSignoff
from govern_mirror.model.item import with_values
from govern_mirror.model.signoff import MOVES, Act, Signoff, SignoffStatus, signoff_of
from govern_mirror.model.step_writer import last_writer
from govern_mirror.model.subject import step_subject, subject_digest, value_digest
from govern_mirror.model.trust import Trust, trust_by_path
from govern_mirror.model.workflow import Workflow

QUALIFICATION = "qualification"
DECISION = "qualification.decision"


def project_at(*statuses):
    """A governed project whose first steps have these statuses."""
    project = decode(initialized(), FACTS)
    steps = list(project.workflow.steps)
    for at, status in enumerate(statuses):
        steps[at] = steps[at].moved(status, ALICE.now, "emil")
    return replace(project, workflow=Workflow(tuple(steps)))


def digest_of(project, step=QUALIFICATION):
    return subject_digest(step_subject(project, step))


def signed(project, *acts, step=QUALIFICATION, digest=None, mandatory=True):
    """The sign-off of a step after some acts; asked for was the step as it is, unless another digest is given."""
    entries = [replace(made, step=step) for made in chain(*acts, digest=digest or digest_of(project, step))]
    name = STANDARD.step(step).name
    return StepSignoff(step, name, signoff_of(entries, step), mandatory, ("user:ana", "group:board"))


def with_signoffs(project, *signoffs):
    return replace(project, hub=HubFacts(signoffs))


APPROVED = (Act.REQUEST_APPROVAL, Act.APPROVE)
REJECTED = (Act.REQUEST_APPROVAL, Act.REJECT)
ONGOING = (Status.FINISHED, Status.ONGOING)

acts = st.lists(st.sampled_from([act for act in MOVES if act is not Act.DELEGATE]), max_size=6)


@examples(200)
@given(
    st.lists(st.sampled_from(Status), max_size=5),
    st.lists(st.tuples(st.sampled_from(STEPS), acts, st.booleans(), st.sampled_from([None, "other"])), max_size=3),
    moves,
)
def test_no_move_does_a_step_that_its_sign_off_holds_back(statuses, given_signoffs, move):
    project = project_at(*statuses)
    by_step = {
        step: signed(project, *done, step=step, mandatory=mandatory, digest=digest)
        for step, done, mandatory, digest in given_signoffs
    }
    judged = with_signoffs(project, *by_step.values())
    wanted = replace(move, override=False)
    try:
        after = changes.move(judged, wanted, ALICE)
    except MoveRefused as refusal:
        if not refusal.overridable:
            with pytest.raises(MoveRefused):
                changes.move(project, wanted, ALICE)
        return
    if after.workflow == project.workflow:
        return
    assert not any(held.is_locked for held in by_step.values())
    for step in policy.newly_done(project.workflow, after.workflow):
        if step in by_step and by_step[step].is_mandatory:
            assert by_step[step].signoff.status is SignoffStatus.APPROVED
            assert by_step[step].signoff.digest == digest_of(project, step)


@given(acts, st.booleans(), st.sampled_from(["asked", "other"]))
def test_the_judge_needs_no_project(done, mandatory, digest):
    entries = chain(*done, digest="asked")
    step = StepSignoff("review", "Review", signoff_of(entries, "review"), mandatory, ("user:ana",))
    finding = policy.signoff_finding(step, digest)
    is_approved = step.signoff.status is SignoffStatus.APPROVED and step.signoff.digest == digest
    assert (finding is not None) == (step.is_locked or (mandatory and not is_approved))
    assert finding is None or (finding.requirement.id == "review.sign-off" and "Review" in finding.message)


@pytest.mark.parametrize(
    ("acts_done", "sentence"),
    [
        ((), "nobody asked for its review yet, and ana, group board can approve it"),
        ((Act.REQUEST_FEEDBACK,), "waits for feedback"),
        ((Act.REQUEST_APPROVAL,), "waits for the final approval"),
        (REJECTED, "locked, since its sign-off was rejected by ana"),
        ((Act.REQUEST_APPROVAL, Act.ABANDON), "locked, since its sign-off was abandoned by rita"),
    ],
)
def test_a_refused_move_says_what_is_missing_and_who_approves(acts_done, sentence):
    project = project_at(*ONGOING)
    judged = with_signoffs(project, signed(project, *acts_done))
    with pytest.raises(MoveRefused, match=sentence) as refused:
        changes.move(judged, Move(MoveKind.ADVANCE), ALICE)
    assert refused.value.overridable
    # while reviewers are asked, who moves can do nothing about it
    hint = refused.value.hint
    assert hint is None if sentence.startswith("waits") else hint.step == QUALIFICATION
    with pytest.raises(MoveRefused, match=sentence):
        changes.move(judged, Move(MoveKind.SET, "progress", "why"), ALICE)
    over = changes.move(judged, Move(MoveKind.SET, "progress", "the board said so", override=True), ALICE)
    assert over.events[-1].reason == "the board said so (rules overridden)"
    (problem,) = policy.problems(over)
    assert problem.expected == "Approved"
    assert problem.field == "signoff.qualification" and sentence in problem.message


def test_a_rejected_sign_off_locks_other_steps_too_until_it_is_reset():
    project = project_at(*ONGOING)
    locked = with_signoffs(project, signed(project, *REJECTED, mandatory=False))
    for move in (
        Move(MoveKind.REOPEN, "exploration"),
        Move(MoveKind.SKIP, QUALIFICATION, "no"),
        Move(MoveKind.ADVANCE),
    ):
        with pytest.raises(MoveRefused, match="locked"):
            changes.move(locked, move, ALICE)
    assert policy.problems(locked) == (), "nobody did anything wrong"
    reset = with_signoffs(project, signed(project, *REJECTED, Act.RESET, mandatory=False))
    assert changes.move(reset, Move(MoveKind.ADVANCE), ALICE).workflow[QUALIFICATION].status is Status.FINISHED


def test_an_approval_covers_only_what_was_approved():
    project = project_at(*ONGOING)
    approved = with_signoffs(project, signed(project, *APPROVED))
    done = changes.move(approved, Move(MoveKind.ADVANCE), ALICE)
    assert policy.problems(done) == ()
    changed = with_values(done, {STANDARD.step(QUALIFICATION).paths[1]: "another"})
    assert ["not what was approved" in problem.message for problem in policy.problems(changed)] == [True]


def test_a_step_that_govern_hides_needs_no_approval():
    project = project_at(Status.FINISHED)
    steps = tuple(
        step.moved(Status.SKIPPED, ALICE.now, None, is_hidden=True) if step.id == QUALIFICATION else step
        for step in project.workflow.steps
    )
    hidden = with_signoffs(replace(project, workflow=Workflow(steps)), signed(project))
    assert policy.problems(hidden) == ()


def test_rules_and_sign_offs_are_told_together():
    project = project_at(*ONGOING)
    ruled = replace(project, blueprint=STANDARD.with_rules((Rule(QUALIFICATION, ("overview.sponsor",)),)))
    with pytest.raises(MoveRefused, match=r"Sponsor.*sign-off.*record it first"):
        changes.move(with_signoffs(ruled, signed(ruled)), Move(MoveKind.ADVANCE), ALICE)


# a hub that cannot be read ----------------------------------------------------------------------------------------

UNREADABLE = HubFacts(unreadable="you may not read it")


@examples(50)
@given(moves, st.booleans())
def test_a_move_without_the_hub_stays_a_finding_until_it_is_read(move, rules_unchecked):
    project = replace(project_at(*ONGOING), hub=UNREADABLE)
    wanted = replace(move, unchecked=rules_unchecked, override=False)
    try:
        after = changes.move(project, wanted, ALICE)
    except MoveRefused:
        return
    if after.workflow == project.workflow:
        return
    event = after.events[-1]
    assert event.is_signoff_unchecked and event.is_unchecked is rules_unchecked
    unchecked = [problem for problem in policy.problems(after) if problem.found == "sign-off unchecked"]
    assert len(unchecked) == any(step.status.is_done for step in after.workflow.steps)
    assert policy.problems(with_signoffs(after)) == (), "it was read, and signs off no step"


def test_an_unchecked_move_is_told_by_a_report_without_history():
    metadata = initialized()
    for number, facts in enumerate((None, UNREADABLE, None)):
        project = replace(decode(metadata, FACTS), hub=facts)
        actor = later(number)
        metadata = encode(changes.move(project, Move(MoveKind.ADVANCE), actor), metadata, actor)
    read = replace(decode(metadata, FACTS, history=False), hub=UNREADABLE)
    assert [problem.found for problem in policy.problems(read)] == ["sign-off unchecked"]


# what was attested ------------------------------------------------------------------------------------------------


def attested(project, *paths):
    digests = {p: value_digest(project, p) for p in paths}
    made = Attestation("a", ALICE.now, "ana", digests, project.last_event, project.last_hash)
    return replace(project, hub=HubFacts((), (made,)))


def test_only_a_value_that_nobody_wrote_since_is_attested():
    project = changes.edit(decode(initialized(), FACTS), {DECISION: "Go"}, ALICE)
    vouched = attested(project, DECISION)
    assert trust_by_path(vouched)[DECISION] is Trust.ATTESTED
    noted = changes.edit(vouched, {"overview.sponsor": "Ada"}, ALICE)
    assert (
        trust_by_path(noted)[DECISION] is Trust.ATTESTED and trust_by_path(noted)["overview.sponsor"] is Trust.RECORDED
    )
    other = changes.edit(noted, {DECISION: "On hold"}, ALICE)
    assert trust_by_path(other)[DECISION] is Trust.RECORDED
    back = changes.edit(other, {DECISION: "Go"}, ALICE)
    assert trust_by_path(back)[DECISION] is Trust.RECORDED, "nobody vouches for the second change"


def test_what_was_typed_or_not_read_is_not_attested():
    project = attested(changes.edit(decode(initialized(), FACTS), {DECISION: "Go"}, ALICE), DECISION)
    bare = replace(project, has_own_record=False)
    assert trust_by_path(bare)[DECISION] is Trust.TYPED
    moved = changes.edit(project, {"overview.sponsor": "Ada"}, ALICE)
    assert trust_by_path(replace(moved, events=()))[DECISION] is Trust.RECORDED, "older events may have changed it"


def test_another_history_with_the_same_value_is_not_attested():
    ada, eve = (Actor(login, Source.API, ALICE.now) for login in ("ada", "eve"))
    project = attested(changes.edit(decode(initialized(), FACTS), {DECISION: "Go"}, ada), DECISION)
    anew = replace(changes.edit(decode(initialized(), FACTS), {DECISION: "Go"}, eve), hub=project.hub)
    assert project.last_event == anew.last_event and trust_by_path(anew)[DECISION] is Trust.RECORDED
    longer = changes.edit(anew, {"overview.sponsor": "Ada"}, eve)
    assert trust_by_path(longer)[DECISION] is Trust.RECORDED
    untold = replace(project.hub, attestations=(replace(project.hub.attestations[0], last_hash=""),))
    assert trust_by_path(replace(project, hub=untold))[DECISION] is Trust.RECORDED


# who wrote a step -------------------------------------------------------------------------------------------------


def by(login, number=0):
    return Actor(login, Source.API, later(number).now)


def written(*logins):
    """A project whose step each of these wrote in turn, with a note elsewhere at the end."""
    project = decode(initialized(), FACTS)
    for number, login in enumerate(logins):
        project = changes.edit(project, {f"steps.{QUALIFICATION}.notes": f"{number}"}, by(login, number))
    return changes.edit(project, {"overview.description": "x"}, by("zoe", 9))


def test_who_last_wrote_a_step_is_named():
    project = written("olga", "emil")
    assert last_writer(project, QUALIFICATION).login == "emil"
    assert last_writer(project, "exploration").login is None
    moved = changes.move(project, Move(MoveKind.START, "exploration"), by("rita", 10))
    assert last_writer(moved, "exploration").login == "rita"


@pytest.mark.parametrize("gone", [1, 2])
def test_an_event_that_is_gone_may_have_written_the_step(gone):
    project = written("olga", "emil")
    kept = tuple(event for event in project.events if event.number != len(project.events) - gone)
    writer = last_writer(replace(project, events=kept), QUALIFICATION)
    # the older one would be named though the newer one wrote it; or nothing is missing behind who is named
    assert (writer.fault is not None) == (gone == 1), writer
    assert (writer.login == "emil") == (gone == 2)


def test_a_changed_event_names_no_writer():
    project = written("olga", "emil")
    number = len(project.events) - 1
    writer = last_writer(replace(project, breaks=(f"changed {number}",)), QUALIFICATION)
    assert writer.login is None and f"event {number}" in writer.fault


def test_who_recorded_something_else_does_not_stand_for_what_was_typed():
    project = written("emil")
    metadata = encode(project, initialized(), by("emil", 10))
    metadata["customFields"]["govern_decision"] = "Go"
    typed = decode(metadata, FACTS)
    noted = changes.edit(typed, {"overview.description": "y"}, by("rita", 11))
    writer = last_writer(noted, QUALIFICATION)
    assert writer.login is None and "typed" in writer.fault
    vouched = changes.edit(typed, {DECISION: "Go"}, by("rita", 11))
    assert last_writer(vouched, QUALIFICATION).login == "rita"


def test_who_recorded_a_long_list_of_what_was_typed_stands_for_it():
    metadata = encode(written("emil"), initialized(), by("emil", 10))
    fields = {"govern_decision": "Go", "govern_sponsor": "Ada", "govern_start_date": "2026-01-05"}
    metadata["customFields"].update(fields)
    typed = decode(metadata, FACTS)
    paths = trust_by_path(typed)
    mine = {path: typed.values[path] for path, level in paths.items() if level is Trust.TYPED}
    assert len(mine) == 3
    vouched = changes.edit(typed, mine, by("rita", 11))
    assert vouched.events[-1].after_digest is not None, "the list is cut"
    assert last_writer(vouched, QUALIFICATION).login == "rita"
    others = {path: value for path, value in mine.items() if path != DECISION}
    elsewhere = changes.edit(typed, {**others, "overview.description": "z"}, by("rita", 11))
    assert last_writer(elsewhere, QUALIFICATION).fault is not None


def test_a_sign_off_that_nobody_began_locks_nothing():
    assert not StepSignoff("review", "Review", Signoff()).is_locked
