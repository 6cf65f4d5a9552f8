"""Every client that is supported, from the command line and from the built zip: `make matrix`.

Each client version has a virtual environment of its own, with what a user installs and no more; beside it stand the
wheel and the plugin's requirements. Not collected by `make test`, since it installs from the package index.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
import requests
from support.hubs import set_up_hub, unchanged_configuration
from support.webapp import live_webapp

from govern_mirror_devkit.host import Connection, DatasetWrite, PluginHost
from govern_mirror_devkit.packaging.build import build
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.source import library, plugin_root

NEWEST = "newest"
CLIENTS = [
    ("12.6.4", "14.2.0"),
    ("13.5.6", "14.2.0"),
    ("14.7.5", "14.2.0"),
    ("14.7.5", "15.1.0"),
    (NEWEST, "14.2.0"),
    (NEWEST, "15.1.0"),
]
"""Client version, and the version of DSS that the sandbox is."""

COMMAND_LINE = ("click>=8.1,<9", "rich>=13.7,<16", "PyYAML>=6.0.1,<7", "python-calamine>=0.6,<1")
"""What the command line needs besides the plugin's requirements."""


def pip(python: Path, *requirements: str) -> None:
    """Install into an environment that has no pip of its own; with this one's."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    done = subprocess.run([*command, *requirements], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def new_environment(folder: Path) -> Path:
    venv.create(folder, with_pip=False)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def work(tmp_path_factory) -> Path:
    """A folder that all workers share."""
    base: Path = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "matrix"
    shared.mkdir(exist_ok=True)
    return shared


@contextlib.contextmanager
def made_once(folder: Path):
    """Tell whether something is to be made; whoever comes meanwhile waits."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not folder.exists()


@pytest.fixture(scope="session")
def plugin(work) -> Path:
    """The built zip, unpacked as DSS unpacks it."""
    with made_once(work / "plugin") as needed:
        if needed:
            with zipfile.ZipFile(build(plugin_root(), library(), work / "dist")) as archive:
                archive.extractall(work / "plugin")
    return work / "plugin"


@pytest.fixture(scope="session")
def shared_packages(work, plugin) -> Path:
    """Where the wheel, the plugin's requirements and those of the command line are installed."""
    with made_once(work / "shared") as needed:
        if needed:
            wheel = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(work / "wheel")]
            subprocess.run(wheel, cwd=plugin_root(), check=True, capture_output=True, timeout=120)
            python = new_environment(work / "shared")
            requirements = plugin / "code-env" / "python" / "spec" / "requirements.txt"
            pip(python, "-r", str(requirements), *COMMAND_LINE)
            pip(python, "--no-deps", *map(str, (work / "wheel").iterdir()))
    (packages,) = (work / "shared").glob("lib/python*/site-packages")
    return packages


@pytest.fixture
def python(work, shared_packages, client) -> Path:
    """The interpreter of an environment that has this client."""
    folder = work / f"client-{client}"
    with made_once(folder) as needed:
        if needed:
            python = new_environment(folder)
            # the client does not ask for six, which it imports
            pip(python, "dataiku-api-client" if client == NEWEST else f"dataiku-api-client=={client}", "six")
            (packages,) = folder.glob("lib/python*/site-packages")
            (packages / "shared.pth").write_text(f"{shared_packages}\n")
    return folder / "bin" / "python"


@pytest.fixture
def govern():
    with contextlib.closing(GovernSandbox()) as govern, serve(govern):
        yield govern


@pytest.fixture
def sandbox(plugin, python, govern, dss_version):
    host = PluginHost(plugin, python)
    with contextlib.closing(Sandbox(plugin=host, dss_version=dss_version)) as sandbox, serve(sandbox):
        sandbox.plugins.configure(settling_seconds=0)
        sandbox.messaging.create("mail", configuration={"sender": "dss@example.com"})
        sandbox.govern_node_ref = govern.node_ref
        for key in ("CHURN", "FRAUD"):
            sandbox.create_project(key, f"{key.title()} prediction", tags=["pii", "emea", "poc"])
            item = govern.node.register_dataiku_project(sandbox.node_id, key)
            govern.node.govern(f"{key.title()} prediction", item.id)
        yield sandbox


