"""Reviews on the live page in DSS: a reviewer finds one on Home and approves, and the requester cannot."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from playwright.sync_api import expect
from support.accessibility import serious
from support.hubs import HUB, let_read, set_up_hub
from support.webapp import live_webapp

from govern_mirror import clock
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.record import set_values
from govern_mirror.actions.session import connect_to
from govern_mirror.dss.governable_items import exported_bundle, subject_of
from govern_mirror.hub.configuration import parse_configuration
from govern_mirror.hub.ledger import EntryKind, LedgerEntry, folder_prefix, govern_body, read_entry
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.govern_signoff import GovernEntry
from govern_mirror.model.signoff import SignoffStatus
from govern_mirror.model.subject import subject_digest
from govern_mirror.settings import Settings
from govern_mirror_devkit.seeds.people import ANALYSTS, MANAGERS, READERS

BUNDLE = "CHURN/bundle/v1"
REVIEW = f"#page=review&item={BUNDLE}"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with live_webapp(tmp_path_factory.mktemp("review")) as live:
        trainer = live.sandbox.accounts.user(live.login("admin"))
        model = live.sandbox.saved_models.create(trainer, "CHURN", "Churn model", "DSS_MANAGED")
        live.sandbox.saved_models.train(trainer, "CHURN", model, "winter")
        live.sandbox.standards.note(trainer, "CHURN", {"documentation": 3})
        set_up_hub(live.sandbox, "CHURN", live.login("manager"))
        let_read(live.sandbox, ANALYSTS, MANAGERS, READERS)
        live.restart()
        yield live


@pytest.fixture
def live(served):
    with served.restored():
        yield served


def press(live, role, macro, bundle, **form):
    """Run one of the hub's macros on a bundle, as somebody does in its form."""
    key = live.sandbox.accounts.create_personal_key(live.login(role))
    url = f"{live.base}/public/api/projects/CHURN/runnables/pyrunnable_govern-mirror_{macro}?wait=true"
    form = {"hub": {"mode": "PRESET", "name": "hub"}, "address": f"bundle/{bundle}", **form}
    run = requests.post(url, json={"params": form}, auth=(key, ""), timeout=60).json()
    done = requests.get(url.split("?")[0] + f"/result/{run['runId']}", auth=(key, ""), timeout=60)
    assert done.status_code == 200, done.text


def ask(live, role, bundle="v1"):
    """Ask for the final approval of a bundle."""
    press(live, role, "request-sign-off", bundle, final=True)


def approve(live, bundle="v1"):
    """Let a bundle be asked for and approved."""
    ask(live, "owner", bundle)
    press(live, "manager", "review", bundle, action="approve")


