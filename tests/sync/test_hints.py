"""What to do next is said in the words of where it is read: options on the command line, the form in a macro."""

import ast
import json
import re
from dataclasses import replace

import pytest

from govern_mirror.components import results
from govern_mirror.components.sync_macro import sync_from_form
from govern_mirror.errors import Action, Hint, InputError
from govern_mirror_devkit.source import library

COMMAND_WORDS = ("`", "--", "govern-mirror")


def test_macro_hints_name_no_command():
    for action, words in results.WORDS.items():
        assert not [word for word in COMMAND_WORDS if word in words], action


def test_missing_govern_node_is_hinted_by_both(sides, monkeypatch):
    sides.project("CHURN")
    monkeypatch.setattr(type(sides.session.store), "govern_reference", lambda _: None)
    with pytest.raises(InputError) as refusal:
        sync_from_form(sides.session, {})
    assert results.worded(str(refusal.value), refusal.value.hint).startswith(
        "no Govern node is known: choose a preset at *Govern node*"
    )


def with_hints(compare, action):
    """`compare`, with a hint at each difference and each problem."""

    def hinted(*arguments, **options):
        compared = compare(*arguments, **options)
        plan = compared.plan
        projects = tuple(
            replace(
                project, differences=tuple(replace(each, hint=Hint(action, "CHURN")) for each in project.differences)
            )
            for project in plan.projects
        )
        problems = tuple(replace(each, hint=Hint(Action.PREFER)) for each in plan.problems)
        shown = tuple(replace(each, hint=Hint(Action.PREFER)) for each in compared.shown_problems)
        return replace(compared, plan=replace(plan, projects=projects, problems=problems), shown_problems=shown)

    return hinted


@pytest.fixture
def held(sides):
    """A value that is held, and a problem."""
    sides.project("CHURN")
    sides.in_dss("CHURN", govern_decision="Go", govern_start_date="soon")
    return sides


def test_held_value_says_what_to_press(held, monkeypatch):
    from govern_mirror.components import sync_macro

    monkeypatch.setattr(sync_macro, "compare", with_hints(sync_macro.compare, Action.CONFIRM))
    rows = sync_from_form(held.session, {"direction": "push", "dry_run": True}).rows
    assert any("not pushed: " in row[-1] and row[-1].endswith(results.WORDS[Action.CONFIRM]) for row in rows)
    assert any(row[-1].endswith(results.WORDS[Action.PREFER]) for row in rows)


def test_held_value_says_what_to_type(held, monkeypatch):
    from govern_mirror.actions import sync

    monkeypatch.setattr(sync, "compare", with_hints(sync.compare, Action.CONFIRM))
    ran = held.run("push", "--dry-run")
    assert "`govern-mirror qualify CHURN --confirm`" in ran.err
    assert "--prefer dss or --prefer govern says whose value wins" in ran.err


def test_hint_is_no_part_of_a_saved_plan(held, tmp_path, monkeypatch):
    from govern_mirror.actions import sync

    monkeypatch.setattr(sync, "compare", with_hints(sync.compare, Action.CONFIRM))
    ran = held.run("push", "--out", str(tmp_path / "plan.json"), "--format", "json")
    saved = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert saved == json.loads(ran.out)
    [difference] = saved["projects"][0]["differences"]
    assert set(difference) == {"field", "here", "there", "verdict", "outcome", "reason"}
    assert set(saved["problems"][0]) == {"field", "found", "expected", "message"}


def test_sync_macro_tells_nobody_to_type(held):
    held.in_dss("CHURN", govern_cost_rating="High")
    rows = sync_from_form(held.session, {"direction": "push", "dry_run": True}).rows
    assert any("recorded by nobody" in row[-1] for row in rows)
    assert not [row for row in rows for cell in row if any(word in cell for word in COMMAND_WORDS)]


def refusal(sides, form):
    with pytest.raises(results.MacroFailed) as raised, results.macro_errors():
        sync_from_form(sides.session, form)
    return str(raised.value)


def test_refusals_of_the_sync_macro_tell_nobody_to_type(sides):
    for number in range(10):
        sides.project(f"P{number}")
        sides.in_govern(f"P{number}", qualification_value_rating="High")
    node = {"url": sides.govern_url, "api_key": "nonsense", "may_write": True}
    texts = {
        "the preset's key": refusal(sides, {"govern_node": node}),
        "*Force* applies it all the same": refusal(sides, {"direction": "pull"}),
        "the preset's address": refusal(sides, {"govern_node": {**node, "url": "https://*.example.com"}}),
    }
    for words, text in texts.items():
        assert words in text and not [word for word in COMMAND_WORDS if word in text], text


@pytest.mark.parametrize("room", ["artifact", "metadata", "model", "sync"])
def test_rooms_of_all_entry_points_name_no_option(room):
    for path in sorted((library() / room).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        texts = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented
        ]
        named = [node.value for node in texts if re.search(r"(?<![\w-])--[a-z]|`govern-mirror ", node.value)]
        assert not named, f"{path.name}: hints are data that each entry point words"
