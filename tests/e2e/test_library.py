"""The Python API against a DSS: what people do, what goes wrong meanwhile, and what must never be lost."""

import copy
import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from govern_mirror import (
    Document,
    Filters,
    Move,
    MoveKind,
    Scope,
    Settings,
    add_document,
    build_report,
    connect_to,
    initialize,
    move,
    project_json,
    qualify,
    show,
    ungovern,
    write_note,
)
from govern_mirror.actions.doctor import CheckStatus, examine
from govern_mirror.dss.managed_folders import put_file
from govern_mirror.errors import (
    AccessDenied,
    Action,
    ConflictError,
    ConnectionFailed,
    GovernMirrorError,
    Hint,
    InputError,
    MoveRefused,
    NotFound,
    WriteRefused,
)
from govern_mirror.metadata.layout import MAX_RECORD_SIZE
from govern_mirror.metadata.record import SCHEMA
from govern_mirror.metadata.timeline import ARTICLE
from govern_mirror_devkit.sandbox.plugins import Plugins

ROOT = Path(__file__).parents[2]
T0 = datetime(2026, 6, 1, 8, tzinfo=timezone.utc)
STEPS = ("exploration", "qualification", "progress", "rollout", "delivery")
METADATA = "/projects/CHURN/metadata"
READERS = {"group": "readers", "readProjectContent": True}
WRITERS = {"group": "writers", "writeProjectContent": True}


def init(session, *keys, **overview):
    return initialize(session, Scope(keys=keys), overview)


def outcomes(results):
    return {result.project_key: result.outcome for result in results}


def advance(session, key="CHURN", reason=None):
    return move(session, key, Move(MoveKind.ADVANCE, reason=reason))


def statuses(project):
    return "".join(step.status.value[0] for step in project.workflow.steps)


def told(project):
    return [(event.what, event.by, event.source) for event in (*project.events, *project.pending)]


@pytest.fixture
def churn(sandbox, session):
    sandbox.create_project("CHURN", "Churn")
    init(session, "CHURN")
    return sandbox


@pytest.fixture
def fields(sandbox):
    return lambda key="CHURN": sandbox.metadata(key)["customFields"]


# the session ------------------------------------------------------------------------------------------------


def test_a_session_knows_its_instance_actor_and_missing_settings(sandbox, url):
    session = connect_to(url + "/", sandbox.admin_key)
    assert (session.login, session.store.node_id, session.store.url) == ("admin", "sandbox", url)
    assert not session.warnings and session.rules_unreadable is None, "without the plugin there is no rule"
    sandbox.faults.set("GET /plugins/*:403")
    closed = connect_to(url, sandbox.admin_key)
    assert "defaults are used" in closed.warnings[0] and "403" in closed.rules_unreadable
    given = connect_to(url, sandbox.admin_key, settings=Settings(stale_after_days=3))
    assert given.settings.stale_after_days == 3 and not given.warnings


def test_the_rules_an_administrator_set_on_the_instance_are_in_force(sandbox, url, session_of):
    sandbox.plugins = Plugins(sandbox.store, ROOT)
    sandbox.plugins.configure(
        decisions_to_move_on=["Go"],
        required_fields=[{"step": "exploration", "field": "steps.exploration.notes"}],
        stale_after_days=7.0,
    )
    sandbox.create_project("CHURN")
    session = connect_to(url, sandbox.admin_key)
    assert session.settings.stale_after_days == 7 and not session.warnings
    init(session, "CHURN")
    advance(session)
    with pytest.raises(MoveRefused, match="Exploration: notes"):
        advance(session)
    write_note(session, "CHURN", "exploration", "seen")
    advance(session)
    with pytest.raises(MoveRefused, match="it takes Go"):
        advance(session)
    qualify(session, "CHURN", {"qualification.decision": "Go"})
    assert statuses(advance(session).project) == "FFONN"


# initializing -----------------------------------------------------------------------------------------------


def test_init_by_key_governs_and_shows_the_workflow_in_dss(sandbox, session):
    sandbox.create_project("CHURN", "Churn", tags=["pii"])
    (result,) = init(session, "CHURN", **{"qualification.value.rating": "High", "overview.sponsor": "Ada"})
    assert (result.outcome, result.warnings) == ("initialized", ())
    shown = show(session, "CHURN")
    assert shown.is_governed and shown.revision == 1 and not shown.problems and not shown.pending
    assert told(shown)[0] == ("initialize", "admin", "api")
    assert (shown.qualification.value.rating, shown.qualification.value.origin) == ("High", "overview")
    metadata = sandbox.metadata("CHURN")
    (checklist,) = metadata["checklists"]["checklists"]
    assert (checklist["title"], [item["done"] for item in checklist["items"]]) == ("Govern workflow", [False] * 5)
    assert metadata["tags"] == ["pii"]


def test_a_second_init_fills_blanks_only(churn, session, writes):
    init(session, "CHURN", **{"overview.sponsor": "Ada"})
    (filled,) = init(session, "CHURN", **{"overview.sponsor": "Bob", "overview.start_date": date(2026, 1, 5)})
    shown = show(session, "CHURN")
    assert filled.outcome == "filled"
    assert (shown.overview.sponsor, shown.overview.start_date) == ("Ada", date(2026, 1, 5))
    before = writes()
    (again,) = init(session, "CHURN", **{"overview.sponsor": "Bob"})
    assert again.outcome == "unchanged" and writes() == before


def test_init_by_tag_takes_the_projects_with_that_very_tag(sandbox, session):
    for key, tags in {"A": ["pii"], "B": [], "C": ["x", "pii"], "D": ["PII"]}.items():
        sandbox.create_project(key, tags=tags)
    assert outcomes(initialize(session, Scope(tag="pii"))) == {"A": "initialized", "C": "initialized"}
    assert initialize(session, Scope(tag="nobody has this")) == []


def test_init_by_folder_takes_what_is_in_it_and_below(sandbox, session):
    folders, admin = sandbox.project_folders, sandbox.admin
    marketing = folders.create(admin, "ROOT", "Marketing")["id"]
    deep = folders.create(admin, folders.create(admin, marketing, "2026 / é")["id"], "Q1")["id"]
    twin = folders.create(admin, folders.create(admin, "ROOT", "Sales")["id"], "Marketing")["id"]
    for key, folder in {"IN": marketing, "DEEP": deep, "TWIN": twin, "OUT": None}.items():
        sandbox.create_project(key)
        if folder:
            folders.place(admin, key, folder)
    assert outcomes(initialize(session, Scope(folder="/Marketing/"))) == {"IN": "initialized", "DEEP": "initialized"}
    assert outcomes(initialize(session, Scope(folder="Sales/Marketing"))) == {"TWIN": "initialized"}
    with pytest.raises(NotFound, match="'Nowhere' is not in 'Marketing'"):
        initialize(session, Scope(folder="Marketing/Nowhere"))


