"""How `history_0_1_0/` was made: three days of three projects, appended by version 0.1.0 itself to both stores,
and its trends as that version told them.

Run with a checkout of that version in front:
`PYTHONPATH=OLD/python-lib:OLD/plugin python tests/data/make_history_0_1_0.py`.
"""

from __future__ import annotations

import gzip
import os
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

from click.testing import CliRunner

from govern_mirror import clock
from govern_mirror.cli.main import main
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mounted import URL, mounted

FOLDER = Path(__file__).parent / "history_0_1_0"
START = datetime(2026, 3, 1, 7, tzinfo=timezone.utc)

DAYS = (
    (
        ("init", "P", "--value", "High", "--sponsor", "Ada", "--start-date", "2026-01-01"),
        ("init", "Q"),
        ("init", "R"),
        ("advance", "P"),
    ),
    (("advance", "P"), ("qualify", "P", "--risk", "Low", "--cost", "Medium high", "--decision", "Go")),
    (("advance", "P", "--to", "delivery"), ("advance", "P"), ("ungovern", "R", "--yes")),
)
"""What is done on each day before its snapshot."""


def save() -> None:
    """Write the history as a DuckDB file and as a folder of Parquet files."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    sandbox = Sandbox(node_id="design")
    for key, name in (("P", "The project"), ("Q", "Another"), ("R", "A third")):
        sandbox.create_project(key, name)
    environment = {"DKU_DSS_URL": URL, "DKU_API_KEY": sandbox.admin_key, "HOME": os.devnull}
    with mounted(sandbox):
        for number, commands in enumerate(DAYS):
            at = START + timedelta(days=number)
            sandbox.clock.set(at)
            stores = [("snapshot", "--history", str(FOLDER / name)) for name in ("history.duckdb", "parquet")]
            for minute, arguments in enumerate((*commands, *stores)):
                with clock.set_to(at + timedelta(minutes=minute)):
                    result = CliRunner().invoke(main, list(arguments), env=environment)
                assert result.exit_code == 0, (arguments, result.output)
        told = CliRunner().invoke(main, ["trends", "--history", str(FOLDER / "history.duckdb"), "--format", "json"])
        (FOLDER / "trends.json").write_text(told.stdout, encoding="utf-8")
    file = FOLDER / "history.duckdb"
    # DuckDB's smallest file is hundreds of kilobytes of blanks
    file.with_suffix(".duckdb.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    file.unlink()


if __name__ == "__main__":
    save()
