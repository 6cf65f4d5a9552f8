"""The examples of docs/gate.md do what the document says."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import types
from pathlib import Path

import pytest
import responses
from standard import item
from support.projects import create_project

from govern_mirror import Move, MoveKind, connect_to, move, qualify
from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror.model.gate import Allowed
from govern_mirror.model.gate import gate as judge
from govern_mirror.model.item import Governance, ProjectFacts
from govern_mirror.model.workflow import StepState, Workflow
from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.source import plugin_root

DOCUMENT = (Path(__file__).parents[2] / "docs" / "gate.md").read_text(encoding="utf-8")
API = "https://dss.example.com/dip/publicapi"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.S)


@pytest.fixture
def churn(dss, run):
    """A project in progress with the decision Go, as in the document's JSON."""
    create_project(dss, "CHURN")
    for command in ("init CHURN", *["advance CHURN"] * 3, "qualify CHURN --decision go"):
        assert run(*command.split()).code == 0


def test_the_printed_json_is_what_the_printed_command_prints(churn, run):
    (command,) = re.findall(r"^\$ govern-mirror (.*)$", DOCUMENT, re.M)
    (printed,) = (block for block in blocks("json") if "format_version" in block)
    ended = run(*shlex.split(command))
    assert ended.code == 3 and ended.json == json.loads(printed)


def test_the_commands_of_the_ci_job_are_commands(churn, run):
    (job,) = blocks("yaml")
    (command,) = re.findall(r"- govern-mirror (.*)$", job, re.M)
    assert run(*shlex.split(command)).code == 3
    run("advance", "CHURN", "--to", "rollout")
    assert run(*shlex.split(command)).code == 0


