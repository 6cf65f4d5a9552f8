"""Deployments: hooks that really run, and what reaches the automation node."""

import os
import sys
import time
from pathlib import Path

import pytest
from dataikuapi.utils import DataikuException

from govern_mirror_devkit.sandbox.deployment_update import message


def texts(result):
    return [(message["severity"], message["message"]) for message in result["messages"]]


def test_without_hooks_the_bundle_reaches_the_automation_node(deployment, automation, sandbox, deployed):
    sandbox.edit_metadata("P", lambda metadata: metadata.update(customFields={"a": "after the export"}))
    assert deployment.get_status().get_health() == "UNKNOWN" and not deployed()
    result = deployment.start_update().wait_for_result()
    assert result["success"] and result["messages"] == []
    assert automation.metadata("P_PROD")["label"] == "The project"
    assert automation.metadata("P_PROD")["customFields"] == {}
    assert automation.projects.summary(automation.admin, "P_PROD")["ownerLogin"] == "operator"
    status = deployment.get_status()
    assert status.get_health() == "HEALTHY" and status.get_light()["neverEverDeployed"] is False


def test_a_hook_gets_what_the_documentation_says(deployment, hook, automation):
    hook("""
        settings = deployer_client.get_projectdeployer().get_deployment(deployment_id).get_settings().get_raw()
        light = deployer_client.get_projectdeployer().get_project(settings["publishedProjectKey"]).get_status()
        package = next(each for each in light.get_bundles() if each["id"] == settings["bundleId"])
        return HookResult.warning(" ".join([
            requesting_user, deployment_id, str(deployment_report), deploying_user, deployed_project_key,
            settings["bundleId"], package["designNodeInfo"]["projectKey"],
            deployer_client.get_auth_info()["authIdentifier"], deployer_client.get_instance_info().raw["nodeId"],
            automation_client.get_instance_info().raw["nodeId"], str(sorted(kwargs)),
        ]))
    """)
    result = deployment.start_update().wait_for_result()
    told = "operator P-on-PROD None operator P_PROD v1 P operator sandbox automation []"
    assert texts(result) == [("WARNING", told)] and result["warning"] and not result["error"]
    assert deployment.get_update().requester == "operator"


def test_an_error_of_a_hook_stops_the_deployment_with_its_message(deployment, hook, deployed):
    hook('return HookResult.error("bundle v1 is not approved")')
    hook('return HookResult.success("never asked")', name="second")
    hook('return HookResult.success("never asked")', phase="postDeploymentHooks")
    result = deployment.start_update().wait_for_result()
    assert texts(result) == [("ERROR", "bundle v1 is not approved")] and result["error"] and result["fatal"]
    assert not deployed()
    status = deployment.get_status()
    assert status.get_health() == "ERROR" and status.get_light()["neverEverDeployed"] is True
    assert status.get_health_messages()["messages"][0]["message"] == "bundle v1 is not approved"
    update = deployment.get_update()
    assert update.status == "ERROR" and update.logs == ["[ERROR] Hook gate: bundle v1 is not approved"]


def test_a_warning_of_a_hook_lets_the_deployment_go_on(deployment, hook, deployed):
    hook('return HookResult.warning("an emergency until noon")')
    result = deployment.start_update().wait_for_result()
    assert texts(result) == [("WARNING", "an emergency until noon")] and result["success"]
    assert deployed() and deployment.get_status().get_health() == "WARNING"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('raise RuntimeError("the hub cannot be reached")', "RuntimeError: the hub cannot be reached"),
        ("return True", "must return a HookResult: bool"),
        ("import sys; sys.exit(0)", "the code ended Python"),
        ("def execute(:", "SyntaxError"),
        ("def executed(**kwargs): pass\nexecute = None", "TypeError"),
    ],
)
def test_a_hook_that_breaks_stops_the_deployment(deployment, infra, hook, deployed, body, words):
    hook(body)
    result = deployment.start_update().wait_for_result()
    assert words in result["messages"][0]["message"] and result["error"] and not deployed()


def test_a_hook_may_take_only_keywords(deployment, hook):
    hook('def execute(**kwargs):\n    return HookResult.success(",".join(sorted(kwargs)))')
    ((_, told),) = texts(deployment.start_update().wait_for_result())
    assert set(told.split(",")) == {
        "requesting_user", "deployment_id", "deployment_report", "deployer_client", "automation_client",
        "deploying_user", "deployed_project_key",
    }  # fmt: skip


