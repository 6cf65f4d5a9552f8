"""`sync … --out plan.json`, `sync apply plan.json`: a file that anyone can edit is a request, and never an order."""

import json
import os

import pytest


@pytest.fixture
def transport():
    """What a file may say does not depend on the transport."""
    return "mounted"


@pytest.fixture
def saved(sides, tmp_path):
    """Three projects, of which Govern changed one; the plan that pulls it, saved."""
    for key in ("ONE", "TWO", "SIX"):
        sides.project(key)
    sides.run("pull")
    sides.in_govern("ONE", qualification_value_rating="High")
    path = tmp_path / "plan.json"
    assert sides.run("pull", "--out", str(path)).code == 0
    return path


def edited(path, change):
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def one_more_project(plan):
    [one] = plan["projects"]
    plan["projects"].append({**one, "project_key": "TWO", "differences": []})


def one_more_write(plan):
    [one] = plan["projects"]
    one["writes"]["qualification.decision"] = "Go"


def another_value(plan):
    plan["projects"][0]["writes"]["qualification.value.rating"] = "Low"


def a_write_to_govern(plan):
    part = {
        "id": "ar.2",
        "name": "One",
        "writes": {"qualification.decision": "Go"},
        "seen": {},
        "project_keys": ["ONE"],
    }
    plan["counterparts"].append(part)


def another_base(plan):
    plan["projects"][0]["base"]["qualification.decision"] = "0" * 32


def twice(plan):
    plan["projects"].append(plan["projects"][0])


def nothing(plan):
    plan["projects"].clear()


def another_direction(plan):
    plan["direction"] = "push"


def another_node(plan):
    plan["govern_node_id"] = "other"


UNLIKE = [
    one_more_project, one_more_write, another_value, a_write_to_govern, another_base, twice, nothing, another_direction,
    another_node,
]  # fmt: skip


@pytest.mark.parametrize("options", [(), ("--force",), ("--dry-run",)], ids=lambda options: "".join(options) or "plain")
@pytest.mark.parametrize("change", UNLIKE, ids=lambda change: change.__name__)
def test_t9_edited_plan_is_refused_and_writes_nothing(sides, saved, change, options):
    edited(saved, change)
    before = [sides.held_by_dss(key) for key in ("ONE", "TWO", "SIX")]
    govern = [sides.held_by_govern(key) for key in ("ONE", "TWO", "SIX")]
    ran = sides.run("apply", str(saved), *options)
    assert ran.code == 1
    assert "nothing was written" in ran.err
    assert ran.out == ""
    assert [sides.held_by_dss(key) for key in ("ONE", "TWO", "SIX")] == before
    assert [sides.held_by_govern(key) for key in ("ONE", "TWO", "SIX")] == govern


def test_t9_what_is_shown_is_what_is_written(sides, saved):
    edited(saved, lambda plan: plan["projects"][0]["differences"].clear())
    ran = sides.run("apply", str(saved))
    assert ran.code == 1
    assert "govern_value_rating" not in sides.held_by_dss("ONE")


def test_t9_threshold_counts_anew(sides, tmp_path):
    for number in range(10):
        sides.project(f"P{number}")
    sides.run("pull")
    for number in range(4):
        sides.in_govern(f"P{number}", qualification_value_rating="High")
    path = tmp_path / "plan.json"
    sides.run("pull", "--out", str(path))
    edited(path, lambda plan: plan.update(compared=9000))
    assert "would be refused without --force: 4 of 10" in sides.run("apply", str(path), "--dry-run").err
    assert sides.run("apply", str(path)).code == 1
    assert "govern_value_rating" not in sides.held_by_dss("P0")
    assert sides.run("apply", str(path), "--force").code == 0


def test_t9_saved_plan_keeps_its_scope(sides, saved, tmp_path):
    sides.in_govern("TWO", qualification_value_rating="Low")
    path = tmp_path / "one.json"
    assert sides.run("pull", "--only", "ONE", "--out", str(path)).code == 0
    assert sides.run("apply", str(path)).code == 0
    assert sides.held_by_dss("ONE")["govern_value_rating"] == "High"
    assert "govern_value_rating" not in sides.held_by_dss("TWO")


