"""Where: the area that holds a point against a slow twin, areas with validity days, coordinates, days."""

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from shapely import box
from shapely.geometry import Point, shape

from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places import public as places
from gongzhi.apps.places import rules
from gongzhi.apps.places.models import Area
from gongzhi.apps.places.public import Box, Jurisdiction
from tests.cast import MONDAY, Cast, make_cast, make_office, square

OFFICE = Box(120.0, 30.0, 120.04, 30.02)
MONDAY_DAY = MONDAY.date()


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def save(office: Jurisdiction, code: str, geometry: dict[str, Any] | None = None, **more: Any) -> Area:
    return places.save_area(
        jurisdiction=office,
        code=code,
        kind="community",
        names={"en": code},
        geometry=geometry,
        by="system",
        at=MONDAY,
        **more,
    )


Ring = list[tuple[float, float]]


def slow_inside(lon: float, lat: float, ring: Ring) -> bool:
    """The obvious twin: count how often a ray to the right crosses the ring."""
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def slow_area(ring: Ring) -> float:
    """Shoelace formula."""
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


@st.composite
def rings(draw: st.DrawFn) -> Ring:
    """A star-shaped polygon: corners around a centre, so that it never crosses itself."""

    x, y = draw(st.integers(-20, 20)), draw(st.integers(-20, 20))
    n = draw(st.integers(3, 9))
    radii = draw(st.lists(st.integers(3, 40), min_size=n, max_size=n))
    turn = draw(st.floats(0, 1))
    return [
        (
            x + r * math.cos(2 * math.pi * (i + turn) / n),
            y + r * math.sin(2 * math.pi * (i + turn) / n),
        )
        for i, r in enumerate(radii)
    ]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(rings(), max_size=6),
    st.lists(st.tuples(st.floats(-60, 60), st.floats(-60, 60)), min_size=1, max_size=12),
)
@example([], [(0.0, 0.0)])
def test_the_area_of_a_point_is_the_smallest_polygon_around_it(shapes: list[Ring], points: Ring) -> None:
    built = rules.Boundaries(
        [(i, shape({"type": "Polygon", "coordinates": [[*r, r[0]]]})) for i, r in enumerate(shapes)]
    )
    together = built.holding_each(points)
    for (lon, lat), found in zip(points, together, strict=True):
        assert built.holding(lon, lat) == found
        near_a_border = any(shape_of(r).exterior.distance(Point(lon, lat)) < 1e-9 for r in shapes)
        if near_a_border:
            continue  # rounding decides there, in the twin as well
        holding = [i for i, r in enumerate(shapes) if slow_inside(lon, lat, r)]
        assert (found is None) == (not holding)
        if found is not None:
            smallest = min(slow_area(shapes[i]) for i in holding)
            assert slow_area(shapes[found]) == pytest.approx(smallest)


def shape_of(ring: Ring) -> Any:
    return shape({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})


def test_the_border_belongs_to_an_area_and_a_hole_does_not(cast: Cast) -> None:
    for lon, lat in ((120.0, 30.0), (120.02, 30.01)):
        assert places.area_at(cast.office, lon, lat) in {cast.west, cast.east}
    ring = square(120.02, 30.0)["coordinates"][0]
    hole = square(120.025, 30.005, 0.01)["coordinates"][0]
    save(cast.office, "east", {"type": "Polygon", "coordinates": [ring, hole]})
    assert places.area_at(cast.office, 120.03, 30.01) == cast.whole
    assert places.area_at(cast.office, 120.021, 30.001) == cast.east


def test_areas_of_several_pieces_and_points_in_none(cast: Cast) -> None:
    two = {
        "type": "MultiPolygon",
        "coordinates": [
            square(120.001, 30.001, 0.002)["coordinates"],
            square(120.031, 30.001, 0.002)["coordinates"],
        ],
    }
    islands = save(cast.office, "islands", two, parent=cast.whole)
    assert places.area_at(cast.office, 120.002, 30.002) == islands
    assert places.area_at(cast.office, 120.032, 30.002) == islands
    for lon, lat in ((0.0, 0.0), (120.05, 30.01), (-180.0, -90.0)):
        assert places.area_at(cast.office, lon, lat) is None
    assert places.areas_at(cast.office, [(120.032, 30.002), (0.0, 0.0), (120.01, 30.01)]) == [
        islands.pk,
        None,
        cast.west.pk,
    ]
    assert places.areas_at(cast.office, []) == []