def test_init_of_all_skips_what_may_not_be_written_but_named_keys_fail(sandbox, session_of, fields):
    wim = session_of(sandbox.create_user("wim", ("writers", "readers")))
    sandbox.create_project("MINE", permissions=[WRITERS])
    sandbox.create_project("SEEN", permissions=[READERS])
    sandbox.create_project("HIDDEN")
    named = init(wim, "MINE", "SEEN", "HIDDEN", "NOSUCH")
    assert outcomes(named) == {"MINE": "initialized", "SEEN": "failed", "HIDDEN": "failed", "NOSUCH": "failed"}
    messages = {result.project_key: result.message for result in named}
    assert "ask its administrator" in messages["SEEN"]
    assert "HIDDEN does not exist, or you may not read it" in messages["HIDDEN"]
    assert messages["HIDDEN"].replace("HIDDEN", "NOSUCH") == messages["NOSUCH"]
    assert outcomes(initialize(wim, Scope(everything=True))) == {"MINE": "unchanged", "SEEN": "skipped"}
    assert fields("SEEN") == {} and fields("HIDDEN") == {}


def test_init_of_all_leaves_copies_alone_unless_told_to_adopt(churn, session, edit, fields):
    churn.create_project("COPY")
    edit("COPY", **fields())
    assert outcomes(initialize(session, Scope(everything=True))) == {"CHURN": "unchanged", "COPY": "skipped"}
    adopted = initialize(session, Scope(everything=True), adopt=True)
    assert outcomes(adopted) == {"CHURN": "unchanged", "COPY": "adopted"}


def test_a_scope_must_say_which_projects_and_only_once():
    for given in ({}, {"keys": ("A",), "everything": True}, {"tag": "a", "folder": "b"}):
        with pytest.raises(InputError, match="say which projects"):
            Scope(**given)


def test_an_empty_instance_has_an_empty_report_and_nothing_to_initialize(session):
    built = build_report(session)
    assert (built.portfolio.rows, built.portfolio.summary.projects, built.unreadable) == ((), 0, ())
    assert initialize(session, Scope(everything=True)) == []
    assert all(check.status is not CheckStatus.FAILED for check in examine(session))


def test_a_bulk_run_does_every_project_it_can_and_names_each_failure(sandbox, session):
    keys = [f"P{number:02}" for number in range(40)]
    for key in keys:
        sandbox.create_project(key)
    bad = {"P07": "403", "P21": "html-502", "P33": "close"}
    sandbox.faults.set("; ".join(f"PUT /projects/{key}/metadata:{kind}" for key, kind in bad.items()))
    ticks = []
    results = initialize(session, Scope(everything=True), progress=lambda done, total: ticks.append((done, total)))
    assert [result.project_key for result in results] == keys
    assert {result.project_key for result in results if result.failed} == set(bad)
    assert all(result.message for result in results if result.failed)
    assert {key for key in keys if "govern_record" in sandbox.metadata(key)["customFields"]} == set(keys) - set(bad)
    assert ticks == [(done, 40) for done in range(1, 41)]


def test_a_write_of_many_that_nobody_can_look_up_is_unclear_not_failed(sandbox, session):
    for key in ("A", "LOST"):
        sandbox.create_project(key)
    sandbox.faults.set("PUT /projects/LOST/metadata:close-after-write; GET /projects/LOST/metadata:503@3+")
    ended = {result.project_key: result for result in initialize(session, Scope(keys=("A", "LOST")))}
    assert {key: result.outcome for key, result in ended.items()} == {"A": "initialized", "LOST": "unclear"}
    assert ended["LOST"].failed and not ended["LOST"].changed and "may have been written" in ended["LOST"].message


def test_a_project_deleted_while_a_bulk_run_works_fails_alone(sandbox, session):
    for key in ("A", "GONE", "Z"):
        sandbox.create_project(key)
    sandbox.faults.before("GET", "/projects/GONE/metadata", lambda: sandbox.projects.delete(sandbox.admin, "GONE"))
    ended = initialize(session, Scope(everything=True))
    assert outcomes(ended) == {"A": "initialized", "GONE": "failed", "Z": "initialized"}


# the qualification ------------------------------------------------------------------------------------------


def test_a_rating_knows_whether_it_was_inherited_recorded_or_confirmed(sandbox, session, edit):
    sandbox.create_project("CHURN")
    init(session, "CHURN", **{"qualification.value.rating": "High", "qualification.risk.rating": "Low"})

    def origins():
        found = show(session, "CHURN").qualification
        return [rating.origin and rating.origin for rating in (found.value, found.risk, found.cost)]

    assert origins() == ["overview", "overview", None]
    qualify(session, "CHURN", {"qualification.value.rating": "High", "qualification.cost.rating": "Low"})
    assert origins() == ["qualification", "overview", "qualification"]
    qualify(session, "CHURN", {}, confirm=True)
    assert origins() == ["qualification", "qualification", "qualification"]
    qualify(session, "CHURN", {"qualification.cost.rating": None})
    assert origins() == ["qualification", "qualification", None]


def test_a_rating_edited_in_dss_counts_as_recorded_in_the_step(sandbox, session, edit):
    sandbox.create_project("CHURN")
    init(session, "CHURN", **{"qualification.value.rating": "High"})
    edit("CHURN", govern_value_rating="Low")
    rating = show(session, "CHURN").qualification.value
    assert (rating.rating, rating.origin) == ("Low", "qualification")
    advance(session)
    assert show(session, "CHURN").qualification.value.origin == "qualification"


def test_the_whole_qualification_is_stored_and_scored(churn, session):
    values = {
        "qualification.value.rating": "High", "qualification.value.comment": "big market",
        "qualification.risk.rating": "Medium low", "qualification.feasibility.rating": "Medium high",
        "qualification.cost.rating": "Low", "qualification.decision": "On hold",
        "qualification.decision_comment": "budget", "steps.qualification.notes": "see plan",
        "qualification.project_plan": (Document("Plan", "https://x.example/plan"),),
    }  # fmt: skip
    changed = qualify(session, "CHURN", values)
    # each rating also tells where it now comes from
    origins = {f"qualification.{name}.origin" for name in ("value", "risk", "feasibility", "cost")}
    assert {change.field for change in changed.changes} == {*values, *origins}
    document = project_json(show(session, "CHURN"), session.settings.weights)
    assert document["scores"] == {"value": 80, "risk": 60, "priority": 70.0}
    assert document["qualification"]["decision"] == "On hold"
    assert document["qualification"]["project_plan"] == [{"title": "Plan", "url": "https://x.example/plan"}]
    assert document["steps"][1]["notes"] == "see plan"


def test_qualifying_with_what_is_there_already_writes_nothing(churn, session, writes):
    qualify(session, "CHURN", {"qualification.value.rating": "High"})
    before = writes()
    changed = qualify(session, "CHURN", {"qualification.value.rating": "High"})
    assert not changed.written and not changed.changes and writes() == before


