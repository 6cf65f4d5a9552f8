"""The hub on the command line: set up, configured, looked at, audited."""

import io
import json
from datetime import datetime, timezone

import pytest
import yaml
from hub.conftest import HUB, REVIEWERS

from govern_mirror.actions.hub import audit_hub, hub_of
from govern_mirror.connection import Instance
from govern_mirror.dss import connect
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.hub.configuration import parse_configuration
from govern_mirror.hub.ledger import folder_prefix
from govern_mirror.hub.store import CONFIGURATION
from govern_mirror.model.reviewers import Role
from govern_mirror_devkit.sandbox.mock_instance import URL

WRITER = [{"group": "writers", "readProjectContent": True, "writeProjectContent": True}]


@pytest.fixture
def folder(hub_instance, hub):
    """The hub's managed folder, as an administrator reaches it."""
    project = connect(Instance(URL, hub_instance.admin_key))().get_project(hub)
    (listed,) = project.list_managed_folders()
    return project.get_managed_folder(listed["id"])


def content(folder, path):
    return folder.get_file(path).content


def ledger(folder):
    return sorted(item["path"].lstrip("/") for item in folder.list_contents()["items"] if "ledger/" in item["path"])


# set up ------------------------------------------------------------------------------------------------------------


def test_setting_up_twice_changes_nothing(run, hub):
    ended = run("hub", "init", HUB)
    assert ended.code == 0 and "was the hub already" in ended.err
    assert run("audit", "--all").out == "Whole: 2 entries\n"


def test_setting_up_again_puts_nobody_in_place_of_reviewers(run, hub, folder, reviewers):
    folder.delete_file(CONFIGURATION)
    before = len(folder.list_contents()["items"])
    ended = run("hub", "init", HUB)
    assert ended.code == 0 and f"its {CONFIGURATION} is gone" in ended.err and "asks nobody" not in ended.err
    assert len(folder.list_contents()["items"]) == before
    assert run("hub", "import", reviewers).code == 0 and "user:ana" in run("hub", "export").out


def test_a_folder_with_planted_approvals_becomes_no_hub(run, hub_instance):
    """Whoever could write the project before it is the hub chooses neither what is in it nor where it is kept."""
    project = connect(Instance(URL, hub_instance.admin_key))().get_project(HUB)
    planted = project.create_managed_folder("govern")
    planted.put_file("ledger/planted.json", io.BytesIO(b"{}"))
    ended = run("hub", "init", HUB)
    assert ended.code == 1 and "nobody vouches for" in ended.err and "govern_hub" in ended.err
    planted.delete_file("ledger/planted.json")
    ended = run("hub", "init", HUB, "--connection", "governance")
    assert ended.code == 1 and "on the connection filesystem_folders already" in ended.err
    assert run("hub", "init", HUB).code == 0, "an empty one, as a set-up that broke off leaves it"


def test_reviews_from_before_it_is_named_as_the_hub_are_told(run, hub_instance):
    hub_instance.create_project("ELSE")
    assert "holds reviews" not in run("hub", "init", "ELSE").err
    project = connect(Instance(URL, hub_instance.admin_key))().get_project("ELSE")
    (listed,) = project.list_managed_folders()
    project.get_managed_folder(listed["id"]).put_file("ledger/planted.json", io.BytesIO(b"{}"))
    ended = run("hub", "init", "ELSE")
    assert "it holds reviews already (1)" in ended.err and "take another project" in ended.err


def test_two_folders_of_its_name_are_refused(run, hub_instance):
    project = connect(Instance(URL, hub_instance.admin_key))().get_project(HUB)
    for _ in range(2):
        project.create_managed_folder("govern")
    ended = run("hub", "init", HUB)
    assert ended.code == 1 and "2 managed folders named govern" in ended.err


def test_a_second_folder_closes_the_hub(run, hub, folder, hub_instance):
    connect(Instance(URL, hub_instance.admin_key))().get_project(HUB).create_managed_folder("govern")
    ended = run("hub", "export")
    assert ended.code == 1 and "rename those that are not" in ended.err