def test_t9_plan_over_signoffs_needs_force_again(sides, tmp_path):
    from govern_mirror_devkit.sandbox.govern.signoffs import SignoffStatus

    sides.project("CHURN")
    sides.run("pull")
    sides.recorded("CHURN", govern_decision="Go")
    sides.govern.node.set_signoff(sides.artifacts["CHURN"], "qualification", SignoffStatus.REJECTED)
    path = tmp_path / "plan.json"
    assert sides.run("push", "--force", "--out", str(path)).code == 0
    refused = sides.run("apply", str(path))
    assert (refused.code, "--force" in refused.err) == (1, True)
    assert not sides.held_by_govern("CHURN")["fields"].get("qualification_resulting_decision")
    assert sides.run("apply", str(path), "--force").code == 0
    assert sides.held_by_govern("CHURN")["fields"]["qualification_resulting_decision"] == "Go"


def test_t9_plan_of_version_1_is_made_again(sides, saved):
    edited(saved, lambda plan: plan.update(format_version=1))
    ran = sides.run("apply", str(saved))
    assert ran.code == 2
    assert "make the plan again" in ran.err


def at(*path, value):
    def change(plan):
        *parents, last = path
        for name in parents:
            plan = plan[name]
        plan[last] = value

    return change


DAMAGED = {
    "unknown field": at("projects", 0, "writes", "qualification.nonsense", value="x"),
    "unknown field in seen": at("projects", 0, "seen", "nonsense", value="x"),
    "unknown field in base": at("projects", 0, "base", "nonsense", value="x"),
    "unknown field of a difference": at("projects", 0, "differences", 0, "field", value="nonsense"),
    "unknown step": at("projects", 0, "writes", "workflow", value="nonsense FINISHED"),
    "unknown status": at("projects", 0, "writes", "workflow", value="exploration HALFWAY"),
    "half a workflow": at("projects", 0, "writes", "workflow", value="exploration"),
    "unknown rating": at("projects", 0, "writes", "qualification.value.rating", value="Enormous"),
    "no date": at("projects", 0, "writes", "overview.start_date", value="soon"),
    "a number for a text": at("projects", 0, "writes", "qualification.value.rating", value=1),
    "a text for a flag": at("projects", 0, "creates", value="true"),
    "a number for a flag": at("projects", 0, "creates", value=1),
    "a text for a list": at("projects", value="x"),
    "null for a list": at("projects", value=None),
    "an entry that is none": at("projects", 0, value=7),
    "unknown outcome": at("projects", 0, "differences", 0, "outcome", value="to-mars"),
    "unknown direction": at("direction", value="sideways"),
    "a huge number": at("compared", value="1" * 5000),
    "no version": at("format_version", value=None),
    "true as version": at("format_version", value=True),
    "a list as version": at("format_version", value=[2]),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_r10_damaged_plan_names_what_is_wrong(sides, saved, damage):
    edited(saved, DAMAGED[damage])
    for options in ((), ("--dry-run",)):
        ran = sides.run("apply", str(saved), *options)
        assert ran.code == 2, ran
        assert str(saved) in ran.err.replace("\n", "")
        assert len(ran.err) < 1000
    assert "govern_value_rating" not in sides.held_by_dss("ONE")


CONTENTS = {
    "empty": b"", "not JSON": b"{", "a list": b"[]", "nested": b"[" * 100_000, "UTF-16": '{"kind": 1}'.encode("utf-16"),
    "a huge number": b'{"compared": ' + b"1" * 5000 + b"}", "not UTF-8": b'{"kind": "\xff"}', "NaN": b"NaN",
}  # fmt: skip


@pytest.mark.parametrize("content", CONTENTS)
def test_r10_file_that_is_no_plan_is_refused(sides, tmp_path, content):
    path = tmp_path / "plan.json"
    path.write_bytes(CONTENTS[content])
    ran = sides.run("apply", str(path))
    assert ran.code == 2
    assert len(ran.err) < 1000


def test_r10_pipe_that_nobody_writes_to_does_not_hang(sides, tmp_path, monkeypatch):
    monkeypatch.setattr("govern_mirror.files.PIPE_TIMEOUT", 0.1)
    path = tmp_path / "plan.json"
    os.mkfifo(path)
    ran = sides.run("apply", str(path))
    assert ran.code == 2
    assert "plan.json" in ran.err.replace("\n", "")


def test_p10_plan_with_a_byte_order_mark_is_read(sides, saved):
    saved.write_bytes(b"\xef\xbb\xbf" + saved.read_bytes())
    assert sides.run("apply", str(saved)).code == 0
    assert sides.held_by_dss("ONE")["govern_value_rating"] == "High"