# moving -----------------------------------------------------------------------------------------------------


def test_the_workflow_goes_through_all_steps_and_not_beyond(churn, session):
    for count, step in enumerate(STEPS, 1):
        project = move(session, "CHURN", Move(MoveKind.ADVANCE), now=T0 + timedelta(days=count)).project
        assert project.workflow.current.id == step
        assert churn.metadata("CHURN")["tags"] == [f"govern:{step}"]
    last = move(session, "CHURN", Move(MoveKind.ADVANCE), now=T0 + timedelta(days=6)).project
    assert statuses(last) == "FFFFF" and last.workflow.is_complete
    delivery = show(session, "CHURN").workflow["delivery"]
    assert (delivery.started_on, delivery.finished_on) == (T0 + timedelta(days=5), T0 + timedelta(days=6))
    assert delivery.by == "admin"
    before = churn.metadata("CHURN")
    with pytest.raises(MoveRefused, match="complete"):
        advance(session)
    assert churn.metadata("CHURN") == before


def test_advance_to_a_step_pressed_twice_is_once(churn, session, writes):
    move(session, "CHURN", Move(MoveKind.ADVANCE, "rollout"))
    before = writes()
    again = move(session, "CHURN", Move(MoveKind.ADVANCE, "rollout"))
    assert statuses(again.project) == "SSSON" and not again.written and writes() == before


def test_reopening_goes_back_says_why_and_keeps_what_people_wrote(churn, session):
    for _ in STEPS[:3]:
        advance(session)
    write_note(session, "CHURN", "progress", "half way")
    add_document(session, "CHURN", "progress", Document("D", "https://x.example/d"))
    move(session, "CHURN", Move(MoveKind.REOPEN, "exploration", "the data changed"))
    shown = show(session, "CHURN")
    assert statuses(shown) == "ONNNN"
    assert (shown.notes("progress"), len(shown.values["steps.progress.documents"])) == ("half way", 1)
    last = shown.events[-1]
    assert (last.what, last.before, last.after, last.reason) == (
        "reopen", "progress ONGOING", "exploration ONGOING", "the data changed",
    )  # fmt: skip


def test_moves_out_of_order_are_refused_and_change_nothing(churn, session):
    before = churn.metadata("CHURN")
    for wanted, way_out in (
        (Move(MoveKind.START, "progress"), Action.ADVANCE_TO),
        (Move(MoveKind.FINISH, "delivery"), Action.ADVANCE_TO),
        (Move(MoveKind.REOPEN, "exploration"), Action.ADVANCE_TO),
    ):
        with pytest.raises(MoveRefused) as refused:
            move(session, "CHURN", wanted)
        assert (refused.value.hint.action, refused.value.hint.step) == (way_out, wanted.step)
    with pytest.raises(InputError, match="exploration, qualification, progress"):
        move(session, "CHURN", Move(MoveKind.START, "nowhere"))
    assert churn.metadata("CHURN") == before


def test_an_irregular_workflow_is_kept_named_and_left_by_set_only(churn, session, edit):
    edit("CHURN", govern_status_rollout="ONGOING", govern_status_progress="Done!")
    shown = show(session, "CHURN")
    assert sorted(problem.field for problem in shown.problems) == ["steps", "steps.progress.status"]
    for kind in (MoveKind.ADVANCE, MoveKind.START, MoveKind.FINISH, MoveKind.REOPEN):
        with pytest.raises(MoveRefused) as refused:
            move(session, "CHURN", Move(kind, "exploration"))
        assert refused.value.hint.action is Action.SET_STEP
    put_right = move(session, "CHURN", Move(MoveKind.SET, "rollout", "as it is"))
    assert statuses(put_right.project) == "FFFON" and not show(session, "CHURN").problems


def test_a_skipped_step_is_passed_by_and_survives_a_reopening(churn, session, edit):
    edit("CHURN", govern_status_rollout="SKIPPED")
    assert [statuses(advance(session).project) for _ in STEPS[:3]] == ["ONNSN", "FONSN", "FFOSN"]
    assert statuses(advance(session).project) == "FFFSO"
    assert statuses(move(session, "CHURN", Move(MoveKind.REOPEN, "exploration")).project) == "ONNSN"


def test_notes_and_documents_are_replaced_and_cleared(churn, session, fields):
    write_note(session, "CHURN", "exploration", "first")
    write_note(session, "CHURN", "exploration", "second")
    add_document(session, "CHURN", "exploration", Document("A", "https://x.example/a"))
    add_document(session, "CHURN", "exploration", Document("B", "/projects/CHURN/wiki/1"))
    add_document(session, "CHURN", "exploration", Document("A2", "https://x.example/a"))
    shown = show(session, "CHURN")
    assert shown.notes("exploration") == "second"
    assert [(doc.title, doc.url) for doc in shown.values["steps.exploration.documents"]] == [
        ("A2", "https://x.example/a"), ("B", "/projects/CHURN/wiki/1"),
    ]  # fmt: skip
    assert fields()["govern_documents_exploration"][0] == {"from": "A2", "to": "https://x.example/a"}
    write_note(session, "CHURN", "exploration", None)
    add_document(session, "CHURN", "exploration", None)
    assert not {"govern_notes_exploration", "govern_documents_exploration"} & fields().keys()


def test_nothing_is_done_to_an_ungoverned_project_but_init(sandbox, session):
    sandbox.create_project("CHURN")
    before = sandbox.metadata("CHURN")
    for act in (
        lambda: advance(session),
        lambda: qualify(session, "CHURN", {"qualification.decision": "Go"}),
        lambda: write_note(session, "CHURN", "exploration", "x"),
        lambda: add_document(session, "CHURN", "exploration", Document("", "https://x.example")),
    ):
        with pytest.raises(WriteRefused, match="CHURN is not governed") as refused:
            act()
        assert refused.value.hint == Hint(Action.GOVERN, "CHURN")
    assert outcomes(ungovern(session, ["CHURN"])) == {"CHURN": "unchanged"}
    assert sandbox.metadata("CHURN") == before and not show(session, "CHURN").is_governed


def test_a_dry_run_tells_every_change_and_sends_no_write(churn, session, writes):
    before = writes()
    assert advance_dry(session).changes[0].field == "steps.exploration.status"
    churn.create_project("NEW")
    (would,) = initialize(session, Scope(keys=("NEW",)), dry_run=True)
    (gone,) = ungovern(session, ["CHURN"], dry_run=True)
    assert (would.outcome, gone.outcome) == ("initialized", "removed")
    assert "would be" in would.message and "would be" in gone.message
    assert writes() == before


def advance_dry(session):
    return move(session, "CHURN", Move(MoveKind.ADVANCE), dry_run=True)


# who did what -----------------------------------------------------------------------------------------------


