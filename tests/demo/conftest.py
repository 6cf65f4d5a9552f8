"""The demo, run once: its reports, and the state of the sandbox it ran against."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from govern_mirror.cli.main import main
from govern_mirror_devkit.sandbox import app


@dataclass
class Demo:
    folder: Path
    code: int
    out: str
    sandbox: app.Sandbox
    report: dict = field(init=False)

    def __post_init__(self):
        self.report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))

    def read(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    @property
    def metadata(self):
        return {key: self.sandbox.metadata(key) for key in self.sandbox.projects.all_keys()}


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    ran = []

    class Kept(app.Sandbox):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            ran.append(self)

        def close(self):
            """Stay open: the tests look at the state."""

    folder = tmp_path_factory.mktemp("demo")
    patch = pytest.MonkeyPatch()
    patch.setattr(app, "Sandbox", Kept)
    try:
        result = CliRunner().invoke(main, ["-q", "demo", "--output", str(folder)], catch_exceptions=False)
    finally:
        patch.undo()
    yield Demo(folder, result.exit_code, result.stdout, ran[0])
    app.Sandbox.close(ran[0])
