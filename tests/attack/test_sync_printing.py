"""What `sync` prints of a Govern node steers nothing, and a plan that cannot be saved ends in one sentence."""

import contextlib

import pytest
import responses
from attack.terminals import is_harmless
from click.testing import CliRunner

from govern_mirror.cli.main import main
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.mock_instance import mount

DSS, GOVERN = "https://dss.example.com", "https://govern.example.com"

EVIL = (
    "\x1b]0;owned\x07", "\x9b31m", "x\nGate met: all is well", "##vso[task.complete]x", "::error::x", "\u202egnp.exe",
    "w" * 100_000,
)  # fmt: skip


@pytest.fixture
def sync(monkeypatch, tmp_path):
    """Run `sync` between an instance with one project and a node whose id, names and values are a text."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with contextlib.ExitStack() as stack:
        mock = stack.enter_context(responses.RequestsMock(assert_all_requests_are_fired=False))

        def run(text, *arguments):
            dss = stack.enter_context(contextlib.closing(Sandbox()))
            govern = stack.enter_context(contextlib.closing(GovernSandbox(node_id=text)))
            for node, url in ((dss, DSS), (govern, GOVERN)):
                mount(mock, node.wsgi, url)
                stack.enter_context(node.reached_at(url))
            keys = ["--url", DSS, "--api-key", dss.admin_key]
            for key in ("P", "Q"):
                dss.create_project(key)
                item = govern.node.register_dataiku_project("sandbox", key)
                values = {"qualification_notes": text, "qualification_value_comments": text}
                govern.node.govern(text, item.id, fields=values)
            CliRunner().invoke(main, [*keys, "init", "P"], catch_exceptions=False)
            govern_keys = ["--govern-url", GOVERN, "--govern-api-key", govern.api_key]
            command, *rest = arguments
            return CliRunner().invoke(main, [*keys, "sync", command, *govern_keys, *rest], catch_exceptions=False)

        yield run


@pytest.mark.parametrize("evil", EVIL, ids=lambda evil: f"t12_{evil[:12]!r}")
@pytest.mark.parametrize("arguments", [("status",), ("pull", "--create", "--dry-run"), ("pull",), ("push", "--dry-run"),
                                       ("both", "--prefer", "govern")], ids=lambda given: given[0])  # fmt: skip
def test_what_a_govern_node_holds_steers_nothing(sync, evil, arguments):
    result = sync(evil, *arguments)
    assert result.exit_code in (0, 1, 3)
    assert is_harmless(result.stdout) and is_harmless(result.stderr), (result.stdout, result.stderr)
    assert len(result.stdout) < 20_000 and "P" in result.stdout.split()


def test_p14_a_plan_that_a_full_disk_does_not_take_is_one_sentence(sync):
    result = sync("govern", "pull", "--out", "/dev/full")
    assert result.exit_code == 1 and result.stdout == ""
    assert "\nError: cannot write /dev/full: No space left on device" in f"\n{result.stderr}"