def test_a_reviewer_approves_from_home_and_the_requester_cannot(live, visit):
    ask(live, "owner")
    owner = visit("owner")
    owner.goto(live.direct_url + REVIEW)
    expect(owner.get_by_role("heading", name="Approve bundle v1 of CHURN?")).to_be_visible()
    expect(owner.get_by_text("You are not asked in this review.")).to_be_visible()
    expect(owner.get_by_role("button", name="Approve", exact=True)).to_have_count(0)

    page = visit("manager")
    page.goto(live.direct_url + "#page=home")
    page.get_by_role("link", name=f"Review {BUNDLE}").click()
    expect(page.get_by_role("heading", name="Approve bundle v1 of CHURN?")).to_be_visible()
    expect(page.get_by_text("Unchanged since the request")).to_be_visible()
    expect(page.get_by_text("First review: no earlier approval.")).to_be_visible()
    expect(page.get_by_role("heading", name="Open problems")).to_be_visible()
    expect(page.get_by_text("Worst severity: Medium")).to_be_visible()
    expect(page.get_by_text("Active now, may differ from the bundle's.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Churn model winter")).to_contain_text("Not asked")
    page.get_by_text("More", exact=True).click()
    assert serious(page) == []
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Say why: who reads it must know what to do.")).to_be_visible()
    page.get_by_label("Comment").fill("looks right")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".gl-good")).to_contain_text("as entry")
    expect(page.get_by_text("approved this")).to_be_visible()
    assert page.errors == []

    page.goto(live.direct_url + "#page=home")
    expect(page.get_by_role("heading", name="Waiting for me")).to_have_count(0)

    page.goto(live.direct_url + "#page=item&item=CHURN&section=items")
    expect(page.get_by_text("Approved", exact=False).first).to_be_visible()
    page.get_by_role("link", name=f"Review of {BUNDLE}").click()
    expect(page.get_by_role("heading", name="Bundle v1 of CHURN: approved")).to_be_visible()
    page.get_by_role("link", name="Models and bundles").click()
    expect(page.get_by_role("row", name="v1")).to_contain_text("Approved")
    page.get_by_role("link", name="Approvals").click()
    expect(page.get_by_text("nothing was changed or taken away")).to_be_visible()
    page.get_by_label("Item").fill("nothing")
    expect(page.get_by_text("0 of ")).to_be_visible()
    page.get_by_label("Item").fill("churn")
    expect(page.get_by_text("approved: CHURN/bundle/v1")).to_be_visible()
    page.get_by_text("What was seen").first.click()
    expect(page.get_by_text("Customer loyalty").first).to_be_visible()
    assert serious(page) == []
    with page.expect_download() as started:
        page.get_by_role("button", name="Export all").click()
    assert "looks right" in started.value.path().read_text(encoding="utf-8-sig")
    assert page.errors == []


def test_a_reviewer_reads_what_changed_since_the_last_approved(live, visit):
    approve(live)
    session = connect_to(live.sandbox.base_url, live.sandbox.admin_key, settings=Settings(settling_seconds=0))
    set_values(session, "CHURN", {"sponsor": "Zoe"})
    live.sandbox.clock.move(timedelta(minutes=1))
    live.sandbox.bundles.export(live.sandbox.accounts.user("exporter"), "CHURN", "v2", "for Zoe")
    ask(live, "owner", "v2")
    page = visit("manager")
    page.goto(live.direct_url + "#page=home")
    page.get_by_role("link", name="Review CHURN/bundle/v2").click()
    changed = page.get_by_role("region", name="What changed since bundle v1 of CHURN, the last approved")
    expect(changed).to_contain_text("→ Zoe")
    page.get_by_label("Comment").fill("for Zoe")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".gl-good")).to_contain_text("as entry")
    assert page.errors == []


def test_an_owner_moves_a_bundle_through_its_own_steps(live, visit, tmp_path):
    page = visit("owner")
    page.goto(live.direct_url + "#page=item&item=CHURN&section=items")
    page.get_by_role("link", name="Bundle v1").click()
    expect(page.get_by_role("heading", name="Bundle v1 of CHURN")).to_be_visible()
    expect(page.get_by_role("heading", name="Review", exact=True)).to_be_visible(), "people see the review first"
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Development").click()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("textbox", name="Notes").fill("Built from the March data.")
    page.get_by_role("button", name="Set as finished").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("CHURN/bundle/v1 is now at Review (2 of 4)").first).to_be_visible()
    assert serious(page) == []
    page.screenshot(path=tmp_path / "bundle.png", full_page=True)
    page.goto(live.direct_url + "#page=item&item=CHURN")
    expect(page.get_by_text("CHURN", exact=True).first).to_be_visible()
    assert page.errors == []


def test_a_review_shows_what_govern_says_as_governs(live, visit):
    say_in_govern(live, "v3")
    manager = visit("manager")
    manager.goto(live.direct_url + "#page=review&item=CHURN/bundle/v3")
    expect(manager.get_by_text("In Govern: approved")).to_contain_text(
        "It does not count: it was approved there before"
    )
    expect(manager.get_by_text("No review is under way.")).to_be_visible()
    assert serious(manager) == []
    assert manager.errors == []


