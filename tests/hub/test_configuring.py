"""Changing who reviews, by governance managers on the page and in the macro; and setting up a hub by its macro."""

import json
from datetime import datetime, timedelta, timezone

import dataikuapi
import pytest
from hub.conftest import HUB, PERMISSIONS, REVIEWERS, V1
from hypothesis import given
from hypothesis import strategies as st
from support.live_page import START, is_a, open_page_of

from govern_mirror.actions.hub import differences, hub_of
from govern_mirror.actions.hub_edit import configure_hub, view_hub
from govern_mirror.actions.session import connect_to, open_session
from govern_mirror.actions.signoff import hub_with_key
from govern_mirror.connection import Instance, Secret
from govern_mirror.dss.macros import run_macro
from govern_mirror.errors import AccessDenied, ConflictError, GovernMirrorError, InputError, MoveRefused
from govern_mirror.hub.configuration import parse_configuration
from govern_mirror.settings import Settings, parse_settings
from govern_mirror_devkit.sandbox.mock_instance import URL

OUTSIDERS = ["rita", "emil", "ana", "olga", "ben", "cleo", "dan", "eve"]
"""Editors, approvers, a reviewer, a deputy, and somebody with no right at all: all but the manager."""


@pytest.fixture
def readable(bank):
    """The hub may be read by everybody, as auditors may."""
    bank.projects.set_document(bank.admin, HUB, "permissions", {"owner": "admin", "permissions": PERMISSIONS[1:]})
    for login in ("rita", "emil", "eve"):
        groups = bank.accounts.user(login).groups
        bank.accounts.change_user(login, groups=[*groups, "readers"])
    return bank


@pytest.fixture
def session_of(readable, people):
    """A session of somebody, and the hub with its key."""
    key = readable.accounts.create_project_key(HUB, ("ADMIN",))

    def opened(login):
        settings = parse_settings({"hub_project": HUB, "settling_seconds": 0})
        person = {"admin": readable.admin_key, "key": key}.get(login) or people[login]
        session = open_session(Instance(URL, Secret(person)), settings)
        return session, hub_with_key(session, HUB, key)

    return opened


@pytest.fixture
def entries(session_of):
    """The entries about the hub itself."""
    return lambda: session_of("admin")[1].open().entries(None)


def changed(hub, **switches):
    """The configuration in force with other switches, and the entry that it comes from."""
    configuration, origin = hub.open().configured
    document = configuration.to_json()
    document["switches"] = {**document.get("switches", {}), **switches}
    return parse_configuration(document), origin


def approved_by(hub, *names):
    """The configuration in force with other final approvers, and the entry that it comes from."""
    configuration, origin = hub.open().configured
    document = configuration.to_json()
    document["reviewers"]["final_approvers"] = list(names)
    return parse_configuration(document), origin


# who may ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", [*OUTSIDERS, "key"])
def test_nobody_but_managers_and_administrators_changes_who_reviews(session_of, entries, login):
    session, hub = session_of(login)
    before, known = hub.open().configured, entries()
    with pytest.raises(AccessDenied):
        configure_hub(session, hub, *approved_by(hub, f"user:{login}" if login != "key" else "user:rita"))
    assert hub.open().configured == before and entries() == known


@pytest.mark.parametrize("login", ["max", "admin"])
def test_a_change_is_an_entry_under_the_name_that_dss_gives(session_of, entries, login):
    session, hub = session_of(login)
    done = configure_hub(session, hub, *changed(hub, delegation=False))
    assert done.changes == {"switches.delegation": {"from": None, "to": False}}
    assert hub.open().configured[1] == done.entry.id
    assert done.entry.by == login and done.entry in entries()
    assert hub.open().configuration.switches.delegation is False


