"""What runs without approval, in the mail and the article of the report."""

from dataclasses import replace

import dataikuapi
import pytest
from hub.conftest import HUB, V1
from support.request_log import RequestLog

from govern_mirror.actions import registry as attention
from govern_mirror.actions.mail import mail_report
from govern_mirror.actions.registry import with_approvals
from govern_mirror.actions.report import build_report
from govern_mirror.actions.session import connect_to
from govern_mirror.report.formats import renderer
from govern_mirror.report.mail_report import MAX_BYTES
from govern_mirror.report.portfolio import Filters
from govern_mirror.report.registry import ApprovalsView
from govern_mirror.scenario.parts import Mail
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL


@pytest.fixture
def read(hub_session):
    return lambda: with_approvals(hub_session, build_report(hub_session))


def test_the_report_names_what_runs_without_approval(read, churn_model, deploy):
    deploy("v1")
    view = read().portfolio.approvals
    (active,), (bundle,) = view.active, view.deployed
    assert active == f"CHURN/model/{churn_model}/new (Churn model): not asked"
    assert bundle.startswith(f"{V1} on PROD is not approved") and view.not_looked_at == ()


def test_mail_and_article_list_it(read, churn_model, deploy, hub_session, bank):
    deploy("v1")
    report = read()
    for form in ("mail", "markdown"):
        text = renderer(form).render(report.portfolio).decode().replace("\\", "")
        assert "Without approval" in text and "(Churn model): not asked" in text and "on PROD" in text
    bank.messaging.create("mail", configuration={"sender": "dss@example.com"})
    mail_report(hub_session, report, "CHURN", Mail(("ada@example.com",), "mail"))
    (sent,) = bank.messaging.outbox
    assert "1 active without approval, 1 deployed without approval" in sent.subject


def test_the_commands_article_tells_it_as_the_macros_does(as_, bank, churn_model):
    ended = as_("admin", "report", "--format", "markdown")
    assert ended.code == 0 and "## Without approval" in ended.out
    bank.plugins.configure(hub_project=None)
    ended = as_("admin", "report", "--format", "markdown")
    assert ended.code == 0 and "approval" not in ended.out


def test_the_macros_mail_tells_it(bank, churn_model):
    bank.messaging.create("mail", configuration={"sender": "dss@example.com"})
    project = dataikuapi.DSSClient(URL, api_key=bank.admin_key).get_project("CHURN")
    macro = project.get_macro("pyrunnable_govern-mirror_governed-projects-report")
    macro.get_result(macro.run({"mail_to": "ada@example.com"}), as_type="string")
    (sent,) = bank.messaging.outbox
    assert "Without approval" in sent.body and f"CHURN/model/{churn_model}/new" in sent.body
    assert "1 active without approval" in sent.subject


def test_a_filtered_report_tells_of_its_own_projects_only(hub_session, churn_model, deploy):
    deploy("v1")
    filtered = build_report(hub_session, Filters(tags=("nosuch",)))
    view = with_approvals(hub_session, filtered).portfolio.approvals
    assert (view.active, view.deployed) == ((), ())


def test_without_a_hub_nothing_more_is_asked(bank, churn_model):
    bank.plugins.configure(hub_project=None)
    session = connect_to(URL, bank.admin_key)
    report = build_report(session)
    log = RequestLog(bank)
    assert with_approvals(session, report) is report and log.requests == []


def test_what_could_not_be_looked_at_is_told(people, bank, churn_model):
    bank.faults.set("GET /project-deployer/deployments:403")
    outsider = connect_to(URL, people["rita"], settings=Settings(hub_project=HUB))
    view = with_approvals(outsider, build_report(outsider)).portfolio.approvals
    assert (view.active, view.deployed) == ((), ()) and len(view.not_looked_at) == 2
    assert "the hub cannot be read" in view.not_looked_at[0]


def test_the_costs_are_bounded_and_the_rest_is_told(read, churn_model, as_, bank, monkeypatch):
    bank.create_project("OTHER")
    assert as_("admin", "init", "OTHER").code == 0
    monkeypatch.setattr(attention, "MAX_PROJECTS", 1)
    log = RequestLog(bank)
    view = read().portfolio.approvals
    assert log.count("GET", "/savedmodels") <= 3
    assert any("1 more projects" in said for said in view.not_looked_at)


def test_thousands_without_approval_do_not_cut_the_mail(bank, hub_session):
    many_of = tuple(f"P{number}/bundle/{'x' * 400} on PROD is not approved" for number in range(3_000))
    portfolio = replace(build_report(hub_session).portfolio, approvals=ApprovalsView(many_of, many_of, many_of))
    body = renderer("mail").render(portfolio).decode()
    assert "and 2990 more" in body and len(body.encode()) <= MAX_BYTES
