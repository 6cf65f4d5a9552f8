"""One thing goes wrong at one request of one command: what is reported is what is there, or it is said to be unclear.

`make reliability` tries every fault at every request of every command. CI tries a part that is the same each time, and
one that `RELIABILITY_SEED` draws (it stands in the message of a failure); a developer's run tries each fault once.
"""

from __future__ import annotations

import pytest
from reliability.campaigns import FaultCase, dealt, fault_cases, tried, tried_fault
from reliability.faults import FAULTS, KILLS
from reliability.judging import Expectations
from reliability.scenarios import ALL

FIXED, RANDOM = 24, 8
"""How many cases of each command CI tries."""


@pytest.fixture(scope="module")
def expectations(states):
    return Expectations(states)


@pytest.mark.sampled(22, None)
@pytest.mark.parametrize("name", ALL)
def test_a_single_fault_is_reported_as_it_is(expectations, name):
    cases = fault_cases(expectations, ALL[name], dealt((*FAULTS, *KILLS), name, ALL))
    failures = [
        f"{case}: {'; '.join(found)}"
        for case in tried(cases, FIXED, RANDOM, lambda case: case.fault.name)
        if (found := tried_fault(expectations, case))
    ]
    assert not failures, "\n".join(failures[:20])


@pytest.mark.parametrize("name", ALL)
def test_a_fault_that_persists_is_reported_as_it_is(expectations, name):
    faults = dealt((*FAULTS, *KILLS), name, reversed(ALL))  # others than above
    cases = fault_cases(expectations, ALL[name], faults, persisting=True)
    failures = [
        f"{case}: {'; '.join(found)}"
        for case in tried(cases, FIXED // 4, RANDOM // 2, lambda case: case.fault.name)
        if (found := tried_fault(expectations, case))
    ]
    assert not failures, "\n".join(failures[:20])


def test_cases_name_themselves_so_that_one_can_be_run_alone(expectations):
    cases = fault_cases(expectations, ALL["advance"])
    assert len({str(case) for case in cases}) == len(cases)
    assert all(isinstance(case, FaultCase) for case in cases)