def test_every_event_says_who_through_which_door_and_when(sandbox, session, session_of):
    sandbox.create_project("CHURN", permissions=[WRITERS])
    wim = session_of(sandbox.create_user("wim", ("writers",)))
    initialize(session, Scope(keys=("CHURN",)), now=T0)
    move(wim, "CHURN", Move(MoveKind.ADVANCE), now=T0 + timedelta(hours=1))
    first, second = show(session, "CHURN").events
    assert (first.number, first.by, first.source, first.at) == (1, "admin", "api", T0)
    assert (second.number, second.by, second.at, second.before, second.after) == (
        2, "wim", T0 + timedelta(hours=1), "not_started", "exploration ONGOING",
    )  # fmt: skip


def test_keys_of_every_kind_act_under_the_name_dss_gives_them(sandbox, session, session_of):
    sandbox.create_project("CHURN", permissions=[WRITERS])
    keys = {
        "personal": sandbox.create_user("wim", ("writers",)),
        "global": sandbox.accounts.create_global_key(groups=("writers",)),
        "project": sandbox.accounts.create_project_key("CHURN"),
    }
    init(session_of(keys["personal"]), "CHURN")
    advance(session_of(keys["global"]))
    advance(session_of(keys["project"]))
    by = [event.by for event in show(session, "CHURN").events]
    assert by[0] == "wim"
    assert all(login.startswith("api:") for login in by[1:]) and by[1] != by[2]
    rows = build_report(session_of(keys["project"])).portfolio.rows
    assert [row.project.facts.project_key for row in rows] == ["CHURN"]


def test_a_project_key_without_admin_is_told_what_dss_said(churn, session_of):
    key = churn.accounts.create_project_key("CHURN", ("READ", "WRITE"))
    with pytest.raises(AccessDenied, match="needs ADMIN"):
        advance(session_of(key))


# edits made in DSS ------------------------------------------------------------------------------------------


def test_an_edit_in_dss_is_pending_until_the_next_write(churn, session, edit):
    churn.create_user("bob", ("administrators",))
    edit("CHURN", "bob", govern_status_exploration="ONGOING", govern_sponsor="Ada")
    seen = show(session, "CHURN")
    assert seen.overview.sponsor == "Ada" and statuses(seen) == "ONNNN" and not seen.problems
    assert {(e.what, e.by, e.hint, e.source, e.pending) for e in seen.pending} == {
        ("overview.sponsor", None, "bob", "edited-in-dss", True),
        ("steps.exploration.status", None, "bob", "edited-in-dss", True),
    }
    assert len(build_report(session).portfolio.rows[0].project.pending) == 2
    advance(session)
    stored = show(session, "CHURN")
    assert not stored.pending and statuses(stored) == "FONNN"
    assert [event.number for event in stored.events] == [1, 2, 3, 4]
    assert [source for _, _, source in told(stored)] == ["api", "edited-in-dss", "edited-in-dss", "api"]
    status = next(event for event in stored.events if event.what == "steps.exploration.status")
    assert (status.before, status.after, status.hint) == ("NOT_STARTED", "ONGOING", "bob")


def test_an_edit_that_is_not_valid_is_a_problem_and_stays_until_set_anew(churn, session, edit, fields):
    edit("CHURN", govern_value_rating="Gigantic", govern_start_date="soon")
    shown = show(session, "CHURN")
    assert {problem.field for problem in shown.problems} == {"qualification.value.rating", "overview.start_date"}
    advance(session)
    assert fields()["govern_value_rating"] == "Gigantic"
    qualify(session, "CHURN", {"qualification.value.rating": "High"})
    assert [problem.field for problem in show(session, "CHURN").problems] == ["overview.start_date"]


def test_a_tick_in_the_checklist_is_no_move_and_is_reset(churn, session):
    def tick(metadata):
        metadata["checklists"]["checklists"][0]["items"][3]["done"] = True

    churn.edit_metadata("CHURN", tick)
    shown = show(session, "CHURN")
    assert statuses(shown) == "NNNNN" and [problem.field for problem in shown.problems] == ["checklists"]
    advance(session)
    (checklist,) = churn.metadata("CHURN")["checklists"]["checklists"]
    assert not any(item["done"] for item in checklist["items"]) and not show(session, "CHURN").problems


def test_a_governed_edit_between_our_two_reads_is_not_lost(churn, session, edit, on_nth):
    on_nth(2, "GET", METADATA, lambda: edit("CHURN", govern_sponsor="Ada"))
    assert advance(session).written
    shown = show(session, "CHURN")
    assert shown.overview.sponsor == "Ada" and statuses(shown) == "ONNNN"
    assert [what for what, _, _ in told(shown)] == ["initialize", "overview.sponsor", "advance"]


def test_a_foreign_edit_between_our_two_reads_is_not_lost(churn, session, on_nth, requests_seen):
    def theirs(metadata):
        metadata["description"] = "theirs"
        metadata["tags"].append("new")
        metadata["customFields"]["budget"] = {"eur": 7}

    on_nth(2, "GET", METADATA, lambda: churn.edit_metadata("CHURN", theirs))
    assert not advance(session).warnings
    metadata = churn.metadata("CHURN")
    assert metadata["description"] == "theirs" and metadata["customFields"]["budget"] == {"eur": 7}
    assert metadata["tags"] == ["new", "govern:exploration"]
    assert requests_seen["PUT", METADATA] == 1


def test_two_people_who_advance_at_once_advance_twice_and_both_are_told(churn, session, session_of, on_nth):
    other = session_of(churn.create_user("bob", ("administrators",)))
    assert other.login == "bob"
    on_nth(2, "GET", METADATA, lambda: advance(other))
    advance(session)
    shown = show(session, "CHURN")
    assert statuses(shown) == "FONNN" and shown.revision == 3
    assert [event.by for event in shown.events] == ["admin", "bob", "admin"]


def test_nothing_is_written_while_someone_never_stops_editing(churn, session, edit, requests_seen):
    reads = []

    def meddle():
        reads.append(1)
        edit("CHURN", govern_sponsor=f"Ada {len(reads)}")

    churn.faults.before("GET", METADATA, meddle, once=False)
    with pytest.raises(ConflictError, match="nothing was written, try again"):
        advance(session)
    assert requests_seen["PUT", METADATA] == 0
    assert len(reads) == 10  # five tries of two reads


def test_a_foreign_change_right_after_the_write_is_warned_of(churn, session, on_nth):
    on_nth(3, "GET", METADATA, lambda: churn.edit_metadata("CHURN", lambda m: m.update(shortDesc="theirs")))
    changed = advance(session)
    assert changed.written and "shortDesc" in changed.warnings[0]
    assert churn.metadata("CHURN")["shortDesc"] == "theirs"


def test_a_hand_edit_after_our_write_does_not_make_it_look_failed(churn, session, edit, on_nth):
    on_nth(3, "GET", METADATA, lambda: edit("CHURN", govern_sponsor="Ada"))
    changed = advance(session)
    assert changed.written
    shown = show(session, "CHURN")
    assert statuses(shown) == "ONNNN" and shown.overview.sponsor == "Ada"


