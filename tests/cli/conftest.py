"""The command line, run in this process against a mounted sandbox."""

from functools import partial

import pytest
from support.command_line import run_command, use_instance

from govern_mirror_devkit.sandbox.mock_instance import URL


@pytest.fixture
def run(dss, monkeypatch, tmp_path):
    use_instance(monkeypatch, tmp_path, URL, dss.admin_key)
    return partial(run_command, secrets=(dss.admin_key,))
