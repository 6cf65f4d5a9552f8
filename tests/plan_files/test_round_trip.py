"""What is exported and not edited plans nothing; what is edited is planned, and nothing else; for each kind of file."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from plan_files.made import (
    COLUMNS,
    END,
    FIELDS,
    KINDS,
    START,
    STATUSES,
    applied,
    as_json,
    exported,
    file_of,
    held,
    planned,
    project_of,
    projects,
    read,
    value_of,
    writes,
)
from sampling import examples

from govern_mirror.model.blueprint import STANDARD, Kind, Status
from govern_mirror.model.values import text_of
from govern_mirror.sync.compare import WORKFLOW, statuses_of

some = examples(60)


def meant(path, text):
    """What a value that somebody writes into a file becomes."""
    if text is None or text.strip().lower() == "none":
        return Status.NOT_STARTED.value if path in STATUSES else None
    return " ".join(text.split()) if FIELDS[path].kind is Kind.LINE else text


def told_apart(text):
    """Text without what a kind of file may change: line ends and characters that nobody sees."""
    return re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]", "�", re.sub("\r\n|[\r\x85\u2028\u2029]", "\n", text))


def typed(path):
    """What somebody may write for a value, with no character that only some kinds of file can hold."""
    if FIELDS[path].kind in (Kind.LINE, Kind.TEXT):
        words = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20)
        # a blank cell leaves a value; the apostrophe is how the report in CSV guards a formula
        lines = st.lists(words, min_size=1, max_size=3).map("\n".join)
        return lines.filter(lambda text: text.strip() and not text.startswith("'"))
    return value_of(path).map(text_of)


@st.composite
def edited(draw):
    """Projects, and somebody's edits of some of their values by key."""
    found = draw(projects())
    edits = {}
    for project in found:
        paths = draw(st.lists(st.sampled_from(tuple(FIELDS)), max_size=4, unique=True))
        edits[project.facts.project_key] = {path: draw(st.none() | typed(path)) for path in paths}
        after = {
            **held(project),
            **{path: meant(path, text) for path, text in edits[project.facts.project_key].items()},
        }
        assume(not (after[START] and after[END] and after[END] < after[START]))
    return found, edits


@pytest.mark.parametrize("kind", KINDS)
@some
@given(found=projects())
def test_an_export_without_edits_plans_nothing(kind, found):
    # what a table cannot tell from a guard of the report in CSV
    assume(kind != ".csv" or not any((text or "").startswith("'") for each in found for text in held(each).values()))
    content = file_of(kind, found)
    assert len(read(content, f"plan{kind}").entries) == len(found)
    assert planned(content, found, f"plan{kind}") == ()


@pytest.mark.parametrize("kind", KINDS)
@some
@given(drawn=edited())
def test_edits_of_an_export_are_planned_and_nothing_else(kind, drawn):
    found, edits = drawn
    assume(kind != ".csv" or not any((text or "").startswith("'") for each in found for text in held(each).values()))
    expected = {}
    for project in found:
        before, key = held(project), project.facts.project_key
        changed = {}
        for path, text in edits[key].items():
            # a table has the word only, which DSS may hold as a text
            written = "none" if text is None and kind != ".yaml" else text
            unchanged = (
                written is not None and before[path] is not None and told_apart(written) == told_apart(before[path])
            )
            if not unchanged and meant(path, text) != before[path]:
                changed[path] = meant(path, text)
        expected[key] = changed
    content = file_of(kind, found, edits)
    changes = writes(content, found, f"plan{kind}")
    for project in found:
        key = project.facts.project_key
        statuses = {path: text for path, text in expected[key].items() if path in STATUSES}
        rest = {path: text for path, text in expected[key].items() if path not in STATUSES}
        planned_here = dict(changes.get(key, {}))
        workflow = planned_here.pop(WORKFLOW, "unchanged")
        assert planned_here == rest
        assert (workflow != "unchanged") is bool(statuses)
        if statuses:
            wanted = {**{path: held(project)[path] for path in STATUSES}, **statuses}
            assert {f"steps.{s}.status": v.value for s, v in statuses_of(workflow, STANDARD).items()} == wanted
    for before, after in zip(found, applied(content, found, f"plan{kind}"), strict=True):
        assert held(after) == {**held(before), **expected[before.facts.project_key]}


@some
@given(found=projects())
def test_an_export_is_readable_in_a_diff(found):
    content = exported(found)
    assert content == exported(found[::-1])
    text = content.decode("utf-8")
    assert "\r" not in text and not any(line.startswith("\t") for line in text.splitlines())
    document = as_json(content)
    assert list(document) == ["format_version", "node_id", "projects"]
    assert list(document["projects"]) == sorted(document["projects"])
    for project in found:
        entry = document["projects"][project.facts.project_key]
        flat = {}
        for room, body in entry.items():
            for name, value in body.items() if isinstance(body, dict) else ():
                nested = value if isinstance(value, dict) else {None: value}
                flat |= {f"{room}.{name}" + (f".{part}" if part else ""): text for part, text in nested.items()}
        there = {path: text for path, text in held(project).items() if text is not None}
        if all(there[path] == "NOT_STARTED" for path in STATUSES):
            there = {path: text for path, text in there.items() if path not in STATUSES}
        assert flat == there
        assert [path for path in FIELDS if path in flat] == list(flat)


def test_notes_of_several_lines_are_blocks():
    project = project_of("CHURN", {"steps.exploration.notes": "First.\n\n- a\n- b: c", "overview.start_date": None})
    assert "        notes: |-\n          First.\n\n          - a\n          - b: c\n" in exported([project]).decode()


def test_the_names_of_the_columns_here_are_all_of_them():
    assert set(COLUMNS) == set(FIELDS)