def say_in_govern(live, bundle):
    """Put into the hub that Govern approved a bundle, as a sync records it that saw nothing before."""
    sandbox = live.sandbox
    sandbox.bundles.export(sandbox.accounts.user("exporter"), "CHURN", bundle)
    settings = Settings(hub_project=HUB, settling_seconds=0)
    session = connect_to(sandbox.base_url, sandbox.admin_key, settings=settings)
    hub = hub_of(session)
    named = {"govern_node": {"id": "govern", "url": "https://govern.example.com"}}
    configuration = parse_configuration(
        {**hub.open().configuration.to_json(), **named, "switches": {"govern_approvals": True}}
    )
    hub.configure(configuration, session.login, clock.now())
    address = Address("CHURN", ItemKind.BUNDLE, (bundle,))
    now = clock.now().replace(microsecond=0)
    subject = subject_of(exported_bundle(session.store.client, "CHURN", bundle))
    said = GovernEntry(
        id="", parents=(), at=now, step="review", by=session.login, node="govern", artifact="ar.1",
        status=SignoffStatus.APPROVED, approvers=("ana",), subject=subject, digest=subject_digest(subject), read_at=now,
    )  # fmt: skip
    hub.append(LedgerEntry(EntryKind.GOVERN, address, "review", now, session.login, (), govern_body(said)))


def test_home_says_what_it_could_not_look_at_in_the_deployer(live, visit):
    page = visit("manager")
    live.sandbox.faults.set("GET /project-deployer/deployments:403")
    page.goto(live.direct_url + "#page=home")
    expect(page.get_by_text("deployed without approval could not be looked at")).to_be_visible()
    live.sandbox.faults.set("")
    line = {"deployment": "d", "infrastructure": "PROD", "bundle": "v1", "address": BUNDLE}
    unsure = [{**line, "why": "may be another export than the approved one"}]
    document = {"format_version": 1, "off": None, "looked_at": 3, "unapproved": [], "unsure": unsure}
    page.route("**/api/deployed", lambda route: route.fulfill(json=document))
    page.reload()
    expect(page.get_by_role("heading", name="Deployed without approval")).to_contain_text("of 1 more nobody can say it")
    expect(page.get_by_role("link", name=BUNDLE)).to_be_visible()
    assert serious(page) == []


def test_a_bundles_page_leads_to_its_own_review(live, visit):
    page = visit("owner")
    page.goto(live.direct_url + f"#page=item&item={BUNDLE}&section=review")
    links = page.get_by_role("main").get_by_role("link", name="Review", exact=True)
    expect(links.first).to_be_visible()
    assert [link.get_attribute("href") for link in links.all() if "page=review" in link.get_attribute("href")] == [
        f"#page=review&item={BUNDLE.replace('/', '%2F')}"
    ]
    expect(page.get_by_text("not needed to finish")).to_have_count(0)
    assert page.errors == []


def test_an_approver_hands_a_review_over(live, visit):
    live.sandbox.bundles.export(live.sandbox.accounts.user("exporter"), "CHURN", "v4")
    ask(live, "owner", "v4")
    page = visit("manager")
    page.goto(live.direct_url + "#page=review&item=CHURN/bundle/v4")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Hand over…").click()
    dialog = page.get_by_role("dialog", name="Hand over")
    dialog.get_by_label("To (login)").fill(live.login("reader"))
    assert serious(page) == []
    dialog.get_by_role("button", name="Hand over").click()
    expect(page.locator(".gl-good")).to_contain_text("as entry")
    reader = visit("reader")
    reader.goto(live.direct_url + "#page=home")
    reader.get_by_role("link", name="Review CHURN/bundle/v4").click()
    expect(reader.get_by_text(f"for {live.login('manager')}").first).to_be_visible()
    reader.get_by_role("button", name="Approve", exact=True).click()
    expect(reader.locator(".gl-good")).to_contain_text("as entry")
    assert page.errors == [] and reader.errors == []


