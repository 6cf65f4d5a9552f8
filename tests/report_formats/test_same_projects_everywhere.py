"""One filter means one thing: whichever door and format people use, they see the same projects."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import re

import openpyxl
import pytest

from govern_mirror.actions.report import build_report, parse_filters
from govern_mirror.actions.session import connect_to
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.report.formats import FORMATS
from govern_mirror.report.portfolio import Filters
from govern_mirror_devkit.host import Connection, PluginHost
from govern_mirror_devkit.seeds.stories import COPY, ORIGINAL, STORIES
from govern_mirror_devkit.source import plugin_root

FILTERS = {
    "none": {},
    "tag": {"tag": ["risk"]},
    "two tags": {"tag": ["llm", "marketing"]},
    "step": {"step": ["qualification"]},
    "step by name, and not started": {"step": ["In Progress", "not_started"]},
    "decision": {"decision": ["Go"]},
    "decision in another case, or undecided": {"decision": ["no-go", "undecided"]},
    "initiative in another case": {"initiative": ["CUSTOMER LOYALTY"]},
    "owner": {"owner": ["bruno"]},
    "stale": {"stale": True},
    "stale for 100 days": {"stale": True, "stale_days": 100},
    "in flight": {"in_flight": True},
    "with problems": {"with_problems": True},
    "ungoverned included": {"include_ungoverned": True},
    "ungoverned included, of one owner": {"include_ungoverned": True, "owner": ["bruno", "emma"]},
    "step and decision": {"step": ["progress", "rollout", "delivery", "complete"], "decision": ["Go"]},
    "nothing at all": {"tag": ["nobody has this tag"]},
}
LISTS = ("tag", "step", "decision", "initiative", "owner")
KEYS = [story.key for story in STORIES]


def options(given):
    """The filter on the command line."""
    found = [part for name in LISTS for value in given.get(name, ()) for part in (f"--{name}", value)]
    if given.get("stale"):
        found += ["--stale", given["stale_days"]] if "stale_days" in given else ["--stale"]
    return [
        *found,
        *(
            f"--{name.replace('_', '-')}"
            for name in ("in_flight", "with_problems", "include_ungoverned")
            if name in given
        ),
    ]


def form(given):
    """The filter in the form of macro and recipe: DSS passes whole numbers as floats, choices by their value."""
    found = dict(given)
    found["step"] = [
        step if step in ("not_started", "complete") else STANDARD.step(step).id for step in given.get("step", ())
    ]
    exact = {"no-go": "No go"}
    found["decision"] = [exact.get(decision, decision) for decision in given.get("decision", ())]
    if "stale_days" in given:
        found["stale_days"] = float(given["stale_days"])
    return found


def linked(text):
    """The keys of the projects that a document links to, in what is packed in it too."""
    for packed in re.findall(r"H4sI[A-Za-z0-9+/=]{40,}", text):
        text += gzip.decompress(base64.b64decode(packed)).decode("utf-8")
    # the page's summary names the copies, which are no projects of the report
    text = re.sub(r'"copies":"[A-Z_]+"', "", text)
    return {key for key in KEYS if re.search(rf"(?<![A-Z0-9_]){key}(?![A-Z0-9_])", text)}


def of_workbook(content):
    return {row[0] for row in openpyxl.load_workbook(io.BytesIO(content))["Data"].iter_rows(2, values_only=True)}


def of_table(content):
    return {line.split()[0] for line in content.decode().splitlines() if line.split() and line.split()[0] in KEYS}


READ = {
    "table": of_table,
    "json": lambda content: {project["project_key"] for project in json.loads(content)["projects"]},
    "csv": lambda content: {row["project_key"] for row in csv.DictReader(io.StringIO(content.decode()))},
    "xlsx": of_workbook,
    "html": lambda content: linked(content.decode()),
    "markdown": lambda content: linked(content.decode()),
    "mail": lambda content: linked(content.decode()),
    "plan": lambda content: linked(content.decode()),
}


def through_the_command_line(form_name):
    def ask(demo_sandbox, url, invoke, given):
        ran = invoke(url, demo_sandbox.admin_key, "-q", "report", "--format", form_name, *options(given))
        assert ran.code == 0
        return READ[form_name](ran.out_bytes)

    return ask


def through_python(demo_sandbox, url, invoke, given):
    session = connect_to(url, demo_sandbox.admin_key)
    names = {"tag": "tags", "step": "steps", "decision": "decisions", "initiative": "initiatives", "owner": "owners"}
    typed = {names[name]: tuple(texts) for name, texts in given.items() if name in names}
    flags = {name: value for name, value in given.items() if name not in names}
    filters = parse_filters(session.blueprint, Filters(**typed, **flags))
    return {row.project.facts.project_key for row in build_report(session, filters).portfolio.rows}


def through_the_macro(demo_sandbox, url, invoke, given):
    connection = Connection(url, demo_sandbox.admin_key)
    result = PluginHost(plugin_root()).run_macro(
        "governed-projects-report", params=form(given), project_key=ORIGINAL, connection=connection
    )
    return linked(result.payload)


def through_the_recipe(demo_sandbox, url, invoke, given):
    written = PluginHost(plugin_root()).run_recipe(
        "governed-projects",
        params=form(given),
        project_key=ORIGINAL,
        inputs={},
        outputs={"governed_projects": [f"{ORIGINAL}.governed"]},
        connection=Connection(url, demo_sandbox.admin_key),
    )
    return {row["project_key"] for dataset in written.datasets.values() for row in dataset.rows}


DOORS = {
    **{f"command line, {name}": through_the_command_line(name) for name in ("table", *FORMATS)},
    "Python": through_python,
    "macro": through_the_macro,
    "recipe": through_the_recipe,
}


def expected(projects, given):
    """The filter once more, written plainly over the JSON of all projects."""
    steps = {"In Progress": "progress"}
    decisions = {"no-go": "No go", "undecided": None}
    wanted_steps = {None if step == "not_started" else steps.get(step, step) for step in given.get("step", ())}
    wanted_decisions = {decisions.get(decision, decision) for decision in given.get("decision", ())}
    initiatives = {name.lower() for name in given.get("initiative", ())}
    found = set()
    for project in projects:
        governed = project["state"] == "governed"
        days = project["days_in_step"]
        of_workflow = [
            not wanted_steps or project["current_step"] in wanted_steps,
            not wanted_decisions or project["decision"] in wanted_decisions,
            not initiatives or (project["business_initiative"] or "").lower() in initiatives,
            not given.get("in_flight") or project["stage"] not in ("not_started", "complete", "closed"),
            not given.get("stale") or (days is not None and days >= given.get("stale_days", 30)),
        ]
        flags = given.get("stale") or given.get("in_flight")
        asks_for_workflow = wanted_steps or wanted_decisions or initiatives or flags
        if (
            (governed or "include_ungoverned" in given)
            and (not given.get("tag") or set(given["tag"]) & set(project["tags"]))
            and (not given.get("owner") or project["owner"] in given["owner"])
            and (not given.get("with_problems") or project["problems"])
            and (not asks_for_workflow or (governed and all(of_workflow)))
        ):
            found.add(project["project_key"])
    return found


@pytest.fixture
def everything(demo_sandbox, demo_url, invoke):
    """All projects of the demo as JSON."""
    options = ("-q", "report", "--format", "json", "--include-ungoverned")
    return invoke(demo_url, demo_sandbox.admin_key, *options).json["projects"]


def test_every_format_has_a_reader_here():
    assert set(READ) == {"table", *FORMATS}


def test_the_filters_here_do_tell_projects_apart(everything):
    found = [frozenset(expected(everything, given)) for given in FILTERS.values()]
    assert {project["project_key"] for project in everything} == set(KEYS)
    assert COPY in found[list(FILTERS).index("ungoverned included")]
    # but for the one that finds nothing, none is without effect
    assert all(found[:-1])
    assert not found[-1]
    assert len(set(found)) > 12


@pytest.mark.parametrize("given", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("door", DOORS)
def test_the_same_filter_gives_the_same_projects(door, given, demo_sandbox, demo_url, invoke, everything):
    assert DOORS[door](demo_sandbox, demo_url, invoke, given) == expected(everything, given)
