"""Hundreds of operations of all kinds at 5 % faults of all kinds: the report is never other than the state.

A developer's run does some dozens; `RELIABILITY_SOAK=3000` runs as many; `RELIABILITY_SEED` draws others.
"""

from __future__ import annotations

import os

import pytest
from reliability.campaigns import SEED
from reliability.soak import KEYS, Soak
from reliability.world import open_world
from sampling import REQUIRE_ALL

COUNT = int(os.environ.get("RELIABILITY_SOAK") or (500 if REQUIRE_ALL else 60))


@pytest.mark.soak
def test_what_is_reported_under_many_faults_is_what_is_there(tmp_path):
    with open_world(tmp_path, KEYS) as world:
        tally = Soak(world, SEED).run(COUNT)
    assert tally.counts["operations"] == COUNT and tally.counts["faults"] > COUNT / 10
    assert not tally.mismatches, f"{len(tally.mismatches)} of {COUNT}:\n" + "\n".join(tally.mismatches[:10])
