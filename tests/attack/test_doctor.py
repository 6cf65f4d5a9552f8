"""What `doctor` sees: how the instance is reached, who reads the key, what DSS does, who reads a scheduled report."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from werkzeug import Response

from govern_mirror.cli.main import main
from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance
from govern_mirror_devkit.source import plugin_root

URL = "https://dss.example.com"
READERS = {"group": "readers", "readProjectContent": True}


@pytest.fixture
def sandbox():
    with contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()))) as sandbox:
        sandbox.create_project("CHURN", "Churn", permissions=[READERS])
        yield sandbox


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("DKU_DSS_URL", "DKU_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def doctor(sandbox, home, monkeypatch) -> Callable[..., SimpleNamespace]:
    """`doctor` against an address, with a key in the environment or with options; its checks by name."""

    def doctor(*arguments, url=URL, key=None, options=(), environment=True, code=0):
        if environment:
            monkeypatch.setenv("DKU_DSS_URL", url)
            monkeypatch.setenv("DKU_API_KEY", key or sandbox.admin_key)
        with mock_instance(sandbox, url):
            result = CliRunner().invoke(main, [*map(str, options), "doctor", *arguments, "--format", "json"])
        assert result.exit_code == code, result.output
        assert sandbox.admin_key not in result.output
        checks = {check["check"]: SimpleNamespace(**check) for check in json.loads(result.stdout)["checks"]}
        return SimpleNamespace(**{"all": checks, **{name.replace(" ", "_"): check for name, check in checks.items()}})

    return doctor


@pytest.fixture
def answer(sandbox):
    """Let a path be answered with something of the test's own."""

    def answer(path, status, body):
        answered = sandbox.faults.around

        def around(method, asked, found):
            other = Response(json.dumps(body), status=status, content_type="application/json")
            return answered(method, asked, (lambda: other) if asked.rstrip("/") == path else found)

        sandbox.faults.around = around

    return answer


def error(kind, message):
    return {"errorType": f"com.dataiku.{kind}", "message": message, "detailedMessage": message}


# how the instance is reached -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "verdict", "words"),
    [
        ("http://dss.example.com", "warning", "is plain http"),
        ("http://dss.example.com:11200", "warning", "use https"),
        ("http://10.1.2.3:11200", "warning", "is plain http"),
        ("http://localhost.example.com", "warning", "is plain http"),
        ("http://127.0.0.1.example.com", "warning", "is plain http"),
        ("https://dss.example.com", "ok", "encrypted"),
        ("http://127.0.0.1:11200", "ok", "on this machine"),
        ("http://127.9.9.9:11200", "ok", "on this machine"),
        ("http://localhost:11200", "ok", "on this machine"),
        ("http://[::1]:11200", "ok", "on this machine"),
    ],
)
def test_plain_http_is_a_warning_off_this_machine(url, verdict, words, doctor):
    address = doctor(url=url).address
    assert address.verdict == verdict and words in address.detail and url in address.detail


def test_certificates_that_are_not_checked_are_a_warning(doctor):
    assert doctor().certificates.verdict == "ok"
    certificates = doctor(options=["--no-check-certificate"]).certificates
    assert certificates.verdict == "warning" and "REQUESTS_CA_BUNDLE" in certificates.detail


def test_certificates_are_no_question_without_tls(doctor):
    assert "certificates" not in doctor(url="http://127.0.0.1:11200").all


# the key -----------------------------------------------------------------------------------------------------------


def test_key_on_the_command_line_is_a_warning(doctor, sandbox):
    source = doctor(options=["--url", URL, "--api-key", sandbox.admin_key], environment=False).key_source
    assert source.verdict == "warning" and "list of processes" in source.detail and "--api-key-file" in source.detail


def test_key_in_the_environment_is_in_order(doctor):
    assert doctor().key_source.verdict == "ok"


@pytest.mark.parametrize(
    ("mode", "verdict", "words"),
    [
        (0o600, "ok", "the key comes from"),
        (0o400, "ok", "the key comes from"),
        (0o640, "warning", "the users of its group"),
        (0o644, "warning", "every user of this machine"),
        (0o604, "warning", "every user of this machine"),
    ],
    ids=["600", "400", "640", "644", "604"],
)
@pytest.mark.parametrize("kind", ["key file", "config file", "config file by name"])
def test_rights_of_the_file_with_the_key_are_told(kind, mode, verdict, words, doctor, sandbox, home):
    if kind == "key file":
        path, options = home / "key", ["--url", URL, "--api-key-file", home / "key"]
        path.write_text(sandbox.admin_key)
    else:
        path, options = home / ".dataiku" / "config.json", ["--instance", "prod"] if "name" in kind else []
        path.parent.mkdir()
        config = {"dss_instances": {"prod": {"url": URL, "api_key": sandbox.admin_key}}, "default_instance": "prod"}
        path.write_text(json.dumps(config))
    path.chmod(mode)
    source = doctor(options=options, environment=False).key_source
    assert source.verdict == verdict and words in source.detail and str(path) in source.detail
    assert ("chmod 600" in source.detail) is (verdict == "warning")