def test_no_manager_chooses_the_govern_node_that_is_believed(session_of):
    """With one of their own they could approve alone: it says who approved, and the hub writes that down."""
    evil = {"id": "govern", "url": "https://evil.example"}

    def naming(hub, node):
        configuration, origin = hub.open().configured
        document = {key: value for key, value in configuration.to_json().items() if key != "govern_node"}
        return parse_configuration({**document, **({"govern_node": node} if node else {})}), origin

    manager, hub = session_of("max")
    for node in (evil, {**evil, "id": "other"}):
        with pytest.raises(AccessDenied, match="only an administrator"):
            configure_hub(manager, hub, *naming(hub, node))
    administrator, hub = session_of("admin")
    configure_hub(administrator, hub, *naming(hub, {**evil, "url": "https://govern.example.com"}))
    with pytest.raises(AccessDenied, match="only an administrator"):
        configure_hub(manager, hub, *naming(hub, evil))
    configure_hub(manager, hub, *changed(hub, delegation=False))
    configure_hub(manager, hub, *naming(hub, None))
    assert hub.open().configuration.govern_node is None, "who believes less needs no administrator"


def test_a_manager_who_makes_himself_approver_stands_in_the_register(session_of, as_):
    session, hub = session_of("max")
    configure_hub(session, hub, *approved_by(hub, "user:max"))
    assert as_("admin", "audit", "--all").code == 0
    (last,) = [entry for entry in hub.open().entries(None) if entry.id == hub.open().configured[1]]
    assert last.by == "max" and last.body["configuration"]["reviewers"]["final_approvers"] == ["user:max"]


def test_who_lost_the_role_changes_nothing_any_more(session_of):
    session, hub = session_of("max")
    configuration, origin = hub.open().configured
    without = parse_configuration({**configuration.to_json(), "managers": ["group:board"]})
    configure_hub(session, hub, without, origin)
    with pytest.raises(AccessDenied):
        configure_hub(session, hub, *changed(hub, delegation=False))
    olga, hub = session_of("olga")
    assert configure_hub(olga, hub, *changed(hub, delegation=False)).entry.by == "olga"


@pytest.mark.parametrize("login", ["rita", "ana", "eve"])
def test_the_macro_asks_dss_who_it_is_and_not_the_form(readable, people, entries, login):
    client = dataikuapi.DSSClient(URL, api_key=people[login])
    known = entries()
    form = {
        "hub": {"mode": "PRESET", "name": "hub"}, "by": "max", "login": "max", "seen": known[-1].id,
        "configuration": json.dumps({"reviewers": {"final_approvers": [f"user:{login}"]}, "managers": ["user:max"]}),
    }  # fmt: skip
    with pytest.raises(MoveRefused, match="only governance managers and administrators"):
        run_macro(client, HUB, "configure-hub", form, "change who reviews")
    assert entries() == known


def test_the_macro_says_what_changes_and_records_it(readable, people, session_of):
    hub = session_of("admin")[1]
    configuration, origin = changed(hub, reminder_days=[5])
    client = dataikuapi.DSSClient(URL, api_key=people["max"])
    form = {
        "hub": {"mode": "PRESET", "name": "hub"},
        "configuration": json.dumps(configuration.to_json()),
        "seen": origin,
    }
    rows = run_macro(client, HUB, "configure-hub", {**form, "dry_run": True}, "change who reviews")
    assert rows == [("switches.reminder_days", "3, 7", "5"), ("Dry run", "nothing was recorded", "")]
    assert hub.open().configured[1] == origin
    rows = run_macro(client, HUB, "configure-hub", form, "change who reviews")
    assert rows[-1][0] == "Recorded" and hub.open().configured[1] in rows[-1][1]


# conflicts ----------------------------------------------------------------------------------------------------------


def test_what_changed_meanwhile_is_not_lost(session_of):
    session, hub = session_of("max")
    mine = changed(hub, delegation=False)
    admin, _ = session_of("admin")
    configure_hub(admin, hub, *changed(hub, reminder_days=[9]))
    with pytest.raises(ConflictError, match="admin changed the hub's configuration"):
        configure_hub(session, hub, *mine)
    assert hub.open().configuration.switches.reminder_days == (9,)


