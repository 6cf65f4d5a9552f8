"""The macro `sync-with-govern`, run through the API as a user presses it."""

import contextlib

import dataikuapi
import pytest

from govern_mirror.components.sync_macro import sync_from_form
from govern_mirror.errors import InputError
from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.govern.signoffs import SignoffStatus
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
        "project": "CHURN", "field": "Value rating", "dss": "", "govern": "High", "outcome": "to DSS",
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
    assert press(sides, key, govern_node=preset)[0]["outcome"] == "to DSS"
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
    assert press(sides, direction="both", prefer="govern")[0]["outcome"] == "to DSS"
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


# a preset is somebody else's key --------------------------------------------------------------------------------


def bruno(sides, key="CHURN"):
    """Someone who may write one project, and has no account in Govern; returns their key."""
    login = sides.dss.create_user("bruno")
    sides.dss.projects.set_document(sides.dss.admin, key, "permissions", {"owner": "bruno", "permissions": []})
    return login


def preset(sides, **values):
    config = {"url": sides.govern_url, "api_key": sides.govern.api_key, **values}
    sides.dss.plugins.add_preset("govern-node", "central", **config)
    return {"mode": "PRESET", "name": "central"}


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("direction", ["push", "both"])
@pytest.mark.parametrize("values", [{}, {"may_write": False}, {"may_write": None}], ids=repr)
def test_t1_preset_only_pulls(sides, values, direction, dry_run):
    sides.project("CHURN")
    key = bruno(sides)
    sides.in_dss("CHURN", govern_decision="Go", govern_status_exploration="FINISHED")
    sides.in_govern("CHURN", qualification_resulting_decision="No go")
    before = sides.held_by_govern("CHURN")
    form = {"govern_node": preset(sides, **values), "direction": direction, "prefer": "dss", "force": True}
    with pytest.raises(Exception, match="May write to Govern"):
        press(sides, key, **form, dry_run=dry_run)
    assert sides.held_by_govern("CHURN") == before
    assert press(sides, key, **{**form, "direction": "pull", "prefer": "govern"})
    assert sides.held_by_dss("CHURN")["govern_decision"] == "No go"


def test_t1_preset_that_may_write_pushes_what_is_recorded(sides):
    sides.project("CHURN")
    key = bruno(sides)
    sides.recorded("CHURN", govern_value_rating="High")
    sides.in_dss("CHURN", govern_decision="Go")
    outcomes = {
        row["field"]: row["outcome"]
        for row in press(sides, key, govern_node=preset(sides, may_write=True), direction="push")
    }
    assert outcomes["Value rating"] == "to Govern"
    assert outcomes["Resulting decision"].startswith("not pushed: typed into the project's fields")
    fields = sides.held_by_govern("CHURN")["fields"]
    assert fields["qualification_value_rating"] == "High"
    assert not fields.get("qualification_resulting_decision")


def test_t1_force_is_no_way_over_a_signoff_with_a_preset(sides):
    sides.project("CHURN")
    key = bruno(sides)
    sides.recorded("CHURN", govern_decision="Go")
    sides.govern.node.set_signoff(sides.artifacts["CHURN"], "qualification", SignoffStatus.REJECTED)
    form = {"direction": "push", "force": True}
    row = press(sides, key, govern_node=preset(sides, may_write=True), **form)[0]
    assert "the sign-off of step qualification in Govern is REJECTED" in row["outcome"]
    assert not sides.held_by_govern("CHURN")["fields"].get("qualification_resulting_decision")
    # an administrator, through the instance's own integration, is somebody
    press(sides, **form)
    assert sides.held_by_govern("CHURN")["fields"]["qualification_resulting_decision"] == "Go"


def test_low_macro_names_no_confidential_govern_project(sides):
    sides.project("CHURN")
    sides.project("SECRET")
    key = bruno(sides)
    node = sides.govern.node
    node.edit(sides.artifacts["SECRET"], lambda document: document.update(name="Takeover of Acme"))
    node.govern("Layoffs 2027")
    twin = node.register_dataiku_project("sandbox", "SECRET")
    node.govern("Merger with Umbra", twin.id)
    sides.dss.create_project("LONE", "Lone")
    sides.dss.projects.set_document(sides.dss.admin, "LONE", "permissions", {"owner": "bruno", "permissions": []})
    node.govern("Codename Lone Wolf", node.register_dataiku_project("sandbox", "LONE").id)
    rows = press(sides, key, govern_node=preset(sides))
    text = str(rows)
    for name in ("Takeover", "Layoffs", "Merger", "SECRET", "Lone Wolf", *sides.artifacts.values()):
        assert name not in text
    assert "more in Govern not in order" in text and "`" not in text, "people in DSS have no command line"
    assert ("LONE", "governed in Govern only") in [(row["project"], row["outcome"]) for row in rows]