def test_a_hub_whose_folder_is_gone_is_not_begun_anew(run, hub, folder):
    folder.delete()
    for command in (("hub", "init", HUB), ("audit", "--all"), ("hub", "check")):
        ended = run(*command)
        assert ended.code == 1 and "restore it from a backup" in ended.err + ended.out


def test_who_may_not_write_the_project_sets_up_no_hub(run, hub_instance):
    reader = hub_instance.create_user("rita", ("readers",))
    hub_instance.create_project("P2", permissions=[{"group": "readers", "readProjectContent": True}])
    ended = run("hub", "init", "P2", key=reader)
    assert ended.code == 1 and "not allow" in ended.err


def test_the_rest_of_the_projects_metadata_stays(run, hub_instance):
    hub_instance.edit_metadata(HUB, lambda metadata: metadata["customFields"].update(cost_center="42"))
    assert run("hub", "init", HUB).code == 0
    assert hub_instance.metadata(HUB)["customFields"]["cost_center"] == "42"


def test_without_the_setting_approvals_are_off(open_as, dss):
    from govern_mirror.actions.session import connect_to

    with pytest.raises(GovernMirrorError, match="approvals are off"):
        hub_of(connect_to(URL, dss.admin_key))


# the configuration -------------------------------------------------------------------------------------------------


def test_what_is_exported_can_be_imported(run, hub, tmp_path):
    exported = run("hub", "export").out
    file = tmp_path / "again.yaml"
    file.write_text(exported)
    ended = run("hub", "import", file, "--dry-run")
    assert (ended.code, ended.out) == (0, "")


def test_a_dry_run_says_what_would_change(run, hub, tmp_path):
    file = tmp_path / "other.yaml"
    file.write_text(REVIEWERS.replace("user:cleo", "user:carl"))
    ended = run("hub", "import", file, "--dry-run")
    assert ended.code == 3 and "user:carl" in ended.out
    assert "user:cleo" in run("hub", "export").out


def test_reviewers_of_a_project_replace_those_for_all(run, hub, open_as):
    configuration = hub_of(open_as()).open().configuration
    assert configuration.reviewers_of("CHURN")[Role.FINAL_APPROVER] == ("user:ana", "group:board")
    fraud = configuration.reviewers_of("FRAUD")
    assert fraud == {Role.FINAL_APPROVER: ("user:fred",), Role.RISK_COMPLIANCE: ("user:cleo",)}


def test_reviewers_of_an_initiative_stand_between():
    configuration = parse_configuration(
        {
            "reviewers": {
                "final_approvers": ["user:ana"],
                "business": ["user:ben"],
                "initiatives": {"Fraud": {"final_approvers": ["user:ivo"], "projects": ["P", "Q"]}},
                "projects": {"P": {"business": ["user:pia"]}},
            }
        }
    )
    asked = configuration.reviewers_of("P")
    assert asked == {Role.FINAL_APPROVER: ("user:ivo",), Role.BUSINESS: ("user:pia",)}