def test_areas_of_another_office_hold_nothing_here(cast: Cast) -> None:
    other = make_office("lake", "LK")
    assert places.area_at(other, 120.03, 30.01) is None
    assert places.area_by_id(other, cast.east.pk) is None
    assert places.areas(other) == []


def test_an_area_has_its_first_and_last_day(cast: Cast) -> None:
    first, last = MONDAY_DAY, MONDAY_DAY + timedelta(days=10)
    park = save(cast.office, "park", square(120.03, 30.012, 0.004), valid_from=first, valid_to=last)

    def holds(day: date) -> bool:
        return places.area_at(cast.office, 120.031, 30.013, on=day) == park

    days = [first - timedelta(days=1), first, last, last + timedelta(days=1)]
    assert [holds(day) for day in days] == [False, True, True, False]
    assert [park in places.areas(cast.office, on=day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("moment", "valid"),
    [
        # The day begins at midnight in Shanghai, eight hours before it does in UTC.
        ("2026-11-15T15:59:00Z", False),
        ("2026-11-15T16:01:00Z", True),
        ("2026-11-20T15:59:00Z", True),
        ("2026-11-20T16:01:00Z", False),
    ],
)
def test_without_a_day_the_offices_today_counts(cast: Cast, moment: str, valid: bool) -> None:
    fair = save(
        cast.office,
        "fair",
        square(120.03, 30.012, 0.004),
        valid_from=date(2026, 11, 16),
        valid_to=date(2026, 11, 20),
    )
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        places.forget_kept()
        assert (fair in places.areas(cast.office)) is valid
        assert (places.area_at(cast.office, 120.031, 30.013) == fair) is valid


def test_new_boundaries_end_the_old_ones_the_day_before(cast: Cast) -> None:
    fresh = save(cast.office, "east", square(120.02, 30.0, 0.01), valid_from=date(2026, 12, 1))
    cast.east.refresh_from_db()
    assert cast.east.valid_to == date(2026, 11, 30)
    assert places.area_at(cast.office, 120.035, 30.015, on=date(2026, 11, 30)) == cast.east
    assert places.area_at(cast.office, 120.025, 30.005, on=date(2026, 12, 1)) == fresh
    assert places.area_at(cast.office, 120.035, 30.015, on=date(2026, 12, 1)) == cast.whole
    assert cast.west.valid_to is None


def test_an_old_area_is_still_known_by_its_id(cast: Cast) -> None:
    save(cast.office, "east", square(120.02, 30.0, 0.01), valid_from=date(2020, 1, 1))
    places.forget_kept()
    found = places.area_by_id(cast.office, cast.east.pk)
    assert found == cast.east
    assert found.valid_to == date(2019, 12, 31)
    assert places.area_by_id(cast.office, None) is None
    assert places.area_by_id(cast.office, 10**9) is None


def test_parents_come_first_and_lines_lead_up_and_down(cast: Cast) -> None:
    grid = save(cast.office, "a-grid", square(120.021, 30.001, 0.002), parent=cast.east)
    assert places.areas(cast.office) == [cast.whole, cast.east, cast.west, grid]
    assert places.area_line(cast.office, grid.pk) == [grid.pk, cast.east.pk, cast.whole.pk]
    assert places.area_line(cast.office, None) == []
    assert sorted(places.descend(cast.office, cast.whole.pk)) == sorted(
        [cast.whole.pk, cast.east.pk, cast.west.pk, grid.pk]
    )
    assert sorted(places.descend(cast.office, cast.east.pk)) == sorted([cast.east.pk, grid.pk])


def test_areas_that_contain_each_other_by_mistake_hang_nothing(cast: Cast) -> None:
    Area.objects.filter(pk=cast.whole.pk).update(parent=cast.east)
    places.forget_kept()
    assert len(places.area_line(cast.office, cast.east.pk)) == 2
    assert len(places.descend(cast.office, cast.whole.pk)) == 3
    assert len(places.areas(cast.office)) == 3


@pytest.mark.parametrize(
    ("lon", "lat", "verdict"),
    [
        (120.01, 30.01, "inside"),
        (120.0, 30.02, "inside"),
        (30.01, 120.01, "swapped"),
        (116.4, 39.9, "outside"),
        (-71.06, 42.36, "outside"),
        (39.9, 116.4, "impossible"),
        (0.0, 0.0, "outside"),
        (999.0, 30.0, "impossible"),
        (float("nan"), 30.0, "impossible"),
        (120.01, float("inf"), "impossible"),
    ],
)
def test_coordinates_are_judged(cast: Cast, lon: float, lat: float, verdict: str) -> None:
    found = places.check_coordinates(cast.office, lon, lat)
    assert found.verdict == verdict
    assert found.usable is (verdict == "inside")
    if verdict == "swapped":
        assert (found.lon, found.lat) == (lat, lon)


@given(st.floats(-180, 180), st.floats(-85, 85), st.floats(1, 5_000), st.floats(0, 360))
def test_the_box_around_a_point_holds_all_that_is_near(
    lon: float, lat: float, metres: float, turn: float
) -> None:

    box = places.box_around(lon, lat, metres)
    away = metres * 0.999 / 111_320
    other = (
        lon + away * math.sin(turn) / max(0.01, math.cos(math.radians(lat))),
        lat + away * math.cos(turn),
    )
    if places.metres_between(lon, lat, *other) <= metres:
        assert box.holds(*other)


def test_distances_are_known_ones() -> None:
    assert places.metres_between(120.0, 30.0, 120.0, 30.0) == 0
    # One degree of latitude on the mean sphere; Beijing to Shanghai is about 1,068 km.
    assert places.metres_between(120.0, 30.0, 120.0, 31.0) == pytest.approx(111_195, abs=1)
    assert places.metres_between(116.4, 39.9, 121.47, 31.23) == pytest.approx(1_067_000, rel=0.01)
    assert places.metres_between(179.99, 0.0, -179.99, 0.0) == pytest.approx(2_224, abs=1)


def test_a_moment_is_another_day_elsewhere(cast: Cast) -> None:
    late = datetime(2026, 11, 15, 16, 30, tzinfo=UTC)
    boston = make_office("boston", "BO", zone="America/New_York")
    assert places.local_day(cast.office, late) == date(2026, 11, 16)
    assert places.local_day(boston, late) == date(2026, 11, 15)


def test_the_gazetteer_has_every_name_and_alias_once(cast: Cast) -> None:
    places.save_place(
        jurisdiction=cast.office,
        code="school",
        names={"zh-hans": "东门小学", "en": "East Gate School"},
        aliases=["东小", "东门小学"],
        lon=120.03,
        lat=30.01,
        area=cast.east,
        by="system",
        at=MONDAY,
    )
    assert sorted(name.text for name in places.gazetteer(cast.office)) == [
        "East Gate School",
        "东小",
        "东门小学",
    ]
    assert {name.area_id for name in places.gazetteer(cast.office)} == {cast.east.pk}
    assert places.gazetteer(make_office("lake", "LK")) == ()


def test_every_change_of_a_place_is_in_the_ledger(cast: Cast) -> None:
    entries = ledger.Entry.objects.filter(tree=cast.office.code, kind__startswith="places.")
    assert entries.filter(kind="places.area_saved").count() == 3
    assert entries.filter(kind="places.jurisdiction_saved").count() == 1


def test_a_files_worth_of_points_lies_where_each_alone_lies() -> None:
    squares = [box(x, y, x + 1.3, y + 1.1) for x in range(6) for y in range(6)]
    built = rules.Boundaries(list(enumerate([*squares, box(-1, -1, 9, 9)])))
    pairs = [(n % 97 / 9 - 2, n % 89 / 8 - 2) for n in range(rules.MANY_POINTS)]
    assert built.holding_each(pairs) == [built.holding(*pair) for pair in pairs]
    assert rules.Boundaries([]).holding_each(pairs) == [None] * len(pairs)
