"""The live page as people work with it in DSS: the seed's story, several at once, and what goes wrong meanwhile."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from support.hostile_projects import LONG, NAMES, URLS
from support.visits import act, visitor
from support.webapp import live_webapp
from template_files import write_template

from govern_mirror.model.blueprint import STANDARD
from govern_mirror_devkit.seeds.people import CONFIDENTIAL, MANAGERS

SPONSOR, NOTES = "overview.sponsor", "steps.qualification.notes"
EVERYBODY = [
    {"group": MANAGERS, "readProjectContent": True, "writeProjectContent": True},
    {"group": "readers", "readProjectContent": True},
]


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with live_webapp(tmp_path_factory.mktemp("live")) as served:
        yield served


@pytest.fixture
def visit(browser, live):
    contexts = []
    yield visitor(browser, live, contexts)
    for context in contexts:
        context.close()


@pytest.fixture
def project(live):
    """Make a project of the owner that is governed, and return its key."""
    manager = live.session("manager")

    def made(key, name=None, **values):
        live.sandbox.create_project(key, name or key.title(), live.login("owner"), permissions=EVERYBODY)
        act(live, manager, key, "govern", values={})
        if values:
            assert live.edit(manager, key, **values).status_code == 200
        return key

    return made


def fields_of(live, key):
    """The custom fields that DSS shows on the project."""
    return live.sandbox.metadata(key)["customFields"]


def test_the_seeds_story_from_govern_to_finished_qualification(live, visit):
    manager = visit("manager")
    page = manager.open("#page=ungoverned", "Not governed")
    page.get_by_label("Select Bruno's sandpit").check()
    page.get_by_role("button", name="Govern…").click()
    dialog = page.get_by_role("dialog", name="Govern Bruno's sandpit")
    dialog.get_by_label("Business initiative").fill("Lean operations")
    dialog.get_by_role("radiogroup", name="Value rating").get_by_text("High", exact=True).click()
    dialog.get_by_role("radiogroup", name="Risk rating").get_by_text("Low", exact=True).click()
    dialog.get_by_role("button", name="Govern", exact=True).click()
    expect(dialog).to_contain_text("Governed")
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    expect(page.get_by_label("Select Bruno's sandpit")).to_have_count(0)

    manager.edit("SANDPIT", "exploration")
    manager.field("steps.exploration.notes").fill("Data is **there**.")
    page.get_by_role("button", name=re.compile("Set as finished")).click()
    expect(page.get_by_role("region", name="Save")).to_contain_text("finish Exploration and start Qualification")
    manager.save()
    expect(page.get_by_text("at Qualification (2 of 5)").first).to_be_visible()
    assert fields_of(live, "SANDPIT")["govern_status_exploration"] == "FINISHED"

    manager.open_item("SANDPIT")
    expect(page.locator("#section-name")).to_have_text("Qualification")
    value = page.locator("[data-path='qualification.value.rating']")
    expect(value).to_contain_text("High, from Overview")
    value.get_by_role("button", name="Confirm Value").click()
    page.get_by_role("button", name="Confirm Risk rating").click()
    page.get_by_role("radiogroup", name="Feasibility rating").get_by_text("Medium high", exact=True).click()
    page.get_by_role("radiogroup", name="Cost rating").get_by_text("Low", exact=True).click()
    page.get_by_role("radiogroup", name="Resulting decision").get_by_text("Go", exact=True).click()
    manager.field("qualification.decision_comment").fill("Cheap to try.")
    plan = page.get_by_role("group", name="Project plan")
    plan.get_by_role("button", name="Add link").click()
    plan.get_by_label("Title of document 1").fill("Plan")
    plan.get_by_label("Link of document 1").fill("https://wiki.example.com/sandpit/plan")
    page.get_by_role("button", name=re.compile("Set as finished")).click()
    manager.save()
    fields = fields_of(live, "SANDPIT")
    told = [fields.get(name) for name in ("govern_decision", "govern_status_qualification", "govern_status_progress")]
    assert told == ["Go", "FINISHED", "ONGOING"], fields
    assert "https://wiki.example.com/sandpit/plan" in json.dumps(fields["govern_project_plan"])
    assert fields["govern_value_rating"] == "High" and fields["govern_notes_exploration"] == "Data is **there**."

    owner = visit("owner")
    owner.open("#page=projects&q=sandpit")
    row = owner.page.get_by_role("row").filter(has_text="Bruno's sandpit")
    expect(row).to_contain_text("Go")
    expect(row).to_contain_text("In Progress")
    owner.open_item("SANDPIT", "qualification")
    expect(owner.page.get_by_role("link", name="Plan", exact=True)).to_be_visible()
    expect(owner.page.locator("[data-path='qualification.decision']")).to_contain_text(re.compile("alice|Alice"))
    assert not manager.errors and not owner.errors


WRITES = re.compile(
    r"^(Govern|Adopt|Confirm|Change|Advance|Move|Set|Add|Skip|Reopen|Close project|Stop|Hide|Save|Agenda)"
)


def test_a_reader_is_offered_nothing_that_writes_anywhere(live, visit):
    reader = visit("reader")
    found = []
    for place in ("home", "ungoverned", "agenda"):
        page = reader.open(f"#page={place}")
        expect(page.get_by_text(re.compile("You see"))).to_be_visible()
        found += [(place, name) for name in offered(page)]
    for section in ("overview", "qualification", "attachments", "timeline", "source"):
        page = reader.open_item("CREDITDOCS", section)
        expect(page.locator("#edit")).to_be_disabled()
        found += [(section, name) for name in offered(page)]
    assert found == [] and not reader.errors


def offered(page):
    names = page.locator("main button:enabled:not([aria-disabled=true]):visible").all_inner_texts()
    return [name for name in names if WRITES.match(name)]


def test_a_reader_is_told_why_nothing_is_governed_or_adopted(live, visit):
    live.sandbox.create_project("LOOKONLY", "Look only", "alice", permissions=EVERYBODY)
    reader = visit("reader")
    page = reader.open("#page=ungoverned")
    page.get_by_role("button", name="Refresh").click()
    row = page.get_by_role("row").filter(has_text="LOOKONLY")
    expect(row).to_be_visible()
    expect(
        page.get_by_role("status").filter(has_text="You may write none of the projects that you see")
    ).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Churn prediction (Belgium)")).to_contain_text(
        "You may only read"
    )
    assert row.get_by_role("checkbox").count() == 0 and page.get_by_role("button", name="Adopt").count() == 0
    asked = live.session("reader").post(live.backend("api/items/LOOKONLY/govern"), json={}, timeout=60)
    assert asked.status_code == 403 and "may not write" in asked.text
    assert "govern_record" not in live.sandbox.metadata("LOOKONLY")["customFields"]


def listen(somebody):
    """Return what the API will answer them: status, text and headers of each."""
    heard = []

    def pass_on(route):
        answer = route.fetch()
        heard.append((answer.status, (answer.text() + str(answer.headers)).lower()))
        route.fulfill(response=answer)

    somebody.context.route("**/api/**", pass_on)
    return heard


def test_no_answer_holds_a_word_of_what_a_reader_may_not_read(live, visit):
    words = ("money laundering", "relabelling 4,000", f'"{CONFIDENTIAL}"'.lower())
    manager, reader = visit("manager"), visit("reader")
    told = {}
    for somebody in (manager, reader):
        told[somebody] = listen(somebody)
        for place in ("home", "projects&view=kanban", "projects&q=laundering", "ungoverned"):
            somebody.open(f"#page={place}")
            expect(somebody.page.get_by_text(re.compile("You see"))).to_be_visible()
            somebody.page.wait_for_load_state("networkidle")
        somebody.open(f"#page=item&item={CONFIDENTIAL}")
        somebody.page.wait_for_load_state("networkidle")
    expect(reader.page.get_by_role("alert").filter(has_text="may not read").first).to_be_visible()
    known = "".join(text for status, text in told[manager] if status == 200)
    leaked = "".join(text for status, text in told[reader])
    assert [word in known for word in words] == [True] * 3
    assert [word for word in words if word in leaked] == []
    assert CONFIDENTIAL not in reader.page.evaluate("JSON.stringify(Object.values(localStorage))")


def test_a_readers_tag_does_not_tell_that_a_hidden_project_changed(live):
    reader, manager = live.session("reader"), live.session("manager")
    asked = live.backend("api/portfolio?fresh=1")
    before = [somebody.get(asked, timeout=60).headers["ETag"] for somebody in (reader, manager)]
    assert live.edit(manager, CONFIDENTIAL, overview__sponsor="Somebody new").status_code == 200
    after = [somebody.get(asked, timeout=60).headers["ETag"] for somebody in (reader, manager)]
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)


def test_two_editors_lose_neither_a_note_nor_a_rating(live, visit, project):
    key = project("TWOEDIT")
    owner, manager = visit("owner"), visit("manager")
    for somebody in (owner, manager):
        somebody.edit(key, "qualification")
    manager.field(NOTES).fill("the manager's note")
    manager.page.get_by_role("radiogroup", name="Cost rating").get_by_text("High", exact=True).click()
    manager.save()
    owner.field(NOTES).fill("the owner's note")
    owner.page.get_by_role("radiogroup", name="Feasibility rating").get_by_text("Low", exact=True).click()
    owner.save_button.click()
    dialog = owner.page.get_by_role("dialog", name="Changed by somebody else meanwhile")
    expect(dialog).to_contain_text("the manager's note")
    expect(dialog.get_by_role("button", name="Save with these")).to_be_disabled()
    dialog.get_by_text("Both, theirs first").click()
    dialog.get_by_role("button", name="Save with these").click()
    expect(owner.page.locator("#edit")).to_be_visible()
    expect(owner.page.get_by_text("Others changed meanwhile")).to_be_visible()
    fields = fields_of(live, key)
    assert re.fullmatch(r"the manager's note\s+the owner's note", fields["govern_notes_qualification"])
    assert (fields["govern_cost_rating"], fields["govern_feasibility_rating"]) == ("High", "Low")
    assert not owner.errors and not manager.errors


def test_a_committee_decides_twelve_projects_by_keyboard_alone(live, visit, project):
    manager_api, owner_api = live.session("manager"), live.session("owner")
    keys = [project(f"SIT{number:02}", f"Sitting {number}") for number in range(1, 13)]
    committee = visit("manager")
    page, keyboard = committee.open("#page=agenda", "Agenda"), committee.page.keyboard
    expect(page.get_by_text(re.compile("You see"))).to_be_visible()
    committee.tab_to(page.locator("#agenda-keys"))
    keyboard.insert_text("\n".join(keys))
    committee.tab_to(page.get_by_role("button", name="Begin"))
    keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2)).to_contain_text("1 of 12")
    committee.tab_to(page.get_by_label("Body"))
    keyboard.type("Board")
    for place, key in enumerate(keys, 1):
        expect(page.get_by_role("heading", level=2)).to_contain_text(f"{key} {place} of 12")
        group = page.get_by_role("radiogroup", name="Resulting decision")
        expect(group).to_be_visible()
        if place == 4:
            assert live.edit(owner_api, key, qualification__decision="On hold").status_code == 200
        if place == 7:
            assert live.edit(owner_api, key, qualification__risk__rating="High").status_code == 200
        committee.tab_to(group.get_by_role("radio", name="Go", exact=True))
        keyboard.press("Space")
        if place % 2 == 0:
            keyboard.press("ArrowDown")
        committee.tab_to(page.get_by_role("textbox", name="Comments on the decision"))
        keyboard.type(f"Said on {key}")
        keyboard.press("Control+Enter")
        if place == 4:
            alert = page.get_by_role("alert").filter(has_text="Changed meanwhile")
            expect(alert).to_contain_text("On hold")
            expect(alert).to_contain_text(live.login("owner"))
            assert fields_of(live, key)["govern_decision"] == "On hold"
            assert "Said on" in page.get_by_role("textbox", name="Comments on the decision").input_value()
            keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name=re.compile("Minutes"))).to_be_visible()
    minutes = page.locator("main").inner_text() + str(
        page.locator("textarea").evaluate_all("all => all.map(e => e.value)")
    )
    for place, key in enumerate(keys, 1):
        fields = fields_of(live, key)
        assert fields["govern_decision"] == ("Go" if place % 2 else "No go"), key
        assert (
            fields["govern_decision_comment"].startswith("Board, ")
            and f"Said on {key}" in fields["govern_decision_comment"]
        )
        assert key in minutes and f"Said on {key}" in minutes
    assert fields_of(live, keys[6])["govern_risk_rating"] == "High"
    assert manager_api and not committee.errors


def test_a_project_deleted_while_editing_keeps_what_was_typed(live, visit, project):
    owner = visit("owner")
    owner.edit(project("DOOMED"), "overview")
    owner.field(SPONSOR).fill("typed in vain")
    live.sandbox.projects.delete(live.sandbox.admin, "DOOMED")
    owner.save_button.click()
    failure = owner.page.get_by_role("region", name="Save").get_by_role("alert")
    expect(failure).to_contain_text("does not exist")
    expect(owner.field(SPONSOR)).to_have_value("typed in vain")
    owner.page.get_by_role("button", name="Refresh").click()
    expect(owner.field(SPONSOR)).to_have_value("typed in vain")
    owner.page.reload()
    expect(owner.page.get_by_label("Sponsor", exact=True)).to_have_value("typed in vain")
    owner.page.get_by_role("button", name="Discard").click()
    expect(owner.page.get_by_label("Sponsor", exact=True)).to_have_count(0)
    assert not owner.errors


def test_a_sitting_survives_an_ended_session_and_a_reload(live, visit, project):
    key = project("SITTING")
    manager = visit("manager")
    page = manager.open("#page=agenda")
    page.locator("#agenda-keys").fill(key)
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Body").fill("Board")
    page.get_by_role("radiogroup", name="Resulting decision").get_by_text("On hold").click()
    page.get_by_role("textbox", name="Comments on the decision").fill("said before the end")
    live.sandbox.sessions.end_all(live.login("manager"))
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text("Your session has ended").first).to_be_visible()
    manager.context.add_cookies(live.cookies("manager"))
    page.reload()
    expect(page.get_by_label("Body")).to_have_value("Board")
    expect(page.get_by_role("textbox", name="Comments on the decision")).to_have_value("said before the end")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_role("heading", name=re.compile("Minutes"))).to_be_visible()
    fields = fields_of(live, key)
    assert fields["govern_decision"] == "On hold" and "said before the end" in fields["govern_decision_comment"]


def test_a_right_withdrawn_leaves_the_typed_text_to_be_copied(live, visit, project):
    key = project("LOCKED")
    owner = visit("owner")
    owner.edit(key, "overview")
    owner.field(SPONSOR).fill("typed with the right")
    dss = live.sandbox
    permissions = dss.projects.document(dss.admin, key, "permissions")
    readable = {"owner": "alice", "permissions": [{"group": "analysts", "readProjectContent": True}]}
    dss.projects.set_document(dss.admin, key, "permissions", {**permissions, **readable}, moves_version=False)
    owner.save_button.click()
    expect(owner.page.get_by_role("region", name="Save").get_by_role("alert")).not_to_be_empty()
    expect(owner.field(SPONSOR)).to_have_value("typed with the right")
    owner.page.reload()
    expect(owner.page.locator("#edit")).to_be_disabled()
    expect(owner.page.get_by_label("Sponsor", exact=True)).to_have_value("typed with the right")


def test_after_an_upgrade_the_draft_is_saved_on_the_new_page(live, visit, project):
    key = project("UPGRADED")
    owner = visit("owner")
    owner.edit(key, "overview")
    owner.field(SPONSOR).fill("typed before")
    with live.upgraded("99.0.0"):
        owner.page.get_by_role("button", name="Refresh").click()
        notice = owner.page.get_by_role("alert").filter(has_text="The page was updated")
        expect(notice).to_be_visible()
        notice.get_by_role("button", name="Reload").click()
        expect(owner.page.get_by_text("Your unsaved changes")).to_be_visible()
        expect(owner.field(SPONSOR)).to_have_value("typed before")
        expect(notice).to_have_count(0)
        owner.save()
        assert fields_of(live, key)["govern_sponsor"] == "typed before"
        owner.page.reload()
        expect(owner.page.locator("#edit")).to_be_visible()


def test_a_lost_connection_is_told_and_saving_goes_on_after_it(live, visit, project):
    key = project("OFFLINE")
    owner = visit("owner")
    owner.edit(key, "overview")
    owner.field(SPONSOR).fill("typed on the train")
    owner.context.set_offline(True)
    owner.save_button.click()
    expect(owner.page.get_by_role("alert").filter(has_text="connection is lost").first).to_be_visible()
    owner.field("overview.countries").fill("CH")
    owner.context.set_offline(False)
    owner.save()
    fields = fields_of(live, key)
    assert fields["govern_sponsor"] == "typed on the train" and "CH" in str(fields["govern_countries"])
    expect(owner.page.get_by_role("alert").filter(has_text="connection is lost")).to_have_count(0)


def test_a_save_whose_answer_was_lost_is_saved_once_and_no_conflict(live, visit, project):
    key = project("TWICE")
    owner = visit("owner")
    owner.edit(key, "overview")
    owner.field(SPONSOR).fill("once")
    lost = []

    def lose(route):
        if route.request.method == "PATCH" and not lost:
            lost.append(route.fetch())
            route.abort("connectionreset")
        else:
            route.continue_()

    owner.page.route("**/api/items/**", lose)
    before = len(record(live, key)["events"])
    owner.save_button.click()
    expect(owner.page.get_by_role("alert").filter(has_text="connection is lost").first).to_be_visible()
    owner.save()
    assert owner.page.get_by_role("dialog").count() == 0
    assert fields_of(live, key)["govern_sponsor"] == "once" and lost[0].status == 200
    assert len(record(live, key)["events"]) == before + 1


def test_save_pressed_twice_at_once_is_sent_once(live, visit, project):
    key = project("DOUBLE")
    owner = visit("owner")
    sent = []
    owner.page.on("request", lambda request: request.method == "PATCH" and sent.append(request.url))
    owner.edit(key, "overview")
    owner.field(SPONSOR).fill("doubly")
    owner.save_button.dblclick()
    expect(owner.page.locator("#edit")).to_be_visible()
    assert len(sent) == 1 and fields_of(live, key)["govern_sponsor"] == "doubly"


def record(live, key):
    return json.loads(fields_of(live, key)["govern_record"])


def test_another_persons_draft_is_not_seen_in_the_same_browser(live, visit):
    browser = visit("manager")
    browser.edit("CREDITDOCS", "overview")
    browser.field(SPONSOR).fill("a secret of the manager")
    browser.context.clear_cookies()
    browser.context.add_cookies(live.cookies("owner"))
    browser.open_item("CREDITDOCS", "overview")
    expect(browser.page.get_by_text("a secret of the manager")).to_have_count(0)
    assert "a secret" not in browser.page.evaluate("JSON.stringify(Object.values(localStorage))")


@contextlib.contextmanager
def without_countries(live):
    """Let the template have no field for countries within the block."""
    kept = tuple(field for field in STANDARD.fields if field.path != "overview.countries")
    sections = tuple(
        replace(each, fields=tuple(p for p in each.fields if p != "overview.countries")) for each in STANDARD.sections
    )
    write_template(replace(STANDARD, fields=kept, sections=sections), live.root / "resource" / "changed.json")
    live.sandbox.plugins.configure(template="resource/changed.json")
    live.restart()
    try:
        yield
    finally:
        live.sandbox.plugins.configure(template="")
        live.restart()


def test_a_template_changed_meanwhile_loses_nothing_that_was_typed(live, visit, project):
    key = project("RETEMPLATE")
    owner = visit("owner")
    owner.edit(key, "overview")
    owner.field("overview.countries").fill("France")
    owner.field(SPONSOR).fill("Known to both")
    with without_countries(live):
        owner.save_button.click()
        stranded = owner.page.get_by_role("textbox", name="Countries")
        expect(owner.page.get_by_text("the form can take it no more")).to_be_visible()
        expect(stranded).to_have_value("France")
        assert owner.field("overview.countries").count() == 0
        owner.save_button.click()
        expect(owner.page.get_by_text("Sponsor is now Known to both").first).to_be_attached()
        assert fields_of(live, key)["govern_sponsor"] == "Known to both"
        expect(stranded).to_have_value("France")
        expect(owner.page.locator("#edit")).to_be_visible()


def test_only_a_dropped_field_was_typed_and_the_page_says_so(live, visit, project):
    key = project("DROPPED")
    owner = visit("owner")
    owner.edit(key, "overview")
    owner.field("overview.countries").fill("France")
    with without_countries(live):
        owner.save_button.click()
        stranded = owner.page.get_by_role("textbox", name="Countries")
        expect(stranded).to_have_value("France")
        expect(owner.page.get_by_text("the template has no Countries any more")).to_be_visible()
        expect(owner.page.locator("#edit")).to_be_visible()
        expect(owner.page.get_by_text("No changes")).to_have_count(0)
        owner.page.reload()
        expect(stranded).to_have_value("France")
        owner.page.locator("#edit").click()
        owner.field(SPONSOR).fill("Another")
        owner.save_button.click()
        expect(owner.page.get_by_text("Sponsor is now Another").first).to_be_attached()
        expect(stranded).to_have_value("France")
        owner.page.get_by_role("button", name="Discard", exact=True).click()
        expect(stranded).to_have_count(0)


@pytest.fixture(params=[("Pacific/Kiritimati", "Pacific/Pago_Pago"), ("Pacific/Pago_Pago", "Pacific/Kiritimati")])
def zones(live, request):
    """Let the backend's zone be the second; return the browser's."""
    backend = live.root / "webapps" / "governance" / "backend.py"
    text = backend.read_text(encoding="utf-8")
    zone = f"import os, time\nos.environ['TZ'] = {request.param[1]!r}\ntime.tzset()\n"
    backend.write_text(zone + text, encoding="utf-8")
    live.sandbox.plugins.reload()
    live.restart()
    yield request.param[0]
    backend.write_text(text, encoding="utf-8")
    live.sandbox.plugins.reload()
    live.restart()


def test_a_day_stays_the_day_that_was_typed_in_any_time_zone(live, visit, project, zones):
    key = project(f"ZONE{zones[8]}")
    owner = visit("owner", timezone_id=zones)
    owner.edit(key, "overview")
    owner.field("overview.start_date").fill("2026-03-01")
    owner.field("overview.target_end_date").fill("2027-01-01")
    owner.save()
    assert fields_of(live, key)["govern_start_date"] == "2026-03-01"
    assert fields_of(live, key)["govern_target_end_date"] == "2027-01-01"
    expect(owner.page.locator("[data-path='overview.start_date'] time")).to_have_attribute("datetime", "2026-03-01")
    expect(owner.page.locator("[data-path='overview.start_date']")).to_contain_text("1 Mar 2026")
    expect(owner.page.locator("[data-path='overview.target_end_date']")).to_contain_text("1 Jan 2027")
    owner.page.locator("#edit").click()
    expect(owner.field("overview.start_date")).to_have_value("2026-03-01")
    owner.page.get_by_role("button", name="Cancel").click()
    owner.open(f"#page=projects&q={key}")
    row = owner.page.get_by_role("row").filter(has_text=key.title())
    expect(row).to_contain_text(re.compile("1 Jan 2027|2027-01-01"))


HOSTILE = [name for name in NAMES if len(name) < 1000 and name.strip()]
TYPED = [name for name in HOSTILE if name.isprintable()]
LINKS = [url for url in URLS if url]
TEXT_FIELDS = (
    "business_initiative", "sponsor", "description", "countries", "value_comment", "risk_comment",
    "feasibility_comment", "decision_comment", "notes_exploration", "notes_qualification", "notes_progress",
    "notes_rollout", "notes_delivery",
)  # fmt: skip
STRANGE_FIELDS = ("value_rating", "decision", "start_date", "status_rollout", "sensitive_data")


@pytest.fixture(scope="module")
def hostile(live):
    """Projects whose every text is hostile, as somebody typed it into DSS: their keys."""
    dss = live.sandbox
    size = len(TEXT_FIELDS)
    keys = []
    for at in range(0, len(HOSTILE), size):
        key, texts = f"EVIL{at}", [HOSTILE[(at + place) % len(HOSTILE)] for place in range(size)]
        keys.append(key)
        dss.create_project(
            key, texts[0], live.login("owner"), permissions=EVERYBODY, description=texts[1], tags=texts[:3]
        )
        act(live, live.session("owner"), key, "govern", values={})
        typed = {f"govern_{name}": text for name, text in zip(TEXT_FIELDS, texts, strict=True)}
        links = [{"from": texts[place % size], "to": link} for place, link in enumerate(LINKS)]
        if at == 0:
            typed |= {f"govern_{name}": texts[0] for name in STRANGE_FIELDS} | {"govern_notes_delivery": LONG}
        dss.edit_metadata(key, lambda m, t=typed, k=links: m["customFields"].update(t, govern_project_plan=k), "bruno")
    dss.create_project("EVILPLAIN", HOSTILE[1], live.login("owner"), permissions=EVERYBODY, tags=HOSTILE[:3])
    return keys


def harmless(visit):
    """Nothing ran, nothing was asked of others, nothing sticks out, and no link leads into a script."""
    page = visit.page
    links = page.eval_on_selector_all("main a[href]", "all => all.map(each => each.href)")
    assert [link for link in links if not re.match("https?://|mailto:", link)] == []
    assert page.locator("main script, main img, main iframe, main object").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert (visit.dialogs, visit.errors, visit.foreign) == ([], [], [])


def test_hostile_texts_run_nothing_anywhere_and_stay_in_their_place(live, visit, hostile):
    manager = visit("manager")
    manager.open("#page=home")
    manager.page.get_by_role("button", name="Refresh").click()
    places = ["home", "ungoverned", *(f"projects&view={view}" for view in ("table", "matrix", "kanban", "summary"))]
    for place in places:
        manager.go(f"#page={place}")
        expect(manager.page.locator("h1")).to_be_attached()
        manager.page.wait_for_load_state("networkidle")
        harmless(manager)
    for at, key in enumerate(hostile):
        # the first one holds the longest texts and links
        manager.page.set_viewport_size({"width": 1280 if at else 320, "height": 900})
        for section in ("overview", "source", "qualification", "exploration", "delivery", "attachments", "timeline"):
            manager.go(f"#page=item&item={key}&section={section}")
            expect(manager.page.locator("main code").first).to_have_text(key)
            expect(manager.page.locator("#section-name")).to_be_visible()
            harmless(manager)
    manager.go(f"#page=item&item={hostile[0]}&section=qualification")
    manager.page.locator("#edit").click()
    manager.page.get_by_role("button", name="Preview of Value comments").click()
    harmless(manager)


def test_hostile_texts_are_shown_as_they_were_written(live, visit, hostile):
    manager = visit("manager")
    for at, key in enumerate(hostile):
        page = manager.open_item(key, "overview")
        for place, path in enumerate(("business_initiative", "sponsor")):
            text = HOSTILE[(at * len(TEXT_FIELDS) + place) % len(HOSTILE)]
            shown = page.locator(f"[data-path='overview.{path}'] dd bdi").first.text_content()
            assert words(shown) == words(text)


def words(text):
    """A text without what DSS or a browser may change in it: blanks, and characters that nobody sees."""
    return [each for each in text if each.isprintable() and not each.isspace()]


def test_what_somebody_types_comes_back_as_it_was_typed(live, visit, project):
    key = project("TYPED")
    owner = visit("owner")
    for at in range(0, len(TYPED), 20):
        notes = "\n\n".join(TYPED[at : at + 20])
        owner.edit(key, "exploration")
        owner.field("steps.exploration.notes").fill(notes)
        owner.save()
        assert fields_of(live, key)["govern_notes_exploration"] == notes
        owner.page.locator("#edit").click()
        expect(owner.field("steps.exploration.notes")).to_have_value(notes)
        harmless(owner)
        owner.page.get_by_role("button", name="Cancel").click()


def test_a_hostile_link_is_refused_at_its_field_or_led_nowhere(live, visit, project):
    owner = visit("owner")
    owner.edit(project("LINKED"), "qualification")
    plan = owner.page.get_by_role("group", name="Project plan")
    plan.get_by_role("button", name="Add link").click()
    plan.get_by_label("Title of document 1").fill("<img src=x onerror=alert(1)>")
    plan.get_by_label("Link of document 1").fill("javascript:alert(1)")
    owner.save_button.click()
    expect(owner.page.locator("[data-path='qualification.project_plan'] .gl-error")).to_be_visible()
    harmless(owner)
    assert not fields_of(live, "LINKED").get("govern_project_plan")


def test_hostile_conflicts_and_minutes_run_nothing(live, visit, project):
    key, evil = project("EVILSAVE"), NAMES[0] + NAMES[1]
    owner, manager = visit("owner"), visit("manager")
    owner.edit(key, "overview")
    owner.field(SPONSOR).fill(evil)
    assert live.edit(live.session("manager"), key, overview__sponsor=evil[::-1]).status_code == 200
    owner.save_button.click()
    expect(owner.page.get_by_role("dialog")).to_contain_text(evil)
    expect(owner.page.get_by_role("dialog")).to_contain_text(evil[::-1])
    harmless(owner)
    page = manager.open("#page=agenda")
    page.locator("#agenda-keys").fill(key)
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Body").fill(evil)
    page.get_by_role("textbox", name="Comments on the decision").fill(evil)
    harmless(manager)
    page.get_by_role("button", name="Leave for later").click()
    expect(page.get_by_role("heading", name=re.compile("Minutes"))).to_be_visible()
    harmless(manager)
