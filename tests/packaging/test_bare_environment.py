"""The zip, unpacked, works with nothing but what DSS gives it: its requirements and the API client."""

from __future__ import annotations

import contextlib
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from support.hubs import set_up_hub, unchanged_configuration
from support.webapp import live_webapp

from govern_mirror_devkit.host import ComponentError, Connection, DatasetWrite, PluginHost, bare_environment
from govern_mirror_devkit.packaging.build import build
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.source import library, plugin_root

pytestmark = pytest.mark.environment

FORMS = {
    "initialize-workflow": {"scope": "all", "value_rating": "High", "start_date": "2026-03-01"},
    "record-qualification": {"decision": "Go", "project_plan": "Plan=https://example.com"},
    "advance-workflow": {},
    "governed-projects-report": {"step": ["exploration"], "decision": ["Go"]},
    "install-reporting-scenario": {"mail_to": "ada@example.com"},
    "edit-governed-project": {"field_1": "overview.sponsor", "value_1": "Ada"},
    "sync-with-govern": {"direction": "both"},
    "request-sign-off": {"address": "bundle/v1", "final": True},
    "review": {"address": "bundle/v1"},
    "configure-hub": {},
    "remind-reviewers": {},
    "set-up-hub": {"project": "Q", "dry_run": True},
}
"""In the order in which a user would come to them; a macro that is not named here runs with an empty form."""

CHECKS = {
    "decision-is": ("RUN_SUCCESS", 0),
    "no-problems": ("RUN_SUCCESS", 0),
    "qualification-complete": ("RUN_SUCCESS", 4),
    "workflow-reached-step": ("RUN_SUCCESS", 4),
}
"""What the Project Standards checks say after these forms; a step is the only thing they must be told."""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dss")
    with zipfile.ZipFile(build(plugin_root(), library(), folder / "dist")) as archive:
        archive.extractall(folder / "plugin")
    return folder / "plugin"


@pytest.fixture(scope="module")
def python(unpacked) -> Path:
    return bare_environment(unpacked.parent / "code-env", unpacked)


@pytest.fixture
def sandbox(unpacked, python):
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(contextlib.closing(Sandbox(plugin=PluginHost(unpacked, python))))
        sandbox.create_project("P", "The project")
        sandbox.create_project("Q")
        sandbox.messaging.create("mail", configuration={"sender": "dss@example.com"})
        govern = stack.enter_context(contextlib.closing(GovernSandbox()))
        with serve(sandbox), serve(govern):
            sandbox.govern_node_ref = govern.node_ref
            govern.node.govern("Q", govern.node.register_dataiku_project(sandbox.node_id, "Q").id)
            yield sandbox


