"""One list says what ships, links and strays do not, and descriptors carry what public plugins carry."""

import json
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from govern_mirror.cli.main import main
from govern_mirror_devkit.packaging.build import build
from govern_mirror_devkit.packaging.check import check
from govern_mirror_devkit.source import library, plugin_root

FOLDERS = [
    "code-env", "custom-fields", "custom-recipes", "parameter-sets", "python-project-standards-check-specs",
    "python-runnables", "resource", "webapps",
]  # fmt: skip
SECRET = "what stands elsewhere on this machine"


@pytest.fixture
def checkout(tmp_path):
    """A copy of the checkout, with a file in every folder that may ship."""
    root = tmp_path / "checkout"
    root.mkdir()
    for name in ("pyproject.toml", "plugin.json", "README.md", "CHANGELOG.md", "LICENSE", "hatch_build.py"):
        if (plugin_root() / name).is_file():
            shutil.copy(plugin_root() / name, root)
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    for folder in (*FOLDERS, "python-lib", "plugin"):
        if (plugin_root() / folder).is_dir():
            shutil.copytree(plugin_root() / folder, root / folder, ignore=ignored)
        if folder in FOLDERS:
            (root / folder / "probe").mkdir(parents=True)
            (root / folder / "probe" / "probe.txt").write_text(folder)
    (root / "tests").mkdir()
    (root / "tests" / "test_probe.py").write_text("")
    return root


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "elsewhere" / "secret.txt"
    file.parent.mkdir()
    file.write_text(SECRET)
    return file


def zipped(root, output):
    path = build(root, root / "python-lib" / "govern_mirror", output)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_d5_every_folder_that_dss_loads_is_in_the_zip(checkout, tmp_path, folder):
    assert zipped(checkout, tmp_path / "out")[f"{folder}/probe/probe.txt"] == folder.encode()


def built(root, target):
    """Build a wheel or an sdist with this environment's hatchling; the names in it."""
    pytest.importorskip("hatchling", reason="hatchling builds wheel and sdist")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", "dist"],
        cwd=root, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (path,) = (root / "dist").iterdir()
    if target == "wheel":
        return set(zipfile.ZipFile(path).namelist())
    return {name.partition("/")[2] for name in tarfile.open(path).getnames()}


def test_d5_wheel_and_sdist_hold_what_the_zip_holds(checkout, tmp_path):
    (checkout / "webapps" / ".hidden").write_text("stray")
    shipped = {name for name in zipped(checkout, tmp_path / "out") if not name.startswith("python-lib/")}
    assert len(shipped) > len(FOLDERS)
    wheel = built(checkout, "wheel")
    inside = "govern_mirror_devkit/plugin_files/"
    assert {name.removeprefix(inside) for name in wheel if name.startswith(inside)} == shipped
    assert "govern_mirror/cli/main.py" in wheel and "govern_mirror_devkit/packaging/build.py" in wheel
    shutil.rmtree(checkout / "dist")
    sdist = built(checkout, "sdist")
    assert shipped | {"pyproject.toml", "hatch_build.py", "README.md", "tests/test_probe.py"} <= sdist
    assert {"python-lib/govern_mirror/cli/main.py", "plugin/govern_mirror_devkit/source.py"} <= sdist
    assert not [name for name in wheel | sdist if "hidden" in name or "__pycache__" in name]


LINKS = {
    "a file": lambda root, secret: (root / "resource" / "x.txt").symlink_to(secret),
    "a folder": lambda root, secret: (root / "webapps" / "x").symlink_to(secret.parent),
    "a whole component folder": lambda root, secret: (
        shutil.rmtree(root / "webapps"), (root / "webapps").symlink_to(secret.parent),
    ),
    "a file of the library": lambda root, secret: (
        (root / "python-lib" / "govern_mirror" / "x.txt").symlink_to(secret)
    ),
    "plugin.json": lambda root, secret: (
        (root / "plugin.json").rename(secret.parent / "p.json"),
        (root / "plugin.json").symlink_to(secret.parent / "p.json"),
    ),
    "a link that leads nowhere": lambda root, secret: (root / "resource" / "x.txt").symlink_to(root / "nowhere"),
}  # fmt: skip


