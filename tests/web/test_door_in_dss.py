"""The page inside DSS acts as the person in the browser, or not at all."""

import threading
from contextlib import contextmanager

import dataikuapi
import pytest
from dataikuapi.utils import DataikuException
from flask import Flask

from govern_mirror.web.application import install
from govern_mirror.web.webapp import DssDoor
from govern_mirror_devkit.sandbox.mock_instance import URL


class Backend:
    """What DSS gives to a webapp's backend, its own user being the administrator.

    Attributes:
        browser: the API key of whom DSS takes the browser for; None for nobody.
        acts_as: the API key that an impersonation acts with; None where it is not allowed.
        open: how many impersonations are open.
    """

    def __init__(self, own, browser, acts_as):
        self.own, self.browser, self.acts_as, self.open = own, browser, acts_as, 0
        self.local = threading.local()

    def client(self):
        client = dataikuapi.DSSClient(URL, getattr(self.local, "key", None) or self.own)
        client.get_auth_info_from_browser_headers = self.person
        return client

    def person(self, headers, with_secrets=False):
        if self.browser is None:
            raise DataikuException("NotAuthenticatedException: not logged in")
        return dataikuapi.DSSClient(URL, self.browser).get_auth_info()

    @contextmanager
    def impersonation(self):
        if self.acts_as is None:
            raise DataikuException("UnauthorizedException: may not impersonate")
        self.open += 1
        self.local.key = self.acts_as
        try:
            yield self
        finally:
            self.local.key = None
            self.open -= 1


@pytest.fixture
def answer_of(dss, people):
    """Ask the backend: who the browser is, as whom it acts, and what; return the answer."""

    def asked(browser, acts_as, path, config=None, **more):
        backend = Backend(dss.admin_key, people.get(browser), people.get(acts_as))
        app = Flask("backend")
        install(app, DssDoor(backend.client, backend.impersonation, lambda: {"settling_seconds": 0, **(config or {})}))
        answer = app.test_client().open(path, **more)
        assert backend.open == 0, "each impersonation ends with its request"
        return answer

    return asked


def test_people_see_and_do_what_their_own_rights_let_them(answer_of):
    governed = answer_of("olga", "olga", "/api/items/CHURN/govern", method="POST", json={})
    assert governed.status_code == 200 and governed.json["timeline"][0]["by"] == "olga"
    assert governed.json["timeline"][0]["source"] == "page"
    reader = answer_of("rita", "rita", "/api/items/CHURN").json
    assert reader["form"]["can_edit"] is False
    refused = answer_of("rita", "rita", "/api/items/CHURN", method="PATCH", json={"changes": {"overview.sponsor": "x"}})
    assert refused.status_code == 403
    assert answer_of("otto", "otto", "/api/portfolio").json["count"] == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example.com"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://other.dss.example.com"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "anything"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
def test_another_page_lets_no_browser_write(answer_of, headers, status):
    sent = {"Content-Type": "application/json", **headers}
    governed = answer_of("olga", "olga", "/api/items/CHURN/govern", method="POST", data="{}", headers=sent)
    assert governed.status_code == status


@pytest.mark.parametrize(
    ("browser", "acts_as", "status", "says"),
    [
        (None, "olga", 401, "sign in to DSS"),
        ("rita", None, 503, "Impersonation in webapps"),
        ("rita", "olga", 503, "somebody else"),
    ],
)
def test_who_cannot_be_acted_for_gets_nothing(answer_of, browser, acts_as, status, says):
    for path in ("/api/me", "/api/portfolio", "/api/items/CHURN"):
        answer = answer_of(browser, acts_as, path)
        assert answer.status_code == status and says in answer.json["detail"]
        assert "Churn" not in answer.text


def test_a_template_that_cannot_be_read_is_not_told_as_missing_rights(answer_of):
    answer = answer_of("olga", "olga", "/api/me", {"template": "resource/nowhere.json"})
    assert answer.status_code == 422 and "nowhere.json" in answer.json["detail"]
    assert "impersonat" not in answer.text


def test_the_page_itself_comes_without_anybodys_rights(answer_of):
    answer = answer_of(None, None, "/page.js")
    assert answer.status_code == 200 and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Govern-Mirror-Version"].startswith("0.")
