"""Links in what macros and recipes make lead back to DSS, also from a mail or a page that was downloaded."""

import dataikuapi
import pytest

from govern_mirror.actions.govern import Scope, initialize
from govern_mirror.actions.report import build_report
from govern_mirror.actions.session import connect_to, session_in_dss

ADDRESS = "https://dss.example.com"


@pytest.fixture
def link(sandbox, url):
    """Where the link to a project leads when somebody runs the report in DSS."""
    sandbox.create_project("CHURN", permissions=[{"group": "readers", "readProjectContent": True}])
    initialize(connect_to(url, sandbox.admin_key), Scope(("CHURN",)), {})
    keys = {"administrator": sandbox.admin_key, "reader": sandbox.create_user("rita", ("readers",))}

    def of(who, **settings):
        session = session_in_dss(lambda: dataikuapi.DSSClient(url, api_key=keys[who]), settings)
        (row,) = build_report(session).portfolio.rows
        return row.project.facts.url

    return of


def test_the_address_of_the_plugins_settings_holds_for_everybody(link, sandbox):
    sandbox.external_url = "https://other.example.com"
    for who in ("administrator", "reader"):
        assert link(who, instance_url=f"{ADDRESS}/") == f"{ADDRESS}/projects/CHURN/"


def test_without_it_dss_s_own_settings_tell_those_who_may_read_them(link, sandbox):
    sandbox.external_url = f"{ADDRESS}/"
    assert link("administrator") == f"{ADDRESS}/projects/CHURN/"
    assert link("reader") == "/projects/CHURN/", "a path, and no error"


@pytest.mark.parametrize("set_in_dss", ["", "dss.example.com", "javascript:alert(1)", None, 7])
def test_an_address_that_is_none_leaves_paths(link, sandbox, set_in_dss):
    sandbox.external_url = set_in_dss
    assert link("administrator") == "/projects/CHURN/"


def test_outside_dss_links_lead_where_the_setting_says(sandbox, url, plugin_settings):
    sandbox.create_project("CHURN")
    initialize(connect_to(url, sandbox.admin_key), Scope(("CHURN",)), {})
    plugin_settings(instance_url=ADDRESS)
    (row,) = build_report(connect_to(url, sandbox.admin_key)).portfolio.rows
    assert row.project.facts.url == f"{ADDRESS}/projects/CHURN/"


@pytest.fixture
def plugin_settings(url, sandbox):
    def save(**config):
        settings = dataikuapi.DSSClient(url, api_key=sandbox.admin_key).get_plugin("govern-mirror").get_settings()
        settings.get_raw()["config"].update(config)
        settings.save()

    return save
