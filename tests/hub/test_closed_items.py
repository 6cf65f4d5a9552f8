"""A bundle or version that people closed meets no gate, whatever was approved."""

from datetime import timedelta

import pytest
from hub.conftest import V1
from support.request_log import RequestLog


@pytest.fixture
def closed(as_, asked):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    assert as_("rita", "close", V1, "--reason", "replaced by v2").code == 0


def test_a_closed_bundle_is_not_taken_as_signed_off(as_, bank, closed):
    log = RequestLog(bank)
    ended = as_("admin", "gate", V1, "--signed-off")
    assert ended.code == 3 and "closed (replaced by v2)" in ended.err
    assert len(log.requests) <= 8 + 2
    assert as_("rita", "close", V1, "--undo").code == 0
    assert as_("admin", "gate", V1, "--signed-off").code == 0


def test_nothing_closed_is_asked_for_or_approved(as_, bank, asked):
    asked()
    assert as_("rita", "close", V1, "--reason", "replaced").code == 0
    ended = as_("ana", "signoff", "approve", V1)
    assert ended.code == 1 and "bundle v1 of CHURN is closed" in ended.err
    assert as_("ana", "signoff", "reject", V1, "--comment", "replaced").code == 0
    assert as_("rita", "signoff", "reset", V1).code == 0
    assert as_("rita", "signoff", "request", V1).code == 1
    assert as_("rita", "close", V1, "--undo").code == 0
    asked()


def test_what_is_exported_anew_is_not_closed(as_, bank, closed, asked):
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    bank.clock.move(timedelta(seconds=2))
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    assert as_("rita", "signoff", "reset", V1).code == 0
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    assert as_("admin", "gate", V1, "--signed-off").code == 0
