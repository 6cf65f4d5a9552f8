"""Files uploaded as documents on the live page: attachments of the wiki, which never run in the page."""

import socket
import urllib.parse

import pytest
from support.live_page import HOST
from support.projects import custom_fields, error_fault
from support.uploads import FILES, PDF, PNG, REFUSED

from govern_mirror import connect_to
from govern_mirror.dss.attachments import ARTICLE
from govern_mirror.settings import Settings
from govern_mirror.web.loopback import serving
from govern_mirror_devkit.sandbox.mock_instance import URL

DOCUMENTS = "steps.exploration.documents"


@pytest.fixture
def session(dss):
    return connect_to(URL, dss.admin_key, settings=Settings(uploads=True, upload_max_megabytes=1, settling_seconds=0))


@pytest.fixture
def uploads(page, dss, open_page):
    """The page of the administrator where uploads are on; CHURN is governed."""
    return open_page(dss.admin_key, Settings(uploads=True, upload_max_megabytes=1, settling_seconds=0))


def send(page, name, content, key="CHURN", **headers):
    path = f"/api/items/{key}/uploads?name={urllib.parse.quote(name)}"
    sent = {"Content-Type": "application/octet-stream", **headers}
    return page.ask("POST", path, headers=sent, data=content)


def sent(page, name, content):
    answer = send(page, name, content)
    assert answer.status_code == 200, answer.text
    return answer.json["document"]


def fetch(page, document, **headers):
    upload = urllib.parse.urlsplit(document["url"]).fragment.removeprefix("file=")
    return page.get(f"items/CHURN/uploads/{upload}", **headers)


def attachments(dss, key="CHURN"):
    return dss.wiki.article(dss.admin, key, ARTICLE)["article"].get("attachments", [])


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_a_document_and_comes_back_as_it_was(uploads, name):
    document = sent(uploads, name, FILES[name])
    assert document["title"] == name and "/projects/CHURN/wiki/" in document["url"]
    saved = uploads.save("CHURN", seen={DOCUMENTS: []}, changes={DOCUMENTS: [document]})
    assert saved["form"]["fields"][DOCUMENTS]["value"] == [document]
    answer = fetch(uploads, document)
    assert answer.status_code == 200 and answer.data == FILES[name]
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{urllib.parse.quote(name)}"


def test_a_download_never_runs_in_the_page(uploads):
    headers = fetch(uploads, sent(uploads, "plan.pdf", PDF)).headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox")
    assert headers["Cache-Control"] == "no-store"


def test_the_title_that_a_document_was_given_names_no_other_type(uploads):
    document = sent(uploads, "plan.pdf", PDF)
    for title in ("run.exe", "plan\u202efdp.pdf", "../plan.pdf"):
        uploads.save("CHURN", changes={DOCUMENTS: [{**document, "title": title}]})
        disposition = fetch(uploads, document).headers["Content-Disposition"]
        assert disposition.startswith("attachment; filename*=UTF-8''plan-") and disposition.endswith(".pdf")


@pytest.mark.parametrize(("name", "content"), REFUSED.values(), ids=REFUSED)
def test_what_hides_something_is_refused_and_nothing_written(uploads, dss, request_log, name, content):
    before = request_log.count("POST") + request_log.count("PUT")
    answer = send(uploads, name, content)
    assert answer.status_code == 422 and answer.json["errors"][0]["message"], answer.text
    assert request_log.count("POST") + request_log.count("PUT") == before


def test_200_megabytes_are_refused_before_they_are_read(uploads):
    class Unread:
        def read(self, *_):
            raise AssertionError("it was read")

    answer = uploads.client.open(
        "/api/items/CHURN/uploads?name=plan.pdf",
        method="POST",
        base_url=f"http://{HOST}",
        headers={"Authorization": f"Bearer {uploads.keys.token}", "Content-Type": "application/octet-stream"},
        environ_overrides={"CONTENT_LENGTH": "200000000", "wsgi.input": Unread()},
    )
    assert answer.status_code == 413 and "up to 1 MB" in answer.json["detail"]


def test_200_megabytes_are_answered_before_they_are_sent(uploads, session):
    with serving(session) as address:
        host, port = urllib.parse.urlsplit(address.base).hostname, urllib.parse.urlsplit(address.base).port
        head = (
            f"POST /api/items/CHURN/uploads?name=plan.pdf HTTP/1.1\r\nHost: {host}:{port}\r\n"
            f"Authorization: Bearer {address.token}\r\nContent-Type: application/octet-stream\r\n"
            "Content-Length: 200000000\r\n\r\n%PDF-"
        )
        with socket.create_connection((host, port), timeout=10) as connection:
            connection.sendall(head.encode())
            answered = connection.recv(65_536)
    assert answered.startswith(b"HTTP/1.1 413 ") and b"onnection: close" in answered