def test_key_from_a_pipe_has_no_rights_to_complain_of(doctor, sandbox, home):
    pipe = home / "pipe"
    os.mkfifo(pipe, 0o644)
    keeper = os.open(pipe, os.O_RDWR)
    os.write(keeper, sandbox.admin_key.encode())
    from govern_mirror.actions.doctor import KeyOrigin, KeySource

    assert KeySource(KeyOrigin.FILE, pipe).advice is None
    os.close(keeper)


# versions ----------------------------------------------------------------------------------------------------------


def test_versions_of_client_python_and_dss_are_told(doctor):
    found = doctor()
    for word in ("dataiku-api-client ", "govern-mirror ", "Python 3."):
        assert word in found.client.detail
    assert found.version.detail.startswith("DSS 14") and found.version.verdict == "ok"


def test_old_dss_is_a_warning(doctor, answer):
    answer("/instance-info", 200, {"nodeId": "old", "nodeType": "DESIGN", "dssVersion": "11.4.1"})
    assert doctor().version.verdict == "warning" and "older than 12.6" in doctor().version.detail


def test_old_client_is_a_warning(doctor, monkeypatch):
    monkeypatch.setattr("govern_mirror.actions.doctor.version", lambda package: "12.5.2")
    assert doctor().client.verdict == "warning" and "update it" in doctor().client.detail


# settings: not found, forbidden and an error are three answers ------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, error("server.controllers.NotFoundException", "no plugin"), "the plugin is not installed there"),
        (403, error("exceptions.UnauthorizedException", "no right"), "this key may not read the plugin's settings"),
        (400, error("IllegalArgumentException", "broken"), "settings cannot be read, so that the rules in force"),
        (200, {"something": "else"}, "settings cannot be read, so that the rules in force"),
    ],
    ids=["not found", "forbidden", "error", "another shape"],
)
def test_unreadable_settings_have_three_answers(status, body, words, doctor, answer):
    answer("/plugins/govern-mirror/settings", status, body)
    settings = doctor().settings
    assert settings.verdict == "warning" and words in settings.detail and "give them with --settings" in settings.detail


def test_readable_settings_are_in_order(doctor):
    assert doctor().settings.verdict == "ok"


def test_settings_that_were_given_instead_are_told(doctor, answer, home):
    answer("/plugins/govern-mirror/settings", 403, error("exceptions.UnauthorizedException", "no right"))
    (home / "settings.json").write_text("{}")
    settings = doctor(options=["--settings", home / "settings.json"]).settings
    assert settings.verdict == "warning" and "those given with --settings are used" in settings.detail


# what a write does -------------------------------------------------------------------------------------------------


def probe(doctor):
    return doctor("CHURN", "--probe-write").write_CHURN


@pytest.mark.parametrize(
    ("moves", "words"),
    [(True, "a metadata write moves the project's version tag"), (False, "does not move the project's version tag")],
    ids=["moves", "does not move"],
)
def test_r6_whether_a_write_moves_the_version_is_learnt(moves, words, doctor, sandbox):
    sandbox.projects.metadata_write_moves_version_tag = moves
    assert probe(doctor).verdict == "ok" and words in probe(doctor).detail


def test_r6_version_is_known_by_its_number_alone(doctor, sandbox):
    sandbox.projects.metadata_write_moves_version_tag = False
    tags = iter(range(100))
    answered = sandbox.faults.around

    def around(method, path, found):
        response = answered(method, path, found)
        if (method, path) == ("GET", "/projects/CHURN"):
            body = json.loads(response.get_data())
            body["versionTag"]["lastModifiedOn"] += next(tags)
            return Response(json.dumps(body), content_type="application/json")
        return response

    sandbox.faults.around = around
    assert "does not move the project's version tag" in probe(doctor).detail


def test_r6_probe_is_one_read_and_one_write(doctor, sandbox):
    asked = []
    answered = sandbox.faults.around

    def around(method, path, found):
        asked.append((method, path))
        return answered(method, path, found)

    sandbox.faults.around = around
    probe(doctor)
    put = asked.index(("PUT", "/projects/CHURN/metadata"))
    assert asked[put - 1] == ("GET", "/projects/CHURN/metadata")


def test_r6_write_of_others_meanwhile_is_told(doctor, sandbox):
    def edit():
        sandbox.edit_metadata("CHURN", lambda metadata: metadata.update(description="mine"))

    sandbox.faults.before("PUT", "/projects/CHURN/metadata", edit)
    check = probe(doctor)
    assert check.verdict == "warning" and "moved by 1 more: somebody else wrote meanwhile" in check.detail