def test_two_who_save_at_the_same_moment_are_told(session_of, monkeypatch):
    session, hub = session_of("max")
    _, other = session_of("admin")
    mine, theirs = changed(hub, delegation=False), changed(other, reminder_days=[9])
    configure = hub.configure

    def and_then_theirs(*arguments):
        entry = configure(*arguments)
        other.configure(theirs[0], "admin", entry.at)
        return entry

    monkeypatch.setattr(hub, "configure", and_then_theirs)
    with pytest.raises(ConflictError, match="at the same moment: look at what is in force"):
        configure_hub(session, hub, *mine)


def test_who_is_removed_meanwhile_does_not_put_themselves_back(session_of, monkeypatch, as_):
    session, hub = session_of("max")
    admin, other = session_of("admin")
    mine = changed(hub, delegation=False)
    configuration, origin = other.open().configured
    without = parse_configuration({**configuration.to_json(), "managers": ["user:olga"]})
    append = hub.append

    def slowly(entry):
        configure_hub(admin, other, without, origin)
        return append(entry)

    monkeypatch.setattr(hub, "append", slowly)
    with pytest.raises(ConflictError, match="is not in force"):
        configure_hub(session, hub, *mine)
    assert hub.open().configuration.managers == ("user:olga",)
    assert as_("admin", "audit", "--all").code == 0
    again, other = session_of("olga")
    assert configure_hub(again, other, *changed(other, delegation=False)).entry.by == "olga"
    assert as_("admin", "audit", "--all").code == 0


def test_a_change_of_nothing_is_no_entry(session_of, entries):
    session, hub = session_of("max")
    known = entries()
    assert configure_hub(session, hub, *hub.open().configured).entry is None
    assert entries() == known


def test_who_does_not_say_what_they_saw_is_refused(session_of):
    session, hub = session_of("max")
    with pytest.raises(InputError, match="which configuration you changed"):
        configure_hub(session, hub, changed(hub, delegation=False)[0], "")


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)


@given(
    st.dictionaries(st.sampled_from("abc"), DOCUMENTS, max_size=3),
    st.dictionaries(st.sampled_from("abc"), DOCUMENTS, max_size=3),
)
def test_what_differs_is_told_and_nothing_else(before, after):
    assert differences(before, before) == {}
    for place, change in differences(before, after).items():
        assert change["from"] != change["to"]
        for document, side in ((before, "from"), (after, "to")):
            value = document
            for name in place.split("."):
                value = value.get(name) if isinstance(value, dict) else None
            assert value == change[side]


# on the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def page_of(readable, people):
    """The page as somebody has it."""

    def opened(login, hub=HUB):
        settings = Settings(hub_project=hub, settling_seconds=0)
        page = open_page_of(connect_to(URL, people[login], settings=settings))
        page.minutes = (datetime.now(timezone.utc) - START) // timedelta(minutes=1)
        return page

    return opened


def test_a_manager_sees_what_changes_and_saves_it(page_of):
    page = page_of("max")
    hub = is_a("hub", page.get("hub").json)
    assert hub["why_not"] is None and hub["by"] == "admin"
    wanted = hub["configuration"]
    wanted["reviewers"]["business"] = ["user:ben", "user:dan"]
    looked = is_a("hub", page.post("hub", {"seen": hub["entry"], "configuration": wanted, "dry_run": True}).json)
    assert looked["changes"] == [{"place": "reviewers.business", "from": ["user:ben"], "to": ["user:ben", "user:dan"]}]
    assert looked["entry"] == hub["entry"]
    saved = page.post("hub", {"seen": hub["entry"], "configuration": wanted})
    assert saved.status_code == 200, saved.text
    assert saved.json["by"] == "max" and saved.json["entry"] in is_a("hub", saved.json)["recorded"]
    again = page.post("hub", {"seen": hub["entry"], "configuration": wanted})
    assert again.status_code == 409 and "max changed" in is_a("problem", again.json)["detail"]


