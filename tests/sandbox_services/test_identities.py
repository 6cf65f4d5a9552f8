"""Who plugin code is: the person who runs it, what it can do besides, and secrets that it gets and they do not see."""

from __future__ import annotations

import pytest
from dataikuapi.utils import DataikuException


@pytest.fixture
def run(project, macro_of):
    """Run a macro as somebody, and return its result."""

    def run(client, macro_id, **params):
        macro = macro_of(client, macro_id)
        return macro.get_result(macro.run(params), as_type="json")

    return run


@pytest.fixture
def secret(sandbox):
    """A preset that the group `readers` may use."""
    sandbox.plugins.add_preset("node", "hub", groups=("readers",), url="https://hub.example.com", key="the secret")
    return {"mode": "PRESET", "name": "hub"}


def test_a_macro_without_impersonation_knows_the_person_and_does_more(run, people, sandbox):
    sandbox.create_project("HUB")
    result = run(people.reader, "as-admin")
    assert (result["person"], result["mine"]) == ("reader", ["P"])
    assert set(result["all"]) == {"P", "HUB"} and result["key"] == "P_1"
    assert result["admin"].startswith("api:")


def test_an_impersonated_macro_makes_itself_no_administrators_key(run, people, sandbox):
    with pytest.raises(DataikuException, match="Permission denied"):
        run(people.reader, "as-admin-impersonated")
    sandbox.plugins.user_isolation = False
    assert run(people.reader, "as-admin-impersonated") == ["P"]


def test_the_administrators_key_ends_with_the_run(run, people, sandbox):
    before = len(list(sandbox.store.items("api_key")))
    run(people.reader, "as-admin")
    assert len(list(sandbox.store.items("api_key"))) == before


def test_who_may_use_a_preset_does_not_see_its_secret(run, people, secret):
    assert run(people.reader, "preset", node=secret)["node"]["key"] == "the secret"
    with pytest.raises(DataikuException, match="UnauthorizedException"):
        people.reader.get_plugin("govern-mirror").get_settings()
    assert "the secret" not in str(people.reader.get_project("P").list_macros())


def test_who_may_not_use_a_preset_runs_no_macro_with_it(run, people, secret):
    with pytest.raises(DataikuException, match="may not use the preset 'hub' of node"):
        run(people.writer, "preset", node=secret)


def test_administrators_and_the_owner_use_a_preset_without_a_group(run, people, client, sandbox):
    sandbox.plugins.add_preset("node", "hub", groups=(), owner="writer", key="the secret")
    choice = {"mode": "PRESET", "name": "hub"}
    assert run(client, "preset", node=choice)["node"]["key"] == "the secret"
    assert run(people.writer, "preset", node=choice)["node"]["key"] == "the secret"
    with pytest.raises(DataikuException, match="may not use the preset"):
        run(people.reader, "preset", node=choice)


def test_a_preset_made_through_the_api_is_nobodys_until_it_is_allowed(run, people, client):
    settings = client.get_plugin("govern-mirror").get_settings()
    preset = settings.get_parameter_set("node").create_preset("hub")
    preset.plugin_config["key"] = "the secret"
    preset.save()
    choice = {"mode": "PRESET", "name": "hub"}
    with pytest.raises(DataikuException, match="may not use the preset"):
        run(people.reader, "preset", node=choice)
    settings = client.get_plugin("govern-mirror").get_settings()
    preset = settings.get_parameter_set("node").get_preset("hub")
    preset.set_usable_by("readers", True)
    preset.save()
    assert run(people.reader, "preset", node=choice)["node"] == {"key": "the secret"}


def test_a_scenario_uses_a_preset_with_the_rights_of_its_user(people, secret, scenario, runnable):
    made, outcomes = scenario(runnable("preset", {"node": secret})), {}
    for login in ("reader", "writer"):
        settings = made.get_settings()
        settings.get_raw()["runAsUser"] = login
        settings.save()
        outcomes[login] = made.run_and_wait(no_fail=True).outcome
    assert outcomes == {"reader": "SUCCESS", "writer": "FAILED"}


def test_values_may_be_barred_from_the_form(run, people, client):
    settings = client.get_plugin("govern-mirror").get_settings()
    kind = settings.get_parameter_set("node").settings["type"]
    settings.get_raw()["parameterSets"] = [
        {"name": "node", "type": kind, "defaultPermission": {"definableInline": False}}
    ]
    settings.save()
    with pytest.raises(DataikuException, match="choose a preset"):
        run(people.reader, "preset", node={"mode": "INLINE", "inlinedConfig": {"url": "https://mine.example.com"}})


def test_settings_of_the_plugin_reach_code_and_nobody_else(run, people, sandbox):
    sandbox.plugins.configure(hub_project="HUB")
    assert run(people.reader, "settings")["hub_project"] == "HUB"
    with pytest.raises(DataikuException, match="UnauthorizedException"):
        people.reader.get_plugin("govern-mirror").get_settings()
