"""The webapp as DSS shows it: behind a login, in a frame, under a strict policy, each person with their own rights."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from support.webapp import live_webapp, small_plugin

from govern_mirror.page_links import item_link
from govern_mirror_devkit.seeds.people import CONFIDENTIAL, SERVICE_GROUP, WEBAPP_NAME

CHURN = "#page=item&item=CHURN&section=overview"
SPONSOR = "[id='input-overview.sponsor']"


class Visit:
    """Somebody's browser, and all that went wrong in it."""

    def __init__(self, context):
        self.context = context
        self.page = context.new_page()
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))

    @property
    def frame(self):
        return self.page.frame_locator(f'iframe[title="{WEBAPP_NAME}"]')

    def open_churn(self, live):
        """Open an item, on the webapp's page alone."""
        self.page.goto(live.direct_url + CHURN)
        expect(self.page.get_by_role("heading", name="Churn prediction")).to_be_visible()

    def type_sponsor(self, text):
        """Type into a field of the item, and do not save."""
        self.page.locator("#edit").click()
        self.page.locator(SPONSOR).fill(text)

    def save(self):
        self.page.get_by_role("button", name="Save", exact=True).click()


@pytest.fixture
def visit(browser):
    """Open a browser, logged in as somebody."""
    contexts = []

    def opened(live, role=None, **options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", **options)
        contexts.append(context)
        if role:
            context.add_cookies(live.cookies(role))
        return Visit(context)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    with live_webapp(folder, small_plugin(folder / "plugin"), stories=False) as live:
        yield live


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with live_webapp(tmp_path_factory.mktemp("real")) as live:
        yield live


def test_somebody_logs_in_and_sees_the_webapp_in_its_frame(small, visit):
    somebody = visit(small)
    page = somebody.page
    page.goto(small.url)
    page.get_by_label("Login").fill("bruno")
    page.get_by_label("Password").fill("bruno")
    page.get_by_role("button", name="Log in").click()
    expect(somebody.frame.locator("#said")).to_have_text("bruno")
    assert page.url == small.url and not somebody.errors


def test_a_link_opens_the_item_also_in_the_frame_of_dss(real, visit):
    somebody = visit(real, "owner")
    for address, shown in ((real.direct_url, somebody.page), (real.url, somebody.frame)):
        somebody.page.goto("about:blank")
        somebody.page.goto(item_link(address, "CHURN"))
        expect(shown.get_by_role("heading", name="Churn prediction", level=1)).to_be_visible()
    assert not somebody.errors


def test_a_strict_policy_lets_the_webapps_own_files_through(small, visit):
    somebody = visit(small, "reader")
    somebody.page.goto(small.direct_url)
    said = somebody.page.locator("#said")
    expect(said).to_have_text("rita")
    expect(said).to_have_css("color", "rgb(0, 0, 255)")
    assert not somebody.errors
    assert not somebody.page.evaluate("document.cookie"), "scripts must not see the session"


def test_two_people_in_two_browsers_stay_apart(small, visit):
    browsers = {role: visit(small, role) for role in ("manager", "visitor")}
    for somebody in browsers.values():
        somebody.page.goto(small.url)
    for role, somebody in browsers.items():
        expect(somebody.frame.locator("#said")).to_have_text(small.login(role))


def test_a_backend_that_is_stopped_is_said_plainly(real, visit):
    somebody = visit(real, "owner")
    with real.stopped():
        somebody.page.goto(real.url)
        alert = somebody.frame.get_by_role("alert")
        expect(alert).to_contain_text("does not answer")
        expect(alert).to_contain_text("Start backend")


@pytest.fixture
def sponsor(real):
    """What DSS has for the sponsor of the project that is edited."""
    return lambda: real.sandbox.metadata("CHURN")["customFields"].get("govern_sponsor")


def test_the_owner_edits_and_saves_in_the_frame(real, visit, sponsor):
    owner = visit(real, "owner")
    owner.page.goto(real.url)
    frame = owner.frame
    frame.get_by_role("link", name="Churn prediction").or_(frame.get_by_text("Churn prediction")).first.wait_for()
    owner.page.frames[1].evaluate(f"location.hash = {CHURN!r}")
    frame.locator("#edit").click()
    frame.locator(SPONSOR).fill("Head of Marketing")
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(frame.locator("#edit")).to_be_visible()
    assert sponsor() == "Head of Marketing"
    project = real.sandbox.projects.summary(real.sandbox.admin, "CHURN")
    assert project["versionTag"]["lastModifiedBy"]["login"] == "bruno"
    assert not owner.errors


def test_a_reader_changes_nothing_and_is_told_why(real, visit):
    reader = visit(real, "reader")
    reader.open_churn(real)
    expect(reader.page.locator("#edit")).to_be_disabled()
    expect(reader.page.locator("#why-not")).to_contain_text("Your rights in DSS let you read this project")
    reader.page.get_by_role("button", name="why?").click()
    expect(reader.page.locator("#read-only-reason")).to_contain_text("You may write none of the projects that you see")
    reader.page.set_viewport_size({"width": 390, "height": 844})
    told = reader.page.locator("#read-only-reason").bounding_box()
    assert told["x"] >= 0 and told["x"] + told["width"] <= 390, "all of it can be read on a phone"
    reader.page.get_by_role("link", name="Home").click()
    expect(reader.page.get_by_role("heading", name="To decide")).to_be_visible()
    expect(reader.page.get_by_role("button", name="Open as agenda")).to_have_count(0)
    manager = visit(real, "manager")
    manager.open_churn(real)
    expect(manager.page.get_by_text("Read only")).to_have_count(0)


def test_a_reader_finds_nothing_of_a_project_they_may_not_read(real, visit):
    reader, manager = visit(real, "reader"), visit(real, "manager")
    name = "money laundering"
    for somebody, there in ((manager, True), (reader, False)):
        somebody.page.goto(real.direct_url + "#page=projects")
        expect(somebody.page.get_by_text("Churn prediction", exact=True).first).to_be_visible()
        answers = somebody.page.evaluate(
            """async key => {
                const asked = ["portfolio", "portfolio/texts", "recent", `items/${key}`];
                const answers = await Promise.all(asked.map(path => fetch(getWebAppBackendUrl("api/" + path))));
                return (await Promise.all(answers.map(answer => answer.text()))).join();
            }""",
            CONFIDENTIAL,
        )
        assert (f'"{CONFIDENTIAL}"' in answers or name in answers.lower()) is there


def test_an_outsider_is_refused_by_dss(real, visit):
    outsider = visit(real, "outsider")
    outsider.page.goto(real.url)
    expect(outsider.page.get_by_text("Failed to read project permissions")).to_be_visible()
    assert len(outsider.page.frames) == 1


def test_people_without_impersonation_are_shown_nothing(real, visit):
    real.sandbox.impersonation.allow(SERVICE_GROUP, "readers")
    try:
        owner = visit(real, "owner")
        owner.page.goto(real.direct_url)
        expect(owner.page.get_by_text("DSS does not let this page act for you").first).to_be_visible()
        expect(owner.page.get_by_text("Churn prediction")).to_have_count(0)
    finally:
        real.sandbox.impersonation.allow(SERVICE_GROUP, "governance-managers", "analysts", "readers", "visitors")


@pytest.mark.parametrize("header", ["X-DKU-ProxyUser", "X-DKU-APITicket", "Remote-User", "X-Forwarded-User"])
def test_forged_headers_make_nobody_else_of_a_reader(real, visit, header, sponsor):
    before = sponsor()
    reader = visit(real, "reader", extra_http_headers={header: "alice"})
    reader.open_churn(real)
    expect(reader.page.get_by_text("Rita Novak")).to_be_visible()
    status = reader.page.evaluate(
        """async () => {
            const item = await (await fetch(getWebAppBackendUrl("api/items/CHURN"))).json();
            const answer = await fetch(getWebAppBackendUrl("api/items/CHURN"), {
                method: "PATCH",
                headers: {"Content-Type": "application/json", "X-Requested-With": "govern-mirror"},
                body: JSON.stringify({revision: item.revision, seen: {}, changes: {"overview.sponsor": "Mallory"}}),
            });
            return answer.status;
        }"""
    )
    assert status in (403, 422) and sponsor() == before


def test_two_people_who_save_the_same_field_are_asked(real, visit, sponsor):
    owner, manager = visit(real, "owner"), visit(real, "manager")
    for somebody in (owner, manager):
        somebody.open_churn(real)
    owner.type_sponsor("the owner's")
    manager.type_sponsor("the manager's")
    manager.save()
    expect(manager.page.locator("#edit")).to_be_visible()
    owner.save()
    dialog = owner.page.get_by_role("dialog")
    expect(dialog).to_contain_text("the manager's")
    expect(dialog).to_contain_text("alice")
    assert sponsor() == "the manager's"
    dialog.get_by_text("Mine", exact=True).click()
    dialog.get_by_role("button", name="Save with these").click()
    expect(owner.page.locator("#edit")).to_be_visible()
    assert sponsor() == "the owner's"


def test_two_people_who_save_different_fields_both_keep_theirs(real, visit):
    owner, manager = visit(real, "owner"), visit(real, "manager")
    for somebody in (owner, manager):
        somebody.open_churn(real)
    owner.type_sponsor("of the owner")
    manager.page.locator("#edit").click()
    manager.page.locator("[id='input-overview.countries']").fill("CH")
    for somebody in (manager, owner):
        somebody.save()
        expect(somebody.page.locator("#edit")).to_be_visible()
    fields = real.sandbox.metadata("CHURN")["customFields"]
    assert (fields["govern_sponsor"], "CH" in str(fields["govern_countries"])) == ("of the owner", True)


def test_what_was_typed_survives_a_session_that_ends(real, visit, sponsor):
    owner = visit(real, "owner")
    owner.open_churn(real)
    owner.type_sponsor("typed before the end")
    real.sandbox.sessions.end_all("bruno")
    owner.save()
    expect(owner.page.get_by_text("Your session has ended").first).to_be_visible()
    owner.context.add_cookies(real.cookies("owner"))
    owner.page.reload()
    expect(owner.page.locator(SPONSOR)).to_have_value("typed before the end")
    owner.save()
    expect(owner.page.locator("#edit")).to_be_visible()
    assert sponsor() == "typed before the end"


def test_a_restart_of_the_backend_loses_nothing_typed(real, visit, sponsor):
    owner = visit(real, "owner")
    owner.open_churn(real)
    owner.type_sponsor("typed before the restart")
    with real.stopped():
        owner.save()
        expect(owner.page.get_by_role("alert").filter(has_text=".").first).to_be_visible()
        expect(owner.page.locator(SPONSOR)).to_have_value("typed before the restart")
    owner.save()
    expect(owner.page.locator("#edit")).to_be_visible()
    assert sponsor() == "typed before the restart"


def test_a_right_withdrawn_while_editing_is_told_and_keeps_the_text(real, visit, sponsor):
    before = sponsor()
    owner = visit(real, "owner")
    owner.open_churn(real)
    owner.type_sponsor("typed without the right")
    dss = real.sandbox
    permissions = dss.projects.document(dss.admin, "CHURN", "permissions")
    dss.projects.set_document(dss.admin, "CHURN", "permissions", {**permissions, "owner": "alice"}, moves_version=False)
    try:
        owner.save()
        expect(owner.page.get_by_role("alert").filter(has_text="write").first).to_be_visible()
        expect(owner.page.locator(SPONSOR)).to_have_value("typed without the right")
        assert sponsor() == before
    finally:
        dss.projects.set_document(dss.admin, "CHURN", "permissions", permissions, moves_version=False)


def test_an_upgrade_while_editing_asks_to_reload_and_keeps_the_text(real, visit):
    owner = visit(real, "owner")
    owner.open_churn(real)
    owner.type_sponsor("typed before the upgrade")
    with real.upgraded("0.9.9"):
        owner.page.get_by_role("button", name="Refresh").click()
        expect(owner.page.get_by_text("updated").first).to_be_visible()
        owner.page.reload()
        expect(owner.page.locator(SPONSOR)).to_have_value("typed before the upgrade")
