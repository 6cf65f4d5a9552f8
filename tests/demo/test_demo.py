"""The demo's report says what is in the sandbox: every number is computed anew from the raw metadata."""

import base64
import csv
import gzip
import io
import json
import re
from collections import Counter
from datetime import datetime, timezone

from govern_mirror_devkit.seeds.releases import MODEL_ID, PROJECT, REJECTED_BUNDLE, REPLACED_BUNDLE
from govern_mirror_devkit.seeds.reviews import HUB
from govern_mirror_devkit.seeds.stories import STORIES, EditEvent

EDITED_BY_HAND = {story.key for story in STORIES if any(isinstance(event, EditEvent) for event in story.events)}
"""What they show may differ from their fields until somebody records the edit."""

STEPS = ("exploration", "qualification", "progress", "rollout", "delivery")
SCORE = {"Low": 20, "Medium low": 40, "Medium high": 60, "High": 80}
DECISIONS = ("Go", "No go", "On hold")


def statuses(fields):
    return [fields.get(f"govern_status_{step}", "NOT_STARTED") for step in STEPS]


def current(fields):
    found = statuses(fields)
    for step, status in zip(STEPS, found, strict=True):
        if status == "ONGOING":
            return step
    if set(found) == {"NOT_STARTED"}:
        return "not_started"
    return STEPS[found.index("NOT_STARTED")] if "NOT_STARTED" in found else "complete"


def governed(demo):
    """Fields and record by key, of the projects whose record is their own."""
    found = {}
    for key, metadata in demo.metadata.items():
        fields = metadata["customFields"]
        if "govern_record" in fields and json.loads(fields["govern_record"])["project_key"] == key:
            found[key] = (fields, json.loads(fields["govern_record"]))
    return found


def days_at(fields, record, now):
    """Whole days since the current step started; None when nothing goes on."""
    found, at = statuses(fields), current(fields)
    if at == "not_started" or set(found) <= {"FINISHED", "SKIPPED"}:
        return None
    started = datetime.fromisoformat(record["steps"][at]["started_on"].replace("Z", "+00:00"))
    return (now - started).days


def test_the_demo_ends_well_and_names_the_reports_it_leaves(demo):
    assert demo.code == 0
    for name in ("report.html", "report.json", "report.csv"):
        assert str(demo.folder / name) in demo.out
        assert (demo.folder / name).stat().st_size > 1000


def test_the_portfolio_is_worth_looking_at(demo):
    assert set(demo.metadata) == {story.key for story in STORIES} | {HUB}
    initiatives = {fields.get("govern_business_initiative") for fields, _ in governed(demo).values()}
    assert len(initiatives) >= 4
    assert {current(fields) for fields, _ in governed(demo).values()} == {"not_started", *STEPS[:-1], "complete"}
    sources = {event["source"] for project in governed(demo).values() for event in project[1]["events"]}
    assert sources >= {"macro", "api"}


def test_the_counts_are_those_of_the_stored_values(demo):
    now = datetime.fromisoformat(demo.report["generated_on"].replace("Z", "+00:00"))
    assert abs((datetime.now(timezone.utc) - now).total_seconds()) < 3600
    found, summary = governed(demo), demo.report["summary"]
    assert summary["projects"] == len(demo.metadata)
    assert summary["governed"] == len(found) == len(demo.report["projects"])
    steps = Counter(current(fields) for fields, _ in found.values())
    assert summary["by_step"] == {stage: steps[stage] for stage in ("not_started", *STEPS, "complete", "closed")}
    decisions = Counter(fields.get("govern_decision", "undecided") for fields, _ in found.values())
    assert summary["by_decision"] == {name: decisions[name] for name in (*DECISIONS, "undecided")}
    ages = [days_at(fields, record, now) for fields, record in found.values()]
    assert summary["stale"] == sum(age is not None and age >= 30 for age in ages)
    copies = [key for key, m in demo.metadata.items() if "govern_record" in m["customFields"] and key not in found]
    assert summary["copied"] == len(copies) == 1


def test_only_the_project_that_was_broken_by_hand_has_problems(demo):
    broken = {}
    for key, (fields, _) in governed(demo).items():
        wrong = [name for name in ("value", "risk") if fields.get(f"govern_{name}_rating", "Low") not in SCORE]
        dates = [fields.get(f"govern_{name}") for name in ("start_date", "target_end_date")]
        wrong += [date for date in dates if date and not date[:4].isdigit()]
        seen_open = False
        for status in statuses(fields):
            if seen_open and status != "NOT_STARTED":
                wrong.append("order")
            seen_open = seen_open or status in ("NOT_STARTED", "ONGOING")
        if wrong:
            broken[key] = len(wrong)
    assert {row["project_key"]: len(row["problems"]) for row in demo.report["projects"] if row["problems"]} == broken
    assert demo.report["summary"]["problems"] == len(broken) == 1


