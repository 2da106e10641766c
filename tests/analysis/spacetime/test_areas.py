"""The grid of areas gives what each outline gives when asked one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, STRtree, box, points, voronoi_polygons
from shapely.geometry import MultiPoint

from gongzhi_analysis.reference import areas as slow
from gongzhi_analysis.spacetime.areas import NONE, AreaGrid

COORDINATE = st.integers(0, 24).map(float)
HOLE = Polygon([(2, 2), (20, 3), (18, 19), (3, 17)], [[(6, 6), (12, 7), (9, 12)]])


def check(shapes: list[Polygon], x: list[float], y: list[float], side: int) -> None:
    """Fast and slow give the same for every point."""
    found = AreaGrid(shapes, side=side).holding(np.array(x), np.array(y))
    assert [int(i) for i in found] == [slow.holding(shapes, a, b) for a, b in zip(x, y, strict=True)]


@st.composite
def triangles(draw: st.DrawFn) -> Polygon:
    corners = draw(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=3, unique=True))
    shape = Polygon(corners)
    return shape if shape.area > 0.5 else box(*corners[0], corners[0][0] + 3, corners[0][1] + 2)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(triangles(), min_size=1, max_size=6),
    st.lists(st.tuples(st.floats(-3, 28), st.floats(-3, 28)), min_size=1, max_size=40),
    st.sampled_from([9, 33, 257]),
)
def test_overlapping_areas_of_any_kind(
    shapes: list[Polygon], at: list[tuple[float, float]], side: int
) -> None:
    corners = [(x, y) for shape in shapes for x, y in shape.exterior.coords]
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(corners, corners[1:], strict=False)]
    every = [*at, *corners, *middles]
    check(shapes, [p[0] for p in every], [p[1] for p in every], side)


@pytest.mark.parametrize("side", [8, 64, 1024])
def test_holes_parts_and_points_that_are_none(side: int) -> None:
    shapes = [HOLE, MultiPolygon([box(0, 0, 1, 1), box(22, 22, 24, 24)]), box(0, 0, 24, 24)]
    rng = np.random.default_rng(4)
    x, y = rng.uniform(-2, 26, 800), rng.uniform(-2, 26, 800)
    x[:4], y[:4] = [np.nan, np.inf, 1e9, 5.0], [1.0, 1.0, 1.0, np.nan]
    usable = np.isfinite(x) & np.isfinite(y)
    found = AreaGrid(shapes, side=side).holding(x, y)
    assert (found[~usable] == NONE).all()
    expected = [slow.holding(shapes, a, b) for a, b in zip(x[usable], y[usable], strict=True)]
    assert found[usable].tolist() == expected
    assert {0, 1, 2, NONE} == set(found.tolist())


def test_many_neighbouring_areas_are_the_same_as_by_a_search_tree() -> None:
    rng = np.random.default_rng(7)
    seeds = MultiPoint(rng.uniform(0, 10, (120, 2)))
    shapes = list(voronoi_polygons(seeds, extend_to=box(0, 0, 10, 10)).geoms)
    x, y = rng.uniform(-1, 11, 20_000), rng.uniform(-1, 11, 20_000)
    order = sorted(range(len(shapes)), key=lambda i: shapes[i].area)
    row, hit = STRtree([shapes[i] for i in order]).query(points(x, y), predicate="intersects")
    expected = np.full(len(x), NONE)
    for r, h in sorted(zip(row.tolist(), hit.tolist(), strict=True), key=lambda p: -p[1]):
        expected[r] = order[h]
    assert (AreaGrid(shapes, side=300).holding(x, y) == expected).all()


def test_no_point_is_in_no_area() -> None:
    assert AreaGrid([HOLE]).holding(np.array([]), np.array([])).tolist() == []


def test_there_must_be_outlines() -> None:
    with pytest.raises(ValueError, match="outlines"):
        AreaGrid([])
    with pytest.raises(ValueError, match="empty"):
        AreaGrid([Polygon()])
