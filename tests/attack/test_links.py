"""Links that people write: only those that lead nowhere harmful can be followed, in every output that has links."""

import re

import pytest
from click.testing import CliRunner
from support.command_line import use_instance
from support.projects import create_project

from govern_mirror.actions.session import connect_to
from govern_mirror.cli.main import main
from govern_mirror.components.report_macro import report_from_form
from govern_mirror_devkit.sandbox.mock_instance import URL

HARMFUL = (
    "file://evil.example/share",
    "file://evil.example",
    "FILE://evil.example/share",
    "file:////evil.example/share",
    "file:\\\\evil.example\\share",
    "file:/\\evil.example/share",
    "file:evil.example",
    "/\\evil.example",
    "/\\/evil.example",
    "\\\\evil.example\\share",
    "\\/evil.example",
    "/\t/evil.example",
    "/\t\\evil.example",
    "//evil.example",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "blob:https://evil.example/x",
)
"""Links that lead elsewhere than they seem, run something, or make Windows send a password hash; one line a case."""

HARMLESS = (
    "https://fine.example/a?b=c",
    "http:\\\\fine.example",
    "/projects/P/",
    "mailto:a@fine.example",
    "file:///srv/plan.pdf",
    "file://localhost/srv/plan.pdf",
    "file:/srv/plan.pdf",
    "s3://bucket/key",
)


@pytest.fixture
def run(dss, monkeypatch, tmp_path):
    use_instance(monkeypatch, tmp_path, URL, dss.admin_key)
    return lambda *arguments: CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def with_document(dss, link):
    create_project(dss, "P", customFields={
        "govern_status_exploration": "ONGOING", "govern_documents_exploration": [{"from": "Plan", "to": link}],
    })  # fmt: skip


@pytest.mark.parametrize("link", HARMFUL, ids=lambda link: f"low_link_{link!r}")
def test_a_harmful_link_is_refused_where_it_enters(dss, request_log, run, link):
    create_project(dss, "P")
    for arguments in (("step", "document", "P", "rollout"), ("qualify", "P", "--project-plan")):
        result = run(*arguments, link)
        assert result.exit_code == 2 and "not a link" in result.stderr
    assert request_log.count("PUT") == 0


@pytest.mark.parametrize("link", HARMFUL, ids=lambda link: f"low_link_{link!r}")
def test_a_harmful_link_that_is_there_is_a_problem_and_text(dss, run, link):
    with_document(dss, link)
    assert "not a link to follow" in run("report", "--format", "csv").stdout
    for html in (
        run("report", "--format", "mail").stdout,
        report_from_form(connect_to(URL, dss.admin_key), {}, "P", dataset=None, executor=None),
    ):
        assert all(href.startswith((f"{URL}/projects/", "#")) for href in re.findall(r'href="([^"]*)"', html))


@pytest.mark.parametrize("link", HARMLESS, ids=lambda link: f"low_link_{link!r}")
def test_a_harmless_link_stays_one(dss, run, link):
    with_document(dss, link)
    assert "not a link to follow" not in run("report", "--format", "csv").stdout
