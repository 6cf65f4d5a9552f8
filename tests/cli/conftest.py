"""The command line, run in this process against canned answers."""

import json
from dataclasses import dataclass

import pytest
from canned import URL
from click.testing import CliRunner

from govern_mirror.cli.main import main


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def run(canned, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DKU_DSS_URL", URL)
    monkeypatch.setenv("DKU_API_KEY", "secret-key")

    def run(*arguments: str) -> Ran:
        result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
        assert "secret-key" not in result.stdout + result.stderr
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run