def test_a_hook_runs_as_its_own_user_where_one_is_set(deployment, hook, infra, sandbox):
    sandbox.create_user("gatekeeper")
    settings = infra.get_settings()
    settings.get_raw()["hooksRunAsUser"] = "gatekeeper"
    settings.save()
    hook('return HookResult.success(deployer_client.get_auth_info()["authIdentifier"] + " for " + requesting_user)')
    assert texts(deployment.start_update().wait_for_result()) == [("SUCCESS", "gatekeeper for operator")]
    sandbox.accounts.change_user("gatekeeper", enabled=False)
    result = deployment.start_update().wait_for_result()
    assert result["error"] and "disabled" in result["messages"][0]["message"]


def test_a_hook_has_the_rights_of_its_user_and_no_others(deployment, hook):
    hook('deployer_client.get_projectdeployer().get_infra("PROD").get_settings(); return HookResult.success("")')
    (only,) = deployment.start_update().wait_for_result()["messages"]
    assert "not an administrator of infrastructure" in only["message"]


def test_hooks_afterwards_are_told_how_it_went(deployment, hook, deployed):
    hook('return HookResult.warning("soon")')
    hook("return HookResult.error(str(deployment_report))", name="tell", phase="postDeploymentHooks")
    result = deployment.start_update().wait_for_result()
    assert texts(result)[1] == ("ERROR", str({"status": "WARNING", "messages": ["soon"]}))
    assert deployed() and deployment.get_status().get_health() == "ERROR"


def test_a_disabled_hook_does_not_run(deployment, hook, deployed):
    hook('return HookResult.error("no")', enabled=False)
    assert deployment.start_update().wait_for_result()["messages"] == [] and deployed()


@pytest.mark.parametrize("transport", ["served"])
def test_a_hook_runs_in_an_interpreter_of_its_own(deployment, hook, sandbox):
    sandbox.deployment_hooks.python = Path(sys.executable)
    hook("""
        import os
        key = deployer_client.get_auth_info()["authIdentifier"]
        return HookResult.success(f"{os.getpid()} {key} {'govern_mirror' in __import__('sys').modules}")
    """)
    ((severity, told),) = texts(deployment.start_update().wait_for_result())
    assert severity == "SUCCESS" and told.split()[0] != str(os.getpid()) and told.split()[1:] == ["operator", "False"]


def test_more_than_three_hooks_at_once_make_a_deployment_fail(deployment, people, hook, sandbox, tmp_path, deployed):
    sandbox.deployment_hooks.patience["preDeploymentHooks"] = 0.1
    go_on = tmp_path / "go-on"
    hook(f"""
        import pathlib, time
        pathlib.Path({str(tmp_path)!r}, deployment_id).touch()
        while not pathlib.Path({str(go_on)!r}).exists():
            time.sleep(0.01)
        return HookResult.success("at last")
    """)
    deployer = people.operator.get_projectdeployer()
    others = [deployer.create_deployment(f"D{number}", "P", "PROD", "v1", f"D{number}") for number in range(3)]
    waiting = [other.start_update() for other in others]
    for _ in range(500):
        if len(list(tmp_path.iterdir())) == 3:
            break
        time.sleep(0.01)
    (only,) = deployment.start_update().wait_for_result()["messages"]
    assert "No place to run the hook" in only["message"] and not deployed()
    go_on.touch()
    assert [texts(update.wait_for_result()) for update in waiting] == [[("SUCCESS", "at last")]] * 3


def test_a_second_update_at_the_same_time_is_refused(deployment, hook, tmp_path):
    go_on = tmp_path / "go-on"
    hook(f"""
        import os, time
        while not os.path.exists({str(go_on)!r}):
            time.sleep(0.01)
        return HookResult.success("")
    """)
    update = deployment.start_update()
    assert update.get_state()["hasResult"] is False
    with pytest.raises(DataikuException, match="is being updated"):
        deployment.start_update()
    go_on.touch()
    update.wait_for_result()
    deployment.start_update().wait_for_result()
    assert [each.status for each in deployment.list_updates()] == ["SUCCESS", "SUCCESS"]
    first = deployment.list_updates()[-1]
    assert first.get_full_update().start_time == first.start_time


def test_another_bundle_is_out_of_sync_until_the_next_update(people, deployment, automation):
    deployment.start_update().wait_for_result()
    project = people.writer.get_project("P")
    project.export_bundle("v2")
    project.publish_bundle("v2")
    settings = deployment.get_settings()
    settings.bundle_id = "v2"
    settings.get_raw()["publishedProjectKey"] = "OTHER"
    settings.save()
    assert deployment.get_settings().published_project_key == "P"
    assert deployment.get_status().get_health() == "OUT_OF_SYNC"
    deployment.start_update().wait_for_result()
    assert deployment.get_status().get_health() == "HEALTHY"
    settings.bundle_id = "v3"
    with pytest.raises(DataikuException, match="Bundle v3 not found"):
        settings.save()


