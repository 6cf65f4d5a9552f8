"""The live page for one person each, asked as a browser or a program asks it, on a sandbox without a socket."""

import pytest
from support.live_page import open_page_of
from support.projects import create_project

from govern_mirror.actions.session import connect_to
from govern_mirror.settings import Settings
from govern_mirror_devkit.sandbox.mock_instance import URL


@pytest.fixture
def open_page(dss):
    """Open the page with a key."""

    def opened(api_key, settings=None):
        session = connect_to(URL, api_key, settings=settings or Settings(settling_seconds=0))
        return open_page_of(session)

    return opened


@pytest.fixture
def people(dss):
    """Three people by login: one who may write CHURN, one who may read it, one who may not even see it."""
    keys = {login: dss.create_user(login, (group,)) for login, group in PEOPLE.items()}
    dss.create_project(
        "CHURN",
        "Churn",
        "olga",
        permissions=[
            {"group": "writers", "readProjectContent": True, "writeProjectContent": True},
            {"group": "readers", "readProjectContent": True},
        ],
    )
    return keys


PEOPLE = {"olga": "writers", "rita": "readers", "otto": "outsiders"}


@pytest.fixture
def page(dss, open_page):
    """The page of the administrator, with CHURN governed and PLAIN not."""
    create_project(dss, "CHURN")
    create_project(dss, "PLAIN")
    opened = open_page(dss.admin_key)
    answer = opened.post("items/CHURN/govern", {"values": {"overview.sponsor": "Ada"}})
    assert answer.status_code == 200, answer.text
    return opened
