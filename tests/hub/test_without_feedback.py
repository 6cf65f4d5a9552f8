"""A hub that names final approvers only: who asks for a review asks them."""

import pytest
from hub.conftest import V1


@pytest.fixture
def only_approvers(as_, bank, tmp_path):
    file = tmp_path / "approvers.yaml"
    file.write_text("reviewers:\n  final_approvers: [user:ana]\n")
    assert as_("admin", "hub", "import", file).code == 0


def test_asking_for_a_review_asks_for_the_final_approval(as_, only_approvers):
    ended = as_("rita", "signoff", "request", V1, "--dry-run")
    assert ended.code == 3 and "Waiting for approval" in ended.out
    ended = as_("rita", "signoff", "request", V1)
    assert ended.code == 0 and "Waiting for approval" in ended.out
    assert "nobody gives feedback on this item" in " ".join(ended.out.split())
    assert as_("ana", "signoff", "approve", V1).code == 0
    assert as_("admin", "gate", V1, "--signed-off").code == 0
    assert as_("admin", "audit", "--all").code == 0


def test_where_nobody_approves_nothing_is_asked(as_, bank, tmp_path):
    file = tmp_path / "nobody.yaml"
    file.write_text("reviewers: {}\n")
    assert as_("admin", "hub", "import", file).code == 0
    ended = as_("rita", "signoff", "request", V1)
    assert ended.code == 1 and "nobody is final approver" in ended.err