@pytest.mark.parametrize("login", ["rita", "ana", "olga", "ben", "dan", "eve"])
def test_others_see_who_reviews_and_why_they_change_nothing(page_of, login):
    page = page_of(login)
    hub = page.get("hub").json
    assert "only governance managers" in hub["why_not"]
    refused = page.post("hub", {"seen": hub["entry"], "configuration": {"managers": [f"user:{login}"]}})
    assert refused.status_code == 403
    assert page.get("hub").json["entry"] == hub["entry"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "`seen` is the id"),
        ({"seen": 1, "configuration": {}}, "`seen` is the id"),
        ({"seen": "x", "configuration": {}, "dry_run": "yes"}, "`seen` is the id"),
        ({"seen": "x", "configuration": {"managers": ["ana"]}}, "managers.0"),
        ({"seen": "x", "configuration": []}, "holds names"),
        ({"seen": "x", "configuration": {}, "by": "max"}, "takes no by"),
    ],
)
def test_what_is_no_configuration_is_refused_with_its_place(page_of, document, message):
    answer = page_of("max").post("hub", document)
    assert answer.status_code == 422 and message in is_a("problem", answer.json)["detail"]


def test_without_a_hub_the_page_says_so(page_of):
    answer = page_of("max", hub=None).get("hub")
    assert answer.status_code == 404 and "approvals are off" in is_a("problem", answer.json)["detail"]


def test_mails_of_an_act_are_told_on_the_page(page_of, readable, as_, tmp_path):
    file = tmp_path / "mailing.yaml"
    file.write_text(REVIEWERS.replace("  ana: ana@bank.example", "  rita: rita@bank.example"))
    assert as_("admin", "hub", "import", file).code == 0
    readable.messaging.create("smtp", configuration={"sender": "dss@bank.example"})
    answer = is_a("review", page_of("rita").post(f"reviews/{V1}", {"act": "request_approval"}).json)
    assert answer["mail"] == [] and len(answer["not_told"]) == 2 and "ana" in answer["not_told"][0]


# set up -------------------------------------------------------------------------------------------------------------


def rows_of(sandbox, key, form, project="CHURN"):
    return run_macro(dataikuapi.DSSClient(URL, api_key=key), project, "set-up-hub", form, "set up the hub")


def test_the_macro_sets_up_a_hub_and_says_what_comes_next(design):
    for key in ("CHURN", "NEWHUB"):
        design.create_project(key)
    form = {"project": "NEWHUB", "connection": "filesystem_folders"}
    looked = dict(rows_of(design, design.admin_key, {**form, "dry_run": True}))
    assert looked["Hub"] == "NEWHUB would be the hub"
    assert design.managed_folders.listed(design.admin, "NEWHUB") == []
    rows = dict(rows_of(design, design.admin_key, form))
    assert rows["Hub"] == "NEWHUB is the hub"
    assert "NEWHUB" in rows["Setting"] and "WARN first" in rows["Deployer"] and "Preset" in rows
    assert dict(rows_of(design, design.admin_key, form))["Hub"] == "NEWHUB was the hub already"
    session = connect_to(URL, design.admin_key, settings=Settings(hub_project="NEWHUB", settling_seconds=0))
    assert view_hub(session, hub_of(session, "NEWHUB")).configuration.reviewers_of("CHURN") == {}


def test_who_may_not_write_the_project_sets_up_no_hub(bank, people):
    bank.create_project("NEWHUB")
    with pytest.raises(GovernMirrorError):
        rows_of(bank, people["rita"], {"project": "NEWHUB"})
    assert bank.managed_folders.listed(bank.admin, "NEWHUB") == []
