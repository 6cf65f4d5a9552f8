"""Fields of the Overview between both sides: lists, several categories, and sponsors, found by their label."""

import pytest

from govern_mirror_devkit.sandbox.govern.templates import FieldType, TemplateField

SPONSORS = TemplateField("who_pays", FieldType.TEXT, "Sponsors", is_list=True)
VERSION = {"blueprintId": "bp.system.govern_project", "versionId": "bv.sponsored"}


@pytest.fixture
def transport():
    return "mounted"


def sponsored(sides, field=SPONSORS, **fields):
    """A project whose template in Govern has sponsors."""
    sides.govern.blueprints.fork(VERSION["versionId"], fields=[field])
    sides.project("CHURN", blueprintVersionId=VERSION, fields=fields)


def test_countries_and_dimensions_of_govern_arrive_in_dss(sides):
    sides.project("CHURN")
    there = {"countries": ["France", "Viet Nam"], "use_case_technical_dimension": ["Analytics", "AI/ML"]}
    sides.in_govern("CHURN", **there, description="Who leaves", sensitive_data="Yes")
    assert sides.run("pull").code == 0
    held = sides.held_by_dss("CHURN")
    assert held["govern_countries"] == "France, Viet Nam"
    assert held["govern_technical_dimension"] == ["AI/ML", "Analytics"]
    assert (held["govern_description"], held["govern_sensitive_data"]) == ("Who leaves", "Yes")
    assert sides.run("both").code == 0 and sides.run("status").code == 0
    fields = sides.held_by_govern("CHURN")["fields"]
    assert {name: fields[name] for name in there} == there


def test_countries_and_dimensions_of_dss_are_lists_in_govern(sides):
    sides.project("CHURN")
    sides.run("pull")
    sides.recorded("CHURN", govern_countries="France,Viet Nam", govern_technical_dimension=["LLM/GenAI"])
    assert sides.run("push").code == 0
    fields = sides.held_by_govern("CHURN")["fields"]
    assert fields["countries"] == ["France", "Viet Nam"]
    assert fields["use_case_technical_dimension"] == ["LLM/GenAI"]
    assert sides.run("status").code == 0


def test_sponsors_of_govern_arrive_in_dss_by_their_label(sides):
    sponsored(sides, who_pays=["Ada", "Bob"])
    assert sides.run("pull").code == 0
    assert sides.held_by_dss("CHURN")["govern_sponsor"] == "Ada, Bob"
    assert sides.run("status").code == 0


def test_a_sponsor_of_dss_arrives_in_govern_by_its_label(sides):
    sponsored(sides)
    sides.run("pull")
    sides.recorded("CHURN", govern_sponsor="Ada")
    assert sides.run("push").code == 0
    assert sides.held_by_govern("CHURN")["fields"]["who_pays"] == ["Ada"]
    assert sides.run("status").code == 0


def test_without_sponsors_in_govern_those_of_dss_stay_unquestioned(sides):
    sides.project("CHURN")
    sides.recorded("CHURN", govern_sponsor="Ada")
    ran = sides.run("both")
    assert ran.code == 0 and "ponsor" not in ran.out + ran.err
    assert sides.held_by_dss("CHURN")["govern_sponsor"] == "Ada"


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (TemplateField("who_pays", FieldType.REFERENCE, "Sponsors", True), ["ar.404"]),
        (TemplateField("who_pays", FieldType.NUMBER, "Sponsors"), 5),
        (SPONSORS, ["Ada, of Paris"]),
    ],
    ids=["reference", "no text", "comma"],
)
def test_sponsors_that_are_no_names_overwrite_none_and_are_listed(sides, field, raw):
    sponsored(sides, field)
    sides.in_govern("CHURN", who_pays=raw)
    sides.recorded("CHURN", govern_sponsor="Ada")
    ran = sides.run("both", "--prefer", "govern")
    assert "overview.sponsor" in ran.err
    assert sides.held_by_dss("CHURN")["govern_sponsor"] == "Ada"
    assert sides.held_by_govern("CHURN")["fields"]["who_pays"] == raw
