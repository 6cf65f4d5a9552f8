"""A part of a list of cases is small, the same each time, and holds one of each kind."""

from collections import Counter

from sampling import spread

GRID = [(row, column) for row in range(40) for column in range(12)]


def row_of(case):
    return case[0]


def column_of(case):
    return case[1]


def test_part_holds_every_row_and_column():
    part = spread(GRID, 10, row_of, column_of)
    assert {*map(row_of, part)} == {*map(row_of, GRID)} and {*map(column_of, part)} == {*map(column_of, GRID)}
    assert len(part) == 40, "no more than the rows need"


def test_part_is_spread_evenly():
    part = spread(GRID, 80, row_of, column_of)
    assert len({*part}) == 80
    for kind_of, most in ((row_of, 3), (column_of, 8)):
        counts = Counter(map(kind_of, part))
        assert min(counts.values()) >= most - 2 and max(counts.values()) <= most


def test_part_is_the_same_each_time_and_in_order():
    part = spread(GRID, 60, row_of)
    assert part == spread(GRID, 60, row_of) == sorted(part)


def test_short_list_is_taken_whole():
    assert spread(GRID[:7], 7, column_of) == GRID[:7]
