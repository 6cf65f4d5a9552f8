"""Models and bundles on the live page, in a real browser: what is there, and what runs without approval."""

from __future__ import annotations

import contextlib

import dataikuapi
import pytest
from playwright.sync_api import expect
from support.accessibility import serious
from support.hubs import HUB, set_up_hub

from govern_mirror import Scope, clock, connect_to, initialize
from govern_mirror.actions.hub import hub_of
from govern_mirror.dss.governable_items import exported_bundle, subject_of
from govern_mirror.hub.ledger import EntryKind, LedgerEntry, signoff_body
from govern_mirror.model.address import parse_address
from govern_mirror.model.reviewers import Role
from govern_mirror.model.signoff import Act, SignoffEntry
from govern_mirror.model.subject import subject_digest
from govern_mirror.settings import Settings
from govern_mirror.web.loopback import serving
from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.source import plugin_root

BUNDLE = "CHURN/bundle/v1"
MANY = 45


def approve(session):
    """Write what the macros write when rita asks and olga approves."""
    hub, address = hub_of(session), parse_address(BUNDLE)
    subject = subject_of(exported_bundle(session.store.client, "CHURN", "v1"))
    parents = ()
    for by, act, role in (
        ("rita", Act.REQUEST_APPROVAL, Role.EDITOR),
        ("olga", Act.APPROVE, Role.FINAL_APPROVER),
    ):
        entry = SignoffEntry(
            id="", parents=parents, at=clock.now(), step="review", by=by, act=act, role=role, subject=subject,
            digest=subject_digest(subject), reviewers={"final_approvers": ["user:olga"]},
        )  # fmt: skip
        written = LedgerEntry(EntryKind.SIGNOFF, address, "review", clock.now(), by, parents, signoff_body(entry))
        parents = (hub.append(written).id,)


def deploy(sandbox, automation, url, bundle):
    client = dataikuapi.DSSClient(url, api_key=sandbox.admin_key)
    client.get_project("CHURN").publish_bundle(bundle)
    deployer = client.get_projectdeployer()
    deployer.create_infra("PROD", "Production")
    sandbox.connect_automation("PROD", automation)
    deployer.create_deployment("CHURN-on-PROD", "CHURN", "PROD", bundle, "CHURN_PROD").start_update().wait_for_result()


@pytest.fixture(scope="module")
def dss():
    """CHURN with an approved bundle, one that is deployed without approval, and a model; FRAUD with many bundles."""
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()))))
        automation = stack.enter_context(contextlib.closing(Sandbox(node_id="automation")))
        url = stack.enter_context(serve(sandbox))
        stack.enter_context(serve(automation))
        for key in ("CHURN", "FRAUD", "EMPTY", "LOOSE"):
            sandbox.create_project(key, key.title())
        set_up_hub(sandbox, "CHURN", "olga")
        session = connect_to(url, sandbox.admin_key, settings=Settings(hub_project=HUB, settling_seconds=0))
        initialize(session, Scope(keys=("CHURN", "FRAUD", "EMPTY")))
        approve(session)
        exporter = sandbox.accounts.user("exporter")
        sandbox.bundles.export(exporter, "CHURN", "v2")
        deploy(sandbox, automation, url, "v2")
        model = sandbox.saved_models.create(exporter, "CHURN", "Churn propensity", "DSS_MANAGED")
        for version in ("spring", "summer"):
            sandbox.saved_models.train(exporter, "CHURN", model, version)
        sandbox.standards.note(sandbox.admin, "CHURN", {"docs": 4})
        for number in range(MANY):
            sandbox.bundles.export(exporter, "FRAUD", f"f{number:03}")
        yield sandbox, url


@pytest.fixture
def open_page(dss, browser):
    """Open the page at a fragment, with settings that name the hub or not."""
    sandbox, url = dss
    with contextlib.ExitStack() as stack:

        def opened(fragment, key=None, hub=HUB):
            settings = Settings(hub_project=hub, settling_seconds=0)
            session = connect_to(url, key or sandbox.admin_key, settings=settings)
            address = stack.enter_context(serving(session))
            context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
            stack.callback(context.close)
            page = context.new_page()
            page.errors = []
            page.on("pageerror", lambda error: page.errors.append(str(error)))
            page.goto(address.url)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            page.evaluate("fragment => { location.hash = fragment; }", fragment)
            return page

        yield opened


