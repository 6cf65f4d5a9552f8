"""What DSS, a proxy or the network answers becomes an error that says what to do."""

import json

import pytest
import requests
import responses
from standard import ProjectStore

from govern_mirror.cli.hints import worded
from govern_mirror.connection import Instance
from govern_mirror.dss import DssInstance, connect
from govern_mirror.dss.client import api_errors
from govern_mirror.errors import AccessDenied, Action, ConnectionFailed, GovernMirrorError, Hint, NotFound

URL = "https://dss.example.com"
METADATA = f"{URL}/dip/publicapi/projects/CHURN/metadata"


def store():
    return ProjectStore(connect(Instance(URL, "secret-key")), url=URL)


def error_of(status, kind, message):
    return {"status": status, "body": json.dumps({"errorType": kind, "message": message})}


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (
            error_of(401, "com.dataiku.dip.server.NotAuthenticatedException", "Unknown API Key"),
            AccessDenied,
            "check --api-key or DKU_API_KEY",
        ),
        (
            error_of(401, "com.dataiku.dip.exceptions.UnauthorizedException", "Failed to read project permissions"),
            NotFound,
            "CHURN does not exist, or you may not read it",
        ),
        (
            error_of(403, "com.dataiku.dip.exceptions.UnauthorizedException", "no right to write"),
            AccessDenied,
            "ask its administrator",
        ),
        (error_of(404, "com.dataiku.dip.server.controllers.NotFoundException", "gone"), NotFound, "gone"),
        (error_of(500, "java.lang.NullPointerException", "boom"), ConnectionFailed, "boom"),
        (error_of(400, "java.lang.IllegalArgumentException", "no"), GovernMirrorError, "refused"),
        ({"status": 404, "body": "<html>Bad gateway</html>"}, ConnectionFailed, "proxy"),
        ({"status": 200, "body": "<html>Please log in</html>"}, ConnectionFailed, "proxy"),
        ({"status": 200, "body": "[1, 2]"}, ConnectionFailed, "proxy"),
        ({"status": 400, "body": "[1, 2]"}, ConnectionFailed, "proxy"),
        ({"body": requests.exceptions.SSLError("self-signed")}, ConnectionFailed, "--no-check-certificate"),
        ({"body": requests.exceptions.ReadTimeout("slow")}, ConnectionFailed, "in time"),
        ({"body": requests.exceptions.ConnectionError("refused")}, ConnectionFailed, "cannot be reached"),
    ],
)
def test_an_answer_that_is_no_success_says_what_to_do(answer, error, says):
    with responses.RequestsMock(assert_all_requests_are_fired=False) as rsps:
        rsps.get(METADATA, **answer)
        with pytest.raises(error) as raised:
            store().metadata("CHURN")
    assert says in worded(str(raised.value), raised.value.hint)
    assert "secret-key" not in str(raised.value)
    assert type(raised.value) is error


def test_every_call_has_a_timeout_since_the_client_sets_none():
    with responses.RequestsMock() as rsps:
        rsps.get(METADATA, json={"label": "Churn", "tags": []})
        store().metadata("CHURN")
        connect_timeout, read_timeout = rsps.calls[0].request.req_kwargs["timeout"]
        assert (connect_timeout, round(read_timeout)) == (10.0, 120)


def test_a_read_is_tried_again_after_a_passing_fault():
    with responses.RequestsMock() as rsps:
        rsps.get(METADATA, status=503, body="<html>busy</html>")
        rsps.get(METADATA, json={"label": "Churn", "tags": []})
        assert store().metadata("CHURN") == {"label": "Churn", "tags": []}


def test_a_write_is_never_repeated_blindly():
    with responses.RequestsMock() as rsps:
        rsps.put(METADATA, status=503, body="<html>busy</html>")
        with pytest.raises(ConnectionFailed):
            store().put_metadata("CHURN", {})
        assert len(rsps.calls) == 1


def test_tls_is_checked_unless_switched_off():
    for instance, verify in ((Instance(URL, "k"), True), (Instance(URL, "k", check_certificate=False), False)):
        with responses.RequestsMock() as rsps:
            rsps.get(METADATA, json={"label": "Churn", "tags": []})
            ProjectStore(connect(instance)).metadata("CHURN")
            # a bundle named by the environment counts as checked
            assert bool(rsps.calls[0].request.req_kwargs["verify"]) is verify


def test_each_thread_has_a_client_of_its_own():
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    shared, meet = store(), Barrier(2)

    def client():
        meet.wait(5)
        return shared.client

    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(client) for _ in range(2))
        assert first.result() is not second.result()


@pytest.mark.parametrize("host", [".example.com", "*.example.com", f"{'a' * 64}.example.com"])
def test_an_address_that_is_none_says_so(host):
    instance = DssInstance(connect(Instance(f"https://{host}", "key")))
    with pytest.raises(ConnectionFailed, match=r"the address is not valid ") as raised:
        instance.login()
    assert raised.value.never_sent and raised.value.hint == Hint(Action.CHECK_ADDRESS, setting="--url or DKU_DSS_URL")


def test_refused_connection_says_what_the_system_says():
    client = connect(Instance("http://127.0.0.1:1", "key"))()
    with pytest.raises(ConnectionFailed) as refused, api_errors():
        client.get_instance_info()
    assert "Connection refused" in str(refused.value) and "HTTPConnection" not in str(refused.value)