def test_each_row_is_what_is_stored(demo):
    now = datetime.fromisoformat(demo.report["generated_on"].replace("Z", "+00:00"))
    found = governed(demo)
    for row in demo.report["projects"]:
        fields, record = found[row["project_key"]]
        assert row["name"] == demo.metadata[row["project_key"]]["label"]
        assert [row["steps"][step]["status"] for step in STEPS] == statuses(fields)
        stage = current(fields)
        assert row["stage"] == stage
        assert (row["current_step"] or "not_started") == (STEPS[-1] if stage == "complete" else stage)
        assert row["finished"] == sum(status in ("FINISHED", "SKIPPED") for status in statuses(fields))
        assert row["days_in_step"] == days_at(fields, record, now)
        assert row["revision"] == record["revision"]
        for name in ("value", "risk", "feasibility", "cost"):
            stored = fields.get(f"govern_{name}_rating")
            assert row[name] == (stored if stored in SCORE else None)
        assert row["priority"] == priority(row)


def priority(row):
    if row["value"] is None or row["risk"] is None:
        return None
    parts = [SCORE[row["value"]], 100 - SCORE[row["risk"]]]
    parts += [SCORE[row["feasibility"]]] if row["feasibility"] else []
    parts += [100 - SCORE[row["cost"]]] if row["cost"] else []
    return round(sum(parts) / len(parts), 2)


def test_the_highest_priority_comes_first(demo):
    found = [-1 if row["priority"] is None else row["priority"] for row in demo.report["projects"]]
    assert found == sorted(found, reverse=True)


def test_csv_page_macro_and_dataset_hold_the_same_projects(demo):
    keys = [row["project_key"] for row in demo.report["projects"]]
    assert [row["project_key"] for row in csv.DictReader(io.StringIO(demo.read("report.csv")))] == keys
    packed = re.search(r'id="data">([^<]+)<', demo.read("report.html"))[1]
    assert json.loads(gzip.decompress(base64.b64decode(packed)))["columns"]["key"] == keys
    result = demo.read("macro-result.html")
    places = [result.index(f"<bdi>{key}</bdi>") for key in keys]
    assert places == sorted(places)
    admin = demo.sandbox.admin
    rows = demo.sandbox.datasets.rows(admin, "CHURN", "governed_projects")
    assert [row["project_key"] for row in rows] == keys


def test_people_see_the_workflow_in_the_project_itself(demo):
    for key, (fields, _) in governed(demo).items():
        if key in EDITED_BY_HAND:
            continue
        metadata = demo.metadata[key]
        lists = [each for each in metadata["checklists"]["checklists"] if each["title"] == "Govern workflow"]
        assert len(lists) == 1
        written = [fields.get(f"govern_status_{step}") in ("FINISHED", "SKIPPED") for step in STEPS]
        assert [item["done"] for item in lists[0]["items"]] == written
        tags = [tag for tag in metadata["tags"] if tag.startswith("govern:")]
        assert len(tags) == (0 if current(fields) == "not_started" else 1)


def test_the_demo_has_bundles_and_versions_that_change_no_project(demo):
    sandbox = demo.sandbox
    bundles = {each["bundleId"]: each for each in json.loads(sandbox.bundles.listed(sandbox.admin, PROJECT))["bundles"]}
    exported = {bundle_id: each["exportManifest"]["exportUserInfo"] for bundle_id, each in bundles.items()}
    assert {bundle_id: info["exportedBy"] for bundle_id, info in exported.items()} == {
        REJECTED_BUNDLE: "chen",
        REPLACED_BUNDLE: "bruno",
    }
    versions = sandbox.saved_models.versions(sandbox.admin, PROJECT, MODEL_ID)
    assert [(version["id"], version["active"]) for version in versions] == [
        ("spring", False), ("summer", True), ("autumn", False),
    ]  # fmt: skip
    trained = [version["snippet"]["trainDate"] for version in versions]
    assert trained == sorted(trained) and exported[REPLACED_BUNDLE]["exportedOn"] > trained[-1]
    # the stories' last word on the project stays the last
    assert "BUNDLE" not in str(sandbox.projects.timeline(sandbox.admin, PROJECT, 100)["items"])
