"""The workbook in LibreOffice: what people see when they open it, not what our own library thinks it wrote."""

import csv
import shutil
import subprocess
from pathlib import Path

import pytest
from support.hostile_projects import NAMES

from govern_mirror.model.blueprint import STANDARD
from govern_mirror.report.columns import Type, columns
from govern_mirror.report.formats import renderer

COLUMNS = columns(STANDARD)
SOFFICE = shutil.which("soffice")
AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
"""Comma, quotes, UTF-8, cells as shown, a file for each sheet (LibreOffice: filter options of CSV)."""

pytestmark = pytest.mark.skipif(
    SOFFICE is None, reason="no LibreOffice: apt-get install -y --no-install-recommends libreoffice-calc-nogui"
)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Open a portfolio's workbook; gives the rows of each sheet as LibreOffice shows them."""
    profile = tmp_path_factory.mktemp("profile")

    def show(portfolio) -> dict[str, list[list[str]]]:
        folder: Path = tmp_path_factory.mktemp("book")
        (folder / "report.xlsx").write_bytes(renderer("xlsx").render(portfolio))
        command = [SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", AS_SHOWN]
        done = subprocess.run(
            [*command, "--outdir", str(folder), str(folder / "report.xlsx")],
            capture_output=True, text=True, timeout=300, check=True,
        )  # fmt: skip
        sheets = {}
        for path in folder.glob("*.csv"):
            with path.open(encoding="utf-8", newline="") as lines:
                sheets[path.stem.removeprefix("report-")] = list(csv.reader(lines))
        assert sheets, done.stdout + done.stderr
        return sheets

    return show


def as_shown(column, value):
    """How a cell of that value looks."""
    if value is None:
        return ""
    if column.type is Type.FLAG:
        return "TRUE" if value else "FALSE"
    if column.type is Type.TIME:
        return value[:10] if column.is_day else value.replace("T", " ").removesuffix("Z")
    return f"{value:g}" if column.type is Type.NUMBER else str(value)


def test_the_demo_opens_with_every_value_as_its_type_is_shown(demo, office):
    sheets = office(demo)
    assert set(sheets) == {"Projects", "Data", "Summary"}
    header, *rows = sheets["Data"]
    assert header == [column.name for column in COLUMNS]
    assert len(rows) == len(demo.rows)
    for row, cells in zip(demo.rows, rows, strict=True):
        assert cells == [as_shown(column, column.of(row)) for column in COLUMNS]
    assert ["Governed", str(demo.summary.governed)] in [line[:2] for line in sheets["Summary"]]


def test_a_hostile_portfolio_opens_and_nothing_in_it_is_computed(hostile, office):
    rows = office(hostile)["Data"][1:]
    names = {row[0]: row[1] for row in rows}
    assert len(rows) == len(hostile.rows)
    for number, name in enumerate(NAMES):
        if name.isprintable() and len(name) < 9_000:
            assert names[f"KEY_{number}"].strip() == name.strip(), name
