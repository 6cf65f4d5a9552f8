"""What the demo and the sandbox have reviewed: what came of it, seen by who looks at them."""

import contextlib

import pytest

from govern_mirror import clock
from govern_mirror.actions.hub import audit_hub
from govern_mirror.actions.hub_check import check_hub
from govern_mirror.actions.items import items_json, items_of
from govern_mirror.actions.reviews import waiting_reviews
from govern_mirror.actions.session import connect_to
from govern_mirror.actions.show import show
from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.seeds import demo as stories
from govern_mirror_devkit.seeds import people
from govern_mirror_devkit.seeds.reviews import AUTUMN, HUB, REJECTED, REPLACED, SETTINGS, SPRING, SUMMER
from govern_mirror_devkit.source import plugin_root


@pytest.fixture(scope="module")
def sandbox():
    """What `sandbox --webapp` starts, and the keys of its people."""
    with contextlib.closing(Sandbox(plugin=PluginHost(plugin_root()))) as sandbox, serve(sandbox) as url:
        keys = stories.prepare(sandbox)
        stories.run(sandbox, url, keys, lambda _: None, clock.now(), with_hub=True)
        people.settle(sandbox)
        yield {login: connect_to(url, key, settings=SETTINGS) for login, key in {**keys, "": sandbox.admin_key}.items()}


def standing(session):
    items = items_json(items_of(session, "CHURN"))["items"]
    return {item["address"]: (item["status"], item["unchanged"]) for item in items}


def test_the_demo_names_what_is_approved_and_what_waits(demo):
    """What people see of it at the end, though they ask for quiet."""
    lines = [" ".join(line.split()) for line in demo.out.splitlines()]
    assert any("v1" in line and "Rejected" in line for line in lines)
    assert any("v2" in line and "Approved, changed since" in line for line in lines)
    assert any("summer" in line and "active, not approved" in line for line in lines)
    assert any("autumn" in line and "Waiting for approval" in line for line in lines)


def test_one_bundle_is_rejected_and_one_exported_again_after_it(sandbox):
    assert standing(sandbox["alice"]) == {
        REJECTED: ("REJECTED", True),
        REPLACED: ("APPROVED", False),
        SPRING: ("APPROVED", True),
        SUMMER: ("NOT_STARTED", None),
        AUTUMN: ("WAITING_FOR_APPROVAL", True),
    }
    assert show(sandbox["alice"], SPRING).stage == "deployment"


def test_the_review_that_waits_waits_for_the_approver(sandbox):
    assert [str(review.address) for review in waiting_reviews(sandbox["alice"], mine=True).reviews] == [AUTUMN]
    assert waiting_reviews(sandbox["bruno"], mine=True).reviews == ()


def test_nobody_of_the_sandbox_could_write_its_hub(sandbox):
    checks = {check.name: check.status.value for check in check_hub(sandbox[""])}
    assert "failed" not in checks.values() and checks["writers of the hub"] == "ok", checks
    assert audit_hub(sandbox[""]).breaks == ()
    assert sandbox["alice"].settings.hub_project == HUB
