"""Which export the Deployer runs: an approval is of one export, and an id can be exported again under it."""

from datetime import timedelta

import pytest
from hub.conftest import REVIEWERS, V1
from hypothesis import given
from hypothesis import strategies as st

from govern_mirror.actions.deployments import ExportUnknown, deployed_bundles, require_approved_export
from govern_mirror.actions.registry import read_registry, with_approvals
from govern_mirror.actions.report import build_report
from govern_mirror.dss.deployer import Deployment


def test_an_export_after_the_approval_is_found_under_its_id(deployer, as_, asked, hub_session):
    """Somebody exports an approved id again, and deploys that while the hook is away."""
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    bank = deployer.sandbox
    bank.clock.move(timedelta(minutes=1))
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    bank.clock.move(timedelta(minutes=1))
    deployer.publish()
    deployer.infrastructure("OPEN", "def execute(**kwargs): return HookResult.success('')")
    assert deployer.deploy("OPEN")[2] is True
    (found,) = deployed_bundles(hub_session).unapproved
    assert found.why == "was exported again after its approval, and published then"
    assert f"v1 on OPEN {found.why}" in " ".join(as_("admin", "hub", "check").out.split())
    (row,) = read_registry(hub_session, "bundles").rows
    assert row.is_deployed_unapproved


def test_a_bundle_published_before_its_approved_export_is_found(deployer, as_, asked, hub_session):
    deployer.publish()
    bank = deployer.sandbox
    bank.clock.move(timedelta(minutes=1))
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    assert deployer.deploy("DEV")[2] is True
    (found,) = deployed_bundles(hub_session).unapproved
    assert found.why == "was published before the export that was approved"
    (row,) = read_registry(hub_session, "bundles").rows
    assert row.is_deployed_unapproved


@pytest.mark.parametrize(
    ("change", "said"),
    [("delete", "no such bundle any more"), ("again", "exported again since"), ("list", "does not list")],
)
def test_what_nobody_can_say_of_a_deployment_is_told(deployer, as_, asked, hub_session, configured, change, said):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    deployer.publish()
    assert deployer.deploy()[2] is True
    assert deployed_bundles(hub_session).unsure == ()
    bank = deployer.sandbox
    bank.clock.move(timedelta(minutes=1))
    if change == "list":
        configured(REVIEWERS)
    else:
        bank.bundles.delete(bank.admin, "CHURN", "v1")
    if change == "again":
        bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    found = deployed_bundles(hub_session)
    assert found.unapproved == () and said in found.unsure[0].why
    assert said in " ".join(as_("admin", "hub", "check").out.split())
    view = with_approvals(hub_session, build_report(hub_session)).portfolio.approvals
    assert view.deployed == () and said in view.not_looked_at[-1]


@given(
    approved=st.sets(st.integers(1, 9), min_size=1),
    present=st.none() | st.integers(1, 9),
    published=st.none() | st.integers(1, 9),
    exported=st.none() | st.integers(1, 9),
)
def test_only_an_approved_export_counts_as_approved(approved, present, published, exported):
    deployment = Deployment("d", "PROD", "CHURN", "v1", "CHURN", published, exported)
    try:
        fault = require_approved_export(deployment, approved, present, ["CHURN"])
    except ExportUnknown as doubt:
        assert exported is None and str(doubt)
        return
    if exported is not None:
        assert (fault is None) == (exported in approved)
    elif fault is None:
        # what was published is the present export, and that is approved
        assert present in approved and present <= published
