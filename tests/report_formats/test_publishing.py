"""Publishing inside DSS: the page in a managed folder, the Markdown in a wiki that people write in too."""

import dataclasses
import json
import re
from datetime import timedelta
from types import SimpleNamespace

import dataikuapi
import pytest
from standard import build
from support.hostile_projects import NOW, hostile_portfolio, plain

from govern_mirror.actions.govern import Scope, initialize
from govern_mirror.actions.publish import ARTICLE, REPORT_FILE, Article, Folder, parse_article, parse_folder, publish
from govern_mirror.actions.report import build_report
from govern_mirror.actions.session import connect_to, session_in_dss
from govern_mirror.errors import GovernMirrorError, InputError, NotFound
from govern_mirror.report.markdown_report import BLOCK_END, with_report
from govern_mirror.report.portfolio import Filters


@pytest.fixture
def hub(sandbox, url):
    """A hub project with a managed folder, and one governed project to report on."""
    sandbox.create_project("HUB", "The hub", permissions=[{"group": "writers", "writeProjectContent": True}])
    sandbox.create_project("CHURN", "Churn prediction")
    client = dataikuapi.DSSClient(url, api_key=sandbox.admin_key)
    session = connect_to(url, sandbox.admin_key)
    initialize(session, Scope(("CHURN",)), {"qualification.value.rating": "High"})
    project = client.get_project("HUB")
    folder = project.create_managed_folder("Reports")
    return SimpleNamespace(
        project=project,
        wiki=project.get_wiki(),
        folder=folder,
        target=f"HUB.{folder.id}",
        session=session,
        portfolio=lambda **filters: build_report(session, Filters(**filters)).portfolio,
    )


@pytest.fixture
def report(sandbox, url, hub, invoke):
    """Run `report` with these options as the administrator, or with another key."""
    return lambda *options, key=None: invoke(url, key or sandbox.admin_key, "report", *options)


@pytest.fixture
def saves(sandbox):
    """The writes to any wiki from now on."""
    seen = []
    around = sandbox.faults.around

    def noted(method, path, answer):
        if method in ("PUT", "POST", "DELETE") and "/wiki" in path:
            seen.append((method, path))
        return around(method, path, answer)

    sandbox.faults.around = noted
    return seen


def files(hub):
    return {item["path"].lstrip("/"): item for item in hub.folder.list_contents()["items"]}


def content(hub):
    with hub.folder.get_file(REPORT_FILE) as stream:
        return stream.content


def articles(hub):
    return {article.get_data().get_metadata()["name"]: article for article in hub.wiki.list_articles()}


def text(hub, name=ARTICLE):
    return articles(hub)[name].get_data().get_body()


def write(hub, body, name=ARTICLE):
    """A person edits the article."""
    data = articles(hub)[name].get_data()
    data.set_body(body)
    data.save()


# the managed folder ------------------------------------------------------------------------------------------


def test_the_page_is_put_into_the_folder_and_said_on_stderr(hub, report):
    ran = report("--publish-folder", hub.target)
    assert ran.code == 0
    assert list(files(hub)) == [REPORT_FILE]
    assert content(hub).lower().startswith(b"<!doctype html>")
    assert f"Published {REPORT_FILE} in the managed folder {hub.target}" in ran.err
    assert f"/projects/HUB/managedfolder/{hub.folder.id}/view" in ran.err
    assert "CHURN" in ran.out


def test_publishing_the_page_again_replaces_it(hub, report):
    for _ in range(2):
        assert report("--publish-folder", hub.target).code == 0
    hub.folder.put_file("other.txt", "stays")
    assert report("--publish-folder", hub.target, "--tag", "none").code == 0
    assert sorted(files(hub)) == [REPORT_FILE, "other.txt"]


def test_the_filters_hold_for_what_is_published(hub, report):
    assert report("--publish-wiki", "HUB").code == 0
    assert "[Churn prediction]" in text(hub)
    assert report("--publish-wiki", "HUB", "--tag", "nobody").code == 0
    assert "Churn prediction" not in text(hub)
    assert "Filtered: tag\\: nobody" in text(hub)


def test_publishing_goes_together_with_an_output_file(hub, report, tmp_path):
    out = tmp_path / "report.json"
    ran = report("--format", "json", "-o", out, "--publish-folder", hub.target, "--publish-wiki", "HUB:Overview")
    assert ran.code == 0
    assert ran.out == ""
    assert json.loads(out.read_text(encoding="utf-8"))["summary"]["governed"] == 1
    assert list(files(hub)) == [REPORT_FILE]
    assert list(articles(hub)) == ["Overview"]
    assert ran.err.count("Published") == 2


def test_what_is_on_stdout_stays_what_was_asked_for(hub, report):
    ran = report("--format", "json", "--publish-wiki", "HUB")
    assert ran.json["summary"]["governed"] == 1


