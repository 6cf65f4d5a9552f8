"""What the page says is in the words of a browser: no key, no option, no button that is not there."""

import json
import re
from pathlib import Path

import pytest

from govern_mirror.errors import Action
from govern_mirror.web.problems import WORDS

CHANGE = {"changes": {"overview.sponsor": "Bea"}}
ROOT = Path(__file__).parents[2]
OF_A_TERMINAL = re.compile(r"\bkey\b|--[a-z]|`|\bDKU_|environment variable", re.IGNORECASE)
ONLY_OUTSIDE = {Action.OTHER_KEY}
"""What is of no use to somebody who did not type the project's key."""


def test_every_hint_has_words_of_the_page():
    assert WORDS.keys() == set(Action) - ONLY_OUTSIDE
    assert [words for words in WORDS.values() if OF_A_TERMINAL.search(words)] == []


def test_every_button_that_a_hint_names_is_there():
    page = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "frontend/src").rglob("*.ts*")))
    macros = [json.loads(path.read_text(encoding="utf-8")) for path in ROOT.glob("python-runnables/*/runnable.json")]
    there = page + "".join(macro["meta"]["label"] for macro in macros)
    named = {name for words in WORDS.values() for name in re.findall(r"\*([^*]+)\*", words)}
    assert named and [name for name in sorted(named) if name not in there] == []


@pytest.mark.parametrize("login", ["rita", "otto"])
def test_a_refusal_speaks_of_rights_and_not_of_keys(people, open_page, login):
    writer = open_page(people["olga"])
    assert writer.post("items/CHURN/govern", {}).status_code == 200
    page, told = open_page(people[login]), []
    for key in ("CHURN", "NOPE"):
        for answer in (page.patch(f"items/{key}", CHANGE), page.post(f"items/{key}/close", {"reason": "x"})):
            assert answer.status_code in (403, 404)
            told.append(f"{answer.json['detail']} {answer.json.get('hint', '')}")
    assert [text for text in told if OF_A_TERMINAL.search(text)] == []


def test_a_closed_project_says_which_button_opens_it(page):
    page.post("items/CHURN/close", {"reason": "over"})
    assert "Reopen the closed project…" in page.post("items/CHURN/move", {"move": "advance"}).json["hint"]
