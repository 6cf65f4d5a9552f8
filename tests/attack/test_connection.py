"""Which instance is asked and with which key: files, environments and options as they come in real life."""

import copy
import dataclasses
import json
import os
import pickle
import re
import threading
from pathlib import Path

import pytest
from support.command_line import run_command as command
from support.http_servers import watched

from govern_mirror.connection import Instance, Options, Secret, resolve
from govern_mirror.errors import InputError

BOM = "\ufeff"


@pytest.fixture
def home(monkeypatch, tmp_path):
    for name in ("DKU_DSS_URL", "DKU_API_KEY", "DKU_GOVERN_URL", "DKU_GOVERN_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".dataiku").mkdir()
    return tmp_path


@pytest.fixture
def dss(sandbox, home):
    with watched(sandbox) as (front, url):
        front.url, front.key = url, sandbox.admin_key
        yield front


def config(home, text, mode=0o600):
    path = home / ".dataiku" / "config.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    path.chmod(mode)
    return path


# byte order marks, and what nobody sees ------------------------------------------------------------


def test_p10_files_with_a_byte_order_mark_are_read(dss, home):
    key_file = home / "key"
    key_file.write_text(f"{BOM}{dss.key}\r\n", encoding="utf-8")
    assert command("--url", dss.url, "--api-key-file", key_file, "report").code == 0
    entries = {"dss_instances": {"prod": {"url": dss.url, "api_key": dss.key}}}
    config(home, BOM + json.dumps(entries))
    assert command("report").code == 0
    settings = home / "settings.json"
    settings.write_text(BOM + '{"stale_after_days": 3}', encoding="utf-8")
    assert command("--settings", settings, "report").code == 0


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        ("\u200b", "ZERO WIDTH SPACE"),
        ("\u200d", "ZERO WIDTH JOINER"),
        ("\u202e", "RIGHT-TO-LEFT OVERRIDE"),
        ("\u00a0", "NO-BREAK SPACE"),
        ("\u2013", "EN DASH"),
        ("é", "LATIN SMALL LETTER E WITH ACUTE"),
        ("\n", "control character"),
        (" ", "SPACE"),
        ("\x00", "control character"),
    ],
)
@pytest.mark.parametrize("source", ["file", "environment", "config", "library"])
def test_p10_what_no_key_holds_is_named_and_the_key_is_not(home, monkeypatch, mark, name, source):
    key = f"dkuaps-{mark}tail"
    if source == "library":
        with pytest.raises(InputError, match=name) as raised:
            Instance("https://dss.example.com", key)
        assert "dkuaps" not in str(raised.value)
        return
    if source == "file":
        (home / "key").write_text(key, encoding="utf-8")
        arguments = ("--url", "http://127.0.0.1:9", "--api-key-file", home / "key", "report")
    elif source == "environment":
        if mark == "\x00":
            return  # no environment holds it
        monkeypatch.setenv("DKU_DSS_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("DKU_API_KEY", key)
        arguments = ("report",)
    else:
        config(home, {"dss_instances": {"prod": {"url": "http://127.0.0.1:9", "api_key": key}}})
        arguments = ("report",)
    ended = command(*arguments)
    assert ended.code == 2 and name in ended.err and "dkuaps" not in ended.err and "place 8" in ended.err


# home folders and config files ---------------------------------------------------------------------


def test_p12_no_home_folder_is_needed_where_address_and_key_are_given(dss, monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.setenv("DKU_API_KEY", dss.key)
    monkeypatch.setenv("DKU_DSS_URL", dss.url)
    assert command("report").code == 0
    monkeypatch.delenv("DKU_DSS_URL")
    monkeypatch.delenv("DKU_API_KEY")
    ended = command("report")
    assert ended.code == 2 and "DKU_DSS_URL" in ended.err


def test_p12_a_home_folder_that_may_not_be_read_holds_no_config(dss, home, monkeypatch):
    def refused(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "is_file", refused)
    ended = command("report")
    assert ended.code == 2 and "no DSS instance given" in ended.err
    monkeypatch.setenv("DKU_API_KEY", dss.key)
    monkeypatch.setenv("DKU_DSS_URL", dss.url)
    assert command("report").code == 0


INCOMPLETE = ({}, {"url": "https://x"}, {"api_key": "k"}, {"url": 1, "api_key": "k"}, None, [], "x")


@pytest.mark.parametrize("entry", INCOMPLETE)
def test_p13_only_the_chosen_entry_is_checked(dss, home, entry):
    good = {"url": dss.url, "api_key": dss.key}
    config(home, {"dss_instances": {"broken": entry, "prod": good}, "default_instance": "prod"})
    assert command("report").code == 0
    assert command("--instance", "prod", "report").code == 0
    ended = command("--instance", "broken", "report")
    assert ended.code == 2 and "broken" in ended.err and dss.key not in ended.err


@pytest.mark.parametrize(
    "text",
    ["", "[]", "1", "{", '{"dss_instances": []}', '{"default_instance": 1}', "[" * 5000, '{"dss_instances": null}'],
)
def test_p13_a_config_file_that_is_none_is_named(home, text):
    path = config(home, text)
    ended = command("report")
    assert ended.code == 2 and str(path) in ended.err and "Traceback" not in ended.err


# files that never end ------------------------------------------------------------------------------


@pytest.fixture
def no_backoff(monkeypatch):
    monkeypatch.setattr("govern_mirror.files.PIPE_TIMEOUT", 0.1)


FILE_OPTIONS = (
    ("--url", "http://127.0.0.1:9", "--api-key-file", "{}", "report"),
    ("--url", "http://127.0.0.1:9", "--api-key", "k", "--settings", "{}", "report"),
)


@pytest.mark.usefixtures("home", "no_backoff")
@pytest.mark.parametrize("arguments", FILE_OPTIONS)
@pytest.mark.parametrize("kind", ["device", "pipe", "folder", "huge", "missing", "null", "latin1"])
def test_low_bounded_files_end_with_a_sentence(tmp_path, arguments, kind):
    path = tmp_path / "given"
    if kind == "device":
        path = Path("/dev/zero")
    elif kind == "null":
        path = Path("/dev/null")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(1 << 32)
    elif kind == "latin1":
        path.write_bytes(b"caf\xe9")
    ended = command(*(each.format(path) for each in arguments))
    assert ended.code == 2 and str(path) in ended.err and "Traceback" not in ended.err


def test_low_bounded_files_may_be_pipes(dss, tmp_path):
    path = tmp_path / "key"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_text(dss.key))
    writer.start()
    assert command("--url", dss.url, "--api-key-file", path, "report").code == 0
    writer.join()


@pytest.mark.usefixtures("no_backoff")
def test_low_bounded_config_files_end_with_a_sentence(home):
    path = home / ".dataiku" / "config.json"
    for make in (lambda: path.symlink_to("/dev/zero"), lambda: path.write_bytes(b" " * (2 << 20))):
        path.unlink(missing_ok=True)
        make()
        assert command("report").code == 2


# notices -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "told"), [(0o600, False), (0o640, False), (0o644, True), (0o604, True)])
def test_low_world_readable_key_files_are_told_once(dss, home, mode, told):
    (home / "key").write_text(dss.key)
    (home / "key").chmod(mode)
    ended = command("--url", dss.url, "--api-key-file", home / "key", "report")
    assert ended.code == 0 and ended.err.count("chmod 600") == int(told)
    config(home, {"dss_instances": {"prod": {"url": dss.url, "api_key": dss.key}}}, mode)
    assert command("report").err.count("chmod 600") == int(told)
    assert command("-q", "report").err == ""


def test_low_api_key_on_the_command_line_is_told(dss):
    ended = command("--url", dss.url, "--api-key", dss.key, "report")
    assert ended.code == 0 and ended.err.count("list of processes") == 1 and dss.key not in ended.err


PLAIN = {
    "http://dss.example.com": True,
    "http://10.0.0.1:11200": True,
    "http://[fd00::1]": True,
    "http://localhost.example.com": True,
    "http://0.0.0.0": True,
    "https://dss.example.com": False,
    "http://localhost:11200": False,
    "http://127.8.0.1": False,
    "http://[::1]:8": False,
    "http://dss.localhost": False,
    "HTTP://LOCALHOST": False,
    "http://127.0.0.1.example.com": True,
}


@pytest.mark.parametrize(("address", "told"), PLAIN.items())
def test_low_plain_http_is_told_unless_it_stays_on_this_machine(address, told):
    instance = resolve(Options(url=address), {"DKU_API_KEY": "k"}, None)
    assert any("plain http" in notice for notice in instance.notices) is told
    assert bool(Instance(address, "k").notices) is told


def test_low_plain_http_is_told_on_stderr_once(monkeypatch, sandbox, home):
    monkeypatch.setenv("DKU_DSS_URL", "http://dss.example.com")
    monkeypatch.setenv("DKU_API_KEY", sandbox.admin_key)
    from govern_mirror_devkit.sandbox.mock_instance import mock_instance

    with mock_instance(sandbox, "http://dss.example.com"):
        assert command("report").err.count("plain http") == 1
        assert command("-q", "report").err == ""


# keys in memory ------------------------------------------------------------------------------------


def test_low_asdict_does_not_hold_the_key():
    for instance in (Instance("https://x", "dkuaps-secret"), Instance("https://x", Secret("dkuaps-secret"))):
        told = [repr(instance), str(dataclasses.asdict(instance)), str(vars(instance)), str(copy.deepcopy(instance))]
        told += [str(dataclasses.astuple(instance)), json.dumps(dataclasses.asdict(instance), default=str)]
        assert not any("dkuaps" in text for text in told)
        with pytest.raises(TypeError):
            pickle.dumps(instance)
        assert instance.reveal_key() == "dkuaps-secret"
        assert dataclasses.replace(instance, url="https://y").reveal_key() == "dkuaps-secret"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "dss.example.com",
        "ftp://dss",
        "https://",
        "https://:443",
        "https://dss:0",
        "https://dss:99999",
        "https://dss:x",
        "https://d ss",
        "https://dss?x=1",
        "https://dss#x",
        "https://dss\r\nHost: y",
        "https://[::1",
        "javascript:alert(1)",
        "http:dss",
        "https://dss\\x",
    ],
)
def test_t7_what_is_no_address_is_refused_with_a_sentence(home, address):
    with pytest.raises(InputError):
        Instance(address, "k")
    ended = command("--url", address, "--api-key", "k", "report")
    assert ended.code == 2 and "Traceback" not in ended.err and "\r" not in ended.err


