"""The macro `sync-with-govern`, run through the API as a user presses it."""

import contextlib

import dataikuapi
import pytest

from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.source import plugin_root


@pytest.fixture
def dss_sandbox():
    with contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()))) as sandbox:
        yield sandbox


def press(sides, key=None, **params):
    client = dataikuapi.DSSClient(sides.dss_url, api_key=key or sides.dss.admin_key)
    macro = client.get_project("CHURN").get_macro("pyrunnable_govern-mirror_sync-with-govern")
    table = macro.get_result(macro.run(params=params), as_type="json")
    return [dict(zip([column["name"] for column in table["columns"]], row, strict=True)) for row in table["records"]]


def test_an_administrator_pulls_through_the_instances_own_integration(sides):
    sides.project("CHURN")
    sides.in_govern("CHURN", qualification_value_rating="High")
    [row] = press(sides)
    assert row == {
        "project": "CHURN", "field": "qualification.value.rating", "dss": "", "govern": "High", "outcome": "to-dss",
    }  # fmt: skip
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "High"
    assert press(sides)[0]["project"] == "Everything is in step"


def test_others_use_the_preset_and_are_told_when_there_is_none(sides):
    sides.project("CHURN")
    key = sides.dss.create_user("bruno")
    permissions = {"owner": "bruno", "permissions": []}
    sides.dss.projects.set_document(sides.dss.admin, "CHURN", "permissions", permissions)
    sides.in_govern("CHURN", qualification_value_rating="High")
    with pytest.raises(Exception, match="no Govern node"):
        press(sides, key)
    sides.dss.plugins.add_preset("govern-node", "central", url=sides.govern_url, api_key=sides.govern.api_key)
    preset = {"mode": "PRESET", "name": "central"}
    assert press(sides, key, govern_node=preset)[0]["outcome"] == "to-dss"
    record = sides.held_by_dss("CHURN")["govern_record"]
    assert '"source":"sync"' in record
    assert '"by":"bruno"' in record


def test_a_dry_run_and_a_conflict_write_nothing(sides):
    sides.project("CHURN")
    sides.in_dss("CHURN", govern_value_rating="Low")
    sides.in_govern("CHURN", qualification_value_rating="High")
    before = sides.held_by_dss("CHURN")
    assert press(sides, direction="both", dry_run=True)[0]["outcome"] == "conflict"
    assert sides.held_by_dss("CHURN") == before
    assert press(sides, direction="both")[0]["outcome"] == "conflict"
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "Low"
    assert press(sides, direction="both", prefer="govern")[0]["outcome"] == "to-dss"
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "High"


def test_the_threshold_holds_in_the_macro_too(sides):
    sides.project("CHURN")
    for number in range(9):
        sides.project(f"P{number}")
    press(sides)
    for number in range(4):
        sides.in_govern(f"P{number}", qualification_value_rating="High")
    with pytest.raises(Exception, match="4 of 10 DSS projects would change"):
        press(sides)
    assert len(press(sides, force=True)) == 4


@pytest.mark.parametrize("key", ["e:AES:xyz", ""])
def test_a_preset_whose_key_cannot_be_read_is_refused_with_a_reason(sides, key):
    sides.project("CHURN")
    sides.dss.plugins.add_preset("govern-node", "broken", url=sides.govern_url, api_key=key)
    with pytest.raises(Exception, match=r"preset"):
        press(sides, govern_node={"mode": "PRESET", "name": "broken"})
