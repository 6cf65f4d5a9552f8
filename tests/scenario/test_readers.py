"""What readers of a hub learn of projects that they may not see: warned of by the install, left out when published."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import re

import pytest
from click.testing import CliRunner
from dataikuapi.utils import DataikuException
from werkzeug import Response

from govern_mirror.cli.main import main
from govern_mirror_devkit.sandbox.mock_instance import URL

HUB = "HUB"
TEXTS = {
    "notes": "We let forty people go in May",
    "comment": "The minister asked for it",
    "decision": "Only until the merger",
    "reason": "The board meets on Friday",
    "document": "https://example.com/the-list-of-names",
    "plan": "https://example.com/merger-plan",
    "typed": "a rating that somebody typed",
}
"""What people wrote in the secret project, by where it stands."""

REPORT = "pyrunnable_govern-mirror_governed-projects-report"
INSTALL = "pyrunnable_govern-mirror_install-reporting-scenario"


@pytest.fixture
def command(keys):
    """`govern-mirror …` as it is typed, by the administrator unless somebody else is named."""

    def command(*arguments, who="admin", code=0):
        result = CliRunner().invoke(main, ["--url", URL, "--api-key", keys[who], *arguments], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return command


@pytest.fixture
def secret(sandbox, command):
    """A governed project that only administrators see, with something written in every field that takes text."""
    sandbox.create_project("SECRET", "Project Nightfall")
    command("init", "SECRET", "--value", "High", "--risk", "Low")
    command(
        "qualify", "SECRET", "--value", "High", "--value-comment", TEXTS["comment"], "--decision", "go",
        "--decision-comment", TEXTS["decision"], "--project-plan", f"Plan={TEXTS['plan']}",
    )  # fmt: skip
    command("advance", "SECRET", "--to", "qualification", "--reason", TEXTS["reason"])
    command("step", "note", "SECRET", "qualification", TEXTS["notes"])
    command("step", "document", "SECRET", "qualification", f"List={TEXTS['document']}")
    sandbox.edit_metadata("SECRET", lambda metadata: metadata["customFields"].update(govern_cost_rating=TEXTS["typed"]))
    assert "is not valid" in command("show", "SECRET").stdout


@pytest.fixture
def page(sandbox, folder):
    """All that the published page holds, unpacked."""

    def page():
        return unpacked(sandbox.managed_folders.get(sandbox.admin, HUB, folder, "governed-projects.html").decode())

    return page


@pytest.fixture
def article(hub):
    return lambda: hub.get_wiki().list_articles()[0].get_data().get_body()


@pytest.fixture
def install(done, folder):
    return lambda *options, **who: " ".join(
        done("install", HUB, "--managed-folder", folder, "--mail", "ada@example.com", *options, **who).stderr.split()
    )


def unpacked(html):
    packed = re.findall(r'<script type="text/plain"[^>]*>(.*?)</script>', html)
    assert len(packed) >= 2
    return html + "".join(gzip.decompress(base64.b64decode(part)).decode() for part in packed)


def in_it(text):
    """Which of the texts stand in what was published, as they are or escaped for Markdown."""
    plain = text.replace("\\", "")
    return {name for name, written in TEXTS.items() if written in plain}


# what is published


def test_t13_scheduled_report_holds_no_texts(secret, install, scenario, page, sandbox):
    install()
    assert scenario().run_and_wait().outcome == "SUCCESS"
    (mail,) = sandbox.messaging.outbox
    assert in_it(page()) == in_it(mail.body) == set()
    for text in (page(), mail.body):
        assert "Project Nightfall" in text and "High" in text and "Go" in text


def test_t13_published_page_tells_when_and_by_whom_only(secret, install, scenario, page):
    install()
    scenario().run_and_wait()
    packed = re.findall(r'<script type="text/plain" id="data">(.*?)</script>', page())[0]
    columns = json.loads(gzip.decompress(base64.b64decode(packed)))["columns"]
    place = columns["key"].index("SECRET")
    assert columns["by"]["values"][columns["by"]["codes"][place]] == "admin" or "pending" in page()
    assert columns["changed"]["values"][columns["changed"]["codes"][place]]


def test_t13_command_publishes_no_texts_unless_asked(secret, command, folder, page, article):
    command("report", "--publish-folder", f"HUB.{folder}", "--publish-wiki", HUB)
    assert in_it(page()) == in_it(article()) == set()
    assert "Notes, comments, documents and history are left out" in page(), "a blank is not taken for one"
    command("report", "--publish-folder", f"HUB.{folder}", "--publish-wiki", HUB, "--with-texts")
    assert in_it(page()) == set(TEXTS) and "are left out" not in page()
    assert "typed" in in_it(article())


def test_t13_macro_publishes_no_texts_unless_asked(secret, hub, folder, page):
    macro = hub.get_macro(REPORT)
    for tick in (None, False, "true", "yes", 1):
        # what is no tick is refused, or counts as none
        with contextlib.suppress(DataikuException):
            macro.get_result(macro.run({"managed_folder": folder, "with_texts": tick}), as_type="string")
        assert in_it(page()) == set(), tick
    macro.get_result(macro.run({"managed_folder": folder, "with_texts": True}), as_type="string")
    assert in_it(page()) == set(TEXTS)


def test_t13_own_report_file_still_holds_everything(secret, command, tmp_path):
    command("report", "-o", str(tmp_path / "report.html"))
    assert in_it(unpacked((tmp_path / "report.html").read_text())) == set(TEXTS)


def test_t13_texts_without_a_place_to_publish_are_refused(command):
    assert "--publish-folder" in command("report", "--with-texts", code=2).stderr


# the choice of the scenario


def test_t13_choice_is_kept_and_can_be_taken_back(secret, install, done, shown, scenario, page):
    install("--with-texts")
    assert shown()["with_texts"] is True and "with notes, comments and history" in done("show", HUB).stdout
    done("install", HUB, "--daily", "09:00")
    scenario().run_and_wait()
    assert in_it(page()) == set(TEXTS)
    done("install", HUB, "--without-texts")
    assert shown()["with_texts"] is False
    scenario().run_and_wait()
    assert in_it(page()) == set()


def test_t13_macro_of_the_schedule_takes_the_choice(hub, folder, shown):
    def press(**params):
        macro = hub.get_macro(INSTALL)
        return macro.get_result(macro.run({"managed_folder": folder, **params}), as_type="json")["records"]

    press()
    assert shown()["with_texts"] is False
    press(with_texts="yes")
    assert shown()["with_texts"] is True
    assert press(with_texts="")[0][1] == "unchanged"
    press(with_texts="no")
    assert shown()["with_texts"] is False
    with pytest.raises(Exception, match="perhaps"):
        press(with_texts="perhaps")


def test_t13_tick_as_the_form_saves_it_is_no_change(install, change, done):
    install()
    change(lambda raw: raw["params"]["steps"][0]["params"]["config"].update(with_texts=False))
    assert "unchanged" in done("install", HUB).stdout.splitlines()[1]


# the warning


@pytest.fixture
def team(sandbox, command):
    """A governed project that the hub's readers and writers may read."""
    groups = [{"group": group, "readProjectContent": True} for group in ("readers", "writers")]
    sandbox.create_project("TEAM", permissions=groups)
    command("init", "TEAM")


