"""What docs/webapp.md says that people are told, they are told."""

import re

import pytest

from govern_mirror_devkit.source import plugin_root

ROOT = plugin_root()
PAGE = (ROOT / "docs/webapp.md").read_text(encoding="utf-8")
REFUSALS = PAGE.partition("## What each refusal means")[2].partition("**Hide access tokens**")[0]
ROWS = [row.split("|")[1] for row in REFUSALS.splitlines() if row.startswith("| ")][2:]
SEEN = [text for row in ROWS for text in re.findall(r"\*([^*]+)\*", row)]
SOURCES = [
    *(ROOT / "python-lib").rglob("*.py"),
    *(ROOT / "frontend/src").rglob("*.ts*"),
    *(ROOT / "webapps").rglob("*.js"),
]


@pytest.fixture(scope="module")
def sources():
    texts = " ".join(path.read_text(encoding="utf-8") for path in SOURCES)
    # a text may go on in the next line of its source
    return re.sub(r"[\"\s+]+", " ", texts)


@pytest.mark.parametrize("text", SEEN)
def test_a_refusal_that_is_explained_is_one_that_people_see(sources, text):
    assert text in sources


def test_the_table_of_refusals_is_read():
    assert len(SEEN) > 8