def test_values_that_dss_drops_are_an_error_and_not_a_success(churn, session, edit, on_nth):
    on_nth(3, "GET", METADATA, lambda: edit("CHURN", govern_status_exploration=None, govern_status_delivery=None))
    with pytest.raises(ConflictError, match="does not hold govern_status_exploration"):
        advance(session)


def test_a_whole_metadata_write_by_someone_else_over_ours_is_made_good(churn, session, on_nth):
    before = churn.metadata("CHURN")
    on_nth(3, "GET", METADATA, lambda: churn.edit_metadata("CHURN", lambda m: (m.clear(), m.update(before))))
    assert advance(session).written
    shown = show(session, "CHURN")
    assert (statuses(shown), [event.number for event in shown.events]) == ("ONNNN", [1, 2])


# an unreliable network --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(advance, id="advance"),
        pytest.param(lambda s: qualify(s, "CHURN", {"qualification.decision": "Go"}), id="qualify"),
        pytest.param(lambda s: write_note(s, "CHURN", "exploration", "once"), id="note"),
    ],
)
def test_an_answer_lost_after_the_write_is_not_written_twice(churn, session, requests_seen, act):
    churn.faults.set(f"PUT {METADATA}:timeout-after-write@1")
    assert act(session).written
    shown = show(session, "CHURN")
    assert (len(shown.events), shown.revision, requests_seen["PUT", METADATA]) == (2, 2, 1)


def test_a_lost_answer_and_an_edit_after_it_do_not_advance_twice(churn, session, edit, on_nth):
    churn.faults.set(f"PUT {METADATA}:timeout-after-write@1")
    on_nth(3, "GET", METADATA, lambda: edit("CHURN", govern_sponsor="Ada"))
    advance(session)
    shown = show(session, "CHURN")
    assert statuses(shown) == "ONNNN" and shown.overview.sponsor == "Ada"


def test_a_removal_whose_answer_is_lost_is_done_all_the_same(churn, session, fields):
    churn.faults.set(f"PUT {METADATA}:timeout-after-write@1")
    (result,) = ungovern(session, ["CHURN"])
    assert set(fields()) == {"govern_record"}
    assert result.outcome == "removed", result.message


def test_a_write_whose_connection_broke_before_it_arrived_is_made_again(churn, session, requests_seen):
    churn.faults.set(f"PUT {METADATA}:close@1")
    advance(session)
    shown = show(session, "CHURN")
    assert statuses(shown) == "ONNNN" and len(shown.events) == 2 and requests_seen["PUT", METADATA] == 2


def test_a_write_that_never_arrives_is_tried_three_times_and_fails(churn, session, requests_seen):
    churn.faults.set(f"PUT {METADATA}:close")
    before = churn.metadata("CHURN")
    with pytest.raises(ConnectionFailed, match="cannot be reached"):
        advance(session)
    assert requests_seen["PUT", METADATA] == 3 and churn.metadata("CHURN") == before


@pytest.mark.parametrize(("kind", "puts"), [("500", 1), ("503", 2), ("429", 2)])
def test_a_failed_write_is_looked_up_before_it_is_repeated(churn, session, requests_seen, kind, puts):
    churn.faults.set(f"PUT {METADATA}:{kind}@1")
    if kind == "500":
        with pytest.raises(ConnectionFailed, match="Injected fault 500"):
            advance(session)
    else:
        advance(session)
    assert requests_seen["PUT", METADATA] == puts
    assert [event.what for event in show(session, "CHURN").events].count("advance") == puts - 1


@pytest.mark.parametrize("kind", ["503", "502", "429"])
def test_a_passing_fault_on_a_read_is_not_noticed(churn, session, kind):
    churn.faults.set(f"GET {METADATA}:{kind}@1; GET /projects:{kind}@1; GET /auth/info:{kind}@1")
    advance(session)
    assert build_report(session).portfolio.rows[0].stage == "exploration"


def test_a_fault_that_stays_ends_the_reading_with_what_dss_said(churn, session, requests_seen):
    churn.faults.set("GET /projects:503")
    with pytest.raises(GovernMirrorError, match="Injected fault 503"):
        build_report(session)
    assert requests_seen["GET", "/projects"] == 4


def test_a_broken_connection_says_to_check_address_and_network(churn, url, session):
    churn.faults.set("GET *:close")
    with pytest.raises(ConnectionFailed, match="check the address and the network"):
        show(session, "CHURN")
    with pytest.raises(ConnectionFailed, match="check the address and the network"):
        connect_to("http://127.0.0.1:9", churn.admin_key)


@pytest.mark.parametrize("page", ["html", "html-502"])
def test_a_page_of_a_proxy_is_never_taken_for_data(churn, session, page):
    acts = {
        "/projects": lambda: build_report(session),
        METADATA: lambda: show(session, "CHURN"),
        "/auth/info": lambda: session.store.login(),
    }
    for path, act in acts.items():
        churn.faults.set(f"GET {path}:{page}")
        with pytest.raises(ConnectionFailed, match="status 502" if "502" in page else "a proxy or a login page"):
            act()


@pytest.mark.parametrize("page", ["html", "html-502"])
def test_a_page_of_a_proxy_in_place_of_a_write_is_never_a_success(churn, session, page):
    before = churn.metadata("CHURN")
    churn.faults.set(f"PUT {METADATA}:{page}")
    with pytest.raises(GovernMirrorError):
        advance(session)
    assert churn.metadata("CHURN") == before


def test_a_proxy_in_front_of_everything_is_said_when_connecting(sandbox, url):
    sandbox.faults.set("* *:html")
    with pytest.raises(ConnectionFailed, match="use the address at which DSS itself answers"):
        connect_to(url, sandbox.admin_key)


def test_a_wrong_key_names_where_keys_are_given_and_is_not_repeated(churn, session_of):
    wrong = session_of("dkuaps-wrong-and-secret")
    for act in (lambda: wrong.login, lambda: show(wrong, "CHURN"), lambda: build_report(wrong)):
        with pytest.raises(AccessDenied) as raised:
            act()
        assert "DKU_API_KEY" in raised.value.hint.setting
        assert "wrong-and-secret" not in str(raised.value)
    assert "wrong-and-secret" not in repr(wrong)


def test_a_revoked_key_stops_in_the_middle_with_the_same_words(churn, session_of):
    key = churn.create_user("wim", ("administrators",))
    wim = session_of(key)
    advance(wim)
    churn.accounts.revoke(key)
    with pytest.raises(AccessDenied, match="Unknown API Key"):
        advance(wim)