def test_the_environment_has_nothing_of_this_project(python):
    code = "import importlib.util as u; print([n for n in ('govern_mirror', 'rich', 'pytest') if u.find_spec(n)])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_macro_and_recipe_work_there(sandbox, unpacked, python):
    host = PluginHost(unpacked, python)
    connection = Connection(sandbox.base_url, sandbox.admin_key)
    macros = {macro["id"] for macro in host.macros()}
    hub: dict[str, Any] = {}
    results = {}
    for macro_id in (*FORMS, *sorted(macros - set(FORMS))):
        form = FORMS.get(macro_id, {})
        if macro_id in ("request-sign-off", "review", "configure-hub", "remind-reviewers"):
            hub = hub or set_up_hub(sandbox, "P", "ana")
            form = {**form, "hub": hub}
        if macro_id == "configure-hub":
            form = {**form, **unchanged_configuration(sandbox)}
        results[macro_id] = host.run_macro(
            macro_id,
            sent=form,
            project_key="P",
            connection=connection,
            plugin_settings={"hub_project": hub.get("project")},
        )
    assert set(results) == macros
    assert ["Sign-off", "Review: Waiting for approval"] in results["request-sign-off"].payload["records"]
    assert ["Since then", "unchanged"] in results["review"].payload["records"]
    assert results["configure-hub"].payload["records"] == [["Nothing changes", "", ""]]
    assert results["remind-reviewers"].payload["records"][0][0] == "Off"
    assert results["set-up-hub"].payload["records"][0] == ["Hub", "Q would be the hub"]
    assert [row[:2] for row in results["initialize-workflow"].payload["records"]] == [
        ["P", "initialized"],
        ["Q", "initialized"],
    ]
    assert ["Resulting decision", "", "Go"] in results["record-qualification"].payload["records"]
    assert results["advance-workflow"].payload["records"][0] == ["Exploration", "Not started", "On going"]
    assert ["Sponsor", "", "Ada"] in results["edit-governed-project"].payload["records"]
    assert "The project" in results["governed-projects-report"].payload
    assert results["install-reporting-scenario"].payload["records"][0][:2] == ["scenario", "created"]
    assert ["P", "Governed", "yes", "", "governed in DSS only"] in results["sync-with-govern"].payload["records"]
    datasets: dict[str, DatasetWrite] = {}
    recipes = {recipe["id"]: recipe for recipe in host.recipes()}
    for recipe_id in ("governed-projects", "governance-trends"):
        recipe = recipes.pop(recipe_id)
        inputs, outputs = (
            {role["name"]: [f"P.{role['name']}"] for role in recipe[kind]} for kind in ("inputRoles", "outputRoles")
        )
        datasets |= host.run_recipe(
            recipe_id,
            params={},
            project_key="P",
            inputs=inputs,
            outputs=outputs,
            connection=connection,
            read_dataset=datasets.get,
        ).datasets
    assert not recipes, "run these recipes too"
    assert {row["project_key"]: row["decision"] for row in datasets["P.governed_projects"].rows} == {
        "P": "Go",
        "Q": None,
    }
    assert [(row["step"], row["projects"]) for row in datasets["P.flow"].rows] == [
        ("not_started", 1),
        ("exploration", 1),
    ]


def test_every_project_standards_check_works_there(sandbox, unpacked, python):
    host = PluginHost(unpacked, python)
    connection = Connection(sandbox.base_url, sandbox.admin_key)
    sandbox.create_project("R")
    for macro_id in ("initialize-workflow", "record-qualification", "advance-workflow"):
        form = {**FORMS[macro_id], **({"scope": "this"} if macro_id == "initialize-workflow" else {})}
        host.run_macro(macro_id, params=form, project_key="R", connection=connection)
    found = {}
    for check in host.checks():
        form = {param["name"]: "rollout" for param in check["params"] if param["name"] == "step"}
        result = host.run_check(check["id"], params=form, project_key="R", connection=connection)
        found[check["id"]] = (result.status, result.severity)
    assert found == CHECKS


def test_the_live_page_works_there(unpacked, python, tmp_path):
    with live_webapp(tmp_path, unpacked, python=python) as live:
        owner, reader = live.session("owner"), live.session("reader")
        assert owner.get(live.backend("api/me")).json()["login"] == "bruno"
        saved = live.edit(owner, "CHURN", overview__sponsor="Ada")
        assert (saved.status_code, saved.json()["saved"]["written"]) == (200, True)
        assert live.edit(reader, "CHURN", overview__sponsor="Eve").status_code == 403
        assert live.sandbox.metadata("CHURN")["customFields"]["govern_sponsor"] == "Ada"


def test_a_sandbox_may_run_the_plugin_there(sandbox):
    macro = "pyrunnable_govern-mirror_initialize-workflow"
    run = sandbox.macros.start(sandbox.admin, "P", macro, {"sponsor": "Ada"}, wait=True)
    result = sandbox.macros.take_result(sandbox.admin, "P", macro, run.id)
    assert result.payload["records"][0][0] == "P"
    assert sandbox.metadata("P")["customFields"]["govern_sponsor"] == "Ada"


def test_requirements_that_pip_cannot_install_are_told_with_its_words(tmp_path, python, monkeypatch):
    spec = tmp_path / "code-env" / "python" / "spec"
    spec.mkdir(parents=True)
    (spec / "requirements.txt").write_text("this is no requirement\n")
    # the environment is there already: making another takes long
    monkeypatch.setattr("venv.create", lambda folder, with_pip: None)
    with pytest.raises(ComponentError, match=r"Invalid requirement.*this is no requirement"):
        bare_environment(python.parents[1], tmp_path)
