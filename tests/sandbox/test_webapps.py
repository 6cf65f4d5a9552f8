"""Webapps of the sandbox as people and programs meet them: over a real socket, through a login and a proxy."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dataikuapi
import pytest
import requests
from dataikuapi.utils import DataikuException
from support.webapp import WHO, live_webapp, small_plugin

from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.sandbox.sessions import COOKIE
from govern_mirror_devkit.seeds.people import ANALYSTS, MANAGERS, PROJECT, SERVICE, SERVICE_GROUP, TYPE, WEBAPP_ID

WEBAPP = f"/webapps/{PROJECT}/{WEBAPP_ID}"


@pytest.fixture
def live(tmp_path):
    with live_webapp(tmp_path, small_plugin(tmp_path / "plugin"), stories=False) as live:
        dss = live.sandbox
        readers = [{"group": ANALYSTS, "readProjectContent": True}, {"group": "readers", "readProjectContent": True}]
        dss.create_project("OPEN", owner="bruno", permissions=readers)
        dss.create_project("SECRET", owner="alice")
        yield live


@pytest.fixture
def webapp(live):
    """The webapp, as the client sees it with an administrator's key."""
    return dataikuapi.DSSClient(live.base, live.sandbox.admin_key).get_project(PROJECT).get_webapp(WEBAPP_ID)


def client(live, role):
    key = live.sandbox.accounts.create_personal_key(live.login(role))
    return dataikuapi.DSSClient(live.base, key)


# logging in --------------------------------------------------------------------------------------------------


def test_people_log_in_and_come_to_the_page_they_wanted(live):
    browser = requests.Session()
    page = browser.get(live.url)
    assert page.url == live.login_url and 'name="password"' in page.text
    target = re.search('name="next" value="([^"]+)"', page.text)[1]
    answer = browser.post(f"{live.base}/login", data={"login": "bruno", "password": "bruno", "next": target})
    assert answer.url == live.url and "Bruno Keller" in answer.text and f'src="{WEBAPP}"' in answer.text


@pytest.mark.parametrize("login", ["bruno", "nobody"])
def test_a_wrong_password_lets_nobody_in(live, login):
    answer = requests.post(f"{live.base}/login", data={"login": login, "password": "x"})
    assert answer.status_code == 401 and "Invalid login or password" in answer.text and not answer.cookies


def test_scripts_cannot_read_the_session(live):
    answer = requests.post(f"{live.base}/login", {"login": "bruno", "password": "bruno"}, allow_redirects=False)
    assert "httponly" in answer.headers["Set-Cookie"].lower()


@pytest.mark.parametrize("target", ["https://evil.example.com/", "//evil.example.com", "/\\evil.example.com", ""])
def test_the_login_leads_to_no_other_site(live, target):
    data = {"login": "bruno", "password": "bruno", "next": target}
    answer = requests.post(f"{live.base}/login", data, allow_redirects=False)
    assert answer.headers["Location"] == "/"


def test_after_logging_out_nothing_answers(live):
    owner = live.session("owner")
    assert owner.get(live.backend("who")).status_code == 200
    token = owner.cookies[COOKIE]
    owner.post(f"{live.base}/logout")
    assert requests.get(live.backend("who"), cookies={COOKIE: token}).status_code == 401


def test_a_session_that_ends_is_told_to_the_page(live):
    owner = live.session("owner")
    live.sandbox.sessions.end_all("bruno")
    assert owner.get(live.backend("who")).status_code == 401
    assert owner.get(live.url).url == live.login_url


def test_a_disabled_user_is_out_at_once(live):
    owner = live.session("owner")
    live.sandbox.accounts.change_user("bruno", enabled=False)
    assert owner.get(live.backend("who")).status_code == 401
    answer = requests.post(f"{live.base}/login", {"login": "bruno", "password": "bruno"})
    assert answer.status_code == 401 and "disabled" in answer.text


# what whom is shown ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "projects"),
    [
        ("manager", {PROJECT, "OPEN", "SECRET"}),
        ("owner", {PROJECT, "OPEN"}),
        ("reader", {PROJECT, "OPEN"}),
        ("visitor", {PROJECT}),
    ],
)
def test_each_person_sees_their_own_projects_only(live, role, projects):
    answer = live.session(role).get(live.backend("who")).json()
    assert (answer["login"], answer["acting"], answer["backend"]) == (live.login(role), live.login(role), SERVICE)
    assert set(answer["projects"]) == projects


