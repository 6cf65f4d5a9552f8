"""The register of approvals as CSV, a line an entry, made while it is sent: no copy of the whole is held."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from govern_mirror.actions.register import entry_json
from govern_mirror.hub.ledger import LedgerEntry
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.text import spreadsheet_text

CSV_COLUMNS = (
    "at", "by", "for", "role", "act", "item", "step", "feedback", "comment", "id", "subject", "reviewers", "values",
)  # fmt: skip
"""What the file holds of each entry, by the names in the JSON."""

AT_ONCE = 100
"""How many entries a part of the file holds."""


def register_csv(entries: Iterable[LedgerEntry], blueprint: Blueprint) -> Iterator[bytes]:
    """The file in parts: a header, and a line for each entry, harmless in a spreadsheet.

    Args:
        entries: in the order of the lines.
        blueprint: names the fields of the values.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(CSV_COLUMNS)
    for number, entry in enumerate(entries, 1):
        told = entry_json(entry, blueprint)
        told["values"] = {value["path"]: value["value"] for value in told["values"]}
        writer.writerow([spreadsheet_text(_text(told[name])) for name in CSV_COLUMNS])
        if number % AT_ONCE == 0:
            yield _taken(file)
    yield _taken(file)


def _taken(file: io.StringIO) -> bytes:
    """What was written to a file, which is empty from then on."""
    content = file.getvalue().encode("utf-8", "replace")
    file.seek(0)
    file.truncate()
    return content


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
