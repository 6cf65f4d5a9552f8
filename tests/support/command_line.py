"""The command line, run in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from govern_mirror.cli.main import main


@dataclass(frozen=True)
class CommandResult:
    """How a command ended.

    Attributes:
        code: its exit code.
        out, err: what it printed.
        out_bytes: what it printed on stdout, for formats that are no text.
    """

    code: int
    out: str
    err: str
    out_bytes: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run_command(*arguments: object, stdin: str | None = None, secrets: tuple[str, ...] = ()) -> CommandResult:
    """Run a command; an error that it does not handle is raised, and no secret may be printed."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin, catch_exceptions=False)
    for secret in secrets:
        assert secret not in result.stdout + result.stderr
    return CommandResult(result.exit_code, result.stdout, result.stderr, result.stdout_bytes)


def use_instance(monkeypatch: pytest.MonkeyPatch, home: Path, url: str, api_key: str) -> None:
    """Let commands go to an instance, by their environment; the home folder has no configuration."""
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("DKU_DSS_URL", url)
    monkeypatch.setenv("DKU_API_KEY", api_key)
