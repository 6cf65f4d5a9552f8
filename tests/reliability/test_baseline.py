"""The commands of the suites do, when nothing goes wrong, what the suites hold them to."""

from __future__ import annotations

import pytest
from reliability.scenarios import ALL, untouched


@pytest.mark.parametrize("name", ALL)
def test_command_ends_as_documented(states, name):
    scenario = ALL[name]
    states.enter(scenario.state)
    world = states.world
    before = untouched(world, scenario)
    parts = [part.read(world) for part in scenario.parts]
    run = scenario.command(world)
    assert run.crash is None
    assert run.code == scenario.code, run.text
    assert "someone else" not in run.text
    assert untouched(world, scenario) == before
    if scenario.parts and scenario.name != "probe-write" and scenario.name != "publish-folder":
        assert [part.read(world) for part in scenario.parts] != parts
    if scenario.reads_only:
        assert not [request for request in world.requests if request.writes]
