"""The page grows with its projects, not faster."""

import pytest

from benchmarks.page_speed import measure

LIMIT = 25
"""20 times the projects may take 25 times as long."""


@pytest.mark.slow
def test_twenty_thousand_projects_take_no_more_than_their_share(page_of, open_page):
    small, large = (measure(open_page(page_of(size)[0]).page, page_of(size)[0].as_uri()) for size in (1000, 20_000))
    for name in small:
        assert large[name] <= LIMIT * small[name], name


@pytest.mark.parametrize(("size", "megabytes"), [(1000, 1.2), pytest.param(20_000, 8.0, marks=pytest.mark.slow)])
def test_the_page_stays_small_enough_to_send(page_of, size, megabytes):
    assert page_of(size)[0].stat().st_size <= megabytes * 1_000_000