def test_unknown_projects_and_forbidden_writes_say_what_to_do(sandbox, session, session_of):
    with pytest.raises(NotFound, match="NOSUCH does not exist, or you may not read it"):
        show(session, "NOSUCH")
    sandbox.create_project("CHURN", permissions=[READERS])
    rita = session_of(sandbox.create_user("rita", ("readers",)))
    assert not show(rita, "CHURN").is_governed
    init(session, "CHURN")
    with pytest.raises(AccessDenied, match=r"write the metadata on project CHURN.*ask its administrator"):
        advance(rita)


# copies, newer versions, damage -----------------------------------------------------------------------------


def test_a_duplicated_project_is_a_copy_until_adopted(churn, session, edit, fields):
    advance(session)
    churn.create_project("COPY", "Copy of churn")
    edit("COPY", **fields())
    copied = show(session, "COPY")
    assert (copied.state.value, copied.copied_from) == ("copied", ("sandbox", "CHURN"))
    assert build_report(session).portfolio.summary.governed == 1
    before = fields("COPY")
    for act in (lambda: advance(session, "COPY"), lambda: qualify(session, "COPY", {"qualification.decision": "Go"})):
        with pytest.raises(WriteRefused, match="COPY is a copy") as refused:
            act()
        assert refused.value.hint == Hint(Action.ADOPT, "COPY")
    assert outcomes(init(session, "COPY")) == {"COPY": "failed"}
    assert outcomes(ungovern(session, ["COPY"])) == {"COPY": "failed"}
    assert fields("COPY") == before
    assert outcomes(initialize(session, Scope(keys=("COPY",)), adopt=True)) == {"COPY": "adopted"}
    adopted = show(session, "COPY")
    assert adopted.is_governed and statuses(adopted) == "NNNNN" and not adopted.problems
    assert [(event.number, event.what) for event in adopted.events] == [(1, "adopt")]
    for _ in STEPS[:2]:
        advance(session, "COPY")
    assert (statuses(show(session, "COPY")), statuses(show(session, "CHURN"))) == ("FONNN", "ONNNN")


def test_a_project_that_arrived_from_another_node_is_a_copy(churn, url):
    churn.node_id = "automation"
    session = connect_to(url, churn.admin_key)
    assert show(session, "CHURN").copied_from == ("sandbox", "CHURN")
    with pytest.raises(WriteRefused, match="on node sandbox"):
        advance(session)


def test_a_record_of_a_newer_version_is_read_and_never_written_over(churn, session, edit, fields):
    advance(session)
    newer = json.dumps({**json.loads(fields()["govern_record"]), "schema": SCHEMA + 1, "novelty": [1]})
    edit("CHURN", govern_record=newer)
    before = churn.metadata("CHURN")
    assert statuses(show(session, "CHURN")) == "ONNNN"
    for act in (
        lambda: advance(session),
        lambda: move(session, "CHURN", Move(MoveKind.SET, "rollout")),
        lambda: qualify(session, "CHURN", {"qualification.decision": "Go"}, confirm=True),
        lambda: write_note(session, "CHURN", "exploration", "x"),
    ):
        with pytest.raises(WriteRefused, match="newer"):
            act()
    assert outcomes(init(session, "CHURN", **{"overview.sponsor": "x"})) == {"CHURN": "failed"}
    assert outcomes(initialize(session, Scope(keys=("CHURN",)), adopt=True)) == {"CHURN": "failed"}
    assert outcomes(initialize(session, Scope(everything=True))) == {"CHURN": "skipped"}
    assert outcomes(ungovern(session, ["CHURN"])) == {"CHURN": "failed"}
    assert churn.metadata("CHURN") == before


@pytest.mark.parametrize("damage", ["{", "", "[]", '{"schema":1,"events":[{"number":"x"}]}', "x" * 100_000, 5, None])
def test_a_damaged_record_costs_no_value_and_is_written_anew(churn, session, edit, fields, damage):
    qualify(session, "CHURN", {"qualification.value.rating": "High"})
    advance(session)
    edit("CHURN", govern_record=damage)
    shown = show(session, "CHURN")
    assert shown.is_governed and statuses(shown) == "ONNNN" and shown.qualification.value.rating == "High"
    assert any(problem.field.startswith("govern_record") for problem in shown.problems)
    assert len(build_report(session, Filters(with_problems=True)).portfolio.rows) == 1
    advance(session)
    repaired = show(session, "CHURN")
    assert statuses(repaired) == "FONNN" and repaired.qualification.value.rating == "High" and not repaired.problems
    assert fields()["govern_value_rating"] == "High"
    if isinstance(damage, str) and damage:
        assert any(event.reason == damage for event in repaired.events), "the damaged text is kept as an event"


def test_custom_fields_of_another_shape_are_left_alone(sandbox, session):
    sandbox.create_project("CHURN")
    sandbox.edit_metadata("CHURN", lambda metadata: metadata.update(customFields=["what"]))
    shown = show(session, "CHURN")
    assert not shown.is_governed and [problem.field for problem in shown.problems] == ["customFields"]
    assert outcomes(init(session, "CHURN")) == {"CHURN": "failed"}
    assert sandbox.metadata("CHURN")["customFields"] == ["what"]
    assert build_report(session).portfolio.summary.projects == 1


# the history ------------------------------------------------------------------------------------------------

LONG = f"because the steering committee asked for it, {'again and ' * 16}again, number {{}}"


@pytest.fixture
def long_history(churn, session):
    """A governed project with 28 long events."""
    for number in range(27):
        move(session, "CHURN", Move(MoveKind.SET, STEPS[number % 5], LONG.format(number)))
    return churn


def test_a_long_history_moves_to_the_wiki_and_show_has_all_of_it_in_order(long_history, session, fields):
    assert len(fields()["govern_record"]) <= MAX_RECORD_SIZE
    in_record = json.loads(fields()["govern_record"])["events"]
    assert len(in_record) < 26
    shown = show(session, "CHURN")
    assert [event.number for event in shown.events] == list(range(1, 29)) and not shown.problems
    assert [event.reason for event in shown.events[1:]] == [LONG.format(number) for number in range(27)]
    article = long_history.wiki.article(long_history.admin, "CHURN", ARTICLE)
    assert LONG.format(0)[:50] in article["payload"]
    assert len(project_json(shown, session.settings.weights)["events"]) == 28


def test_a_write_to_the_wiki_whose_answer_was_lost_leaves_no_event_twice(churn, session):
    churn.faults.set(
        "PUT /projects/CHURN/wiki/*:timeout-after-write@1; POST /projects/CHURN/wiki:timeout-after-write@1"
    )
    for number in range(25):
        move(session, "CHURN", Move(MoveKind.SET, STEPS[number % 5], LONG.format(number)))
    shown = show(session, "CHURN")
    assert [event.number for event in shown.events] == list(range(1, 27))
    assert [event.reason for event in shown.events[1:]] == [LONG.format(number) for number in range(25)]