def test_t2_preset_secret_seals_as_the_command_line_does(sides, monkeypatch):
    sides.project("CHURN")
    key = bruno(sides)
    sides.recorded("CHURN", govern_value_rating="High")
    other = sides.govern.accounts.create_global_key(admin=True)
    chosen = preset(sides, api_key=other, sync_secret=" shared ", may_write=True)
    press(sides, key, govern_node=chosen, direction="push")
    monkeypatch.setenv("DKU_SYNC_SECRET", "shared")
    sides.in_govern("CHURN", qualification_value_rating="Low")
    assert sides.run("pull").code == 0
    assert sides.held_by_dss("CHURN")["govern_value_rating"] == "Low"


# forms, as a script may send them ------------------------------------------------------------------------------


NOT_FLAGS = ["true", "false", "True", "yes", "", 1, 0, 1.0, [], [True], {}]


@pytest.mark.parametrize("value", NOT_FLAGS, ids=repr)
@pytest.mark.parametrize("name", ["dry_run", "force", "create"])
def test_p6_flag_of_the_sync_that_is_none_writes_nothing(sides, name, value):
    sides.project("CHURN")
    sides.recorded("CHURN", govern_value_rating="High")
    before = sides.held_by_govern("CHURN"), sides.dss.metadata("CHURN")
    with pytest.raises(InputError, match=f"{name.replace('_', ' ')} takes true or false"):
        sync_from_form(sides.session, {"direction": "push", name: value})
    assert (sides.held_by_govern("CHURN"), sides.dss.metadata("CHURN")) == before


def test_p6_null_is_the_safe_side_of_the_sync(sides):
    sides.project("CHURN")
    sides.recorded("CHURN", govern_value_rating="High")
    before = sides.held_by_govern("CHURN")
    sync_from_form(sides.session, {"direction": "push", "dry_run": None, "force": None, "create": None})
    assert sides.held_by_govern("CHURN") == before


@pytest.mark.parametrize("value", NOT_FLAGS, ids=repr)
@pytest.mark.parametrize("name", ["may_write", "check_certificate"])
def test_p6_flag_of_the_preset_that_is_none_is_refused(sides, name, value):
    sides.project("CHURN")
    node = {"url": sides.govern_url, "api_key": sides.govern.api_key, "may_write": True, name: value}
    with pytest.raises(InputError, match=f"{name.replace('_', ' ')} takes true or false"):
        sync_from_form(sides.session, {"direction": "push", "govern_node": node})


@pytest.mark.parametrize("node", ["central", ["central"], 7, True, {"mode": "PRESET"}], ids=repr)
def test_p6_preset_that_was_not_resolved_is_not_the_integration(sides, node):
    sides.project("CHURN")
    with pytest.raises(InputError, match="preset of the Govern node"):
        sync_from_form(sides.session, {"direction": "push", "govern_node": node})


@pytest.mark.parametrize("secret", ["e:AES:abc", 7, ["x"]], ids=repr)
@pytest.mark.parametrize("name", ["api_key", "sync_secret"])
def test_p6_secret_that_dss_did_not_decrypt_is_refused(sides, name, secret):
    sides.project("CHURN")
    node = {"url": sides.govern_url, "api_key": sides.govern.api_key, name: secret}
    with pytest.raises(InputError, match=name.replace("_", " ")) as refusal:
        sync_from_form(sides.session, {"govern_node": node})
    assert "e:AES:abc" not in str(refusal.value)


@pytest.mark.parametrize("secret", [None, "", "  "], ids=repr)
def test_p6_sync_secret_may_be_missing(sides, secret):
    sides.project("CHURN")
    node = {"url": sides.govern_url, "api_key": sides.govern.api_key, "sync_secret": secret}
    assert sync_from_form(sides.session, {"govern_node": node}).rows