# the wiki ----------------------------------------------------------------------------------------------------


def test_the_report_becomes_an_article_with_links_to_the_projects(hub, report, url):
    ran = report("--publish-wiki", "HUB")
    assert ran.code == 0
    assert list(articles(hub)) == [ARTICLE]
    assert f"[Churn prediction]({url}/projects/CHURN/)" in text(hub)
    assert f"Published the report in the article “{ARTICLE}” in the wiki of HUB" in ran.err


def test_publishing_again_writes_nothing_when_only_the_time_changed(hub, saves):
    portfolio = hub.portfolio()
    assert publish(hub.session, portfolio, Article("HUB")).written
    before = text(hub)
    saves.clear()
    later = dataclasses.replace(portfolio, generated_on=portfolio.generated_on + timedelta(hours=5))
    again = publish(hub.session, later, Article("HUB"))
    assert not again.written
    assert "nothing to change" in again.sentence
    assert saves == []
    assert text(hub) == before


def test_a_change_of_a_project_is_published_in_place(hub, report, saves):
    report("--publish-wiki", "HUB")
    initialize(hub.session, Scope(("HUB",)), {})
    saves.clear()
    assert report("--publish-wiki", "HUB").code == 0
    assert [method for method, _ in saves] == ["PUT"]
    assert list(articles(hub)) == [ARTICLE]
    assert text(hub).count("# Governed projects\n") == 1
    assert "[The hub]" in text(hub)


def test_what_people_wrote_around_the_report_stays(hub, report):
    report("--publish-wiki", "HUB")
    write(hub, f"# Welcome\n\nRead this first.\n\n{text(hub)}\n## Questions?\n\nAsk Alice.\n")
    initialize(hub.session, Scope(("HUB",)), {})
    assert report("--publish-wiki", "HUB").code == 0
    body = text(hub)
    assert body.startswith("# Welcome\n\nRead this first.\n\n<!-- govern-mirror report: begin ")
    assert body.endswith(f"{BLOCK_END}\n\n## Questions?\n\nAsk Alice.\n")
    assert "[The hub]" in body


def test_an_article_that_people_began_gets_the_report_below(hub, report):
    hub.wiki.create_article(ARTICLE, content="Our governance page.")
    assert report("--publish-wiki", "HUB").code == 0
    assert text(hub).startswith("Our governance page.\n\n<!-- govern-mirror report: begin ")
    assert list(articles(hub)) == [ARTICLE]


def test_what_people_wrote_inside_the_report_is_replaced(hub, report):
    report("--publish-wiki", "HUB")
    whole = text(hub)
    write(hub, whole.replace("[Churn prediction]", "[Mine]"))
    assert report("--publish-wiki", "HUB").code == 0
    assert "[Mine]" not in text(hub)
    assert "[Churn prediction]" in text(hub)


def test_nothing_of_people_is_lost_when_the_end_of_the_report_was_deleted(hub, report):
    report("--publish-wiki", "HUB")
    write(hub, text(hub).replace(BLOCK_END, "") + "Ask Alice.\n")
    for _ in range(2):
        assert report("--publish-wiki", "HUB").code == 0
        body = text(hub)
        assert body.endswith("Ask Alice.\n")
        assert body.count(BLOCK_END) == body.count("report: begin") == 1


def test_a_block_without_an_end_costs_nothing_of_peoples_text():
    portfolio = build([plain(0)], Filters(), NOW)
    block = with_report("", portfolio)
    damaged = block.replace(BLOCK_END, "") + "Ask Alice.\n" + block
    assert "Ask Alice.\n" in with_report(damaged, build([plain(1)], Filters(), NOW))


def test_another_article_is_another_report(hub, report):
    for name in (ARTICLE, "Für den Vorstand & Co"):
        assert report("--publish-wiki", f"HUB:{name}").code == 0
    assert set(articles(hub)) == {ARTICLE, "Für den Vorstand & Co"}
    assert report("--publish-wiki", "HUB:Für den Vorstand & Co").code == 0
    assert len(articles(hub)) == 2


def test_a_hostile_portfolio_neither_ends_nor_doubles_the_block():
    portfolio = hostile_portfolio()
    once = with_report("before\n", portfolio)
    assert once.count(BLOCK_END) == 1
    assert with_report(f"{once}after\n", portfolio) == f"{once}after\n"
    other = build([plain(0)], Filters(), NOW)
    assert with_report(f"{once}after\n", other) == with_report("before\n", other) + "after\n"


def test_an_article_that_dss_gave_other_line_ends_is_still_known():
    portfolio = build([plain(0)], Filters(), NOW)
    stored = with_report("", portfolio).replace("\n", "\r\n")
    assert with_report(stored, portfolio) == stored


