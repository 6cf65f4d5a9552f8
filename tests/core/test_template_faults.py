"""A template that cannot work is refused when it is loaded, and every fault is named."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import pytest

import govern_mirror
from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import STANDARD, Step
from govern_mirror.model.template_file import faults_of, load
from govern_mirror.model.workflow import stages

WHOLE = json.loads(
    (Path(govern_mirror.__file__).parent / "blueprints" / "standard_project.json").read_text(encoding="utf-8")
)


def at(*way, value):
    """A change of the template's document: what stands at a place becomes something else."""

    def change(document):
        for part in way[:-1]:
            document = document[part]
        document[way[-1]] = value

    return change


def add(*way, value):
    def change(document):
        for part in way:
            document = document[part]
        document.append(value)

    return change


def field(**more):
    return {
        "path": "overview.colours",
        "stored": "govern_colours",
        "govern": None,
        "kind": "category",
        "label": "Colours",
        **more,
    }


FAULTS = {
    "that its rules are not known": (at("rules_known", value=False), "rules_known is not for a template to say"),
    "a step's id": (at("steps", 0, "id", value="a b"), "must be letters, digits and _"),
    "a step twice": (at("steps", 1, "id", value="exploration"), "step 'exploration' is there twice"),
    "steps that differ in case": (at("steps", 1, "id", value="EXPLORATION"), "step 'exploration' is there twice"),
    "a step's name twice": (at("steps", 1, "name", value="exploration"), "step name 'Exploration' is there twice"),
    "a step that is a stage": (at("steps", 4, "id", value="Closed"), "the step id 'Closed' is taken"),
    "a step that is a section": (at("steps", 4, "id", value="overview"), "the step id 'overview' is taken"),
    "decisions that differ in case": (at("lists", "decisions", 2, value="no_go"), "'No go' is there twice"),
    "no steps": (at("steps", value=[]), "at least one step"),
    "a path": (at("fields", 0, "path", value="initiative"), "is no path"),
    "a path of the steps": (at("fields", 0, "path", value="steps.exploration.x"), "must not begin with steps."),
    "a path twice": (at("fields", 1, "path", value="overview.start_date"), "'overview.start_date' is there twice"),
    "a stored field": (at("fields", 0, "stored", value="initiative"), "must be govern_name"),
    "the record's field": (at("fields", 0, "stored", value="govern_record"), "'govern_record' is there twice"),
    "a step's stored field": (at("fields", 0, "stored", value="govern_status_delivery"), "is there twice"),
    "a role twice": (at("fields", 1, "role", value="initiative"), "role 'initiative' is there twice"),
    "a role of another kind": (at("fields", 2, "kind", value="text"), "so its kind is date"),
    "an unknown kind": (at("fields", 0, "kind", value="colour"), "fields.0.kind"),
    "an unknown key": (at("fields", 0, "choice", value="x"), "fields.0.choice"),
    "a status": (at("fields", 0, value=field(kind="status")), "a status belongs to a step"),
    "a score": (at("ratings", 0, "score", value=101), "from 0 to 100"),
    "a rating twice": (at("ratings", 1, "name", value="Low"), "rating 'Low' is there twice"),
    "a rating that clears": (at("ratings", 0, "name", value="None"), "'None' cannot be typed"),
    "a category that clears": (at("lists", "decisions", 2, value="none"), "'none' cannot be typed"),
    "a blank category": (at("lists", "decisions", 2, value=" "), "' ' cannot be typed"),
    "no categories": (add("fields", value=field(list="colours")), "overview.colours needs a list"),
    "an empty list": (at("lists", "decisions", value=[]), "has no categories"),
    "several with a comma": (
        lambda document: (
            document["lists"].update(colours=["Red, blue", "Green"]),
            document["fields"].append(field(list="colours", several=True)),
        ),
        "which commas part",
    ),
    "several of a text": (at("fields", 4, "several", value=True), "only a category that is no decision"),
    "a section": (at("sections", 0, "id", value="elsewhere"), "neither overview nor a step"),
    "a section's field": (at("sections", 0, "fields", 0, value="overview.nothing"), "has no field"),
}


def test_no_step_is_called_like_a_stage():
    for stage in stages(STANDARD).keys() - set(STANDARD.step_ids):
        (fault,) = faults_of(replace(STANDARD, steps=(*STANDARD.steps, Step(stage, "One more"))))
        assert fault == f"the step id {stage!r} is taken"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_template_that_cannot_work_is_refused(fault, tmp_path):
    change, named = FAULTS[fault]
    document = copy.deepcopy(WHOLE)
    change(document)
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError, match="the template") as caught:
        load(path)
    assert named in str(caught.value)


def test_the_standard_template_has_none_of_these_faults(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(WHOLE), encoding="utf-8")
    assert load(path) == STANDARD
