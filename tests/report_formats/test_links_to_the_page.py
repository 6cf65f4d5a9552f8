"""Links to an item on the live page: made where its address is set, never from an address that is none."""

from __future__ import annotations

from html import unescape
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import dataikuapi
import openpyxl
import pytest

from govern_mirror.actions.govern import Scope, initialize
from govern_mirror.actions.record import set_values
from govern_mirror.actions.report import build_report
from govern_mirror.actions.session import connect_to, session_in_dss
from govern_mirror.components.macros import edit_from_form, initialize_from_form
from govern_mirror.page_links import item_link, parse_page_address
from govern_mirror.report.formats import renderer
from govern_mirror.report.fragment import fragment
from govern_mirror.report.mail_report import MailReport
from govern_mirror.settings import parse_settings

PAGE = "https://dss.example.com/webapps/GOVERNANCE/gOvern1"
LINK = f"{PAGE}#page=item&item=CHURN"
HOSTILE = [
    "javascript:alert(1)",
    "JAVASCRIPT://dss.example.com/%0aalert(1)",
    "https://alice:secret@dss.example.com/webapps/G/w",
    "https://dss.example.com@evil.example.com/webapps/G/w",
    "https://dss.example.com/?next=https://evil.example.com",
    'https://dss.example.com/"onmouseover="alert(1)',
    "https://dss.example.com/<script>",
    "https://dss.example.com/a b",
    "https://dss.example.com/a)[b](c",
    "https://dss.example.com/a\nb",
    "https://dss.example.com\\@evil.example.com",
    "https:///webapps/G/w",
    "//dss.example.com/webapps/G/w",
    "dss.example.com/webapps/G/w",
    "data:text/html,x",
    "https://dss.example.com/" + "a" * 600,
    "https://dss.exampl\u0435.com/webapps/G/w",
    7,
    ["https://dss.example.com"],
]


@pytest.fixture
def churn(sandbox, url):
    """A session in DSS with the given settings, on an instance whose project CHURN is governed and has a problem."""
    sandbox.create_project("CHURN", "Churn")
    initialize(connect_to(url, sandbox.admin_key), Scope(("CHURN",)), {"overview.sponsor": "Ada"})
    project = dataikuapi.DSSClient(url, api_key=sandbox.admin_key).get_project("CHURN")
    metadata = project.get_metadata()
    metadata["customFields"]["govern_value_rating"] = "Enormous"
    project.set_metadata(metadata)

    def opened(**settings):
        return session_in_dss(lambda: dataikuapi.DSSClient(url, api_key=sandbox.admin_key), settings)

    return opened


def rendered(session):
    """Each format that people read, as text."""
    portfolio = build_report(session).portfolio
    sheet = openpyxl.load_workbook(BytesIO(renderer("xlsx").render(portfolio)))["Projects"]
    link = sheet["A2"].hyperlink
    return {
        "markdown": renderer("markdown").render(portfolio).decode(),
        "mail": unescape(MailReport().render(portfolio).decode()),
        "fragment": unescape(str(fragment(portfolio, ()))),
        "xlsx": f"{link.target or ''}#{link.location}" if link and link.location else (link.target if link else ""),
    }


def test_each_report_leads_to_the_item_on_the_page(churn):
    for name, text in rendered(churn(page_address=PAGE)).items():
        assert LINK in text, name
        assert "/projects/CHURN/" not in text, name


def test_without_the_setting_links_lead_to_dss(churn):
    before = rendered(churn(instance_url="https://dss.example.com"))
    for name, text in before.items():
        assert "https://dss.example.com/projects/CHURN/" in text and "page=item" not in text, name
    assert "live page" not in before["mail"].lower()


def test_the_list_of_problems_leads_to_the_page(churn):
    text = rendered(churn(page_address=PAGE))["markdown"]
    assert LINK in text.partition("## Problems")[2]


def test_the_standalone_page_knows_where_to_edit(churn):
    from govern_mirror.report import page_data

    portfolio = build_report(churn(page_address=PAGE)).portfolio
    assert page_data.about(portfolio)["page_address"] == PAGE
    assert page_data.about(build_report(churn()).portfolio)["page_address"] is None


def test_macros_link_what_they_did(churn):
    session = churn(page_address=PAGE)
    table = edit_from_form(session, {"field_1": "overview.sponsor", "value_1": "Bea"}, "CHURN")
    assert table.rows[-1][-1] == LINK
    table = initialize_from_form(session, {"scope": "all"}, None)
    assert table.columns[-1][0] == "page" and [row[-1] for row in table.rows] == [LINK]


def test_macros_without_the_setting_show_what_they_did(churn):
    table = edit_from_form(churn(), {"field_1": "overview.sponsor", "value_1": "Bea"}, "CHURN")
    assert table.rows[-1][0] == "Result"
    table = initialize_from_form(churn(), {"scope": "all"}, None)
    assert [name for name, _ in table.columns] == ["project", "outcome", "message"]


def test_a_row_that_is_no_project_has_no_link(churn, sandbox):
    table = initialize_from_form(churn(page_address=PAGE), {"scope": "tag", "tag": "nowhere"}, None)
    assert table.rows == (("No project is in this scope", "", "", ""),)


@pytest.mark.parametrize("address", HOSTILE, ids=ascii)
def test_a_hostile_address_becomes_no_link(churn, address):
    session = churn(page_address=address, instance_url="https://dss.example.com")
    assert session.store.page_address is None
    assert any("page_address" in warning for warning in session.warnings)
    assert "page=item" not in rendered(session)["markdown"]


def test_a_wrong_address_does_not_stop_the_workflow(churn):
    session = churn(page_address="javascript:alert(1)")
    assert set_values(session, "CHURN", {"overview.sponsor": "Bea"}).written


def test_an_empty_address_is_no_fault():
    assert parse_settings({"page_address": ""}).warnings == ()
    assert parse_settings({"page_address": None}).warnings == ()


def test_an_address_is_taken_as_the_browser_shows_it():
    for text in (PAGE, f" {PAGE}/ ", f"{PAGE}#page=home", f"{PAGE}/#page=item&item=X"):
        assert parse_page_address(text) == PAGE
    for address in ("http://10.0.0.1:11200/webapps/G/w", "https://[2001:db8::1]:8443/webapps/governance"):
        assert parse_page_address(address) == address


def test_a_key_stays_one_part_of_the_link():
    parts = urlsplit(item_link(PAGE, "A&section=x#y"))
    assert parse_qs(parts.fragment) == {"page": ["item"], "item": ["A&section=x#y"]}
