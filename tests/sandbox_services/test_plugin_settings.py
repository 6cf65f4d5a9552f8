"""The plugin's instance-wide settings: who may see and change them, and what they change."""

from __future__ import annotations

import pytest
from dataikuapi.utils import DataikuException

INITIALIZE, MOVE, QUALIFY = "initialize-workflow", "advance-workflow", "record-qualification"


@pytest.fixture
def configure(client):
    def configure(**config):
        settings = client.get_plugin("govern-mirror").get_settings()
        settings.get_raw()["config"].update(config)
        settings.save()

    return configure


@pytest.fixture
def run(project, macro_of, client):
    def run(macro_id, **params):
        macro = macro_of(client, macro_id)
        return macro.get_result(macro.run(params), as_type="json")["records"]

    return run


@pytest.fixture
def tags(sandbox):
    return lambda: [tag for tag in sandbox.metadata("P")["tags"] if tag.startswith("govern:")]


def test_the_plugin_is_listed_with_its_version(client):
    (listed,) = client.list_plugins()
    assert (listed["id"], listed["version"]) == ("govern-mirror", "0.1.0")


def test_an_administrator_reads_back_what_they_saved(client, configure):
    configure(mirror_tag=False, stale_after_days=14)
    assert client.get_plugin("govern-mirror").get_settings().get_raw()["config"] == {
        "mirror_tag": False,
        "stale_after_days": 14,
    }


def test_others_neither_read_nor_change_the_settings(people):
    for person in (people.reader, people.writer, people.stranger):
        plugin = person.get_plugin("govern-mirror")
        with pytest.raises(DataikuException, match="UnauthorizedException"):
            plugin.get_settings()
        with pytest.raises(DataikuException, match="Only administrators may change the settings"):
            person._perform_empty("POST", "/plugins/govern-mirror/settings", body={"config": {"mirror_tag": False}})


def test_who_develops_plugins_reads_the_settings_and_may_not_change_them(people, sandbox):
    sandbox.plugins.developer_groups.add("writers")
    settings = people.writer.get_plugin("govern-mirror").get_settings()
    with pytest.raises(DataikuException, match="Only administrators"):
        settings.save()


def test_settings_of_an_unknown_plugin_are_not_found(client):
    with pytest.raises(DataikuException, match="NotFoundException: Plugin other not found"):
        client.get_plugin("other").get_settings()


def test_a_moved_project_is_tagged_unless_the_settings_say_no(run, tags, configure):
    run(INITIALIZE)
    run(MOVE)
    assert tags() == ["govern:exploration"]
    configure(mirror_tag=False)
    run(MOVE)
    assert tags() == []


def test_a_project_gets_its_checklist_unless_the_settings_say_no(run, sandbox, configure):
    configure(mirror_checklist=False)
    run(INITIALIZE)
    assert sandbox.metadata("P")["checklists"]["checklists"] == []
    configure(mirror_checklist=True)
    run(MOVE)
    (checklist,) = sandbox.metadata("P")["checklists"]["checklists"]
    assert checklist["title"] == "Govern workflow"


def test_a_step_cannot_finish_without_a_field_that_the_settings_require(run, configure, tags):
    configure(required_fields=[{"step": "exploration", "field": "overview.sponsor"}])
    run(INITIALIZE)
    run(MOVE)
    with pytest.raises(DataikuException, match=r"(?i)sponsor"):
        run(MOVE)
    assert tags() == ["govern:exploration"]
    run(INITIALIZE, sponsor="Ada")
    run(MOVE)
    assert tags() == ["govern:qualification"]


def test_a_decision_that_the_settings_require_holds_the_qualification(run, configure, tags):
    configure(decisions_to_move_on=["Go"])
    run(INITIALIZE)
    run(MOVE, step="qualification")
    run(QUALIFY, decision="On hold")
    with pytest.raises(DataikuException, match="Go"):
        run(MOVE)
    run(QUALIFY, decision="Go")
    run(MOVE)
    assert tags() == ["govern:progress"]


def test_a_setting_that_dss_would_not_take_stops_macros_with_its_name(run, configure):
    configure(mirror_tag="perhaps")
    with pytest.raises(DataikuException, match="mirror_tag"):
        run(INITIALIZE)


# presets


@pytest.fixture
def preset(client):
    settings = client.get_plugin("govern-mirror").get_settings()
    made = settings.get_parameter_set("node").create_preset("production")
    made.config["url"], made.plugin_config["key"] = "https://govern.example.com", "secret"
    made.save()
    return made


def chosen(macro_of, client, choice):
    macro = macro_of(client, "preset")
    return macro.get_result(macro.run({"node": choice}), as_type="json")["node"]


def test_the_values_of_a_saved_preset_reach_the_macro(project, macro_of, client, preset):
    choice = {"mode": "PRESET", "name": "production"}
    assert chosen(macro_of, client, choice) == {"url": "https://govern.example.com", "key": "secret"}


def test_values_given_in_the_form_itself_reach_the_macro(project, macro_of, client, preset):
    choice = {"mode": "INLINE", "inlinedConfig": {"url": "https://other"}}
    assert chosen(macro_of, client, choice) == {"url": "https://other"}


def test_a_preset_that_is_not_there_fails_the_run(project, macro_of, client, preset):
    with pytest.raises(DataikuException, match="Preset 'staging' of node not found"):
        chosen(macro_of, client, {"mode": "PRESET", "name": "staging"})