@pytest.mark.parametrize("late", [False, True])
def test_a_hook_may_be_told_another_bundle_than_is_deployed(people, deployment, hook, automation, sandbox, late):
    sandbox.deployment_updates.bundle_is_read_late = late
    project = people.writer.get_project("P")
    project.set_metadata({**project.get_metadata(), "label": "The second"})
    project.export_bundle("v2")
    project.publish_bundle("v2")
    # somebody saves other settings while the hook asks
    hook("""
        settings = deployer_client.get_projectdeployer().get_deployment(deployment_id).get_settings()
        settings.bundle_id = "v2"
        settings.save()
        return HookResult.success("")
    """)
    deployment.start_update().wait_for_result()
    assert automation.metadata("P_PROD")["label"] == ("The second" if late else "The project")
    assert deployment.get_status().get_health() == ("HEALTHY" if late else "OUT_OF_SYNC")


def test_a_failed_update_leaves_what_was_deployed_before(people, deployment, hook, automation):
    deployment.start_update().wait_for_result()
    project = people.writer.get_project("P")
    project.set_metadata({**project.get_metadata(), "label": "Renamed"})
    project.export_bundle("v2")
    project.publish_bundle("v2")
    settings = deployment.get_settings()
    settings.bundle_id = "v2"
    settings.save()
    hook('return HookResult.error("not v2")')
    assert deployment.start_update().wait_for_result()["error"]
    assert automation.metadata("P_PROD")["label"] == "The project"


def test_the_people_of_the_deployer_must_be_known_on_the_automation_node(deployment, automation, deployed):
    automation.accounts.change_user("operator", enabled=False)
    (only,) = deployment.start_update().wait_for_result()["messages"]
    assert "operator is disabled" in only["message"] and not deployed()


def test_an_infrastructure_without_a_node_deploys_nothing(people, client, published):
    client.get_projectdeployer().create_infra("EMPTY", "Test")
    deployment = client.get_projectdeployer().create_deployment("D", "P", "EMPTY", "v1")
    (only,) = deployment.start_update().wait_for_result()["messages"]
    assert "has no automation node" in only["message"]


def test_govern_may_prevent_warn_or_not_be_asked(client, infra, published, sandbox, deployed):
    deployer = client.get_projectdeployer()

    def ask(policy):
        settings = infra.get_settings()
        settings.get_raw()["governCheckPolicy"] = policy
        settings.save()

    ask("PREVENT")
    with pytest.raises(DataikuException, match="not integrated with Dataiku Govern"):
        deployer.create_deployment("D", "P", "PROD", "v1", ignore_warnings=True)
    ask("WARN")
    with pytest.raises(DataikuException, match="not integrated with Dataiku Govern"):
        deployer.create_deployment("D", "P", "PROD", "v1")
    deployment = deployer.create_deployment("D", "P", "PROD", "v1", "P_PROD", ignore_warnings=True)
    assert [each["severity"] for each in deployment.get_governance_status()["messages"]] == ["WARNING"]
    sandbox.deployments.governance = lambda key, package: []
    ask("PREVENT")
    assert deployment.get_governance_status("v1")["messages"] == []
    assert deployment.start_update().wait_for_result()["success"] and deployed()
    sandbox.deployments.governance = lambda key, package: [message("ERROR", "Not governed", f"{key} {package['id']}")]
    assert texts(deployment.start_update().wait_for_result()) == [("ERROR", "P v1")]
    ask("NO_CHECK")
    assert deployment.start_update().wait_for_result()["messages"] == []


def test_a_started_deployment_is_deleted_only_once_it_is_disabled(deployment):
    deployment.start_update().wait_for_result()
    with pytest.raises(DataikuException, match="must be disabled, and updated"):
        deployment.delete()
    settings = deployment.get_settings()
    settings.get_raw()["enabled"] = False
    settings.save()
    with pytest.raises(DataikuException, match="must be disabled, and updated"):
        deployment.delete()
    deployment.start_update().wait_for_result()
    deployment.delete()
    with pytest.raises(DataikuException, match="NotFoundException"):
        deployment.get_settings()


def test_the_deployer_may_be_a_node_of_its_own(sandbox, automation, people):
    sandbox.deployer_node = automation
    project = people.writer.get_project("P")
    project.export_bundle("v1")
    project.publish_bundle("v1")
    (package,) = automation.published_projects.packages("P")
    assert package["publishedBy"] == "writer" and sandbox.published_projects.packages("P") == []
    sandbox.create_user("newcomer", ("writer",))
    with pytest.raises(Exception, match="Unknown user newcomer"):
        sandbox.publish_bundle(sandbox.accounts.user("newcomer"), "P", "v1", "Q")