@pytest.fixture
def run(sandbox, python, tmp_path):
    """Run a command in the client's environment, as an administrator; its exit code is checked."""

    def run(*arguments: str, code: int = 0, key: str = sandbox.admin_key):
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "DKU_DSS_URL": sandbox.base_url, "DKU_API_KEY": key,
        }  # fmt: skip
        start = "import sys; from govern_mirror.cli.main import main; sys.exit(main())"
        done = subprocess.run(
            [python, "-c", start, *arguments],
            env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, f"{arguments}: {done.stdout}{done.stderr}"
        return done

    return run


def on_each_client(test):
    """Run a test with each client, all of one client in the same worker."""
    cases = [
        pytest.param(client, version, id=f"client-{client}-dss-{version}", marks=pytest.mark.xdist_group(client))
        for client, version in CLIENTS
    ]
    return pytest.mark.parametrize(("client", "dss_version"), cases)(test)


@on_each_client
def test_d2_commands_do_what_they_say_with_every_client(run, sandbox, govern, python, client, tmp_path):
    found = subprocess.run(
        [python, "-c", "from importlib.metadata import version; print(version('dataiku-api-client'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    assert client in (found, NEWEST)
    checks = json.loads(run("doctor", "CHURN", "--probe-write", "--format", "json").stdout)["checks"]
    assert {check["check"] for check in checks if check["verdict"] == "failed"} == set(), checks

    run("init", "--all", "--sponsor", "Ada", "--value", "High")
    run("qualify", "CHURN", "--risk", "Low", "--decision", "Go", "--project-plan", "Plan=https://example.com/plan")
    run("advance", "CHURN", "--to", "exploration")
    run("advance", "CHURN", "--to", "qualification")
    run("step", "note", "CHURN", "qualification", "Looks good")
    shown = json.loads(run("show", "CHURN", "--format", "json").stdout)
    assert shown["current_step"] == "qualification"
    assert sandbox.metadata("CHURN")["customFields"]["govern_decision"] == "Go"
    assert sorted(tag for tag in sandbox.metadata("CHURN")["tags"] if ":" not in tag) == ["emea", "pii", "poc"]

    run("gate", "CHURN", "--step", "qualification", "--decision", "Go")
    run("gate", "CHURN", "--step", "delivery", code=3)
    for form in ("html", "csv", "xlsx"):
        run("report", "-o", f"report.{form}")
        assert (tmp_path / f"report.{form}").stat().st_size > 100
    folder = sandbox.managed_folders.create(sandbox.admin, "CHURN", {"name": "reports"})["id"]
    run("report", "--publish-folder", f"CHURN.{folder}", "--publish-wiki", "CHURN", "-o", "r.json")

    run("scenario", "install", "CHURN", "--managed-folder", folder, "--mail", "ada@example.com")
    assert "unchanged" in run("scenario", "install", "CHURN").stdout.splitlines()[1]
    run("scenario", "remove", "CHURN")

    run("sync", "both", "--prefer", "dss")
    run("sync", "status")

    run("ungovern", "FRAUD", "--yes")
    assert "govern_decision" not in sandbox.metadata("FRAUD")["customFields"]


@on_each_client
def test_what_fails_is_told_in_a_sentence_with_every_client(run, sandbox):
    assert "NOSUCH" in run("show", "NOSUCH", code=1).stderr
    assert "key" in run("report", key="no-such-key", code=1).stderr.lower()
    reader = sandbox.create_user("reader", groups=("readers",))
    assert "CHURN" in run("init", "CHURN", key=reader, code=1).stdout
    sandbox.faults.set("GET /projects:json={}")
    run("report", code=1)


FORMS = {
    "initialize-workflow": {"scope": "all", "value_rating": "High", "start_date": "2026-03-01", "dry_run": False},
    "record-qualification": {"decision": "Go", "project_plan": "Plan=https://example.com"},
    "advance-workflow": {},
    "edit-governed-project": {"field_1": "overview.countries", "value_1": "CH"},
    "governed-projects-report": {"mail_to": "ada@example.com", "channel": "mail"},
    "install-reporting-scenario": {"mail_to": "ada@example.com"},
    "sync-with-govern": {"direction": "both"},
    "request-sign-off": {"hub": {"mode": "PRESET", "name": "hub"}, "address": "bundle/v1", "final": True},
    "review": {"hub": {"mode": "PRESET", "name": "hub"}, "address": "bundle/v1", "action": "look"},
    "configure-hub": {"hub": {"mode": "PRESET", "name": "hub"}},
    "remind-reviewers": {"hub": {"mode": "PRESET", "name": "hub"}},
    "set-up-hub": {"project": "FRAUD", "dry_run": True},
}
"""The macros, in the order in which a user would come to them."""


@on_each_client
def test_the_built_zip_works_with_every_client(sandbox, plugin, python):
    host, auth = PluginHost(plugin, python), (sandbox.admin_key, "")
    api = f"{sandbox.base_url}/public/api/projects/CHURN/runnables"
    assert set(FORMS) == {macro["id"] for macro in host.macros()}
    results = {}
    for macro_id, params in FORMS.items():
        if macro_id == "request-sign-off":
            set_up_hub(sandbox, "CHURN", "ana")
        if macro_id == "configure-hub":
            params = {**params, **unchanged_configuration(sandbox)}
        kind = f"pyrunnable_govern-mirror_{macro_id}"
        run = requests.post(f"{api}/{kind}?wait=true", json={"params": params}, auth=auth, timeout=60).json()
        answer = requests.get(f"{api}/{kind}/result/{run['runId']}", auth=auth, timeout=60)
        assert answer.status_code == 200, f"{macro_id}: {answer.text}"
        results[macro_id] = answer
    assert ["Since then", "unchanged"] in results["review"].json()["records"]
    assert results["configure-hub"].json()["records"] == [["Nothing changes", "", ""]]
    assert results["remind-reviewers"].json()["records"][0][0] == "Off"
    assert results["set-up-hub"].json()["records"][0] == ["Hub", "FRAUD would be the hub"]
    assert ["CHURN", "initialized"] in [row[:2] for row in results["initialize-workflow"].json()["records"]]
    assert "Churn prediction" in results["governed-projects-report"].text
    assert [mail.to for mail in sandbox.messaging.outbox] == [("ada@example.com",)]
    connection = Connection(sandbox.base_url, sandbox.admin_key)
    datasets: dict[str, DatasetWrite] = {}
    for recipe in sorted(host.recipes(), key=lambda recipe: recipe["id"], reverse=True):
        roles = {
            kind: {role["name"]: [f"CHURN.{role['name']}"] for role in recipe[kind]}
            for kind in ("inputRoles", "outputRoles")
        }
        datasets |= host.run_recipe(
            recipe["id"], project_key="CHURN", inputs=roles["inputRoles"], outputs=roles["outputRoles"],
            connection=connection, read_dataset=datasets.get,
        ).datasets  # fmt: skip
    assert {row["project_key"] for row in datasets["CHURN.governed_projects"].rows} == {"CHURN", "FRAUD"}
    for check in host.checks():
        form = {param["name"]: "exploration" for param in check["params"] if param["name"] == "step"}
        result = host.run_check(check["id"], params=form, project_key="CHURN", connection=connection)
        assert result.status == "RUN_SUCCESS", result.message


@on_each_client
def test_the_built_zip_serves_the_live_page_with_every_client(plugin, python, dss_version, tmp_path):
    with live_webapp(tmp_path, plugin, python=python, dss_version=dss_version) as live:
        owner, reader = live.session("owner"), live.session("reader")
        assert owner.get(live.backend("api/me"), timeout=60).json()["login"] == "bruno"
        saved = live.edit(owner, "CHURN", overview__sponsor="Ada")
        assert (saved.status_code, saved.json()["saved"]["written"]) == (200, True)
        assert live.edit(reader, "CHURN", overview__sponsor="Eve").status_code == 403
        assert live.sandbox.metadata("CHURN")["customFields"]["govern_sponsor"] == "Ada"
