"""Which area holds a point: each outline is asked, smallest first."""

from collections.abc import Sequence

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry


def holding(shapes: Sequence[BaseGeometry], x: float, y: float) -> int:
    """The index of the smallest area whose closed outline holds the point; of equal ones the first; -1 for none."""
    if x != x or y != y:
        return -1
    order = sorted(range(len(shapes)), key=lambda i: shapes[i].area)
    return next((i for i in order if shapes[i].intersects(Point(x, y))), -1)
