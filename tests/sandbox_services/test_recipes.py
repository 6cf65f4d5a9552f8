"""The recipe through the API: created, built by a job, read back with its types."""

from __future__ import annotations

from datetime import date

import pytest
from dataikuapi.dss.job import DSSJobWaiter
from dataikuapi.utils import DataikuException

TYPE = "CustomCode_governed-projects"


@pytest.fixture
def place(project):
    """Put the recipe into project P's flow."""
    project.client._perform_json("POST", "/projects/P/datasets/managed", body={"name": "governed"})

    def place(form=None, **given):
        prototype = {
            "type": TYPE, "name": "compute_governed", "inputs": {},
            "outputs": {"governed_projects": {"items": [{"ref": "governed", "appendMode": False}]}},
            "params": {"customConfig": form or {}}, **given,
        }  # fmt: skip
        return project.create_recipe(prototype, {})

    return place


@pytest.fixture
def govern(macro_of, client):
    def govern(**form):
        macro = macro_of(client, "initialize-workflow")
        macro.get_result(macro.run(form))

    return govern


def built(project, name="governed"):
    job = project.new_job().with_output(name).start()
    return DSSJobWaiter(job).wait(no_fail=True), job


def test_a_job_fills_the_dataset_with_a_typed_row_a_governed_project(project, place, govern):
    govern(value_rating="High", risk_rating="Low", start_date="2026-03-01")
    recipe = place()
    assert recipe.name == "compute_governed" and built(project)[0] == "DONE"
    dataset = project.get_dataset("governed")
    types = {column["name"]: column["type"] for column in dataset.get_schema()["columns"]}
    assert [types[name] for name in ("project_key", "value_score", "priority", "start_date", "stale")] == [
        "string", "bigint", "double", "date", "boolean",
    ]  # fmt: skip
    (row,) = dataset.iter_rows()
    found = dict(zip(types, row, strict=True))
    assert (found["project_key"], found["value"], found["value_score"]) == ("P", "High", 80)
    assert (found["start_date"].date(), found["stale"], found["decision"]) == (date(2026, 3, 1), False, "")


def test_the_recipes_form_decides_which_rows_come(project, place, govern, sandbox):
    sandbox.create_project("Q")
    govern()
    recipe = place({"include_ungoverned": True})
    built(project)
    assert sorted(row[0] for row in project.get_dataset("governed").iter_rows()) == ["P", "Q"]
    settings = recipe.get_settings()
    settings.get_recipe_raw_definition()["params"]["customConfig"] = {"step": ["delivery"]}
    settings.save()
    built(project)
    assert list(project.get_dataset("governed").iter_rows()) == []


def test_tabs_quotes_and_line_breaks_in_texts_survive_being_read(project, place, sandbox):
    name = 'Ada\t"the 1st"\nof Lovelace, é'
    sandbox.create_project("Q", name)
    place({"include_ungoverned": True})
    built(project)
    dataset = project.get_dataset("governed")
    assert [name, "Q"] in list(dataset.iter_rows(columns=["name", "project_key"]))


def test_each_build_writes_the_dataset_anew(project, place, govern):
    govern()
    place()
    for _ in range(2):
        assert built(project)[0] == "DONE"
    assert len(list(project.get_dataset("governed").iter_rows())) == 1


@pytest.mark.parametrize("ref", ["governed", "P.governed"])
def test_a_recipe_that_appends_keeps_the_rows_of_earlier_builds(project, place, govern, ref):
    govern()
    place(outputs={"governed_projects": {"items": [{"ref": ref, "appendMode": True}]}})
    for _ in range(2):
        assert built(project, ref)[0] == "DONE"
    assert [row[0] for row in project.get_dataset("governed").iter_rows()] == ["P", "P"]


def test_a_build_sees_only_what_its_user_may_see(project, place, govern, sandbox, people):
    sandbox.create_project("SECRET")
    govern(scope="all")
    place()
    built(people.writer.get_project("P"))
    assert [row[0] for row in project.get_dataset("governed").iter_rows()] == ["P"]


def test_a_failing_build_says_why_in_its_log_and_keeps_the_rows(project, place, govern):
    govern()
    recipe = place()
    built(project)
    settings = recipe.get_settings()
    settings.get_recipe_raw_definition()["params"]["customConfig"] = {"stale": True, "stale_days": 0}
    settings.save()
    state, job = built(project)
    assert state == "FAILED"
    assert "[compute_governed] FAILED" in job.get_log() and "takes a number of days from 1" in job.get_log()
    activity = job.get_status()["baseStatus"]["activities"]["compute_governed"]
    assert "number of days" in activity["firstFailure"]["message"]
    assert len(list(project.get_dataset("governed").iter_rows())) == 1


def test_a_dataset_that_no_recipe_builds_fails_the_job(project):
    project.client._perform_json("POST", "/projects/P/datasets/managed", body={"name": "lonely"})
    state, job = built(project, "lonely")
    assert state == "FAILED" and "No recipe of project P builds lonely" in job.get_log()
    with pytest.raises(DataikuException, match="Status: FAILED"):
        project.new_job().with_output("lonely").start_and_wait()


def test_the_recipe_shows_in_the_flow_before_its_dataset(project, place):
    place()
    flow = project.get_flow().get_graph().data["nodes"]
    assert flow["governed"]["predecessors"] == ["compute_governed"]
    assert flow["compute_governed"]["successors"] == ["governed"]
    assert [recipe["name"] for recipe in project.list_recipes()] == ["compute_governed"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"type": "CustomCode_nothing"}, "Recipe type CustomCode_nothing not found"),
        ({"outputs": {}}, "output role 'governed_projects' must be filled"),
        ({"outputs": {"main": {"items": [{"ref": "governed"}]}}}, "no output role 'main'"),
        ({"outputs": {"governed_projects": {"items": [{"ref": "missing"}]}}}, "No dataset or managed folder missing"),
        ({"outputs": {"governed_projects": {"items": [{"ref": "governed"}] * 2}}}, "takes one object"),
        ({"inputs": {"main": {"items": [{"ref": "governed"}]}}}, "no input role 'main'"),
    ],
)
def test_a_recipe_that_dss_would_not_make_is_refused(project, place, given, message):
    with pytest.raises(DataikuException, match=message):
        place(**given)
    assert project.list_recipes() == []


def test_a_name_is_given_once(project, place):
    place()
    with pytest.raises(DataikuException, match="already exists"):
        place()


def test_a_reader_neither_places_nor_builds(project, place, people):
    place()
    reader = people.reader.get_project("P")
    for call in (reader.new_job().with_output("governed").start, reader.get_recipe("compute_governed").delete):
        with pytest.raises(DataikuException, match="You may not write"):
            call()
    assert [recipe["name"] for recipe in reader.list_recipes()] == ["compute_governed"]


def test_a_deleted_recipe_leaves_its_dataset(project, place):
    place().delete()
    assert project.list_recipes() == [] and [each["name"] for each in project.list_datasets()] == ["governed"]