# what fails --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "HUB", "HUB.", ".x", "HUB.a/b", "../x.y", "A B.c", "HUB.a?b"])
def test_a_folder_that_is_none_is_refused_before_anything_is_read(text, invoke):
    with pytest.raises(InputError, match=r"PROJECT\.FOLDER_ID"):
        parse_folder(text)
    ran = invoke("http://127.0.0.1:9", "key", "report", "--publish-folder", text)
    assert ran.code == 2
    assert "PROJECT.FOLDER_ID" in ran.err


@pytest.mark.parametrize(
    "text", ["", ":", "HUB:", ":x", "A/B", "HUB:a/b", "HUB:..", "HUB:a?b", "HUB:a#b", "HUB:50%", "HUB:a\\b"]
)
def test_an_article_that_cannot_be_addressed_is_refused_at_once(text, invoke):
    with pytest.raises(InputError):
        parse_article(text)
    assert invoke("http://127.0.0.1:9", "key", "report", "--publish-wiki", text).code == 2


def test_targets_are_read_as_they_are_typed():
    assert parse_folder("HUB.a1B2") == Folder("HUB", "a1B2")
    assert parse_folder("a1B2", "HERE") == Folder("HERE", "a1B2")
    assert parse_article("HUB") == Article("HUB", ARTICLE)
    assert parse_article(" HUB : The report: all ") == Article("HUB", "The report: all")


def test_a_missing_folder_does_not_stop_the_rest(hub, report, tmp_path):
    out = tmp_path / "report.csv"
    ran = report("--format", "csv", "-o", out, "--publish-folder", "HUB.nothere", "--publish-wiki", "HUB")
    assert ran.code == 1
    assert "not published in the managed folder HUB.nothere: DSS does not find" in ran.err
    assert out.exists()
    assert list(articles(hub)) == [ARTICLE]


def test_both_reasons_are_told_when_both_fail(hub, report):
    ran = report("--publish-folder", "HUB.nothere", "--publish-wiki", "NOSUCH")
    assert ran.code == 1
    assert "HUB.nothere" in ran.err
    assert "in the wiki of NOSUCH: project NOSUCH does not exist, or you may not read it" in ran.err


def test_a_reader_cannot_publish_and_is_told_so(sandbox, hub, report):
    sandbox.create_project("OPEN", permissions=[{"group": "readers", "readProjectContent": True}])
    key = sandbox.create_user("reader", ("readers",))
    ran = report("--publish-wiki", "OPEN", key=key)
    assert ran.code == 1
    assert "DSS does not allow you to write the wiki on project OPEN" in ran.err


def test_nothing_is_published_when_the_report_cannot_be_built(hub, report):
    assert report("--publish-wiki", "HUB", "--step", "nosuch").code == 2
    assert articles(hub) == {}


def test_from_python_a_failure_is_an_error(hub):
    with pytest.raises(NotFound):
        publish(hub.session, hub.portfolio(), Folder("HUB", "nothere"))
    with pytest.raises(GovernMirrorError):
        publish(hub.session, hub.portfolio(), Article("NOSUCH"))


# the macro ---------------------------------------------------------------------------------------------------


@pytest.fixture
def press(sandbox, hub, monkeypatch):
    """Press the report macro in the hub project, and return its result."""
    monkeypatch.setattr(dataikuapi.utils._ExponentialBackoff, "next_sleep_time", lambda self: 10)

    def press(**params):
        macro = hub.project.get_macro("pyrunnable_govern-mirror_governed-projects-report")
        return macro.get_result(macro.run(params=params), as_type="string")

    return press


@pytest.mark.parametrize("named", ["alone", "with its project"])
def test_the_macro_puts_the_page_into_the_folder_and_links_to_it(hub, press, named):
    result = press(managed_folder=hub.folder.id if named == "alone" else hub.target)
    result = result.decode() if isinstance(result, bytes) else result
    assert list(files(hub)) == [REPORT_FILE]
    assert f'<a href="/projects/HUB/managedfolder/{hub.folder.id}/view">{REPORT_FILE}</a>' in result
    assert not re.search(r"<script\b", result)


def test_the_macro_refuses_a_folder_that_would_break_the_link(hub, press):
    with pytest.raises(Exception, match="is not a managed folder"):
        press(managed_folder='x" onclick="alert(1)')
    assert files(hub) == {}


def test_inside_dss_addresses_are_paths(sandbox, url, hub):
    inside = session_in_dss(lambda: dataikuapi.DSSClient(url, api_key=sandbox.admin_key), {})
    published = publish(inside, build_report(inside).portfolio, Article("HUB"))
    assert re.fullmatch(r"/projects/HUB/wiki/[A-Za-z0-9_-]+", published.url)