def test_an_outsider_cannot_open_the_page(live):
    outsider = live.session("outsider")
    for address in (live.url, live.direct_url, f"{live.direct_url}/app.js", f"{live.direct_url}/dataiku.js"):
        assert outsider.get(address).status_code == 403
    answer = outsider.get(live.backend("who"))
    assert (answer.status_code, answer.text) == (403, "Failed to read project permissions")


def test_a_project_that_is_not_there_looks_like_a_forbidden_one(live):
    outsider = live.session("outsider")
    forbidden, missing = (outsider.get(f"{live.base}/webapps/{key}/x") for key in (PROJECT, "NOWHERE"))
    assert (forbidden.status_code, forbidden.text) == (missing.status_code, missing.text)


def test_a_right_that_is_withdrawn_is_gone_at_once(live):
    reader = live.session("reader")
    assert "OPEN" in reader.get(live.backend("who")).json()["projects"]
    permissions = {"owner": "bruno", "permissions": []}
    live.sandbox.projects.set_document(live.sandbox.admin, "OPEN", "permissions", permissions)
    assert "OPEN" not in reader.get(live.backend("who")).json()["projects"]


def test_a_reader_profile_changes_nothing_whatever_the_group_may(live):
    permissions = {"owner": "rita", "permissions": [{"group": "readers", "admin": True}]}
    live.sandbox.projects.set_document(live.sandbox.admin, "OPEN", "permissions", permissions)
    reader = client(live, "reader")
    metadata = reader.get_project("OPEN").get_metadata()
    with pytest.raises(DataikuException, match="may not write"):
        reader.get_project("OPEN").set_metadata(metadata)


def test_impersonation_that_is_off_is_refused(live):
    live.sandbox.impersonation.forbid(SERVICE_GROUP)
    answer = live.session("owner").get(live.backend("who"))
    assert answer.status_code == 500 and "not allowed to impersonate bruno" in answer.json()["message"]
    assert live.session("owner").get(live.backend("known")).json()["authIdentifier"] == "bruno"


def test_administrators_are_no_exception_to_impersonation(live):
    answer = live.session("admin").get(live.backend("who"))
    assert "not allowed to impersonate admin" in answer.json()["message"]


@pytest.mark.parametrize(
    "header", ["X-DKU-ProxyUser", "X-DKU-APITicket", "X-DKU-AuthIdentifier", "Remote-User", "X-Forwarded-User", "From"]
)
def test_a_forged_header_does_not_make_another_user(live, header):
    answer = live.session("reader").get(live.backend("who"), headers={header: "alice"}).json()
    assert (answer["login"], answer["acting"]) == ("rita", "rita")


def test_a_second_cookie_does_not_make_another_user(live):
    mine, other = live.token("reader"), live.token("manager")
    headers = {"Cookie": f"a=1; {COOKIE}={mine}; {COOKIE}={other}"}
    assert requests.get(live.backend("who"), headers=headers).json()["acting"] == "rita"


def test_people_at_once_never_see_each_others_projects(live):
    roles = ["manager", "owner", "reader", "visitor"] * 3
    sessions = [live.session(role) for role in roles]
    together = threading.Barrier(len(roles), timeout=20)

    def look(session):
        together.wait()
        return session.get(live.backend("who?wait=0.2")).json()

    with ThreadPoolExecutor(len(roles)) as pool:
        answers = list(pool.map(look, sessions))
    assert [answer["acting"] for answer in answers] == [live.login(role) for role in roles]
    assert all(("SECRET" in answer["projects"]) == (answer["acting"] == "alice") for answer in answers)


@pytest.mark.parametrize("version", ["12.6.0", "15.1.0"])
def test_the_oldest_and_the_newest_dss_answer_alike(tmp_path, version):
    root = small_plugin(tmp_path / "plugin")
    with live_webapp(tmp_path, root, stories=False, dss_version=version) as live:
        assert live.session("owner").get(live.backend("who")).json()["acting"] == "bruno"
        assert live.session("outsider").get(live.backend("who")).status_code == 403
        assert live.session("outsider").get(live.url).status_code == 403


# identifying -------------------------------------------------------------------------------------------------


def test_the_client_tells_who_a_browser_is(live):
    program = client(live, "visitor")
    headers = {"Cookie": f"{COOKIE}={live.token('owner')}", "Host": "x"}
    told = program.get_auth_info_from_browser_headers(headers, with_secrets=True)
    assert told == {
        "authIdentifier": "bruno",
        "groups": ["analysts"],
        "associatedDSSUser": "bruno",
        "userProfile": "FULL_DESIGNER",
        "secrets": [],
    }
    with pytest.raises(DataikuException, match="NotAuthenticated"):
        program.get_auth_info_from_browser_headers({"cookie": f"{COOKIE}=x"})