def test_a_file_that_does_not_say_how_large_it_is_is_refused(uploads):
    answer = uploads.client.open(
        "/api/items/CHURN/uploads?name=plan.pdf",
        method="POST",
        base_url=f"http://{HOST}",
        headers={"Authorization": f"Bearer {uploads.keys.token}", "Content-Type": "application/octet-stream"},
        environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code == 411


def test_uploads_are_off_until_a_setting_allows_them(page, request_log):
    assert page.get("me").json["uploads"]["allowed"] is False
    before = request_log.count("POST")
    answer = send(page, "plan.pdf", PDF)
    assert answer.status_code == 422 and "link" in answer.json["detail"] and request_log.count("POST") == before


def test_what_may_be_uploaded_is_told(uploads):
    told = uploads.get("me").json["uploads"]
    assert told["allowed"] and told["reason"] is None and told["max_bytes"] == 1_000_000 and "pdf" in told["types"]


def test_a_page_of_another_site_uploads_nothing(uploads):
    assert send(uploads, "plan.pdf", PDF, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert send(uploads, "plan.pdf", PDF, **{"Content-Type": "text/plain"}).status_code == 415


def test_a_second_try_attaches_nothing_twice(uploads, dss):
    first = sent(uploads, "plan.pdf", PDF)
    assert sent(uploads, "plan.pdf", PDF) == first and len(attachments(dss)) == 1
    assert sent(uploads, "plan.pdf", PDF + b"2") != first and len(attachments(dss)) == 2


def test_an_answer_that_was_lost_is_looked_up(uploads, dss):
    sent(uploads, "chart.png", PNG)
    article = dss.wiki.article(dss.admin, "CHURN", ARTICLE)["article"]["id"]
    dss.faults.set(f"POST /projects/CHURN/wiki/{article}/upload:timeout-after-write@1")
    document = sent(uploads, "plan.pdf", PDF)
    assert fetch(uploads, document).data == PDF and len(attachments(dss)) == 2


def test_a_failure_is_told_and_the_next_try_succeeds(uploads, dss):
    sent(uploads, "chart.png", PNG)
    article = dss.wiki.article(dss.admin, "CHURN", ARTICLE)["article"]["id"]
    dss.faults.set(f"POST /projects/CHURN/wiki/{article}/upload:close@1")
    answer = send(uploads, "plan.pdf", PDF)
    assert answer.status_code == 502 and "try again" in answer.json["detail"]
    assert fetch(uploads, sent(uploads, "plan.pdf", PDF)).data == PDF


def test_a_file_that_dss_changes_is_not_told_as_attached(uploads, dss, monkeypatch):
    upload = type(dss.wiki).upload

    def altered(wiki, caller, key, article, name, content):
        upload(wiki, caller, key, article, name, content[:-1])

    monkeypatch.setattr(type(dss.wiki), "upload", altered)
    assert send(uploads, "plan.pdf", PDF).status_code == 409


def test_rights_of_dss_decide_on_files(people, dss, open_page):
    settings = Settings(uploads=True, settling_seconds=0)
    owner, reader, outsider = (open_page(people[login], settings) for login in ("olga", "rita", "otto"))
    owner.post("items/CHURN/govern", {})
    document = sent(owner, "plan.pdf", PDF)
    assert fetch(reader, document).data == PDF
    assert fetch(outsider, document).status_code in (403, 404)
    assert send(reader, "more.pdf", PDF).status_code == 403
    assert send(outsider, "more.pdf", PDF).status_code in (403, 404)
    assert fetch(owner, {"url": "/x#file=nothing"}).status_code == 404


def test_another_article_s_file_is_not_handed_on(uploads, dss):
    other = dss.wiki.create(dss.admin, "CHURN", "Private notes", None)["article"]["id"]
    dss.wiki.upload(dss.admin, "CHURN", other, "secret.pdf", PDF)
    (secret,) = dss.wiki.article(dss.admin, "CHURN", other)["article"]["attachments"]
    sent(uploads, "chart.png", PNG)
    assert fetch(uploads, {"url": f"/x#file={secret['smartId']}"}).status_code == 404


def test_nothing_is_uploaded_to_what_is_not_governed(uploads, dss, request_log):
    before = request_log.count("POST")
    answer = send(uploads, "plan.pdf", PDF, key="PLAIN")
    assert answer.status_code == 422 and "not governed" in answer.json["detail"]
    assert request_log.count("POST") == before


def test_uploading_writes_no_field_until_it_is_saved(uploads, dss):
    before = custom_fields(dss, "CHURN")
    sent(uploads, "plan.pdf", PDF)
    assert custom_fields(dss, "CHURN") == before


def test_a_wiki_that_is_closed_is_told(uploads, dss):
    dss.faults.set(error_fault("POST /projects/CHURN/wiki", 403, "not allowed"))
    answer = send(uploads, "plan.pdf", PDF)
    assert answer.status_code == 403 and "wiki" in answer.json["detail"]
