"""`init`, `qualify` and `set` on templates of every kind, and what people read afterwards."""

from __future__ import annotations

import contextlib
import json
from datetime import date

import pytest
from click.testing import CliRunner
from template_files import settings_file
from templates import BARE, EVERY_KIND, LONG, STANDARD

from govern_mirror.cli.main import main
from govern_mirror.model.blueprint import OVERVIEW
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance

ADDRESS = "https://dss.example.com"


@pytest.fixture
def sandbox():
    with contextlib.closing(Sandbox()) as sandbox:
        sandbox.create_project("CHURN", "Churn prediction")
        with mock_instance(sandbox, ADDRESS):
            yield sandbox


@pytest.fixture
def run(sandbox, monkeypatch, tmp_path):
    """Run a command; `template` is that of the settings."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DKU_DSS_URL", ADDRESS)
    monkeypatch.setenv("DKU_API_KEY", sandbox.admin_key)

    def run(*arguments, template=STANDARD):
        before = ()
        if template is not STANDARD:
            before = ("--settings", str(settings_file(template, tmp_path / template.id)))
        return CliRunner().invoke(main, [*before, *arguments], catch_exceptions=False)

    return run


@pytest.fixture
def shown(run):
    def shown(template=STANDARD):
        return json.loads(run("show", "CHURN", "--format", "json", template=template).stdout)

    return shown


def fields(sandbox):
    return sandbox.metadata("CHURN")["customFields"]


def words(text):
    return " ".join(text.split())


# options -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", [STANDARD, EVERY_KIND, BARE, LONG], ids=lambda each: each.name)
def test_help_of_init_shows_the_templates_fields(run, template):
    text = words(run("init", "--help", template=template).stdout)
    for field in template.section(OVERVIEW):
        assert f"--{field.name.replace('_', '-')} " in text
        assert all(choice in text for choice in field.choices)


def test_help_of_qualify_shows_the_templates_choices(run):
    text = words(run("qualify", "--help", template=LONG).stdout)
    assert "Minor, Major, Vital" in text and "Approved, Rejected, Needs work, Parked" in text
    assert "--value, --worth RATING" in text and "--decision, --verdict CATEGORY" in text
    assert "Medium low" not in text and "--feasibility-comment" not in text


def test_options_of_before_still_work(run, sandbox):
    ran = run(
        "init", "CHURN", "--initiative", "Loyalty", "--sponsor", "Ada", "--start-date", "2026-01-05",
        "--target-end-date", "2026-09-30", "--value", "high", "--risk", "medium_low",
    )  # fmt: skip
    assert ran.exit_code == 0
    qualified = run(
        "qualify", "CHURN", "--feasibility", "low", "--feasibility-comment", "Small team", "--cost", "High",
        "--decision", "go", "--notes", "Seen", "--project-plan", "Plan=https://example.com/plan", "--confirm",
    )  # fmt: skip
    assert qualified.exit_code == 0
    held = fields(sandbox)
    assert held["govern_business_initiative"] == "Loyalty" and held["govern_target_end_date"] == "2026-09-30"
    assert held["govern_decision"] == "Go" and held["govern_notes_qualification"] == "Seen"
    assert held["govern_project_plan"] == [{"from": "Plan", "to": "https://example.com/plan"}]


def test_init_and_qualify_fill_a_long_template(run, sandbox):
    ran = run("init", "CHURN", "--programme", "Growth", "--sponsor", "Ada, Bob", "--value", "vital", template=LONG)
    assert ran.exit_code == 0, ran.stderr
    ran = run("qualify", "CHURN", "--exposure", "minor", "--decision", "needs work", template=LONG)
    assert ran.exit_code == 0, ran.stderr
    held = fields(sandbox)
    assert held["govern_overview_owners"] == "Ada, Bob"
    assert held["govern_assessment_worth"] == "Vital" and held["govern_assessment_verdict"] == "Needs work"


def test_an_option_of_another_template_is_refused(run, sandbox):
    ran = run("init", "CHURN", "--business-initiative", "Loyalty", template=LONG)
    assert ran.exit_code == 2 and "No such option" in ran.stderr
    assert "govern_record" not in fields(sandbox)


# init tells what it kept -------------------------------------------------------------------------------------------


def test_init_says_what_it_kept(run, sandbox):
    run("init", "CHURN", "--initiative", "Loyalty")
    ran = run("init", "CHURN", "--initiative", "Growth", "--sponsor", "Ada")
    assert "kept: Business initiative is Loyalty: change it with `govern-mirror set CHURN`" in words(ran.stdout)
    assert fields(sandbox)["govern_business_initiative"] == "Loyalty" and fields(sandbox)["govern_sponsor"] == "Ada"


def test_init_says_nothing_of_equal_values(run):
    run("init", "CHURN", "--initiative", "Loyalty")
    assert "kept" not in run("init", "CHURN", "--initiative", "Loyalty").stdout


# set ---------------------------------------------------------------------------------------------------------------

EVERY_VALUE = {
    "extra.rating_of_more": ("high", "High"),
    "extra.colour": ("light_blue", "Light blue"),
    "extra.colours": ("red, dark green", ["Red", "Dark-green"]),
    "extra.day": ("2026-03-01", "2026-03-01"),
    "extra.line": ("one line", "one line"),
    "extra.text": ("two\nlines = text", "two\nlines = text"),
    "extra.number": ("0.5", 0.5),
    "extra.flag": ("no", "false"),
    "extra.links": ("Plan=https://example.com/a", [{"from": "Plan", "to": "https://example.com/a"}]),
    "extra.reference": ("T-1", "T-1"),
    "extra.people": ("Ada, Bob", "Ada, Bob"),
}


def test_set_takes_and_clears_a_field_of_each_kind(run, sandbox):
    run("init", "CHURN", template=EVERY_KIND)
    given = [f"{path}={typed}" for path, (typed, _) in EVERY_VALUE.items()]
    assert run("set", "CHURN", *given, template=EVERY_KIND).exit_code == 0
    stored = {path: EVERY_KIND.by_path[path].stored for path in EVERY_VALUE}
    assert {path: fields(sandbox)[name] for path, name in stored.items()} == {p: v for p, (_, v) in EVERY_VALUE.items()}
    cleared = run("set", "CHURN", *(f"{path}=none" for path in EVERY_VALUE), template=EVERY_KIND)
    assert cleared.exit_code == 0
    assert not [name for name in stored.values() if fields(sandbox).get(name) not in (None, "", [])]


@pytest.mark.parametrize("name", ["qualification.risk.rating", "risk", "Risk rating", "risk_rating"])
def test_set_finds_a_field_by_path_name_or_label(run, sandbox, name):
    run("init", "CHURN")
    ran = run("set", "CHURN", f"{name}=high")
    assert ran.exit_code == 0 and fields(sandbox)["govern_risk_rating"] == "High"
    assert ran.stderr.strip() == "CHURN: Risk rating is now High"


def test_set_adds_a_document(run, sandbox):
    run("init", "CHURN")
    run("set", "CHURN", "plan=A=https://example.com/a")
    run("set", "CHURN", "Project plan=https://example.com/b")
    assert [each["to"] for each in fields(sandbox)["govern_project_plan"]] == [
        "https://example.com/a",
        "https://example.com/b",
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("steps.exploration.status=FINISHED", "use `govern-mirror advance` or `govern-mirror step`"),
        ("risk=huge", "Risk rating: unknown rating 'huge'"),
        ("risk-rating=huge", "Risk rating: unknown rating 'huge'"),
        ("nosuch=1", "Error: unknown field 'nosuch'"),
        ("sponsor", "is not PATH=VALUE"),
        ("sponsor=", "is not PATH=VALUE"),
        ("=Ada", "is not PATH=VALUE"),
    ],
)
def test_set_refuses_what_is_not_valid(run, sandbox, given, said):
    run("init", "CHURN")
    before = sandbox.metadata("CHURN")
    ran = run("set", "CHURN", given, "initiative=Loyalty")
    assert ran.exit_code == 2 and said in words(ran.stderr)
    assert sandbox.metadata("CHURN") == before


def test_set_refuses_a_field_given_twice(run):
    run("init", "CHURN")
    assert run("set", "CHURN", "sponsor=Ada", "sponsor=Bob").exit_code == 2
    assert "given twice" in run("set", "CHURN", "sponsor=Ada", "Sponsor=Bob").stderr


def test_set_refuses_a_stale_revision(run, sandbox, shown):
    run("init", "CHURN", "--sponsor", "Ada")
    revision = shown()["revision"]
    run("set", "CHURN", "sponsor=Bob")
    before = sandbox.metadata("CHURN")
    ran = run("set", "CHURN", "sponsor=Eve", "--expect", str(revision))
    assert ran.exit_code == 1
    assert f"CHURN is at revision {revision + 1}, not {revision}" in ran.stderr
    assert sandbox.metadata("CHURN") == before
    assert run("set", "CHURN", "sponsor=Eve", "--expect", str(revision + 1)).exit_code == 0


def test_a_dry_run_of_set_writes_nothing(run, sandbox):
    run("init", "CHURN")
    before = sandbox.metadata("CHURN")
    ran = run("set", "CHURN", "sponsor=Ada", "--dry-run")
    assert ran.exit_code == 3 and "Sponsor would be Ada" in ran.stderr
    assert sandbox.metadata("CHURN") == before


# words for people --------------------------------------------------------------------------------------------------


def test_changes_are_told_with_labels(run):
    run("init", "CHURN")
    ran = run("advance", "CHURN")
    assert "Exploration: status" in ran.stdout and "Not started" in ran.stdout and "On going" in ran.stdout
    assert "NOT_STARTED" not in ran.stdout and "steps." not in ran.stdout


def test_each_move_ends_with_where_the_project_is(run):
    run("init", "CHURN")
    run("advance", "CHURN")
    assert "CHURN is now at Qualification (2 of 5)" in run("advance", "CHURN").stderr
    run("init", "CHURN", template=STANDARD)
    assert "CHURN: Qualification is now finished" in run("step", "finish", "CHURN", "qualification").stderr


@pytest.mark.parametrize("template", [STANDARD, EVERY_KIND, BARE, LONG], ids=lambda each: each.name)
def test_show_tells_every_value_with_its_label(run, template):
    run("init", "CHURN", "--value", template.rating_names[-1], template=template)
    run("advance", "CHURN", template=template)
    ran = run("show", "CHURN", template=template)
    assert ran.exit_code == 0
    comments = {field.comment_path for field in template.assessed}
    assert [f.label for f in template.fields if f.path not in comments and f.label not in ran.stdout] == []
    assert f"{template.steps[0].name}: On going" in ran.stdout
    assert "ONGOING" not in ran.stdout and "rating.origin" not in ran.stdout


def test_json_keeps_paths(run, shown):
    run("init", "CHURN")
    run("set", "CHURN", "risk=High")
    assert "qualification.risk.rating" in {event["what"] for event in shown()["events"]}


def test_hints_are_commands(run):
    ran = run("advance", "CHURN")
    assert ran.exit_code == 1
    assert "CHURN is not governed yet: run `govern-mirror init CHURN` first" in ran.stderr


def test_a_mistyped_command_is_recognised(run):
    assert "Is `qualify` meant?" in run("qualfy").stderr
    assert "meant" not in run("xyzxyz").stderr


def test_a_mistyped_project_key_is_recognised(run):
    assert "is CHURN meant?" in run("show", "CHRUN").stderr
    assert "is CHURN meant?" in words(run("init", "churn").stdout)


def test_an_unlike_key_is_not_guessed(run):
    assert "meant" not in run("show", "ZZZ").stderr


def test_days_stay_days(run, shown):
    run("init", "CHURN", "--begins", "2026-02-01", template=LONG)
    assert date.fromisoformat(fields_of(shown(LONG))["overview.begins"]) == date(2026, 2, 1)


def fields_of(document):
    return {f"overview.{name}": value for name, value in document["overview"].items()}


@pytest.mark.parametrize("number", ["123456789.12345679", "0.30000000000000004", "999999999999999", "1e-7", "0.1"])
@pytest.mark.parametrize("kind", ["yaml", "csv", "xlsx"])
def test_a_number_that_is_exported_and_not_edited_stays(run, tmp_path, kind, number):
    assert run("init", "CHURN", template=EVERY_KIND).exit_code == 0
    assert run("set", "CHURN", f"extra.number={number}", template=EVERY_KIND).exit_code == 0
    file = tmp_path / f"plan.{kind}"
    form = ("--format", "plan") if kind == "yaml" else ()
    assert run("report", *form, "-o", str(file), template=EVERY_KIND).exit_code == 0
    ended = run("sync", "apply", str(file), "--dry-run", template=EVERY_KIND)
    assert ended.exit_code == 0, ended.output