@pytest.mark.sampled(2, None)
@pytest.mark.parametrize("link", LINKS)
def test_low_links_are_not_shipped_and_stop_the_build(checkout, secret, tmp_path, monkeypatch, link):
    LINKS[link](checkout, secret)
    findings = [str(finding) for finding in check(checkout, checkout / "python-lib" / "govern_mirror")]
    assert any("is a link" in finding for finding in findings)
    monkeypatch.setattr("govern_mirror_devkit.source.plugin_root", lambda: checkout)
    monkeypatch.setattr("govern_mirror_devkit.source.library", lambda: checkout / "python-lib" / "govern_mirror")
    result = CliRunner().invoke(main, ["plugin", "build", "--output", str(tmp_path / "out")])
    assert result.exit_code == 1 and "is a link" in result.stderr and "Traceback" not in result.output
    assert not list(tmp_path.glob("out/*"))
    monkeypatch.setattr("govern_mirror_devkit.packaging.check.check", lambda *_: [])
    result = CliRunner().invoke(main, ["plugin", "build", "--output", str(tmp_path / "out")])
    assert result.exit_code == 1 and "is a link" in result.stderr and "Traceback" not in result.output
    assert not list(tmp_path.glob("out/*"))


def test_the_zip_names_the_commit_it_was_built_from(checkout, tmp_path, monkeypatch):
    def release():
        monkeypatch.setattr("govern_mirror_devkit.source.plugin_root", lambda: checkout)
        result = CliRunner().invoke(main, ["plugin", "build", "--output", str(tmp_path / "out")])
        with zipfile.ZipFile(result.stdout.strip()) as archive:
            names = archive.namelist()
            return json.loads(archive.read("release_info.json")) if "release_info.json" in names else None

    for folder in FOLDERS:
        shutil.rmtree(checkout / folder / "probe")
    assert release() is None, "outside a checkout nobody can tell"
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-C", str(checkout)]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], check=True)
    made = release()
    assert re.fullmatch("[0-9a-f]{40}", made["commit"]) and made["changed_since"] is False
    (checkout / "README.md").write_text("changed")
    assert release() == {**made, "changed_since": True}


# descriptors ------------------------------------------------------------------------------------------------------

ROOT = plugin_root()
HTML_MACROS = [
    path
    for path in ROOT.glob("python-runnables/*/runnable.json")
    if json.loads(path.read_text())["resultType"] == "HTML"
]


@pytest.mark.parametrize("path", HTML_MACROS, ids=lambda path: path.parent.name)
def test_d6_an_html_macro_says_that_its_result_is_html(path):
    described = json.loads(path.read_text())
    assert (described.get("extension"), described.get("mimeType")) == ("html", "text/html")


def test_d6_no_descriptor_holds_a_key_without_a_value():
    def nulls(value):
        if isinstance(value, dict):
            return any(inner is None or nulls(inner) for inner in value.values())
        return isinstance(value, list) and any(map(nulls, value))

    paths = [*ROOT.glob("*/*/*.json"), ROOT / "plugin.json"]
    assert [str(path) for path in paths if nulls(json.loads(path.read_text()))] == []


def test_d6_a_severity_has_its_bounds():
    for path in ROOT.glob("python-project-standards-check-specs/*/*.json"):
        for param in json.loads(path.read_text())["params"]:
            if param["name"].startswith("severity") and param["type"] == "INT":
                assert param.get("maxI") == 5, (path, param["name"])


def test_d6_the_plugin_has_an_address():
    assert json.loads((ROOT / "plugin.json").read_text())["meta"]["url"].startswith("https://")


@pytest.mark.sampled(2, None)
@pytest.mark.parametrize("kind", ["MULTISELECT", "STRINGS", "INTS", "DOUBLES", "DATE"])
def test_d6_only_field_types_that_the_reference_lists_pass(checkout, kind):
    path = checkout / "custom-fields" / "govern-workflow" / "custom-fields.json"
    fields = json.loads(path.read_text())
    fields["customFields"][1]["field"]["type"] = kind
    path.write_text(json.dumps(fields))
    findings = [str(finding) for finding in check(checkout, library())]
    assert any(f"unknown type '{kind}'" in finding for finding in findings)


# the sandbox's file -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [None, 0o644, 0o600])
def test_low_the_sandbox_file_is_its_owners_alone(tmp_path, before):
    from govern_mirror_devkit.sandbox.app import Sandbox

    file = tmp_path / "sandbox.db"
    if before is not None:
        file.touch()
        file.chmod(before)
    Sandbox(file).close()
    assert [stat.S_IMODE(path.stat().st_mode) for path in Path(tmp_path).iterdir()] == [0o600]
