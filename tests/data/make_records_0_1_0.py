"""How `records_0_1_0/` was made: projects in various states, written by version 0.1.0 itself, each as JSON.

Run with a checkout of that version in front:
`PYTHONPATH=OLD/python-lib:OLD/plugin python tests/data/make_records_0_1_0.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from govern_mirror import clock
from govern_mirror.cli.main import main
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import URL, mock_instance

FOLDER = Path(__file__).parent / "records_0_1_0"
Run = Callable[..., None]


def fresh(run: Run, sandbox: Sandbox) -> None:
    run("init", "P", "--value", "High", "--sponsor", "Ada", "--start-date", "2026-01-01")


def midway(run: Run, sandbox: Sandbox) -> None:
    fresh(run, sandbox)
    run("advance", "P", "--reason", "the pilot is done")
    run("step", "note", "P", "exploration", "Looked at *everything*.\nTwice.")
    run("step", "document", "P", "exploration", "Plan=https://example.com/plan")
    run("advance", "P")
    run("qualify", "P", "--risk", "Low", "--cost", "Medium high", "--decision", "Go", "--decision-comment", "é 😀")


def complete(run: Run, sandbox: Sandbox) -> None:
    midway(run, sandbox)
    for _ in range(4):
        run("advance", "P")


def reopened(run: Run, sandbox: Sandbox) -> None:
    complete(run, sandbox)
    run("step", "reopen", "P", "progress", "--reason", "a fault was found")


def edited(run: Run, sandbox: Sandbox) -> None:
    """With edits made in DSS that nobody recorded yet."""
    midway(run, sandbox)
    change = {"govern_cost_rating": "High", "govern_sponsor": "Eve", "govern_status_progress": "SKIPPED"}
    sandbox.edit_metadata("P", lambda metadata: metadata["customFields"].update(change))


def long_notes(run: Run, sandbox: Sandbox) -> None:
    fresh(run, sandbox)
    run("step", "note", "P", "delivery", "word " * 4000)


def overflowed(run: Run, sandbox: Sandbox) -> None:
    """With most of its events in the wiki article."""
    midway(run, sandbox)
    for number in range(60):
        run("step", "note", "P", "progress", f"{number:03d} we looked at it again and again")


def overflowed_with_words(run: Run, sandbox: Sandbox) -> None:
    """People wrote above and below the events in the article."""
    overflowed(run, sandbox)
    (article,) = sandbox.wiki._articles("P")
    text = f"Read this first.\n\n{article['payload']}\nWritten below.\n"
    sandbox.wiki.save(sandbox.admin, "P", article["article"]["id"], {**article, "payload": text})


def removed(run: Run, sandbox: Sandbox) -> None:
    midway(run, sandbox)
    run("ungovern", "P", "--yes")


def copied(run: Run, sandbox: Sandbox) -> None:
    """P carries what Q has, as a duplicate does."""
    sandbox.create_project("Q", "The original")
    run("init", "Q", "--value", "High")
    run("advance", "Q")
    ours = sandbox.metadata("Q")["customFields"]
    sandbox.edit_metadata("P", lambda metadata: metadata["customFields"].update(ours))


def damaged(run: Run, sandbox: Sandbox) -> None:
    """Somebody cut the record in two."""
    midway(run, sandbox)

    def cut(metadata: dict[str, Any]) -> None:
        fields = metadata["customFields"]
        fields["govern_record"] = fields["govern_record"][: len(fields["govern_record"]) // 2]

    sandbox.edit_metadata("P", cut)


STATES = [
    fresh, midway, complete, reopened, edited, long_notes, overflowed, overflowed_with_words, removed, copied, damaged,
]  # fmt: skip


def save(state: Callable[[Run, Sandbox], None]) -> None:
    """Make one state and write it."""
    sandbox = Sandbox(node_id="design")
    at = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)
    sandbox.clock.set(at)
    sandbox.create_project("P", "The project", tags=["theirs"], description="What it is for")
    environment = {"DKU_DSS_URL": URL, "DKU_API_KEY": sandbox.admin_key, "HOME": os.devnull}
    count = 0

    def run(*arguments: str) -> None:
        nonlocal count
        count += 1
        with clock.set_to(at + timedelta(hours=count)):
            result = CliRunner().invoke(main, list(arguments), env=environment)
        assert result.exit_code == 0, result.output

    with mock_instance(sandbox):
        state(run, sandbox)
        with clock.set_to(at + timedelta(days=9)):
            shown = CliRunner().invoke(main, ["show", "P", "--format", "json"], env=environment)
    articles = [(each["article"]["name"], each["payload"]) for each in sandbox.wiki._articles("P")]
    document = {"metadata": sandbox.metadata("P"), "articles": dict(articles), "shown": json.loads(shown.stdout)}
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (FOLDER / f"{state.__name__}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    for each in STATES:
        save(each)