def test_r6_missing_version_number_is_told(doctor, answer):
    answer("/projects/CHURN", 200, {"projectKey": "CHURN", "name": "Churn"})
    assert "DSS tells no version number" in probe(doctor).detail


def test_r6_probe_without_an_answer_says_what_to_look_at(doctor, sandbox):
    sandbox.faults.set("PUT /projects/CHURN/metadata:timeout-after-write")
    check = doctor("CHURN", "--probe-write", code=1).write_CHURN
    assert check.verdict == "failed" and "may have been written back as it was read" in check.detail


@pytest.mark.parametrize(
    ("sent", "given_back"), [(["b", "a"], ["a", "b"]), (["a", "b", "a"], ["b", "a"])], ids=["order", "duplicates"]
)
def test_s3_tags_in_another_order_are_no_change(sent, given_back, doctor, sandbox):
    sandbox.edit_metadata("CHURN", lambda metadata: metadata.update(tags=sent))
    answered, written = sandbox.faults.around, []

    def around(method, path, found):
        response = answered(method, path, found)
        if path == "/projects/CHURN/metadata":
            if method == "PUT":
                written.append(1)
            else:
                body = json.loads(response.get_data())
                body["tags"] = given_back if written else sent
                return Response(json.dumps(body), content_type="application/json")
        return response

    sandbox.faults.around = around
    check = probe(doctor)
    assert check.verdict == "ok" and "tags come back in another order" in check.detail


def test_metadata_that_comes_back_otherwise_is_a_warning(doctor, sandbox):
    def edit():
        sandbox.edit_metadata("CHURN", lambda metadata: metadata.update(tags=["another"], shortDesc="x"))

    hook = sandbox.faults.before
    hook("PUT", "/projects/CHURN/metadata", lambda: hook("GET", "/projects/CHURN/metadata", edit))
    check = probe(doctor)
    assert check.verdict == "warning" and "look at" in check.detail and "tags" in check.detail


# the scheduled report ----------------------------------------------------------------------------------------------


@pytest.fixture
def install(sandbox, home):
    """Install a scheduled report in HUB whose page is published there."""
    sandbox.create_project("HUB", "The hub", permissions=[READERS, {"group": "writers", "writeProjectContent": True}])
    folder = sandbox.managed_folders.create(sandbox.admin, "HUB", {"name": "reports"})["id"]

    def install(key=None):
        options = ["--url", URL, "--api-key", key or sandbox.admin_key]
        with mock_instance(sandbox, URL):
            result = CliRunner().invoke(main, [*options, "scenario", "install", "HUB", "--managed-folder", folder])
        assert result.exit_code == 0, result.output

    return install


def govern(sandbox, key):
    with mock_instance(sandbox, URL):
        result = CliRunner().invoke(main, ["--url", URL, "--api-key", sandbox.admin_key, "init", key])
    assert result.exit_code == 0, result.output


def test_t13_doctor_says_nothing_of_a_schedule_that_is_not_there(doctor):
    assert "scenario CHURN" not in doctor("CHURN").all


def test_t13_doctor_tells_of_readers_who_see_less(doctor, sandbox, install):
    sandbox.create_project("SECRET")
    for key in ("SECRET", "CHURN"):
        govern(sandbox, key)
    install()
    sandbox.faults.set("GET /admin/users:403")
    check = doctor("HUB").scenario_HUB
    assert check.verdict == "warning" and "runs as admin" in check.detail
    assert "tells its readers of 2 projects that not all of them may see: CHURN, SECRET" in check.detail


def test_t13_doctor_tells_of_a_run_as_user_who_sees_less(doctor, sandbox, install):
    key = sandbox.create_user("writer", groups=("writers",))
    sandbox.create_project("SECRET")
    install(key)
    detail = doctor("HUB").scenario_HUB.detail
    assert "writer does not see 2 of the instance's projects" in detail and "CHURN, SECRET" in detail


def test_t13_doctor_finds_a_sound_schedule_sound(doctor, sandbox, install):
    install()
    check = doctor("HUB").scenario_HUB
    assert check.verdict == "ok" and check.detail.startswith("runs as admin")


def test_t13_doctor_says_what_it_cannot_know(doctor, sandbox, install):
    install()
    reader = sandbox.create_user("rita", groups=("readers",))
    detail = doctor("HUB", key=reader).scenario_HUB.detail
    assert "cannot be known" in detail and "the permissions of HUB cannot be read" in detail
    sandbox.faults.set("GET /projects/HUB/scenarios:500")
    check = doctor("HUB").scenario_HUB
    assert check.verdict == "warning" and "whether a scheduled report is installed cannot be known" in check.detail
