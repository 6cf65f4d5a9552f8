"""Somebody else writes in a gap between two requests of a command: nothing is lost that we could have seen.

What falls between the last read and the write cannot be kept on an API without compare-and-set; there the version
number of the project tells it. `make reliability` tries every write in every gap of every command, a developer's run
each write in one gap of a command or two.
"""

from __future__ import annotations

import pytest
from reliability.campaigns import (
    UpheavalCase,
    dealt,
    edits_kept_by,
    foreign_cases,
    tried,
    tried_foreign,
    tried_upheaval,
    upheaval_cases,
)
from reliability.foreign_writes import FOREIGN_WRITES, GOVERN, OUR_FIELDS
from reliability.judging import Expectations
from reliability.scenarios import ALL, WRITING

FIXED, RANDOM = 16, 6
"""How many cases of each command CI tries."""

NAMES = [scenario.name for scenario in WRITING]
SYNCS = [name for name in NAMES if name.startswith("sync-")]
IN_DSS = [write for write in FOREIGN_WRITES if write.area != GOVERN]
IN_GOVERN = [write for write in FOREIGN_WRITES if write.area == GOVERN]


@pytest.fixture(scope="module")
def expectations(states):
    return Expectations(states)


def failing(expectations, cases):
    endings = [(case, tried_foreign(expectations, case)) for case in cases]
    return [f"{case}: {'; '.join(ending.wrong)}" for case, ending in endings if ending.wrong]


@pytest.mark.sampled(16, None)
@pytest.mark.parametrize("name", NAMES)
def test_r6_a_foreign_write_is_kept_or_told(expectations, name):
    writes = dealt(IN_DSS, name, NAMES) + (dealt(IN_GOVERN, name, SYNCS) if name in SYNCS else [])
    cases = foreign_cases(expectations, ALL[name], writes)
    failures = failing(expectations, tried(cases, FIXED, RANDOM, lambda case: case.write.name))
    assert not failures, "\n".join(failures[:20])


@pytest.mark.parametrize("name", [scenario.name for scenario in WRITING if edits_kept_by(scenario, OUR_FIELDS)])
def test_r6_an_edit_of_our_fields_by_hand_is_kept_or_told(expectations, name):
    cases = foreign_cases(expectations, ALL[name], edits_kept_by(ALL[name], OUR_FIELDS))
    failures = failing(expectations, tried(cases, FIXED, RANDOM, lambda case: case.write.name))
    assert not failures, "\n".join(failures[:20])


@pytest.mark.sampled(16, None)
@pytest.mark.parametrize("name", NAMES)
def test_an_upheaval_never_makes_a_command_lie(expectations, name):
    cases = tried(upheaval_cases(expectations, ALL[name]), FIXED // 2, RANDOM // 2, lambda case: case.upheaval)
    failures = [f"{case}: {'; '.join(found)}" for case in cases if (found := tried_upheaval(expectations, case))]
    assert not failures, "\n".join(failures[:20])


@pytest.mark.parametrize("upheaval", ["record-cleared", "record-damaged"])
@pytest.mark.parametrize("name", ["ungovern", "ungovern-history", "ungovern-purge"])
def test_removal_whose_mark_is_lost_is_unclear(expectations, name, upheaval):
    requests = expectations.of(ALL[name]).requests
    (put,) = [request.number for request in requests if request.is_metadata_put]
    for request in requests[put : put + 2]:
        assert tried_upheaval(expectations, UpheavalCase(name, request.number, str(request), upheaval)) == []
