"""A file uploaded as a document of an item, in a real browser: added, failed and tried again, saved, downloaded."""

from __future__ import annotations

import contextlib

import pytest
from playwright.sync_api import expect
from support.projects import error_fault
from support.uploads import PDF, PNG

from govern_mirror import Scope, initialize
from govern_mirror.actions.session import connect_to
from govern_mirror.dss.attachments import ARTICLE
from govern_mirror.settings import Settings
from govern_mirror.web.loopback import serving
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve

PLAN = {"name": "Plan für Ümit.pdf", "mimeType": "application/pdf", "buffer": PDF}
CHART = {"name": "chart.png", "mimeType": "image/png", "buffer": PNG}
PAGE = {"name": "page.html", "mimeType": "text/html", "buffer": b"<script>alert(1)</script>"}


@pytest.fixture
def opened(browser):
    with contextlib.closing(Sandbox()) as sandbox, serve(sandbox) as url:
        sandbox.create_project("CHURN", "Churn")
        session = connect_to(url, sandbox.admin_key, settings=Settings(uploads=True, settling_seconds=0))
        initialize(session, Scope(keys=("CHURN",)))
        with serving(session) as address:
            context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
            page = context.new_page()
            page.goto(address.url)
            page.goto(f"{address.base}#item=CHURN&section=attachments")
            page.locator("#edit").click()
            yield page, sandbox
            context.close()


def test_files_are_added_tried_again_saved_and_downloaded(opened, tmp_path):
    page, sandbox = opened
    place = page.locator("[data-path='steps.exploration.documents']")
    sandbox.faults.set(error_fault("POST /projects/CHURN/wiki", 503, "busy") + "@1")
    place.locator("input[type=file]").set_input_files(PLAN)
    retry = place.get_by_role("button", name="Try Plan für Ümit.pdf again")
    expect(retry).to_be_visible()
    place.locator("input[type=file]").set_input_files(PAGE)
    expect(place.get_by_text("allowed are pdf")).to_be_visible()
    place.get_by_role("button", name="Leave page.html out").click()
    retry.click()
    expect(place.get_by_label("Title of document 1")).to_have_value("Plan für Ümit.pdf")
    place.locator("input[type=file]").set_input_files([PLAN, CHART])
    expect(place.get_by_label("Title of document 2")).to_have_value("chart.png")
    expect(place.get_by_label("Title of document 3")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Title of document 2")).to_have_value("chart.png")
    page.get_by_role("region", name="Save").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#edit")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name="Plan für Ümit.pdf").click()
    started.value.save_as(tmp_path / "saved")
    assert started.value.suggested_filename == "Plan für Ümit.pdf" and (tmp_path / "saved").read_bytes() == PDF
    attached = sandbox.wiki.article(sandbox.admin, "CHURN", ARTICLE)["article"]["attachments"]
    assert len(attached) == 2, "what was tried again was attached twice"
    assert page.url.endswith("#item=CHURN&section=attachments"), "the download took the place of the page"
