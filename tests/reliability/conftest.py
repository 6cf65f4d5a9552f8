"""One world a module: the suites go back to a saved state before each case."""

from __future__ import annotations

import pytest
from reliability.scenarios import States
from reliability.world import open_world


@pytest.fixture(autouse=True)
def no_settling_time():
    """Here the settling time passes, as virtual time: in place of the fixture that leaves it out everywhere else."""


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    """The states of a world with the projects P and Q."""
    with open_world(tmp_path_factory.mktemp("home"), ("P", "Q")) as world:
        yield States(world)


@pytest.fixture
def world(states):
    """The world, with nothing governed yet."""
    states.enter("fresh")
    yield states.world
    states.world.watch()
