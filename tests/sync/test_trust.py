"""What sync believes: who recorded a value, which base is real, what a sign-off in Govern stands against."""

import json
from fnmatch import fnmatchcase

import pytest
from click.testing import CliRunner
from werkzeug.wrappers import Response

from govern_mirror.cli.main import main
from govern_mirror.sync.compare import fingerprint
from govern_mirror_devkit.sandbox.govern.signoffs import SignoffStatus

DONE = {
    f"govern_status_{step}": "FINISHED" for step in ("exploration", "qualification", "progress", "rollout", "delivery")
}


NOT_FOUND = "com.dataiku.dip.server.controllers.NotFoundException"


@pytest.fixture
def transport():
    """Who is believed does not depend on the transport."""
    return "mounted"


@pytest.fixture
def person(sides):
    """A person's other commands, with the administrator's key."""

    def run(*arguments):
        options = ["--url", sides.dss_url, "--api-key", sides.dss.admin_key]
        result = CliRunner().invoke(main, [*options, *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    return run


def record_of(sides, key):
    return json.loads(sides.held_by_dss(key)["govern_record"])


def forge(sides, key, change):
    """Somebody who may write the project edits its record by hand."""

    def edit(metadata):
        record = json.loads(metadata["customFields"]["govern_record"])
        change(record)
        metadata["customFields"]["govern_record"] = json.dumps(record)

    sides.dss.edit_metadata(key, edit)


def decided(sides, key="CHURN"):
    return sides.held_by_govern(key)["fields"].get("qualification_resulting_decision")


# edits by hand ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["push", "both"])
def test_t1_hand_edits_are_never_pushed(sides, direction):
    sides.project("CHURN")
    sides.run("pull")
    sides.in_govern("CHURN", qualification_resulting_decision="No go")
    sides.in_dss("CHURN", govern_decision="Go", govern_value_rating="High", **DONE)
    before = sides.held_by_govern("CHURN")
    # not at once, and not after sync itself has written the project
    for _ in range(3):
        ran = sides.run(direction, "--prefer", "dss", "--force")
        assert ran.code == 3
        assert sides.held_by_govern("CHURN") == before
    assert "Resulting decision is not pushed: typed into the project's fields, and recorded by nobody" in ran.err


def test_t1_recorded_edit_is_pushed(sides, person):
    sides.project("CHURN")
    sides.run("pull")
    sides.in_dss("CHURN", govern_decision="Go", govern_value_rating="High")
    assert sides.run("push").code == 3
    person("qualify", "CHURN", "--decision", "go")
    assert sides.run("push").code == 0
    assert decided(sides) == "Go"


@pytest.mark.parametrize(
    "command",
    [
        ("qualify", "CHURN", "--value", "high"),
        ("qualify", "CHURN", "--confirm"),
        ("step", "note", "CHURN", "exploration", "Looked at."),
        ("advance", "CHURN"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_t1_each_way_to_record_is_one(sides, person, command):
    sides.project("CHURN")
    sides.in_dss("CHURN", govern_value_rating="High")
    # the base is written, and with it the edit is stored: in nobody's name
    assert sides.run("both").code == 3
    person(*command)
    assert sides.run("push").code == 0
    assert sides.held_by_govern("CHURN")["fields"]["qualification_value_rating"] == "High"


@pytest.mark.parametrize(
    "command",
    [("step", "set", "CHURN", "qualification", "--reason", "It is."), ("qualify", "CHURN", "--confirm")],
    ids=lambda command: command[0],
)
def test_t1_typed_statuses_are_recorded(sides, person, command):
    sides.project("CHURN")
    sides.in_dss("CHURN", govern_status_exploration="FINISHED", govern_status_qualification="ONGOING")
    assert sides.run("push").code == 3
    person(*command)
    assert sides.run("push").code == 0
    assert sides.held_by_govern("CHURN")["workflow"]["steps"]["exploration"]["status"] == "FINISHED"


def test_t1_hand_edit_moved_to_the_wiki_is_still_none(sides, monkeypatch):
    sides.project("CHURN")
    sides.in_dss("CHURN", govern_value_rating="High")
    assert sides.run("both").code == 3
    number = 0
    while not record_of(sides, "CHURN").get("moved_events") or any(
        event["source"] != "sync" for event in record_of(sides, "CHURN")["events"]
    ):
        number += 1
        assert number < 60
        sides.in_govern("CHURN", exploration_notes=f"Note {number} " + "long " * 20)
        sides.run("pull")
    assert sides.run("push").code == 3
    assert "qualification_value_rating" not in sides.held_by_govern("CHURN")["fields"]


@pytest.mark.parametrize("damage", ["no record", "not JSON", "no digest"])
def test_t1_project_without_a_sound_record_is_left_alone(sides, damage):
    sides.project("CHURN")
    sides.run("pull")
    sides.in_dss("CHURN", govern_decision="Go")
    if damage == "no digest":
        forge(sides, "CHURN", lambda record: record.pop("digest"))
    else:
        sides.in_dss("CHURN", govern_record="" if damage == "no record" else "{")
    for create in ((), ("--create",)):
        for direction in ("push", "both"):
            ran = sides.run(direction, "--force", "--prefer", "dss", *create)
            assert "its record is lost or damaged" in ran.err
    assert decided(sides) is None


def test_t1_creating_in_govern_leaves_hand_edits_out(sides):
    sides.project("LONE", artifact=False)
    sides.in_dss("LONE", govern_decision="Go")
    ran = sides.run("push", "--create")
    assert ran.code == 3
    [made] = [each for each in sides.govern.node.artifacts() if each.name == "Lone"]
    assert not made.fields.get("qualification_resulting_decision")


def test_t1_pull_and_the_rest_go_on_beside_a_hand_edit(sides, person):
    sides.project("CHURN")
    sides.run("pull")
    person("qualify", "CHURN", "--risk", "low")
    sides.in_dss("CHURN", govern_decision="Go")
    sides.in_govern("CHURN", qualification_value_rating="High")
    assert sides.run("both").code == 3
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "High"
    assert sides.held_by_govern("CHURN")["fields"]["qualification_risk_rating"] == "Low"
    assert decided(sides) is None


# sign-offs ----------------------------------------------------------------------------------------------------


def prepared(sides, status, step="qualification"):
    """A recorded Go and a finished workflow in DSS, No go in Govern, and a sign-off there."""
    sides.project("CHURN")
    sides.run("pull")
    sides.recorded("CHURN", govern_decision="Go", govern_value_rating="High", **DONE)
    sides.in_govern("CHURN", qualification_resulting_decision="No go")
    if status is not None:
        sides.govern.node.set_signoff(sides.artifacts["CHURN"], step, status)


@pytest.mark.parametrize("status", ["WAITING_FOR_FEEDBACK", "WAITING_FOR_APPROVAL", "REJECTED", "ABANDONED"])
def test_t1_open_or_rejected_signoff_is_not_overwritten(sides, status):
    prepared(sides, SignoffStatus[status])
    ran = sides.run("push", "--prefer", "dss")
    assert ran.code == 3
    assert f"the sign-off of step qualification in Govern is {status}" in ran.err
    held = sides.held_by_govern("CHURN")
    assert decided(sides) == "No go"
    assert held["workflow"]["steps"].get("exploration", {}).get("status") != "FINISHED"
    assert held["fields"]["qualification_value_rating"] == "High"  # ratings are not what was signed
    sides.govern.node.locks_workflow = False  # no source tells whether Govern's API refuses what its pages refuse
    assert sides.run("push", "--prefer", "dss", "--force").code == 0
    assert decided(sides) == "Go"


@pytest.mark.parametrize("status", [None, SignoffStatus.APPROVED])
def test_t1_approved_signoff_or_none_lets_it_pass(sides, status):
    prepared(sides, status)
    assert sides.run("push", "--prefer", "dss").code == 0
    assert decided(sides) == "Go"


def test_t1_signoff_not_asked_for_holds_the_end_of_its_step(sides, person):
    sides.project("CHURN")
    sides.run("pull")
    sides.govern.node.set_signoff(sides.artifacts["CHURN"], "qualification", SignoffStatus.NOT_STARTED)
    for _ in range(2):
        person("advance", "CHURN")
    assert sides.run("push").code == 0
    person("step", "finish", "CHURN", "qualification")
    assert sides.run("push").code == 3
    assert sides.held_by_govern("CHURN")["workflow"]["steps"]["qualification"]["status"] == "ONGOING"


ABSENT = object()


def answered(sides, method, pattern, change):
    """Let Govern answer matching requests with what `change` makes of the answer; returns the paths asked for."""
    around, asked = sides.govern.faults.around, []

    def changed(requested, path, answer):
        response = around(requested, path, answer)
        if requested != method or not fnmatchcase(path, pattern):
            return response
        asked.append(path)
        body = change(json.loads(response.get_data()))
        return body if isinstance(body, Response) else Response(json.dumps(body), content_type="application/json")

    sides.govern.faults.around = changed
    return asked


SHOWN = [ABSENT, None, {}, "x", [None], [{}], [{"status": "APPROVED"}], [{"signoffId": {"stepId": "progress"}}]]


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: "absent" if shown is ABSENT else repr(shown))
def test_t1_rejected_signoff_that_the_search_does_not_show(sides, shown):
    prepared(sides, SignoffStatus.REJECTED)

    def change(document):
        for hit in document["uiArtifacts"]:
            hit.pop("signoffs", None)
            if shown is not ABSENT:
                hit["signoffs"] = shown
        return document

    answered(sides, "POST", "/artifacts/search", change)
    assert sides.run("push", "--prefer", "dss").code == 3
    assert decided(sides) == "No go"


LISTED = ["x", {}, None, [None], [{"status": "APPROVED"}], [{"signoffId": {"stepId": "progress"}, "status": 1}]]


@pytest.mark.parametrize("listed", [*LISTED, Response("{}", status=403), Response("{}", status=404)], ids=repr)
def test_t1_unknown_signoffs_are_not_pushed_over(sides, listed):
    prepared(sides, None)
    asked = answered(sides, "GET", "/artifact/*/signoffs", lambda document: listed)
    ran = sides.run("push", "--prefer", "dss")
    assert asked == [f"/artifact/{sides.artifacts['CHURN']}/signoffs"]
    assert ran.code == 3
    assert "its sign-offs in Govern cannot be read" in ran.err
    assert decided(sides) == "No go"
    assert sides.held_by_govern("CHURN")["fields"]["qualification_value_rating"] == "High"


def test_t1_signoffs_are_asked_for_only_where_they_matter(sides):
    for key in ("ONE", "TWO", "SIX"):
        sides.project(key)
    sides.run("pull")
    sides.recorded("ONE", govern_value_rating="High")
    sides.recorded("TWO", govern_decision="Go")
    asked = answered(sides, "GET", "/artifact/*/signoffs", lambda document: document)
    sides.in_govern("SIX", qualification_resulting_decision="Go")
    assert sides.run("both").code == 0
    assert asked == [f"/artifact/{sides.artifacts['TWO']}/signoffs"]


# the base -----------------------------------------------------------------------------------------------------


def in_step_then_decided(sides):
    """Both sides held Go, then Govern decided No go; DSS still holds Go."""
    sides.project("CHURN")
    sides.recorded("CHURN", govern_decision="Go")
    assert sides.run("push").code == 0
    sides.in_govern("CHURN", qualification_resulting_decision="No go")


def forged_prints(record):
    """A base in which Govern's present value was in step, so that DSS seems to have changed it."""
    values = record["sync"]["values"]
    values["qualification.decision"] = fingerprint("No go")


def unseal(record):
    forged_prints(record)
    record["sync"].pop("seal", None)
    record["sync"].pop("key_id", None)


def as_first_version(record):
    forged_prints(record)
    record["sync"] = {name: record["sync"][name] for name in ("node", "artifact", "values")}


FORGERIES = {
    "print": forged_prints,
    "unsealed": unseal,
    "first version": as_first_version,
    "foreign key": lambda record: (forged_prints(record), record["sync"].update(key_id="00000000")),
    "seal of nothing": lambda record: (forged_prints(record), record["sync"].update(seal="")),
    "seal no text": lambda record: (forged_prints(record), record["sync"].update(seal=7, key_id=None)),
    "seal not ASCII": lambda record: (forged_prints(record), record["sync"].update(seal="ü\ud800")),
    "unknown path": lambda record: (forged_prints(record), record["sync"]["values"].update(x="y")),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_t2_forged_base_is_a_conflict(sides, forgery):
    in_step_then_decided(sides)
    forge(sides, "CHURN", FORGERIES[forgery])
    ran = sides.run("both", "--force")
    assert ran.code == 3
    assert "conflicts: 1" in ran.err
    assert decided(sides) == "No go"
    assert sides.held_by_dss("CHURN")["govern_decision"] == "Go"


def test_t2_base_of_another_project_is_none(sides):
    in_step_then_decided(sides)
    sides.project("TWIN")
    sides.recorded("TWIN", govern_decision="No go")
    sides.run("push", "--only", "TWIN")
    other = record_of(sides, "TWIN")["sync"]
    # a sealed base, but of a project where No go was in step
    forge(sides, "CHURN", lambda record: record.update(sync={**other, "artifact": record["sync"]["artifact"]}))
    ran = sides.run("both", "--force", "--only", "CHURN")
    assert ran.code == 3
    assert "does not match its seal" in ran.err
    assert decided(sides) == "No go"


def test_t2_base_in_an_adopted_copy_is_none(sides, person):
    in_step_then_decided(sides)
    sides.dss.create_project("COPY", "Copy")
    sides.dss.edit_metadata("COPY", lambda metadata: metadata["customFields"].update(sides.held_by_dss("CHURN")))
    person("init", "COPY", "--adopt")
    assert "govern_decision" not in sides.held_by_dss("COPY")
    person("qualify", "COPY", "--decision", "go")
    item = sides.govern.node.register_dataiku_project("sandbox", "COPY")
    document = {"fields": {"qualification_resulting_decision": "On hold"}}
    sides.artifacts["COPY"] = sides.govern.node.govern("Copy", item.id, **document).id
    assert "sync" not in record_of(sides, "COPY")
    base = {**record_of(sides, "CHURN")["sync"], "artifact": sides.artifacts["COPY"]}
    forge(sides, "COPY", lambda record: record.update(sync=base))
    ran = sides.run("both", "--force", "--only", "COPY")
    assert ran.code == 3
    assert "conflicts: 1" in ran.err
    assert decided(sides, "COPY") == "On hold"
    assert sides.held_by_dss("COPY")["govern_decision"] == "Go"


NAMES_NOBODY = [(404, {"errorType": NOT_FOUND, "message": "?"}), (200, {"nodeId": None, "nodeType": "GOVERN"})]


@pytest.fixture
def named(sides):
    """Let the Govern node, or DSS, answer something else to who it is, until it is taken back."""

    def named(status, body, node=sides.govern):
        answered = node.faults.around

        def around(method, path, handle):
            other = Response(json.dumps(body), status=status, content_type="application/json")
            return answered(method, path, (lambda: other) if path.rstrip("/") == "/instance-info" else handle)

        node.faults.around = around
        return lambda: setattr(node.faults, "around", answered)

    return named


@pytest.mark.parametrize(("status", "body"), NAMES_NOBODY)
@pytest.mark.parametrize("command", [("status",), ("pull",), ("both", "--prefer", "govern", "--force")], ids="-".join)
def test_t2_nameless_govern_overwrites_nothing_in_step(sides, named, command, status, body):
    sides.project("CHURN")
    sides.in_govern("CHURN", qualification_value_rating="High")
    sides.run("pull")
    sides.recorded("CHURN", govern_value_rating="Low")
    before = sides.held_by_dss("CHURN"), sides.held_by_govern("CHURN")
    take_back = named(status, body)
    ran = sides.run(*command)
    take_back()
    assert ran.code == 1 and "Govern does not say which node it is: nothing was compared" in ran.err
    assert (sides.held_by_dss("CHURN"), sides.held_by_govern("CHURN")) == before
    assert sides.run("both").code == 0
    assert sides.held_by_govern("CHURN")["fields"]["qualification_value_rating"] == "Low"


@pytest.mark.parametrize(("status", "body"), NAMES_NOBODY)
def test_t2_first_sync_with_a_nameless_govern_is_told(sides, named, status, body):
    sides.project("CHURN")
    sides.in_govern("CHURN", qualification_value_rating="High")
    take_back = named(status, body)
    assert "sealed without its name" in sides.run("pull").err
    again = sides.run("both")
    assert (again.code, "sealed without its name" in again.err, again.err.splitlines()[-1]) == (
        0,
        True,
        "Nothing to do",
    )
    take_back()
    sides.in_govern("CHURN", qualification_value_rating="Low")
    ran = sides.run("pull")
    assert ran.code == 3 and "a sync base that names no Govern node, and this is govern" in ran.err
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "High"


def test_t2_base_of_another_govern_node_is_told(sides, named):
    sides.project("CHURN")
    sides.run("pull")
    named(200, {"nodeId": "other", "nodeType": "GOVERN"})
    assert "agreed with the Govern node govern, and this is other" in sides.run("status").err


@pytest.mark.parametrize("create", [(), ("--create",)], ids=["", "create"])
def test_t2_nameless_dss_is_not_compared(sides, named, create):
    sides.project("CHURN")
    before = sides.held_by_govern("CHURN")
    named(200, {"nodeName": "dss", "dssVersion": "14.2.0"}, sides.dss)
    ran = sides.run("push", *create)
    assert ran.code == 1 and "DSS does not say which node it is" in ran.err
    assert sides.held_by_govern("CHURN") == before


def test_t2_after_the_upgrade_equal_values_are_sealed(sides):
    sides.project("CHURN")
    sides.recorded("CHURN", govern_decision="Go", govern_value_rating="High")
    sides.run("push")
    unsealed = {name: record_of(sides, "CHURN")["sync"][name] for name in ("node", "artifact", "values")}
    forge(sides, "CHURN", lambda record: record.update(sync=unsealed))
    first = sides.run("pull")
    assert first.code == 0
    assert "without a seal" in first.err
    assert record_of(sides, "CHURN")["sync"]["seal"]
    again = sides.run("both")
    assert (again.code, "seal" in again.err, again.err.splitlines()[-1]) == (0, False, "Nothing to do")
    # and from now on, what one side changes is known
    sides.in_govern("CHURN", qualification_resulting_decision="No go")
    assert sides.run("both").code == 0
    assert sides.held_by_dss("CHURN")["govern_decision"] == "No go"


def test_t2_key_and_secret_are_not_in_the_record(sides, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("a long secret that all who sync share\n", encoding="utf-8")
    sides.project("CHURN")
    sides.run("pull", "--sync-secret-file", str(secret))
    text = sides.held_by_dss("CHURN")["govern_record"]
    assert "secret that" not in text and sides.govern.api_key not in text
    assert len(record_of(sides, "CHURN")["sync"]["key_id"]) == 8


def test_t2_the_same_secret_counts_with_another_govern_key(sides, tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_bytes(b"\xef\xbb\xbfshared\r\n")
    sides.project("CHURN")
    sides.recorded("CHURN", govern_value_rating="High")
    assert sides.run("push", "--sync-secret-file", str(secret)).code == 0
    key = sides.govern.accounts.create_global_key(admin=True)
    node = ("--govern-url", sides.govern_url, "--govern-api-key", key)
    sides.in_govern("CHURN", qualification_value_rating="Low")
    foreign = sides.run("pull", *node)
    assert foreign.code == 3
    assert "sealed with another key" in foreign.err
    monkeypatch.setenv("DKU_SYNC_SECRET", "shared")
    # the run before has sealed what was in step with its own key: a preference settles the rest
    sides.run("pull", *node, "--prefer", "govern")
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "Low"
    sides.in_govern("CHURN", qualification_value_rating="High")
    assert sides.run("pull").code == 0


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe", None])
def test_t2_sync_secret_that_cannot_be_read_is_refused(sides, tmp_path, content):
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
    ran = sides.run("pull", "--sync-secret-file", str(secret))
    assert ran.code == 2
    assert "secret" in ran.err


# nothing to compare is no all-clear ---------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["status", "pull", "push", "both"])
def test_r12_empty_project_list_is_not_in_step(sides, command):
    ran = sides.run(command)
    assert ran.code == 1
    assert "DSS lists no project" in ran.err


@pytest.mark.parametrize("command", ["status", "pull", "push", "both"])
def test_r12_empty_govern_is_not_in_step(sides, command):
    sides.dss.create_project("CHURN", "Churn")
    ran = sides.run(command)
    assert ran.code == 1
    assert "Govern shows this key no project" in ran.err


@pytest.mark.parametrize("command", [("status",), ("pull",), ("pull", "--dry-run"), ("both",)], ids=" ".join)
def test_r12_unreadable_template_is_not_in_step(sides, command):
    sides.project("CHURN")
    sides.run("pull")
    sides.govern.faults.set("GET /blueprint/*:404")
    ran = sides.run(*command)
    assert ran.code == 1
    assert "1 could not be read" in ran.err


def test_r12_unreadable_template_is_not_in_step_in_json(sides):
    sides.project("CHURN")
    sides.govern.faults.set("GET /blueprint/*:404")
    ran = sides.run("status", "--format", "json")
    assert ran.code == 1
    assert ran.json["unreadable"]


def test_r12_tag_that_no_project_has_is_no_all_clear(sides):
    sides.project("CHURN")
    ran = sides.run("status", "--tag", "chrun")
    assert ran.code == 2
    assert "chrun" in ran.err


# templates ----------------------------------------------------------------------------------------------------


def test_p25_forked_template_is_warned_of_once(sides):
    sides.govern.blueprints.fork("bv.acme", without_fields=["cost_rating", "cost_comments", "start_date"])
    version = {"blueprintId": "bp.system.govern_project", "versionId": "bv.acme"}
    for number in range(4):
        sides.project(f"P{number}", blueprintVersionId=version)
    ran = sides.run("status")
    lines = [line for line in ran.err.splitlines() if "bv.acme" in line]
    assert len(lines) == 1
    for name in ("cost_rating", "cost_comments", "start_date"):
        assert name in lines[0]
