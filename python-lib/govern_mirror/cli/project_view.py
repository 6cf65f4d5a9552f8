"""One project, printed for people."""

from __future__ import annotations

from typing import Any

import click

from govern_mirror.blueprint import Status
from govern_mirror.cli.printing import STATUS_MARKS, print_table, safe

LAST_EVENTS = 10
"""How many events the table shows; JSON has them all."""


def print_project(shown: dict[str, Any]) -> None:
    """Print what `project_json` gave, in sections."""
    click.echo(f"{safe(shown['name'])} ({safe(shown['project_key'])})  {safe(shown['url'] or '')}")
    _print_problems(shown)
    if not shown["governed"]:
        click.echo(f"Not governed{' (a copy)' if shown['state'] == 'copied' else ''}.")
        return
    bar = " ".join(STATUS_MARKS[step["status"]] for step in shown["steps"])
    days = shown["days_in_step"]
    since = f", for {days} day{'' if days == 1 else 's'}" if days is not None else ""
    progress = shown["progress"]
    current = next((step["name"] for step in shown["steps"] if step["id"] == shown["current_step"]), "not started")
    click.echo(f"{bar}  {progress['finished']} of {progress['total']} done, at {current}{since}\n")
    print_table(
        ("STEP", "STATUS", "STARTED", "FINISHED", "BY", "NOTES", "DOCUMENTS"),
        [
            (
                step["name"],
                Status(step["status"]).label,
                _day(step["started_on"]),
                _day(step["finished_on"]),
                step["by"],
                _short(step["notes"]),
                len(step["documents"]) or None,
            )
            for step in shown["steps"]
        ],
    )
    click.echo()
    _print_qualification(shown)
    _print_events(shown)


def print_step(shown: dict[str, Any]) -> None:
    """Print one step in full."""
    step = shown["steps"][0]
    click.echo(f"{safe(step['name'])}: {Status(step['status']).label}")
    for label, value in (("Started", step["started_on"]), ("Finished", step["finished_on"]), ("By", step["by"])):
        click.echo(f"{label}: {safe(value or '–')}")
    click.echo(f"Notes: {safe(step['notes'] or '–')}")
    for document in step["documents"]:
        click.echo(f"Document: {safe(document['title'] or document['url'])}  {safe(document['url'])}")


def _print_qualification(shown: dict[str, Any]) -> None:
    qualification, overview, scores = shown["qualification"], shown["overview"], shown["scores"]
    rows: list[tuple[object, ...]] = [
        (name.capitalize(), rating["rating"], rating["origin"], _short(rating["comment"]))
        for name, rating in qualification.items()
        if isinstance(rating, dict)
    ]
    rows.append(("Decision", qualification["decision"], None, _short(qualification["decision_comment"])))
    rows.append(("Project plan", len(qualification["project_plan"]) or None, None, None))
    rows.append(("Priority", scores["priority"], None, None))
    for label, value in overview.items():
        rows.append((label.replace("_", " ").capitalize(), value, None, None))
    print_table(("QUALIFICATION", "", "FROM", "COMMENT"), rows)
    click.echo()


def _print_events(shown: dict[str, Any]) -> None:
    events = shown["events"]
    rows = [
        (
            event["number"] or "pending",
            _day(event["at"]),
            event["by"] or (f"{event['hint']}?" if event["hint"] else None),
            event["source"],
            event["what"],
            " → ".join(text for text in (event["from"], event["to"]) if text),
            _short(event["reason"]),
        )
        for event in events[-LAST_EVENTS:]
    ]
    print_table(("EVENT", "DAY", "BY", "SOURCE", "WHAT", "FROM → TO", "REASON"), rows)
    if len(events) > LAST_EVENTS:
        click.echo(f"… {len(events) - LAST_EVENTS} earlier events: --format json shows all")


def _print_problems(shown: dict[str, Any]) -> None:
    for problem in shown["problems"]:
        found = f" (holds {safe(problem['found'])!r}, expected {safe(problem['expected'])})" if problem["found"] else ""
        click.echo(f"Problem: {safe(problem['field'])}: {safe(problem['message'])}{found}")


def _day(time: str | None) -> str | None:
    return time[:10] if time else None


def _short(text: str | None) -> str | None:
    if text is None:
        return None
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"