def test_a_deputy_stands_in_until_the_day():
    configuration = parse_configuration({"deputies": [{"of": "ben", "to": "dan", "until": "2026-03-01T00:00:00Z"}]})
    before, after = (datetime(2026, month, 1, 1, tzinfo=timezone.utc) for month in (2, 3))
    assert {deputy.to for deputy in configuration.deputies_at(before)} == {"dan"}
    assert configuration.deputies_at(after) == ()
    off = parse_configuration({"deputies": [{"of": "ben", "to": "dan"}], "switches": {"delegation": False}})
    assert off.deputies_at(before) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("reviewers: {final_approvers: [ana]}", "neither user:LOGIN nor group:NAME"),
        ("reviewers: {final_approvers: ['user:api:1']}", "is a key, and only people review"),
        ("reviewers: {final_approver: ['user:ana']}", "reviewers.final_approver"),
        ("reviewers: {final_approvers: 'user:ana'}", "reviewers.final_approvers"),
        ("reviewers: {projects: {'A/../B': {business: []}}}", "no project key"),
        ("reviewers: {initiatives: {A: {projects: [P]}, B: {projects: [P]}}}", "more than one initiative"),
        ("managers: [1]", "managers.0"),
        ("deputies: [{of: ben, to: dan, until: 2030-01-01}]", "deputies.0.until"),
        ("deputies: [{of: 'user:ben', to: dan}]", "is no login"),
        ("addresses: {ana: nobody}", "no mail address"),
        ("switches: {mandatory: 'false'}", "switches.mandatory"),
        ("switches: {reminder_days: [0]}", "switches.reminder_days.0"),
        ("managers: ['user:max']\nmanagers: ['user:eve']", "line 2: managers stands twice, first in line 1"),
        ("reviewers:\n  projects:\n    P: {}\n    P: {}", "line 4: P stands twice"),
        ("reviewers: {projects: {NO: {}}}", "needs quotes around it"),
        ("reviewers: []", "reviewers: write names with a value behind each"),
        ("reviewrs: {}", "reviewrs: no such name is known"),
        ("a: &x [1]\nb: *x", "line 2: anchors and aliases"),
        ("- a list", "names such as `reviewers:`"),
        ("a: [", "is no YAML"),
        ("", "holds nothing"),
        ("!!python/object/apply:os.system [ls]", "is no YAML"),
    ],
)
def test_a_configuration_that_is_not_valid_is_refused(run, hub, tmp_path, text, message):
    before = run("hub", "export").out
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    ended = run("hub", "import", file)
    assert ended.code == 2 and message in ended.err
    assert run("hub", "export").out == before


def test_a_name_with_nothing_behind_it_asks_nobody(run, hub, tmp_path):
    file = tmp_path / "blank.yaml"
    file.write_text(
        "reviewers:\n  business: ['user:ben']\n  initiatives:\n  projects:\n    P:\n    FRAUD:\n      business:\n"
        "published:\nswitches:\n  project_steps:\n"
    )
    assert run("hub", "import", file).code == 0
    configuration = yaml.safe_load(run("hub", "export").out)["reviewers"]
    assert configuration == {"business": ["user:ben"], "projects": {"P": {}, "FRAUD": {"business": []}}}


def test_a_configuration_changed_behind_the_ledger_is_not_taken(run, hub, folder, open_as):
    changed = content(folder, CONFIGURATION).replace(b"user:ana", b"user:eve")
    folder.put_file(CONFIGURATION, io.BytesIO(changed))
    with pytest.raises(GovernMirrorError, match="not the one that its ledger tells of"):
        _ = hub_of(open_as()).open().configuration
    ended = run("audit", "--all")
    assert ended.code == 3 and ended.out.startswith(CONFIGURATION)


def test_an_older_configuration_put_back_is_found(run, hub, folder, reviewers):
    older = content(folder, CONFIGURATION)
    reviewers.write_text(REVIEWERS.replace("user:ana", "user:amy"))
    assert run("hub", "import", reviewers).code == 0
    folder.put_file(CONFIGURATION, io.BytesIO(older))
    ended = run("audit", "--all")
    assert ended.code == 3 and "an older configuration" in ended.out


def test_giving_it_anew_mends_a_configuration(run, hub, folder, reviewers):
    folder.put_file(CONFIGURATION, io.BytesIO(b"{}"))
    assert run("hub", "export").code == 1
    assert run("hub", "import", reviewers).code == 0
    assert "user:ana" in run("hub", "export").out
    assert run("audit", "--all").code == 0