def test_an_event_whose_write_failed_is_not_told_as_history(churn, session):
    churn.faults.set(f"PUT {METADATA}:403@1")
    with pytest.raises(GovernMirrorError):
        advance(session, reason="failed " * 2000)
    article = churn.wiki.article(churn.admin, "CHURN", ARTICLE)
    assert "failed failed" in article["payload"], "the wiki is written first"
    assert [event.what for event in show(session, "CHURN").events] == ["initialize"]
    advance(session, reason="done " * 2000)
    shown = show(session, "CHURN")
    assert [(event.number, (event.reason or "")[:4]) for event in shown.events] == [(1, ""), (2, "done")]
    assert "failed failed" not in churn.wiki.article(churn.admin, "CHURN", ARTICLE)["payload"]


def test_without_a_wiki_the_record_keeps_all_beyond_its_budget(churn, session, fields):
    churn.faults.set("* /projects/*/wiki*:403")
    warnings = []
    for number in range(20):
        warnings += move(session, "CHURN", Move(MoveKind.SET, STEPS[number % 5], LONG.format(number))).warnings
    assert len(fields()["govern_record"]) > MAX_RECORD_SIZE
    assert any("over its budget" in warning for warning in warnings)
    shown = show(session, "CHURN")
    assert [event.number for event in shown.events] == list(range(1, 22))
    assert ["Govern timeline" in problem.message for problem in shown.problems] == [True]
    churn.faults.set("")
    advance(session)
    assert len(fields()["govern_record"]) <= MAX_RECORD_SIZE and not show(session, "CHURN").problems
    assert len(show(session, "CHURN").events) == 22


def test_a_reader_without_the_wiki_sees_what_the_record_holds(long_history, session):
    long_history.faults.set("GET /projects/CHURN/wiki*:403")
    shown = show(session, "CHURN")
    assert shown.is_governed and shown.events[-1].number == 28


def test_what_people_write_around_the_timeline_stays(long_history, session):
    admin = long_history.admin
    article = long_history.wiki.article(admin, "CHURN", ARTICLE)
    article["payload"] = "Our words.\n\n" + article["payload"] + "\nMore words. 😀"
    long_history.wiki.save(admin, "CHURN", ARTICLE, article)
    for number in range(12):
        move(session, "CHURN", Move(MoveKind.SET, STEPS[number % 5], LONG.format(number)))
    payload = long_history.wiki.article(admin, "CHURN", ARTICLE)["payload"]
    assert payload.startswith("Our words.\n\n") and payload.endswith("\nMore words. 😀")
    assert [event.number for event in show(session, "CHURN").events] == list(range(1, 41))


# taking it away ---------------------------------------------------------------------------------------------


def test_ungovern_leaves_all_that_is_not_ours_byte_for_byte(sandbox, session):
    sandbox.create_project("CHURN", tags=["z", "govern:other", "a"])

    def theirs(metadata):
        metadata["customFields"] = {"budget": {"eur": [1, None, 1.50]}, "govern_other": "mine", "é\u202e": "😀"}
        metadata["checklists"] = {"checklists": [{"title": "Launch", "items": [{"text": "x", "done": True}]}], "k": 1}
        metadata["zeta"] = {"b": 1, "a": [{}]}
        metadata["description"] = "line\r\n\ttab \u0000"

    sandbox.edit_metadata("CHURN", theirs)
    before = json.dumps(sandbox.metadata("CHURN"))
    other = sandbox.wiki.create(sandbox.admin, "CHURN", "Our page", None)
    init(session, "CHURN", **{"overview.sponsor": "Ada", "qualification.risk.rating": "Low"})
    for number in range(25):
        move(session, "CHURN", Move(MoveKind.SET, STEPS[number % 5], LONG.format(number)))
    add_document(session, "CHURN", "delivery", Document("D", "https://x.example"))
    assert len(sandbox.wiki.settings(sandbox.admin, "CHURN")["taxonomy"]) == 2
    assert outcomes(ungovern(session, ["CHURN"], purge=True)) == {"CHURN": "removed"}
    assert json.dumps(sandbox.metadata("CHURN")) == before
    assert [n["id"] for n in sandbox.wiki.settings(sandbox.admin, "CHURN")["taxonomy"]] == [other["article"]["id"]]
    assert not show(session, "CHURN").is_governed


def test_a_project_governed_again_after_removal_goes_on_in_its_history(long_history, session):
    ungovern(session, ["CHURN"])
    assert not show(session, "CHURN").is_governed
    init(session, "CHURN")
    shown = show(session, "CHURN")
    assert statuses(shown) == "NNNNN" and [event.number for event in shown.events] == [29] and shown.revision == 1
    assert not shown.problems


def test_a_project_governed_again_after_a_purge_starts_anew(long_history, session):
    ungovern(session, ["CHURN"], purge=True)
    init(session, "CHURN")
    shown = show(session, "CHURN")
    assert statuses(shown) == "NNNNN" and [event.number for event in shown.events] == [1] and shown.revision == 1


def test_removal_says_when_the_timeline_article_had_to_stay(long_history, session, fields):
    long_history.faults.set("DELETE /projects/CHURN/wiki*:403")
    (result,) = ungovern(session, ["CHURN"])
    assert result.outcome == "removed" and "Govern timeline" in result.warnings[0]
    assert set(fields()) == {"govern_record"}


# the report over many ---------------------------------------------------------------------------------------


def test_the_report_of_many_projects_is_one_list_call(sandbox, session, requests_seen):
    for number in range(30):
        sandbox.create_project(f"P{number}")
    init(session, *(f"P{number}" for number in range(0, 30, 2)))
    session.store.node_id  # noqa: B018 - read once and kept
    requests_seen.clear()
    portfolio = build_report(session).portfolio
    assert (portfolio.summary.projects, portfolio.summary.governed) == (30, 15)
    assert dict(requests_seen) == {("GET", "/projects"): 1}


def test_an_instance_whose_list_lacks_custom_fields_gives_the_same_report(sandbox, session):
    for key in ("A", "B", "C"):
        sandbox.create_project(key, tags=[key.lower()])
    init(session, "A", "C", **{"qualification.value.rating": "High"})
    advance(session, "A")
    rich = build_report(session, Filters(include_ungoverned=True), now=T0).portfolio
    sandbox.projects.list_without_custom_fields = True
    ticks = []
    bare = build_report(
        session, Filters(include_ungoverned=True), now=T0, progress=lambda done, total: ticks.append((done, total))
    )
    assert bare.portfolio == rich and not bare.unreadable
    assert ticks[-1] == (3, 3)


def test_a_project_deleted_meanwhile_does_not_stop_the_report(sandbox, session):
    for key in ("A", "GONE"):
        sandbox.create_project(key)
    init(session, "A", "GONE")
    sandbox.projects.list_without_custom_fields = True
    sandbox.faults.before("GET", "/projects/GONE/metadata", lambda: sandbox.projects.delete(sandbox.admin, "GONE"))
    built = build_report(session)
    assert [row.project.facts.project_key for row in built.portfolio.rows] == ["A"]
    assert [(item.project_key, "does not exist" in item.message) for item in built.unreadable] == [("GONE", True)]