def test_t7_a_password_in_the_external_address_reaches_no_report(dss, sandbox, home):
    from govern_mirror.actions.session import connect_to

    for address, link in {
        "https://user:pa55word@dss.example.com": None,
        "https://dss.example.com/": "https://dss.example.com",
        "javascript:alert(1)": None,
    }.items():
        sandbox.external_url = address
        assert connect_to(dss.url, dss.key).store.external_url() == link


# clients of other versions -------------------------------------------------------------------------


def test_d2_a_client_that_knows_no_certificate_option_will_do(dss, monkeypatch):
    import dataikuapi
    from standard import GovernNode, ProjectStore

    from govern_mirror.dss import connect
    from govern_mirror.govern_node import connect_govern

    def old(kind):
        class Old(kind):
            def __init__(self, host, api_key=None, internal_ticket=None, extra_headers=None):
                super().__init__(host, api_key, internal_ticket, extra_headers)

        return Old

    monkeypatch.setattr("govern_mirror.dss.client.Client", old(dataikuapi.DSSClient))
    monkeypatch.setattr("govern_mirror.govern_node.connection.GovernClient", old(dataikuapi.GovernClient))
    for check in (True, False):
        assert ProjectStore(connect(Instance(dss.url, dss.key, check))).login() == "admin"
        node = GovernNode(connect_govern(Instance(dss.url, dss.key, check)))
        assert node.client._session.verify is check
    assert command("--url", dss.url, "--api-key", dss.key, "--no-check-certificate", "report").code == 0


def test_d2_what_is_declared_lets_old_clients_in():
    root = Path(__file__).parents[2]
    assert re.search(r'"dataiku-api-client>=12\.6"', (root / "pyproject.toml").read_text())
    assert re.search(r"^six", (root / "code-env/python/spec/requirements.txt").read_text(), re.M)


@pytest.mark.parametrize("version", ["14.2.0", "15.1.0"])
def test_s12_a_missing_project_is_told_in_both_releases(home, version):
    import contextlib

    from govern_mirror_devkit.sandbox.app import Sandbox

    with contextlib.closing(Sandbox(dss_version=version)) as sandbox, watched(sandbox) as (_, url):
        ended = command("--url", url, "--api-key", sandbox.admin_key, "show", "NOSUCH")
        assert ended.code == 1 and "does not exist, or you may not read it" in ended.err


def test_low_key_files_of_a_fleet_are_told(dss, home):
    path = config(home, {"dss_instances": {"prod": {"url": dss.url, "api_key": dss.key}}}, 0o644)
    ended = command("sync", "status", "--fleet", path)
    assert "chmod 600" in ended.err
