"""Bundles and versions in Govern are joined with DSS's one to one, whatever people made of the fields."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govern_mirror.govern_node import DssRef, linked_items
from govern_mirror.govern_node.items import (
    DATAIKU_BUNDLE,
    DATAIKU_MODEL_VERSION,
    GOVERN_BUNDLE,
    GOVERN_MODEL,
    GOVERN_MODEL_VERSION,
    ItemArtifacts,
)


def artifact(id_, **fields):
    return {"id": id_, "name": id_, "fields": fields}


def survey(**fields):
    """One Govern project over CHURN of the node `design`, and what else Govern knows."""
    project = SimpleNamespace(id="gp", raw=artifact("gp", **fields))
    known = [DssRef("dp", "design", "CHURN"), DssRef("dq", "other", "CHURN"), DssRef("da", "design", "CHURN", True)]
    by_dss = {("design", "CHURN"): project}
    return SimpleNamespace(projects=[project], known=known, by_dss=lambda *place: by_dss.get(place))


def bundle(id_="db", bundle_id="v1", governed_by="gb", owner="dp", key="CHURN", **fields):
    told = {"dataiku_project": owner, "project_key": key, "bundle_id": bundle_id, "governed_by": governed_by}
    return artifact(id_, **{**told, **fields})


def linked(governed, items, parents=("gb",), **more):
    by_blueprint = {GOVERN_BUNDLE: governed, DATAIKU_BUNDLE: items, **more}
    found, problems = linked_items(ItemArtifacts(by_blueprint), survey(govern_bundles=list(parents)), "design")
    return [str(item.address) for item in found], problems


def test_a_bundle_that_both_ends_name_is_found():
    assert linked([artifact("gb", dataiku_item=["db"])], [bundle()]) == (["CHURN/bundle/v1"], [])


def test_a_version_is_found_under_its_model():
    told = {"dataiku_project": "dp", "project_key": "CHURN", "governed_by": "gv"}
    by_blueprint = {
        GOVERN_MODEL: [artifact("gm", govern_model_versions=["gv"])],
        GOVERN_MODEL_VERSION: [artifact("gv", dataiku_item=["dv"])],
        DATAIKU_MODEL_VERSION: [artifact("dv", saved_model_id="mdl", version_id="a", **told)],
    }
    (found,), problems = linked_items(ItemArtifacts(by_blueprint), survey(govern_models=["gm"]), "design")
    assert (str(found.address), problems) == ("CHURN/model/mdl/a", [])


@pytest.mark.parametrize(
    ("governed", "items", "parents"),
    [
        ([artifact("gb")], [bundle()], ["gb"]),
        ([artifact("gb", dataiku_item=["db", "dc"])], [bundle(), bundle("dc", "v2")], ["gb"]),
        ([artifact("gb", dataiku_item=["db"])], [], ["gb"]),
        ([artifact("gb", dataiku_item=["db"])], [bundle(governed_by=None)], ["gb"]),
        ([artifact("gb", dataiku_item=["db"])], [bundle(governed_by="gc")], ["gb"]),
        ([artifact("gb", dataiku_item=["db"])], [bundle(key="OTHER")], ["gb"]),
        ([artifact("gb", dataiku_item=["db"])], [bundle(owner="da")], ["gb"]),
        ([artifact("gb", dataiku_item=["db"])], [bundle(owner=None)], ["gb"]),
        ([artifact("gb", dataiku_item=["db"])], [bundle(bundle_id="../x")], ["gb"]),
        ([artifact("gb", dataiku_item=["db"])], [bundle()], []),
        ([artifact("gb", dataiku_item=["db"])], [bundle(), bundle("dc", governed_by=None)], ["gb"]),
        ([artifact("gb", dataiku_item=["db"]), artifact("gc", dataiku_item=["dc"])],
         [bundle(), bundle("dc", governed_by="gc")], ["gb", "gc"]),
    ],
    ids=["none", "two", "unknown", "not back", "another's", "other key", "automation", "no project", "no id",
         "no parent", "told twice", "governed twice"],
)  # fmt: skip
def test_what_is_not_one_to_one_is_a_problem(governed, items, parents):
    found, problems = linked(governed, items, parents)
    assert found == [] and problems


def test_bundles_of_other_instances_are_passed_over():
    assert linked([artifact("gb", dataiku_item=["db"])], [bundle(owner="dq")]) == ([], [])


IDS = st.sampled_from(["gb", "gc", "db", "dc", "gp", "dp", "", "x"])
VALUES = st.none() | st.integers() | IDS | st.lists(IDS | st.integers(), max_size=3) | st.dictionaries(IDS, IDS)
NAMES = st.sampled_from(["dataiku_item", "dataiku_project", "project_key", "bundle_id", "governed_by"])
FIELDS = st.dictionaries(NAMES, VALUES | st.just("CHURN"), max_size=5)


@given(st.lists(FIELDS, max_size=2), st.lists(FIELDS, max_size=2), VALUES)
def test_whatever_the_fields_hold_no_item_is_found_twice(governing, known, parents):
    governed = [{"id": id_, "fields": fields} for id_, fields in zip(("gb", "gc"), governing, strict=False)]
    items = [{"id": id_, "fields": fields} for id_, fields in zip(("db", "dc"), known, strict=False)]
    by_blueprint = {GOVERN_BUNDLE: governed, DATAIKU_BUNDLE: items}
    found, _ = linked_items(ItemArtifacts(by_blueprint), survey(govern_bundles=parents), "design")
    assert len({item.address for item in found}) == len(found)
    for item in found:
        (governor,) = [raw for raw in governed if raw["id"] == item.artifact_id]
        (name,) = (
            governor["fields"]["dataiku_item"]
            if isinstance(governor["fields"]["dataiku_item"], list)
            else [governor["fields"]["dataiku_item"]]
        )
        (told,) = [raw for raw in items if raw["id"] == name]
        assert told["fields"]["governed_by"] in (item.artifact_id, [item.artifact_id])