def test_a_project_deleted_while_it_is_changed_is_an_error_that_says_so(churn, session, on_nth):
    on_nth(2, "GET", METADATA, lambda: churn.projects.delete(churn.admin, "CHURN"))
    with pytest.raises(NotFound, match="CHURN does not exist"):
        advance(session)


def test_a_report_shows_only_what_the_key_may_see(sandbox, session, session_of):
    sandbox.create_project("OPEN", permissions=[READERS])
    sandbox.create_project("CLOSED")
    init(session, "OPEN", "CLOSED")
    rita = session_of(sandbox.create_user("rita", ("readers",)))
    portfolio = build_report(rita).portfolio
    assert [row.project.facts.project_key for row in portfolio.rows] == ["OPEN"] and portfolio.summary.projects == 1


# any text ---------------------------------------------------------------------------------------------------

TEXTS = (
    "1 MB " * 200_000,
    "emoji 😀👩‍👩‍👧‍👦🏳️‍🌈 and é vs e\u0301",
    "עברית مرحبا \u202egnirts\u202c \u200f",
    "nul \u0000 esc \u001b[2J bell \u0007 crlf \r\n tab \t ls \u2028",
    "<script>alert(1)</script> {{7*7}} ${x} ' \" \\ \\u0041 & -->",
    "=cmd|' /C calc'!A0",
    "  leading and trailing  ",
    "none of it",
)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_any_text_comes_back_exactly(churn, session, text):
    write_note(session, "CHURN", "exploration", text)
    qualify(session, "CHURN", {"qualification.value.comment": text, "qualification.value.rating": "High"})
    add_document(session, "CHURN", "delivery", Document(text, "https://x.example/?q=%F0%9F%98%80#é"))
    move(session, "CHURN", Move(MoveKind.ADVANCE, reason=text))
    shown = show(session, "CHURN")
    assert shown.notes("exploration") == text
    assert shown.qualification.value.comment == text
    assert shown.values["steps.delivery.documents"] == (Document(text, "https://x.example/?q=%F0%9F%98%80#é"),)
    assert shown.events[-1].reason == text
    assert not shown.problems and not shown.pending
    assert len(churn.metadata("CHURN")["customFields"]["govern_record"]) <= MAX_RECORD_SIZE


def test_a_lone_surrogate_cannot_break_the_project(churn, session):
    write_note(session, "CHURN", "exploration", "broken \ud800 text")
    assert show(session, "CHURN").notes("exploration") == "broken \ufffd text"
    assert advance(session).written


def test_names_of_any_kind_reach_the_report(sandbox, session):
    names = ["Projét 😀", "\u202eevil", "<b>x</b>", "a\nb"]
    for number, name in enumerate(names):
        sandbox.create_project(f"P{number}", name, tags=[name])
    init(session, *(f"P{number}" for number in range(len(names))))
    found = build_report(session).portfolio.rows
    assert {row.project.facts.name for row in found} == set(names)
    only = build_report(session, Filters(tags=(names[0],))).portfolio.rows
    assert [row.project.facts.name for row in only] == [names[0]]


# looking at the instance, and files -------------------------------------------------------------------------


def test_doctor_leaves_the_project_of_a_sound_instance_as_it_was(churn, session):
    churn.plugins = Plugins(churn.store, ROOT)
    session = connect_to(session.store.url, churn.admin_key)
    before = churn.metadata("CHURN")
    checks = {check.name: check for check in examine(session, "CHURN", probe_write=True)}
    assert {check.status for check in checks.values()} == {CheckStatus.OK}
    assert [name for name in checks if name != "certificates"] == [
        "client", "address", "key", "version", "node", "settings", "projects", "read CHURN", "write CHURN",
    ]  # fmt: skip
    assert churn.release.version in checks["version"].detail and "sandbox" in checks["node"].detail
    assert "moves the project's version tag" in checks["write CHURN"].detail
    assert churn.metadata("CHURN") == before
    churn.projects.metadata_write_moves_version_tag = False
    probed = list(examine(session, "CHURN", probe_write=True))[-1]
    assert "does not move" in probed.detail


def test_doctor_says_what_a_bad_instance_lacks(churn, session, session_of):
    churn.projects.list_without_custom_fields = True
    checks = {check.name: check for check in examine(session, "NOSUCH", probe_write=True)}
    assert "read one by one" in checks["projects"].detail
    churn.faults.set("GET /plugins/*:403")
    checked = {check.name: check for check in examine(session_of(churn.admin_key))}
    assert checked["settings"].status is CheckStatus.WARNING
    churn.faults.set("")
    assert checks["read NOSUCH"].status is CheckStatus.FAILED and "write NOSUCH" not in checks
    refused = list(examine(session_of("wrong"), "CHURN"))
    assert (refused[-1].name, refused[-1].status) == ("key", CheckStatus.FAILED)
    assert {check.status for check in refused[:-1]} == {CheckStatus.OK}
    churn.create_project("SEEN", permissions=[READERS])
    rita = session_of(churn.create_user("rita", ("readers",)))
    last = list(examine(rita, "SEEN", probe_write=True))[-1]
    assert (last.name, last.status) == ("write SEEN", CheckStatus.FAILED) and "administrator" in last.detail


def test_doctor_outlives_a_proxy_that_swallows_some_calls(churn, url):
    session = connect_to(url, churn.admin_key)
    churn.faults.set("GET /projects:html; GET /instance-info:html-502")
    verdicts = {check.name: check.status for check in examine(session, "CHURN")}
    assert (verdicts["projects"], verdicts["version"], verdicts["node"]) == (CheckStatus.FAILED,) * 3
    assert verdicts["key"] is CheckStatus.OK


def test_a_file_goes_into_a_managed_folder_in_place_of_the_old_one(sandbox, session, session_of):
    sandbox.create_project("CHURN", permissions=[READERS])
    folder = sandbox.managed_folders.create(sandbox.admin, "CHURN", {"name": "reports"})["id"]
    for content in (b"old", b"\x00new \xff" * 50_000):
        put_file(session.store.client, "CHURN", folder, "2026/governed projects é.html", content)
        found = sandbox.managed_folders.get(sandbox.admin, "CHURN", folder, "2026/governed projects é.html")
        assert found == content
    with pytest.raises(NotFound, match="managed folder"):
        put_file(session.store.client, "CHURN", "nosuch", "x", b"")
    with pytest.raises(AccessDenied, match="managed folder"):
        put_file(session_of(sandbox.create_user("rita", ("readers",))).store.client, "CHURN", folder, "x", b"")


def test_a_session_does_not_change_what_it_was_given(churn, session):
    overview = {"overview.sponsor": "Ada"}
    kept = copy.deepcopy(overview)
    initialize(session, Scope(keys=("CHURN",)), overview)
    assert overview == kept
