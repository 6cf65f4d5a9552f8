"""`sandbox --govern` gives people both sides to try a sync on, as docs/sync.md tells."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def environment():
    command = [Path(sys.executable).with_name("govern-mirror"), "-q", "sandbox", "--govern"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = json.loads(process.stdout.readline())
        assert set(line) == {"url", "api_key", "govern_url", "govern_api_key"}
        yield {"DKU_DSS_URL": line["url"], "DKU_API_KEY": line["api_key"]}
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def test_the_walk_through_of_the_documentation_goes_as_it_says(environment, monkeypatch):
    from click.testing import CliRunner

    from govern_mirror.cli.main import main

    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments):
        result = CliRunner().invoke(main, arguments, catch_exceptions=False)
        return result.exit_code, result.stderr

    assert [run("sync", "status")[0], run("sync", "push")[0]] == [3, 1]
    assert [run("sync", "push", "--force")[0], run("sync", "status")[0]] == [3, 3]
    assert "4 differ" in run("sync", "status")[1]
    assert run("qualify", "AML", "--confirm")[0] == 0
    assert "AML: pushed" in run("sync", "push")[1]
    assert "3 differ" in run("sync", "status")[1]
