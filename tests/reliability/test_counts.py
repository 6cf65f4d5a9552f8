"""The counts of whole runs stand in docs/reliability.md, where `make reliability` puts them."""

from __future__ import annotations

import re

from reliability.__main__ import DOCS, SUITES, with_row

ROW = "| foreign | 7 cases, 0 wrong | 0.1 |"


def test_counts_go_into_the_page():
    page = DOCS.read_text(encoding="utf-8")
    once = with_row(page, ROW)
    assert ROW in once.splitlines()
    assert with_row(once, ROW) == once
    replaced = with_row(once, "| foreign | 8 cases, 0 wrong | 0.2 |")
    assert "| foreign | 8 cases" in replaced and ROW not in replaced
    prose = [line for line in page.splitlines() if not line.startswith("| foreign |")]
    assert [line for line in replaced.splitlines() if not line.startswith("| foreign |")] == prose


def test_counts_in_the_page_tell_of_nothing_wrong():
    rows = re.findall(r"^\| (\w+) \| ([\d,]+ \w+, .*) \| [\d.]+ \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows and {name for name, _ in rows} <= SUITES.keys()
    assert all(re.search(r"(^| )0 wrong", counts) for _, counts in rows)