def test_t13_install_names_projects_closed_to_readers(secret, sandbox, team, install):
    sandbox.faults.set("GET /admin/users:403")
    said = install()
    assert "what is published in HUB tells its readers of 1 projects that not all of them may see: SECRET" in said
    assert "closed to the group readers, the group writers" in said and "TEAM" not in said


def test_t13_install_says_when_texts_go_there_too(secret, install):
    assert "with their notes, comments and history" not in install()
    assert "with their notes, comments and history" in install("--with-texts")


def test_t13_no_warning_where_all_readers_see_all(team, install):
    assert "may see" not in install()


def test_t13_filters_of_the_step_are_counted(secret, team, install, change):
    install()
    change(lambda raw: raw["params"]["steps"][0]["params"]["config"].update(tag=["open"]))
    assert "may see" not in install("--daily", "09:00")


def test_t13_datasets_in_the_hub_are_read_there(secret, recipe, done):
    recipe(governed_projects="governed")
    said = " ".join(done("install", HUB, "--mail", "ada@example.com").stderr.split())
    assert "what is published in HUB tells its readers of 1 projects" in said


def test_t13_page_in_another_project_has_that_ones_readers(secret, sandbox, done):
    sandbox.create_project("BOARD", permissions=[{"user": "chair", "readProjectContent": True}])
    folder = sandbox.managed_folders.create(sandbox.admin, "BOARD", {"name": "reports"})["id"]
    said = " ".join(done("install", HUB, "--managed-folder", f"BOARD.{folder}").stderr.split())
    assert "published in BOARD" in said and "closed to chair" in said and "published in HUB" not in said


