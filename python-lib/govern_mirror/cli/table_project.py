"""One project in the terminal, for people: `print_project` and `print_step`."""

from __future__ import annotations

from typing import Any

from govern_mirror.cli.printing import STATUS_MARKS, print_line, print_table
from govern_mirror.labels import event_label, field_label, found_label, section_label, source_label
from govern_mirror.model.blueprint import Blueprint, Field, Kind, Status
from govern_mirror.model.workflow import stage_name
from govern_mirror.nested import get
from govern_mirror.report.wording import count
from govern_mirror.text import one_line, terminal_line

MAX_NAME_LENGTH = 200
"""How many characters of a project's name the heading shows."""

MAX_SHORT = 40
"""How many characters of a text a table shows."""

MAX_EVENTS = 10
"""How many events the table shows; JSON has them all."""


def print_project(document: dict[str, Any], blueprint: Blueprint) -> None:
    """Print what `project_json` gave, in sections; the template knows the labels."""
    print_line(
        f"{terminal_line(document['name'], MAX_NAME_LENGTH)} ({document['project_key']})  {document['url'] or ''}"
    )
    _print_problems(document, blueprint)
    if not document["governed"]:
        print_line(f"Not governed{' (a copy)' if document['state'] == 'copied' else ''}.")
        return
    bar = " ".join(STATUS_MARKS[step["status"]] for step in document["steps"])
    days = document["days_in_step"]
    since = f", for {count(days, 'day')}" if days is not None else ""
    progress = document["progress"]
    stage = stage_name(document["stage"], blueprint)
    print_line(f"{bar}  {progress['finished']} of {progress['total']} done: {stage}{since}")
    _print_closed(document["closed"])
    if "address" in document:
        _print_facts(document)
    else:
        _print_signoffs(document)
    print_line()
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
            for step in document["steps"]
        ],
    )
    print_line()
    _print_values(document, blueprint)
    _print_events(document, blueprint)


def print_step(document: dict[str, Any]) -> None:
    """Print one step in full."""
    step = document["steps"][0]
    print_line(f"{step['name']}: {Status(step['status']).label}")
    for label, value in (("Started", step["started_on"]), ("Finished", step["finished_on"]), ("By", step["by"])):
        print_line(f"{label}: {value or '–'}")
    # further lines of people's notes are indented: none can pass for one of ours
    first, *further = (step["notes"] or "–").splitlines() or ["–"]
    print_line(f"Notes: {first}")
    for line in further:
        print_line(f"  {line}")
    for document in step["documents"]:
        print_line(f"Document: {document['title'] or document['url']}  {document['url']}")


def _print_closed(closed: dict[str, Any] | None) -> None:
    if closed:
        on = f" on {_day(closed['at'])}" if closed["at"] else ""
        by = f" by {closed['by']}" if closed["by"] else ""
        print_line(f"Closed{on}{by}: {terminal_line(closed['reason'])}")


def _print_signoffs(document: dict[str, Any]) -> None:
    for signoff in document["signoffs"] or ():
        by = f", {signoff['by']}" if signoff["by"] else ""
        mark = ", changed since" if signoff["unchanged"] is False else ""
        print_line(f"Sign-off of {signoff['name']}: {signoff['status_label'].lower()}{by}{mark}")


def _print_facts(document: dict[str, Any]) -> None:
    signoff = document.get("signoff")
    if signoff:
        status = signoff["status"].replace("_", " ").capitalize()
        mark = ", changed since it was asked for" if signoff["unchanged"] is False else ""
        by = f" by {signoff['by']} on {_day(signoff['at'])}" if signoff["by"] else ""
        print_line(f"Sign-off: {status}{by}{mark}")
    for running in document.get("deployments") or ():
        print_line(f"Deployed on {terminal_line(running['infrastructure'])} ({terminal_line(running['deployment'])})")
    for sentence in document.get("unread", ()):
        print_line(f"Cannot be looked at: {terminal_line(sentence)}")


def _print_values(document: dict[str, Any], blueprint: Blueprint) -> None:
    """Print the template's own fields, each rating with where it comes from, and with its comment beside it."""
    comments = {field.comment_path for field in blueprint.assessed}
    rows: list[tuple[object, ...]] = []
    for field in blueprint.fields:
        if field.path in comments:
            continue
        origin = _value_at(document, field.origin_path) if field.kind is Kind.RATING else None
        comment = _value_at(document, field.comment_path) if field in blueprint.assessed else None
        rows.append(
            (
                field.label,
                _shown_value(field, _value_at(document, field.path)),
                section_label(blueprint, origin) if origin else None,
                _short(comment),
            )
        )
    if blueprint.rated:
        rows.append(("Priority", document["scores"]["priority"], None, None))
    print_table(("FIELD", "VALUE", "FROM", "COMMENT"), rows)
    print_line()


def _value_at(document: dict[str, Any], path: str) -> Any:
    """Return what `project_json` has at a path; None where it has nothing."""
    return get(document, tuple(path.split(".")))


def _shown_value(field: Field, value: Any) -> object:
    if isinstance(value, list):
        return (len(value) or None) if field.kind is Kind.DOCUMENTS else ", ".join(value) or None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _short(value) if isinstance(value, str) else value


def _print_events(document: dict[str, Any], blueprint: Blueprint) -> None:
    events = document["events"]
    rows = [
        (
            event["number"] or "pending",
            _day(event["at"]),
            event["by"] or (f"{event['hint']}?" if event["hint"] else None),
            source_label(event["source"]),
            field_label(blueprint, event["what"]),
            _from_to(event, blueprint),
            _short(event["reason"]),
        )
        for event in events[-MAX_EVENTS:]
    ]
    print_table(("EVENT", "DAY", "BY", "SOURCE", "WHAT", "FROM → TO", "REASON"), rows)
    if len(events) > MAX_EVENTS:
        print_line(f"… {len(events) - MAX_EVENTS} earlier events: --format json shows all")


def _from_to(event: dict[str, Any], blueprint: Blueprint) -> str | None:
    """What an event holds before and after: of a value that was not there before, what it is now."""
    before, after = (event_label(blueprint, event["what"], event[side]) for side in ("from", "to"))
    if event["what"] == "adopt":
        return before  # where it was copied; what it became there is a hash
    return f"{before} → {after or '–'}" if before else after


def _print_problems(document: dict[str, Any], blueprint: Blueprint) -> None:
    for problem in document["problems"]:
        path, held = problem["field"], ""
        if problem["found"]:
            found, expected = (found_label(blueprint, path, problem[side]) for side in ("found", "expected"))
            held = f" (holds {found!r}, expected {expected})"
        label = field_label(blueprint, path)
        about = "" if problem["message"].startswith(label) else f"{label}: "
        print_line(f"Problem: {about}{problem['message']}{held}")


def _day(time: str | None) -> str | None:
    return time[:10] if time else None


def _short(text: str | None) -> str | None:
    return None if text is None else one_line(text, MAX_SHORT)