# audit -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["deleted", "changed", "added", "doubled"])
def test_a_tampered_ledger_is_found(run, hub, folder, deed):
    first, second = ledger(folder)
    seen = first if json.loads(content(folder, second))["parents"] else second
    if deed == "deleted":
        folder.delete_file(seen)
    elif deed == "changed":
        folder.put_file(seen, io.BytesIO(content(folder, seen).replace(b"admin", b"other")))
    elif deed == "added":
        folder.put_file(f"{folder_prefix(None)}{'0' * 32}.json", io.BytesIO(b"{}"))
    else:
        folder.put_file(f"{folder_prefix(None)}{'1' * 32}.json", io.BytesIO(content(folder, seen)))
    ended = run("audit", "--all")
    assert ended.code == 3 and ended.out.startswith("ledger/")
    assert run("audit", "--all", "--format", "json").json["whole"] is False


def test_entries_that_were_cut_off_are_found_by_older_heads(run, hub, folder, tmp_path):
    heads = tmp_path / "heads.json"
    heads.write_text(run("audit", "--all", "--format", "json").out)
    last = next(path for path in ledger(folder) if json.loads(content(folder, path))["parents"])
    folder.delete_file(last)
    folder.delete_file(CONFIGURATION)
    assert run("audit", "--all", "--heads", heads).code == 3


def test_a_file_without_heads_is_refused(run, hub, tmp_path):
    for text in ("[]", '{"heads": []}', "x"):
        file = tmp_path / "none.json"
        file.write_text(text)
        assert run("audit", "--all", "--heads", file).code == 2


def test_an_audit_is_of_one_item_or_of_all(run, hub):
    assert run("audit").code == 2
    assert run("audit", "CHURN", "--all").code == 2
    assert run("audit", "CHURN/bundle").code == 2
    assert run("audit", "CHURN/bundle/v1").out == "Whole: 0 entries\n"


def test_reading_rights_suffice_for_an_audit(run, hub_instance, hub):
    hub_instance.projects.set_document(
        hub_instance.admin, HUB, "permissions", {"owner": "admin", "permissions": [
            {"group": "auditors", "readProjectContent": True}]}
    )  # fmt: skip
    auditor = hub_instance.create_user("otto", ("auditors",))
    assert run("audit", "--all", key=auditor).code == 0
    outsider = hub_instance.create_user("eve")
    ended = run("audit", "--all", key=outsider)
    assert ended.code == 1 and "cannot be read" in ended.err


def test_heads_are_told_by_item(open_as, hub):
    assert list(audit_hub(open_as()).heads) == ["hub"]


# who could write it ------------------------------------------------------------------------------------------------


def govern(run, hub_instance, key, **options):
    hub_instance.create_project(key, **options)
    assert run("init", key).code == 0


def test_the_hub_is_red_while_an_editor_of_a_project_can_write_it(run, hub_instance, hub):
    hub_instance.create_user("wanda", ("writers",))
    govern(run, hub_instance, "CHURN", permissions=WRITER)
    ended = run("hub", "check", "--format", "json")
    assert ended.code == 0, ended.out
    permissions = {"owner": "admin", "permissions": WRITER}
    hub_instance.projects.set_document(hub_instance.admin, HUB, "permissions", permissions)
    assert "wanda may write GOVERNANCE and may write the governed project CHURN" in red(run)


@pytest.mark.parametrize(
    "item",
    [
        {"group": "writers", "editPermissions": True},
        {"group": "writers", "admin": True},
        {"user": "wanda", "writeProjectContent": True},
    ],
    ids=["who may give it", "an administrator of it", "by login"],
)
def test_whoever_could_come_to_write_the_hub_is_named(run, hub_instance, hub, item):
    hub_instance.create_user("wanda", ("writers",))
    govern(run, hub_instance, "CHURN", permissions=WRITER)
    permissions = {"owner": "admin", "permissions": [item]}
    hub_instance.projects.set_document(hub_instance.admin, HUB, "permissions", permissions)
    assert "wanda may write GOVERNANCE" in red(run)


def red(run):
    ended = run("hub", "check")
    assert ended.code == 1
    return " ".join(ended.out.split())