def test_t13_wiki_article_named_in_the_step_counts(secret, sandbox, install, change):
    sandbox.create_project("BOARD", permissions=[{"group": "board", "readProjectContent": True}])
    install()
    change(lambda raw: raw["params"]["steps"][0]["params"]["config"].update(wiki_article="BOARD:Report"))
    sandbox.faults.set("GET /admin/users:403")
    assert "closed to the group board" in install("--daily", "09:00")


def test_t13_readers_who_cannot_be_known_are_said_unknown(secret, install):
    said = install(who="writer")
    assert "whether all readers of HUB may see the projects that are told of there cannot be known" in said
    assert "the permissions of HUB cannot be read" in said


def test_t13_projects_whose_permissions_are_closed_are_unknown(sandbox, secret, command, install, hub):
    permissions = hub.get_permissions()
    permissions["permissions"].append({"group": "writers", "admin": True})
    hub.set_permissions(permissions)
    sandbox.create_project("SEEN", permissions=[{"group": "writers", "readProjectContent": True}])
    command("init", "SEEN")
    assert "the permissions of 1 of 1 of them were not read" in install(who="writer")


def test_t13_what_another_run_as_user_sees_counts(secret, team, install, change):
    install()
    change(lambda raw: raw.update(runAsUser="writer"))
    assert "may see: SECRET" not in install("--daily", "09:00")


def test_t13_run_as_user_who_is_gone_is_unknown(secret, install, change):
    install()
    change(lambda raw: raw.update(runAsUser="gone"))
    assert "DSS does not say what gone sees" in install("--daily", "09:00")


def test_t13_memberships_are_looked_up_where_they_can_be(secret, sandbox, install):
    lists = {
        "/admin/users": [
            {"login": "admin", "groups": ["administrators"]},
            {"login": "reader", "groups": ["readers"]},
            {"login": "left", "groups": ["readers"], "enabled": False},
            {"login": "boss", "groups": ["writers", "administrators"]},
        ],
        "/admin/groups": [{"name": "administrators", "admin": True}, {"name": "readers"}, {"name": "writers"}],
    }
    answered = sandbox.faults.around

    def around(method, path, answer):
        found = lists.get(path.rstrip("/"))
        return answered(method, path, answer if found is None else lambda: Response(json.dumps(found)))

    sandbox.faults.around = around
    assert "closed to reader; publish" in install()


def test_t13_failing_look_up_does_not_read_as_a_failed_install(secret, sandbox, install, shown):
    sandbox.faults.set("GET /projects/SECRET/permissions:500; GET /projects:500")
    assert "cannot be known" in install()
    sandbox.faults.set("")
    assert shown()["installed"] is True