def test_the_script_tells_a_closed_gate_from_a_failure(tmp_path, sandbox):
    (script,) = blocks("bash")
    bin_folder = Path(sys.executable).parent

    def ran(url: str) -> tuple[int, str]:
        environment = {
            "PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": str(tmp_path), "DKU_DSS_URL": url,
            "DKU_API_KEY": sandbox.admin_key,
        }  # fmt: skip
        arguments = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(arguments, cwd=tmp_path, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout

    sandbox.create_project("CHURN")
    with serve(sandbox) as url:
        assert ran(url) == (1, "stopped: CHURN is not governed: initialize the Govern workflow on it first\n")
        fields = {f"govern_status_{step}": "FINISHED" for step in ("exploration", "qualification", "progress")}
        fields |= {"govern_status_rollout": "ONGOING", "govern_decision": "Go"}
        sandbox.edit_metadata("CHURN", lambda metadata: metadata["customFields"].update(fields))
        code, said = ran(url)
        assert code == 1 and said.startswith("stopped: CHURN has nothing but what anybody could have typed")
        session = connect_to(url, sandbox.admin_key)
        qualify(session, "CHURN", {"qualification.decision": "Go"})
        move(session, "CHURN", Move(MoveKind.SET, "rollout", "as it is"))
        assert ran(url) == (0, "CHURN may be deployed\n")
    code, said = ran("http://127.0.0.1:9")
    assert code == 1 and said.startswith("the gate could not be asked: Error: DSS cannot be reached")


def test_every_row_of_the_table_is_so():
    """Each row of the table that tells of statuses, read by its words."""
    words = {
        "finished": Status.FINISHED, "on going": Status.ONGOING, "skipped": Status.SKIPPED,
        "not started": Status.NOT_STARTED, "hidden": Status.SKIPPED,
    }  # fmt: skip
    verdicts = {"met": (True, True), "met with `--allow-skipped` only": (False, True), "not met": (False, False)}
    names = {step.name: step.id for step in STANDARD.steps}
    seen = 0
    for state, verdict in re.findall(r"^\| (.*?) \| ((?:not )?met.*?) \|$", DOCUMENT, re.M):
        told = re.findall(rf"({'|'.join(names)}) ({'|'.join(words)})(?: or ({'|'.join(words)}))?", state)
        if not told or "disorder" in state:
            continue
        for which in (1, 2):
            statuses = {names[row[0]]: words[row[which] or row[1]] for row in told}
            if names["In Progress"] in statuses:
                statuses.setdefault("exploration", Status.FINISHED)
            hidden = {names[row[0]] for row in told if "hidden" in row}
            steps = tuple(
                StepState(step.id, step.name, statuses.get(step.id, Status.NOT_STARTED), is_hidden=step.id in hidden)
                for step in STANDARD.steps
            )
            project = item(ProjectFacts("CHURN"), Workflow(steps), Governance.GOVERNED, has_own_record=True)
            found = tuple(
                judge(project, "qualification", allowed=Allowed(skipped=skipped)).met for skipped in (False, True)
            )
            assert found == verdicts[verdict], state
            seen += 1
    assert seen == 14


# inside DSS


@pytest.fixture
def in_dss(monkeypatch, store):
    """The module `dataiku` as a scenario's step finds it; which plugins' libraries were asked for."""
    asked: list[str] = []
    dataiku = types.ModuleType("dataiku")
    dataiku.api_client = lambda: store.client
    dataiku.default_project_key = lambda: "CHURN"
    dataiku.use_plugin_libs = asked.append
    monkeypatch.setitem(sys.modules, "dataiku", dataiku)
    return asked


def test_the_scenarios_step_fails_until_the_gate_is_met(churn, run, in_dss):
    step = next(block for block in blocks("python") if "use_plugin_libs" in block)
    with pytest.raises(RuntimeError, match="CHURN has not reached Validation and Roll-out"):
        exec(step, {})
    run("advance", "CHURN", "--to", "rollout")
    exec(step, {})
    run("qualify", "CHURN", "--decision", "on hold")
    with pytest.raises(RuntimeError, match="CHURN has the decision On hold"):
        exec(step, {})
    assert in_dss == [json.loads((plugin_root() / "plugin.json").read_text())["id"]] * 3


@pytest.mark.parametrize(
    ("result", "fails"),
    [
        ({"status": "RUN_SUCCESS", "severity": 0, "message": "m"}, False),
        ({"status": "RUN_SUCCESS", "severity": 3, "message": "m"}, False),
        ({"status": "NOT_APPLICABLE", "message": "m"}, False),
        ({"status": "RUN_SUCCESS", "severity": 4, "message": "m"}, True),
        ({"status": "RUN_ERROR", "message": "m"}, True),
    ],
)
def test_the_documented_step_reads_the_clients_standards_report(in_dss, store, result, fails):
    step = next(block for block in blocks("python") if "start_run_project_standards" in block)
    report = {"bundleChecksRunInfo": {"c": {"check": {"id": "c", "name": "Ready"}, "result": result}}}
    with responses.RequestsMock() as mock:
        mock.post(f"{API}/projects/CHURN/project-standards/actions/run", json={"jobId": "j"})
        mock.get(f"{API}/futures/j", json={"hasResult": True, "result": report})
        if fails:
            with pytest.raises(RuntimeError, match="Ready: m"):
                exec(step, {})
        else:
            exec(step, {})


def test_the_documented_setup_names_a_check_and_its_form():
    script = next(block for block in blocks("python") if "create_checks" in block)
    with responses.RequestsMock() as mock:
        imported = mock.post(f"{API}/project-standards/checks/actions/import", json=[{"id": "c1", "name": "n"}])
        saved = mock.put(f"{API}/project-standards/checks/c1", json={})
        scoped = mock.post(f"{API}/project-standards/scopes/Production", json={})
        exec(script, {})
        named = imported.calls[0].request.params["checkSpecElementTypes"]  # the client puts it into the address
        params = json.loads(saved.calls[0].request.body)["checkParams"]
        scope = json.loads(scoped.calls[0].request.body)
    (spec,) = [each for each in PluginHost(plugin_root()).checks() if each["elementType"] == named]
    assert set(params) <= {param["name"] for param in spec["params"]}
    assert (scope["checks"], scope["selectedTags"]) == (["c1"], ["production"])
