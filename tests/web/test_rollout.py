"""`doctor --rollout`: what of the live page's setting up is in order, and what nobody can tell."""

from contextlib import closing

import dataikuapi
import pytest
from support.command_line import run_command, use_instance
from support.http_servers import WatchedServer

from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.seeds import people
from govern_mirror_devkit.source import plugin_root

KEY = people.PROJECT


@pytest.fixture
def dss():
    with closing(Sandbox(plugin=PluginHost(plugin_root()))) as sandbox:
        people.settle(sandbox)
        people.install_webapp(sandbox)
        # no process need run to see whether one is said to
        sandbox.webapps.state = lambda caller, key, id_: {"futureInfo": {"alive": True}}
        yield sandbox


@pytest.fixture
def rollout(dss, monkeypatch, tmp_path):
    """Run the command with a key, the administrator's unless another is given; return exit code and checks by name."""
    with serve(dss) as url:

        def run(api_key=None):
            use_instance(monkeypatch, tmp_path, url, api_key or dss.admin_key)
            ended = run_command("doctor", KEY, "--rollout", "--format", "json")
            checks = {check["check"]: (check["verdict"], check["detail"]) for check in ended.json["checks"]}
            return ended.code, checks

        run.url = url
        yield run


def change(dss, **params):
    webapp = dss.webapps.get(dss.admin, KEY, people.WEBAPP_ID)
    webapp["params"] |= params
    dss.webapps.save(dss.admin, KEY, people.WEBAPP_ID, webapp)


def test_a_page_that_is_set_up_as_described_is_in_order(rollout):
    code, checks = rollout()
    named = ("version", "webapp", "run as", "auto-start", "backend", "readers", "writers")
    assert code == 0 and {name: checks[name][0] for name in named} == dict.fromkeys(named, "ok")
    assert people.SERVICE in checks["run as"][1]


def test_what_only_people_can_see_is_told_as_that(rollout):
    _, checks = rollout()
    unknown = [name for name, (verdict, _) in checks.items() if verdict == "cannot be checked"]
    assert unknown == ["impersonation", "owner", "reader", "manager", "nobody's reader", "outsider"]


@pytest.mark.parametrize(
    ("params", "check", "verdict", "words"),
    [
        ({"runAs": None}, "run as", "failed", "runs as admin"),
        ({"runAs": "admin"}, "run as", "failed", "an administrator"),
        ({"runAs": "nobody"}, "run as", "failed", "does not exist"),
        ({"runAs": "bruno"}, "run as", "warning", "group of its own"),
        ({"runAs": "oskar"}, "service account", "failed", "Read project content"),
        ({"autoStartBackend": False}, "auto-start", "warning", "step 4"),
    ],
    ids=str,
)
def test_a_step_that_was_left_out_is_named(dss, rollout, params, check, verdict, words):
    change(dss, **params)
    code, checks = rollout()
    assert checks[check][0] == verdict and words in checks[check][1]
    assert code == (verdict == "failed")


def test_a_backend_that_is_not_started_fails(dss, rollout):
    dss.webapps.state = lambda caller, key, id_: {}
    code, checks = rollout()
    assert code == 1 and "step 6" in checks["backend"][1]


def test_a_project_without_the_page_fails(dss, rollout):
    dss.webapps.listed = lambda caller, key: []
    code, checks = rollout()
    assert code == 1 and "step 3" in checks["webapp"][1] and "impersonation" not in checks


def test_who_else_may_change_the_page_is_told(dss, rollout):
    project = dataikuapi.DSSClient(rollout.url, dss.admin_key).get_project(KEY)
    permissions = project.get_permissions()
    permissions["permissions"][0]["writeProjectContent"] = True
    project.set_permissions(permissions)
    assert rollout()[1]["writers"][0] == "warning"


def test_a_key_without_rights_says_what_it_cannot_see(dss, rollout):
    code, checks = rollout(dss.accounts.create_personal_key("rita"))
    assert code == 0 and checks["run as"][0] == checks["rights"][0] == "cannot be checked"


def test_without_a_project_it_says_what_is_missing(monkeypatch, tmp_path):
    use_instance(monkeypatch, tmp_path, "http://127.0.0.1:1", "k")
    ended = run_command("doctor", "--rollout")
    assert ended.code == 2 and "KEY" in ended.err


@pytest.fixture
def set_address(dss):
    """Set the plugin's setting `page_address`."""

    return lambda address: dss.plugins.configure(page_address=address)


def test_links_that_lead_to_the_page_are_in_order(rollout, set_address):
    for path in (f"/webapps/{KEY}/{people.WEBAPP_ID}", f"/projects/{KEY}/webapps/{people.WEBAPP_ID}_governance/view"):
        set_address(rollout.url + path)
        assert rollout()[1]["links"][0] == "ok"


@pytest.mark.parametrize(
    ("address", "verdict", "words"),
    [
        ("", "warning", "page_address is empty"),
        ("javascript:alert(1)", "failed", "no address"),
        ("http://127.0.0.2:1/webapps/GOVERNANCE/gOvern1", "warning", "was not asked"),
        ("{url}/webapps/GOVERNANCE/another1", "failed", "another webapp"),
        ("{url}/webapps/CHURN/gOvern1", "failed", "another webapp"),
        ("{url}/no-such-page", "failed", "status 404"),
    ],
    ids=str,
)
def test_links_that_lead_nowhere_are_named(rollout, set_address, address, verdict, words):
    set_address(address.format(url=rollout.url))
    code, checks = rollout()
    assert checks["links"][0] == verdict and words in checks["links"][1]
    assert code == (verdict == "failed")


def test_the_key_is_not_sent_to_the_page(dss, monkeypatch, tmp_path):
    watched = WatchedServer(dss)
    with serve(watched) as url:
        dss.plugins.configure(page_address=f"{url}/webapps/{KEY}/{people.WEBAPP_ID}")
        use_instance(monkeypatch, tmp_path, url, dss.admin_key)
        run_command("doctor", KEY, "--rollout")
    (asked,) = [request for request in watched.requests if request.path == f"/webapps/{KEY}/{people.WEBAPP_ID}"]
    assert asked.authorization is None