def test_who_the_hub_names_lets_a_bundle_pass_in_an_emergency(live, visit):
    sandbox = live.sandbox
    sandbox.bundles.export(sandbox.accounts.user("exporter"), "CHURN", "v5")
    hub = hub_of(connect_to(sandbox.base_url, sandbox.admin_key, settings=Settings(hub_project=HUB)))
    named = {**hub.open().configuration.to_json(), "emergency": [f"user:{live.login('manager')}"]}
    hub.configure(parse_configuration(named), "admin", clock.now())
    address = live.direct_url + "#page=review&item=CHURN/bundle/v5"
    owner, page = visit("owner"), visit("manager")
    owner.goto(address)
    expect(owner.get_by_role("heading", name="What would be approved")).to_be_visible()
    expect(owner.get_by_role("button", name="Let it pass in an emergency…")).to_have_count(0)

    page.goto(address)
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Let it pass in an emergency…").click()
    dialog = page.get_by_role("dialog", name="Let it pass in an emergency")
    expect(dialog).to_contain_text("Bundle v5 of CHURN may then be deployed once without approval")
    expect(dialog).to_contain_text("it stands at Not started")
    dialog.get_by_label("Infrastructure of the Deployer").fill("PROD")
    dialog.get_by_label("Why it cannot wait").fill("the old one is down")
    dialog.get_by_label("Ticket").fill("INC-7")
    dialog.get_by_label("For how many hours").fill("2")
    dialog.get_by_role("button", name="Look what it does").click()
    expect(dialog.get_by_text("passes on PROD until")).to_contain_text("its review is due")
    assert serious(page) == []
    dialog.get_by_role("button", name="Let it pass", exact=True).click()
    expect(page.locator(".gl-good")).to_contain_text("as entry")
    owner.reload()
    expect(owner.get_by_text("Passes without approval, in an emergency")).to_be_visible()
    expect(owner.get_by_role("listitem").filter(has_text="INC-7")).to_contain_text(
        f"let pass by {live.login('manager')}"
    )
    assert page.errors == [] and owner.errors == []


def test_projects_tell_which_reviews_wait_and_lead_to_them(live, visit):
    live.sandbox.bundles.export(live.sandbox.accounts.user("exporter"), "CHURN", "v6")
    ask(live, "owner", "v6")
    page = visit("reader")
    page.goto(live.direct_url + "#page=projects&signoff=Waiting")
    expect(page.locator("#count")).to_contain_text("1 of ")
    expect(page.get_by_role("list", name="Filters that are set")).to_contain_text("Sign-off is Waiting")
    page.get_by_role("link", name="review of CHURN").click()
    expect(page.get_by_role("heading", name="Approve bundle")).to_be_visible()
    page.goto(live.direct_url + "#page=projects")
    expect(page.get_by_role("columnheader", name="Sign-off")).to_be_visible()
    expect(page.get_by_role("link", name="review of CHURN")).to_be_visible()
    assert serious(page) == [] and page.errors == []

    outsider = visit("visitor")
    outsider.goto(live.direct_url + "#page=projects")
    expect(outsider.get_by_text("Sign-offs are not shown:")).to_be_visible()
    expect(outsider.get_by_role("columnheader", name="Sign-off")).to_have_count(0)


def test_home_names_an_item_whose_ledger_is_not_whole(live, visit):
    approve(live)
    folders, admin = live.sandbox.managed_folders, live.sandbox.admin
    (folder,) = folders.listed(admin, HUB)
    files = [item["path"].strip("/") for item in folders.contents(admin, HUB, folder["id"])["items"]]
    prefix = folder_prefix(Address("CHURN", ItemKind.BUNDLE, ("v1",)))
    entries = [
        read_entry(path, folders.get(admin, HUB, folder["id"], path)) for path in files if path.startswith(prefix)
    ]
    (first,) = [entry for entry in entries if not entry.parents]
    folders.remove(admin, HUB, folder["id"], first.path)
    page = visit("manager")
    page.goto(live.direct_url + "#page=home")
    expect(page.get_by_text(f"the ledger of {BUNDLE} is not whole")).to_be_visible()
    expect(page.get_by_text("Nothing waits for you.")).to_have_count(0)
    assert page.errors == []
