"""The page shows a portfolio of any template: no view fails, and the template's own words are there."""

from datetime import datetime, timezone

import pytest
from template_files import typed
from templates import TEMPLATES

from govern_mirror.metadata import Layout, decode
from govern_mirror.model import changes
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item import ProjectFacts
from govern_mirror.model.values import parse
from govern_mirror.report.html_report import HtmlReport
from govern_mirror.report.portfolio import Filters, build

NOW = datetime(2026, 6, 1, 8, tzinfo=timezone.utc)


def governed(template, number):
    """A project with a value in every field, so many steps on."""
    actor = Actor("alice", Source.CLI, NOW)
    facts = ProjectFacts(f"P{number}", f"Project {number}", f"https://dss.example.com/projects/P{number}/", "design")
    project = changes.initialize(decode({}, facts, Layout(template)), {}, actor)
    values = {field.path: parse(field, typed(field)) for field in template.fields}
    project = changes.edit(project, values, actor)
    for _ in range(number):
        project = changes.move(project, Move(MoveKind.ADVANCE), actor)
    return project


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_view_shows_a_portfolio_of_any_template(name, open_page, tmp_path):
    template = TEMPLATES[name]
    projects = [governed(template, number) for number in range(len(template.steps) + 2)]
    path = tmp_path / "report.html"
    path.write_bytes(HtmlReport().render(build(projects, Filters(), NOW, blueprint=template)))
    page = open_page(path)
    assert set(page.keys) == {project.facts.project_key for project in projects}
    for tab in ("matrix", "kanban", "summary", "table"):
        page.tab(tab)
    page.go("#p=P1")
    text = page.page.inner_text("body")
    assert template.steps[0].name in text and "undefined" not in text and "NaN" not in text