def test_the_registry_shows_models_versions_and_bundles(open_page):
    page = open_page("#page=home")
    tiles = page.get_by_role("region", name="Needs attention")
    expect(tiles.get_by_role("link", name="1 Active, not approved")).to_be_visible()
    page.get_by_role("link", name="Models and bundles").click()
    expect(page.get_by_role("heading", name="Models and bundles", level=1)).to_be_visible()
    table = page.get_by_role("region", name="Models and bundles by project")
    expect(table.get_by_text("Model Churn propensity")).to_be_visible()
    expect(table.get_by_role("row", name="summer")).to_contain_text("Active, not approved")
    expect(table.get_by_role("row", name="v1")).to_contain_text("Approved")
    expect(table.get_by_role("row", name="v2")).to_contain_text("PROD")
    expect(table.get_by_role("row", name="v2")).to_contain_text("Deployed without approval")
    expect(table.get_by_text("Project Standards: High")).to_be_visible()
    expect(page.get_by_text("Empty")).to_have_count(0)
    expect(page.get_by_text("Loose")).to_have_count(0)
    expect(page.get_by_text("3 governed projects, 1 deployment you see")).to_be_visible()
    expect(table.get_by_role("row", name="f0")).to_have_count(20)
    page.get_by_role("button", name="Show 25 more of 25").click()
    expect(table.get_by_role("row", name="f0")).to_have_count(MANY)
    page.evaluate("scrollTo(0, 0)")
    assert serious(page) == []
    assert page.errors == []


def test_the_filters_find_what_runs_without_approval(open_page):
    page = open_page("#page=home")
    page.get_by_role("region", name="Needs attention").get_by_role("link", name="1 Deployed without approval").click()
    table = page.get_by_role("region", name="Models and bundles by project")
    expect(page.get_by_text("1 bundle and 0 versions in 1 project")).to_be_visible()
    expect(table.get_by_role("row", name="v2")).to_be_visible()
    page.get_by_label("State").select_option("active")
    expect(table.get_by_role("row", name="summer")).to_be_visible()
    expect(table.get_by_role("row", name="spring")).to_have_count(0)
    page.get_by_label("State").select_option("")
    page.get_by_label("Search models and bundles").fill("f00")
    expect(page.get_by_text("10 bundles and 0 versions in 1 project")).to_be_visible()
    assert "q=f00" in page.evaluate("location.hash")
    page.get_by_label("Search models and bundles").fill("nothing of the kind")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Search models and bundles").fill("f00")
    expect(page.get_by_text("10 bundles and 0 versions in 1 project")).to_be_visible()
    page.get_by_role("link", name="Models and bundles").click()
    expect(page.get_by_label("Search models and bundles")).to_have_value("")
    page.get_by_role("link", name=f"Review of {BUNDLE}").click()
    expect(page.get_by_role("heading", name="Bundle v1 of CHURN: approved")).to_be_visible()
    assert page.errors == []


def test_who_sees_no_governed_project_is_told(open_page, dss):
    page = open_page("#page=registry", dss[0].create_user("otto", ("outsiders",)))
    expect(page.get_by_text("You may read no governed project, so there is nothing to list.")).to_be_visible()


@pytest.fixture
def without_hub(dss):
    """The plugin's settings name no hub, as long as the test lasts."""
    dss[0].plugins.configure(hub_project=None)
    yield
    dss[0].plugins.configure(hub_project=HUB)


@pytest.mark.usefixtures("without_hub")
def test_without_a_hub_an_administrator_is_told_how_to_set_it_up(open_page, dss):
    page = open_page("#page=registry", dss[0].create_user("ada", ("administrators",)), hub=None)
    expect(page.get_by_text("Approvals are off, since the plugin’s settings name no hub").or_(
        page.get_by_text("Approvals are off, since the plugin's settings name no hub"))).to_be_visible()  # fmt: skip
    expect(page.get_by_role("row", name="v2")).not_to_contain_text("Deployed without approval")
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Approvals are off")).to_be_visible()
    page.get_by_text("Set up the hub").click()
    expect(page.get_by_text("Run its macro Set up the governance hub")).to_be_visible()
    assert serious(page) == []
