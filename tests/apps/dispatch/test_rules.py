"""Which line of the power list holds: near beats far, small beats wide, and only on the days it is valid."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.apps.dispatch import rules
from gongzhi.apps.dispatch.rules import Line

DAY = date(2026, 11, 16)
EAST, WHOLE, WEST = 3, 1, 2
IN_EAST = [EAST, WHOLE]


def line(pk: int, category: str, area: int | None = None, rank: int = 100, **days: date | None) -> Line:
    return Line(pk, category, area, rank, days.get("valid_from"), days.get("valid_to"))


def best(lines: list[Line], category: str = "roads.potholes", where: list[int] | None = None) -> int | None:
    found = rules.match_line(lines, category, IN_EAST if where is None else where, DAY)
    return found.item_id if found else None


# From the most to the least fitting; whatever the order in which they stand, the first there is holds.
ORDER = [
    line(1, "roads.potholes", EAST),
    line(2, "roads.potholes", WHOLE),
    line(3, "roads.potholes", None, rank=10),
    line(4, "roads.potholes", None, rank=20),
    line(5, "roads", EAST, rank=1),
]
NEVER = [
    line(6, "roads.potholes", WEST, rank=0),
    line(7, "roads.manhole", EAST, rank=0),
    line(8, "road", EAST, rank=0),
    line(9, "roads.potholes.deep", EAST, rank=0),
    line(10, "roads.potholes", EAST, rank=0, valid_to=DAY - timedelta(days=1)),
    line(11, "roads.potholes", EAST, rank=0, valid_from=DAY + timedelta(days=1)),
]


@pytest.mark.parametrize("left", range(len(ORDER)))
def test_the_most_special_line_holds_in_whatever_order_they_stand(left: int) -> None:
    for lines in permutations(ORDER[left:]):
        assert best([*NEVER, *lines]) == ORDER[left].item_id


def test_without_a_line_that_fits_none_holds() -> None:
    assert best(NEVER) is None
    assert best([]) is None


def test_a_case_without_a_place_takes_lines_that_hold_everywhere() -> None:
    assert best(ORDER, where=[]) == 3
    assert best(ORDER[:2], where=[]) is None


def test_a_line_holds_from_its_first_to_its_last_day() -> None:
    dated = line(1, "roads", valid_from=DAY, valid_to=DAY + timedelta(days=2))
    days = [DAY + timedelta(days=n) for n in (-1, 0, 2, 3)]
    assert [dated.holds_on(day) for day in days] == [False, True, True, False]
    assert line(1, "roads").holds_on(date(1, 1, 1))
    assert line(1, "roads").holds_on(date(9999, 12, 31))


def test_a_new_law_takes_over_on_its_day() -> None:
    old = line(1, "roads.potholes", valid_to=DAY - timedelta(days=1))
    new = line(2, "roads.potholes", valid_from=DAY)
    assert rules.match_line([old, new], "roads.potholes", [], DAY - timedelta(days=1)) == old
    assert rules.match_line([old, new], "roads.potholes", [], DAY) == new


@pytest.mark.parametrize(
    ("rule", "wanted", "distance"),
    [("roads", "roads", 0), ("roads", "roads.potholes", 1), ("a", "a.b.c", 2), ("roads.potholes", "roads", None),
     ("road", "roads", None), ("roads", "", None)],
)  # fmt: skip
def test_how_far_a_rule_stands_above_a_category(rule: str, wanted: str, distance: int | None) -> None:
    assert rules.category_distance(rule, wanted) == distance


def test_the_nearest_lines_are_those_of_the_same_branch() -> None:
    lines = [
        line(1, "roads.manhole", rank=5),
        line(2, "roads.potholes", WEST, rank=50),
        line(3, "roads", WEST),
        line(4, "noise"),
        line(5, "roads.manhole", rank=90),
    ]
    assert [near.item_id for near in rules.nearest_lines(lines, "roads.potholes")] == [2, 1, 5]
    assert rules.nearest_lines(lines, "health.clinic") == []


categories = st.sampled_from(["a", "a.b", "a.b.c", "a.d", "e"])
some_lines = st.lists(
    st.builds(
        Line,
        st.integers(1, 99),
        categories,
        st.sampled_from([None, 1, 2, 3]),
        st.integers(0, 3),
        st.sampled_from([None, DAY, DAY + timedelta(days=1)]),
        st.sampled_from([None, DAY, DAY - timedelta(days=1)]),
    ),
    unique_by=lambda one: one.item_id,
    max_size=8,
)


@given(some_lines, categories, st.sampled_from([[], [1], [3, 1], [2, 1]]))
def test_the_line_that_holds_is_the_first_of_the_slow_sorting(
    lines: list[Line], category: str, where: list[int]
) -> None:
    parts = category.split(".")
    above = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    places: list[int | None] = [*where, None]
    fitting = [
        one
        for one in lines
        if one.category in above
        and one.area_id in places
        and (one.valid_from or date.min) <= DAY <= (one.valid_to or date.max)
    ]
    fitting.sort(key=lambda o: (above.index(o.category), places.index(o.area_id), o.rank, o.item_id))
    assert rules.match_line(lines, category, where, DAY) == (fitting[0] if fitting else None)


def test_work_is_done_in_the_published_order() -> None:
    at = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
    hour = timedelta(hours=1)
    in_order = [
        (True, None, at),  # danger first, even without a deadline
        (False, at - 2 * hour, at),  # then what is late, the latest first
        (False, at - hour, at - 9 * hour),
        (False, at + hour, at),  # then the nearest deadline
        (False, at + 2 * hour, at - 5 * hour),  # then who has waited longest
        (False, at + 2 * hour, at),
        (False, None, at - 99 * hour),
        (False, None, at),
    ]
    for mixed in (in_order[::-1], in_order[1::2] + in_order[::2]):
        assert sorted(mixed, key=lambda one: rules.work_order(*one, at)) == in_order


def test_what_a_task_may_become() -> None:
    """Finished and handed back are ends; only taking a case out of a merge gives a withdrawn task back."""
    assert rules.TASK_MOVES["returned"] == frozenset()
    assert rules.TASK_MOVES["done"] == {"accepted"}  # only when its answer is withdrawn
    assert rules.TASK_MOVES["withdrawn"] == set(rules.OPEN_TASKS)
    assert not rules.may_become("accepted", "offered")
    assert all(to in rules.TASK_MOVES for moves in rules.TASK_MOVES.values() for to in moves)