def test_a_ticket_is_for_those_who_may_impersonate(live):
    headers = {"Cookie": f"{COOKIE}={live.token('manager')}"}
    with pytest.raises(DataikuException, match="not allowed to impersonate alice"):
        client(live, "reader").get_ticket_from_browser_headers(headers)
    key = live.sandbox.accounts.create_personal_key(SERVICE)
    ticket = dataikuapi.DSSClient(live.base, key).get_ticket_from_browser_headers(headers)
    acting = dataikuapi.DSSClient(live.base, internal_ticket=ticket)
    assert acting.get_auth_info()["authIdentifier"] == "alice"
    live.sandbox.sessions.end_all("alice")
    with pytest.raises(DataikuException, match="ticket"):
        acting.get_auth_info()


@pytest.mark.parametrize("identify", [True, False])
def test_hidden_access_tokens_hide_secrets_and_perhaps_the_person(live, identify):
    live.sandbox.sessions.hide_access_tokens = True
    live.sandbox.sessions.hidden_tokens_identify = identify
    owner = live.session("owner")
    answer = owner.get(live.backend("known")).json()
    assert "secrets" not in answer
    assert answer.get("authIdentifier") == ("bruno" if identify else None)
    shown = owner.get(live.backend("echo/x"), cookies={"mine": "1"}).json()["headers"]["Cookie"]
    assert "mine=1" in shown and (COOKIE in shown) is identify


def test_everybody_may_ask_who_there_is(live):
    live.sandbox.accounts.change_user("oskar", enabled=False)
    named = {user.login: user for user in client(live, "visitor").list_users_info()}
    assert named["rita"].display_name == "Rita Novak" and not named["oskar"].enabled


# the page ----------------------------------------------------------------------------------------------------


def test_the_page_finds_its_backend_and_its_settings(live):
    live.sandbox.webapps.save(
        live.sandbox.admin,
        PROJECT,
        WEBAPP_ID,
        {**live.sandbox.webapps.get(live.sandbox.admin, PROJECT, WEBAPP_ID), "config": {"title": "</script>"}},
    )
    owner = live.session("owner")
    page = owner.get(live.direct_url).text
    assert '<div id="said"></div>' in page
    assert [f"{WEBAPP}/{name}" in page for name in ("style.css", "dataiku.js", "app.js")] == [True] * 3
    library = owner.get(f"{live.direct_url}/dataiku.js").text
    assert f'"/web-apps-backends/{PROJECT}/{WEBAPP_ID}/"' in library and '{"title": "</script>"}' in library


def test_a_body_that_is_a_full_page_stays_one(live):
    live.upgrade("1.0.1", body_html="<!DOCTYPE html><html><head><title>Mine</title></head><body>hello</body></html>")
    page = live.session("owner").get(live.direct_url).text
    assert page.count("<body>") == 1 and page.index("dataiku.js") < page.index("</head>") < page.index("app.js")


def test_without_the_library_dataiku_the_page_has_no_backend_url(tmp_path):
    root = small_plugin(tmp_path / "plugin", standardWebAppLibraries=None)
    with live_webapp(tmp_path, root, stories=False) as live:
        assert "dataiku.js" not in live.session("owner").get(live.direct_url).text


def test_the_administrators_policy_is_on_every_page(live):
    live.sandbox.browser.headers = {"Content-Security-Policy": "default-src 'none'", "X-Frame-Options": "DENY"}
    owner = live.session("owner")
    for address in (
        live.url,
        live.direct_url,
        f"{live.base}/login",
        f"{live.base}/plugins/govern-mirror/resource/logo.svg",
    ):
        answer = owner.get(address)
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_files_of_the_plugin_are_served_and_no_others(live):
    at = f"{live.base}/plugins/govern-mirror/resource"
    assert requests.get(f"{at}/logo.svg").headers["Content-Type"].startswith("image/svg")
    for path in ("missing.js", "%2e%2e/plugin.json", "..%2fplugin.json", "/etc/passwd"):
        assert requests.get(f"{at}/{path}").status_code == 404
    assert requests.get(f"{live.base}/plugins/another/resource/logo.svg").status_code == 404


def test_the_project_page_leads_to_the_webapp(live):
    page = live.session("owner").get(f"{live.base}/projects/{PROJECT}/", headers={"Accept": "text/html"})
    assert live.url.removeprefix(live.base) in page.text
    assert "OPEN" in live.session("owner").get(live.base).text


