"""Links that people write: only those that lead nowhere harmful can be followed, in every output that has links."""

import re

import pytest
from canned import URL
from click.testing import CliRunner

from govern_mirror.actions.session import connect_to
from govern_mirror.cli.main import main
from govern_mirror.components.report_macro import report_from_form

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
def run(canned, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DKU_DSS_URL", URL)
    monkeypatch.setenv("DKU_API_KEY", "secret-key")
    return lambda *arguments: CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def with_document(canned, link):
    canned.project("P", customFields={
        "govern_status_exploration": "ONGOING", "govern_documents_exploration": [{"from": "Plan", "to": link}],
    })  # fmt: skip


@pytest.mark.parametrize("link", HARMFUL, ids=lambda link: f"low_link_{link!r}")
def test_a_harmful_link_is_refused_where_it_enters(canned, run, link):
    canned.project("P")
    for arguments in (("step", "document", "P", "rollout"), ("qualify", "P", "--project-plan")):
        result = run(*arguments, link)
        assert result.exit_code == 2 and "not a link" in result.stderr
    assert canned.count("PUT") == 0


@pytest.mark.parametrize("link", HARMFUL, ids=lambda link: f"low_link_{link!r}")
def test_a_harmful_link_that_is_there_is_a_problem_and_text(canned, run, link):
    with_document(canned, link)
    assert "not a link to follow" in run("report", "--format", "csv").stdout
    for html in (
        run("report", "--format", "mail").stdout,
        report_from_form(connect_to(URL, "secret-key"), {}, "P", dataset=None, executor=None),
    ):
        assert all(href.startswith((f"{URL}/projects/", "#")) for href in re.findall(r'href="([^"]*)"', html))


@pytest.mark.parametrize("link", HARMLESS, ids=lambda link: f"low_link_{link!r}")
def test_a_harmless_link_stays_one(canned, run, link):
    with_document(canned, link)
    assert "not a link to follow" not in run("report", "--format", "csv").stdout