@pytest.mark.parametrize("groups", [None, ("writers",)], ids=["everybody", "a group"])
def test_the_hub_is_red_while_an_editor_may_use_its_connection(run, hub_instance, hub, groups):
    hub_instance.create_user("wanda", ("writers",))
    govern(run, hub_instance, "CHURN", permissions=WRITER)
    hub_instance.connections.add("governance", groups=groups)
    assert "wanda may use the connection governance" in red(run)


def test_a_hub_whose_connection_is_gone_is_not_told_as_safe(run, hub_instance, hub):
    hub_instance.connections.remove("governance")
    ended = run("hub", "check", "--format", "json")
    (check,) = ended.json["checks"]
    assert ended.code == 1 and check["verdict"] == "failed" and "Connection not found: governance" in check["detail"]


def test_the_hub_is_red_while_an_editor_may_change_the_plugin(run, hub_instance, hub):
    hub_instance.create_user("wanda", ("writers",))
    govern(run, hub_instance, "CHURN", permissions=WRITER)
    hub_instance.plugins.developer_groups.add("writers")
    assert "wanda may change this plugin" in red(run)


def test_what_a_key_may_not_see_is_not_told_as_safe(run, hub_instance, hub):
    hub_instance.projects.set_document(
        hub_instance.admin, HUB, "permissions", {"owner": "admin", "permissions": [
            {"group": "auditors", "readProjectContent": True}]}
    )  # fmt: skip
    auditor = hub_instance.create_user("otto", ("auditors",))
    checks = run("hub", "check", "--format", "json", key=auditor).json["checks"]
    assert {check["check"]: check["verdict"] for check in checks}["writers of the hub"] == "cannot be checked"


def test_a_wrong_type_in_python_is_refused(open_as):
    with pytest.raises(InputError):
        audit_hub(open_as(), "CHURN")


# what a newcomer gets wrong ------------------------------------------------------------------------------------------


def reviewers_check(run):
    checks = run("hub", "check", "--format", "json").json["checks"]
    (check,) = [check for check in checks if check["check"] == "reviewers"]
    return check["verdict"], check["detail"]


def configure(run, tmp_path, text, *options):
    file = tmp_path / "configuration.yaml"
    file.write_text(text)
    return run("hub", "import", file, *options)


@pytest.mark.parametrize("options", [(), ("--dry-run",)], ids=["import", "dry run"])
def test_a_step_that_the_template_has_not_is_refused(run, hub, tmp_path, options):
    ended = configure(run, tmp_path, "switches: {project_steps: [Qualification]}", *options)
    assert ended.code == 2 and "no step 'Qualification': use one of exploration, qualification" in ended.err
    assert "project_steps" not in run("hub", "export").out


def test_a_hub_in_which_nobody_can_approve_says_so(run, hub, tmp_path):
    assert configure(run, tmp_path, "reviewers: {business: [user:admin]}").code == 0
    verdict, detail = reviewers_check(run)
    assert verdict == "warning" and "there is no final approver" in detail


def test_a_misspelt_reviewer_is_named(run, hub, hub_instance, tmp_path):
    hub_instance.create_user("ana", ("readers",))
    text = "reviewers: {final_approvers: ['user:ana', 'group:readers']}\nmanagers: ['user:anna', 'group:bord']\n"
    assert configure(run, tmp_path, text).code == 0
    verdict, detail = reviewers_check(run)
    assert verdict == "warning" and detail.endswith(": group:bord, user:anna")
    assert configure(run, tmp_path, "reviewers: {final_approvers: ['user:ana', 'group:readers']}").code == 0
    assert reviewers_check(run) == ("ok", "all who are named can log in")


def test_another_connection_for_a_hub_that_is_there_is_not_ignored(run, hub):
    ended = run("hub", "init", HUB, "--connection", "filesystem_managed")
    assert ended.code == 0 and "its folder stays on the connection governance" in ended.err