# the proxy ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_request_reaches_the_backend_as_it_was_sent(live, method):
    owner = live.session("owner")
    body = "é" * 100_000 if method != "GET" else None
    answer = owner.request(
        method,
        live.backend("echo/a%20b/c%2Fd?x=1&x=%C3%A9&status=409"),
        data=body.encode() if body else None,
        headers={"X-Requested-With": "govern-mirror", "If-None-Match": '"tag"'},
    )
    told = answer.json()
    assert (answer.status_code, told["method"], told["path"]) == (409, method, "a b/c/d")
    assert told["query"] == {"x": ["1", "é"], "status": ["409"]} and told["body"] == (body or "")
    assert told["headers"]["X-Requested-With"] == "govern-mirror" and told["headers"]["If-None-Match"] == '"tag"'
    assert answer.headers["X-Backend"] == "1.0.0"


def test_what_has_not_changed_is_not_sent_again(live):
    owner = live.session("owner")
    whole, head = owner.get(live.backend("tagged")), owner.head(live.backend("tagged"))
    assert head.headers["Content-Length"] == str(len(whole.content)) and not head.content
    same = owner.get(live.backend("tagged"), headers={"If-None-Match": whole.headers["ETag"]})
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", whole.headers["ETag"])


def test_programs_reach_the_backend_only_where_api_access_is_on(live):
    reader = client(live, "reader")
    backend = reader.get_project(PROJECT).get_webapp(WEBAPP_ID).get_backend_client()
    address = backend.url_for_path("/who")
    assert address == live.backend("who") and backend.session.get(address).status_code == 401
    live.sandbox.browser.api_access.add((PROJECT, WEBAPP_ID))
    assert backend.session.get(address).json()["acting"] == "rita"
    key = live.sandbox.accounts.create_personal_key("oskar")
    assert requests.get(address, headers={"Authorization": f"Bearer {key}"}).status_code == 403
    assert requests.get(address, headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_page_that_breaks_on_the_way_is_a_fault_like_any_other(live):
    owner = live.session("owner")
    live.sandbox.faults.set("* /web-apps-backends/*:503@1")
    assert [owner.get(live.backend("who")).status_code for _ in range(2)] == [503, 200]


# the backend -------------------------------------------------------------------------------------------------


def test_the_client_starts_and_stops_the_backend(live, webapp):
    owner = live.session("owner")
    assert webapp.get_state().running
    webapp.stop_backend()
    assert not webapp.get_state().running
    answer = owner.get(live.backend("who"))
    assert (answer.status_code, answer.text) == (502, "The backend of this webapp is not running")
    webapp.start_or_restart_backend().wait_for_result()
    assert webapp.get_state().running and owner.get(live.backend("who")).status_code == 200


def test_a_session_outlives_a_restart_of_the_backend(live):
    owner = live.session("owner")
    live.restart()
    assert owner.get(live.backend("who")).json()["acting"] == "bruno"


def test_a_backend_that_died_is_said(live, webapp):
    owner = live.session("owner")
    live.crash()
    assert owner.get(live.backend("who")).status_code == 502 and not webapp.get_state().running


def test_the_key_of_a_backend_ends_with_it(live):
    key = live.sandbox.webapps.backend(PROJECT, WEBAPP_ID).api_key
    program = dataikuapi.DSSClient(live.base, key)
    assert program.get_auth_info()["authIdentifier"] == SERVICE
    live.stop()
    with pytest.raises(DataikuException, match="Unknown API Key"):
        program.get_auth_info()


def test_an_upgrade_takes_effect_when_the_backend_starts_again(live):
    owner = live.session("owner")
    live.upgrade("2.0.0", backend_py=WHO.replace('VERSION = "1.0.0"', 'VERSION = "2.0.0"'))
    assert owner.get(live.backend("echo/x")).headers["X-Backend"] == "2.0.0"
    assert live.sandbox.webapps.backend(PROJECT, WEBAPP_ID).process.version == "2.0.0"


def test_a_backend_that_cannot_start_fails_the_future(live, webapp):
    (live.root / "webapps/governance/backend.py").write_text("raise RuntimeError('no settings')")
    state = webapp.start_or_restart_backend().state
    assert not state["hasResult"] and "no settings" in state["error"]["message"]
    assert not webapp.get_state().running


def test_backends_start_by_themselves_only_where_that_is_set(live, webapp):
    live.stop()
    live.edit_webapp(autoStartBackend=False)
    live.sandbox.webapps.start_automatic()
    assert not webapp.get_state().running
    live.edit_webapp(autoStartBackend=True)
    live.sandbox.webapps.start_automatic()
    assert webapp.get_state().running


# settings ----------------------------------------------------------------------------------------------------


def test_the_backend_runs_as_the_last_modifier_unless_set(live, webapp):
    live.edit_webapp(runAs=None)
    manager = client(live, "manager").get_project(PROJECT).get_webapp(WEBAPP_ID)
    permissions = {"owner": "alice", "permissions": [{"group": ANALYSTS, "readProjectContent": True}]}
    live.sandbox.projects.set_document(live.sandbox.admin, PROJECT, "permissions", permissions)
    settings = manager.get_settings()
    settings.get_raw()["name"] = "renamed"
    settings.save()
    manager.start_or_restart_backend()
    live.sandbox.impersonation.allow(MANAGERS, ANALYSTS)
    assert live.session("owner").get(live.backend("who")).json()["backend"] == "alice"


def test_only_administrators_set_the_run_as_user(live):
    permissions = {"owner": "alice", "permissions": []}
    live.sandbox.projects.set_document(live.sandbox.admin, PROJECT, "permissions", permissions)
    settings = client(live, "manager").get_project(PROJECT).get_webapp(WEBAPP_ID).get_settings()
    settings.get_raw()["params"]["runAs"] = "admin"
    with pytest.raises(DataikuException, match="Only administrators"):
        settings.save()


def test_readers_of_the_project_do_not_change_its_webapps(live):
    project = client(live, "reader").get_project(PROJECT)
    assert [(item.id, item.name) for item in project.list_webapps()] == [(WEBAPP_ID, "governance")]
    webapp = project.get_webapp(WEBAPP_ID)
    for change in (webapp.get_settings().save, webapp.start_or_restart_backend, webapp.stop_backend):
        with pytest.raises(DataikuException, match="may not write"):
            change()


def test_the_settings_have_the_shape_that_dss_has(webapp):
    raw = webapp.get_settings().get_raw()
    assert (raw["type"], raw["name"], raw["projectKey"], raw["config"]) == (TYPE, "governance", PROJECT, {})
    assert {"backendEnabled", "autoStartBackend", "envSelection", "nbProcesses", "libraries", "runAs"} <= set(
        raw["params"]
    )


def test_a_webapp_without_backend_has_nothing_to_start(live):
    project = dataikuapi.DSSClient(live.base, live.sandbox.admin_key).get_project(PROJECT)
    webapp = project.create_webapp("plain")
    assert not webapp.get_settings().get_raw()["params"]["backendEnabled"]
    address = f"{live.base}/dip/publicapi/projects/{PROJECT}/webapps/{webapp.webapp_id}/backend/actions/restart"
    answer = requests.put(address, auth=(live.sandbox.admin_key, ""))
    assert (answer.status_code, answer.text) == (200, "")


def test_types_of_plugins_are_created_where_dss_takes_them(live):
    project = dataikuapi.DSSClient(live.base, live.sandbox.admin_key).get_project(PROJECT)
    body = {"name": "second", "type": TYPE}
    path = f"/projects/{PROJECT}/webapps/"
    with pytest.raises(DataikuException, match="Unknown webapp type"):
        project.client._perform_json("POST", path, body=body)
    live.sandbox.webapps.created_through_api = True
    made = project.client._perform_json("POST", path, body=body)["webAppId"]
    # a new webapp does not start by itself (12.1 on)
    assert not project.get_webapp(made).get_state().running


def test_older_versions_create_no_webapp_through_the_api():
    sandbox = Sandbox(dss_version="14.2.0")
    sandbox.create_project("P")
    with serve(sandbox) as url, pytest.raises(DataikuException, match="NotFound"):
        dataikuapi.DSSClient(url, sandbox.admin_key).get_project("P").create_webapp("x")
    sandbox.close()


# the command -------------------------------------------------------------------------------------------------


def test_the_command_tells_where_the_page_is_and_who_logs_in():
    command = [Path(sys.executable).with_name("govern-mirror"), "-q", "sandbox", "--seed", "empty", "--webapp"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = json.loads(process.stdout.readline())
        assert set(line) == {"url", "api_key", "webapp_url", "logins"}
        for login in line["logins"].values():
            browser = requests.Session()
            form = {"login": login, "password": login, "next": line["webapp_url"].removeprefix(line["url"])}
            assert browser.post(f"{line['url']}/login", form).status_code == (403 if login == "oskar" else 200)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
