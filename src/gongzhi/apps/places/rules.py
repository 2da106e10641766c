"""Pure decisions about coordinates and boundaries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from shapely import STRtree, points
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from gongzhi_analysis.spacetime.areas import AreaGrid

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
MANY_POINTS = 2_000  # from so many on the grid is worth being made

Verdict = Literal["inside", "outside", "swapped", "impossible"]


@dataclass(frozen=True)
class Box:
    """A bounding box in degrees."""

    min_lon: float
    min_lat: float
    max_lon: float
    max_lat: float

    def holds(self, lon: float, lat: float) -> bool:
        """Whether the point lies in the box, borders included."""
        return self.min_lon <= lon <= self.max_lon and self.min_lat <= lat <= self.max_lat


@dataclass(frozen=True)
class Coordinates:
    """What was found about a pair of coordinates, and the pair to use if it can be used."""

    verdict: Verdict
    lon: float
    lat: float

    @property
    def usable(self) -> bool:
        """Whether the point may be stored as it is."""
        return self.verdict == "inside"


def judge_coordinates(lon: float, lat: float, box: Box) -> Coordinates:
    """Tell whether a point lies in the city, outside it, or would lie in it with its numbers swapped."""
    if lon != lon or lat != lat or abs(lon) > 180 or abs(lat) > 180:
        return Coordinates("impossible", lon, lat)
    if box.holds(lon, lat):
        return Coordinates("inside", lon, lat)
    if box.holds(lat, lon):
        return Coordinates("swapped", lat, lon)
    return Coordinates("impossible" if abs(lat) > 90 else "outside", lon, lat)


def metres_between(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance in metres (haversine)."""
    half_lat, half_lon = radians(lat2 - lat1) / 2, radians(lon2 - lon1) / 2
    a = sin(half_lat) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(a)))


def box_around(lon: float, lat: float, metres: float) -> Box:
    """The smallest box that surely holds every point within `metres`: 110,574 m a degree is the least there is."""
    dlat = metres / 110_574
    dlon = metres / (111_000 * max(0.01, cos(radians(abs(lat) + dlat))))
    return Box(lon - dlon, lat - dlat, lon + dlon, lat + dlat)


@dataclass(frozen=True)
class Around:
    """Within `metres` of a point, by where a thing is shown, which lies at most `apart` metres from where it is.

    So whoever asks for circle after circle learns no more than the map tells.
    """

    lon: float
    lat: float
    metres: float
    shown: Callable[[float, float], tuple[float, float]]
    apart: float

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a thing at this place is shown within the circle."""
        return metres_between(self.lon, self.lat, *self.shown(lon, lat)) <= self.metres


class Boundaries:
    """Polygons in the order of precedence, smallest first, searched through a tree in memory."""

    def __init__(self, shapes: Sequence[tuple[int, BaseGeometry]]) -> None:
        ordered = sorted(shapes, key=lambda pair: pair[1].area)
        self._ids = [area_id for area_id, _ in ordered]
        self._shapes = [shape for _, shape in ordered]
        self._tree = STRtree(self._shapes)
        self._grid: AreaGrid | None = None

    def holding(self, lon: float, lat: float) -> int | None:
        """The id of the smallest polygon that holds the point (its border counts), or None."""
        hits = self._tree.query(Point(lon, lat), predicate="intersects")
        return self._ids[int(min(hits))] if len(hits) else None

    def holding_each(self, pairs: Sequence[tuple[float, float]]) -> list[int | None]:
        """As `holding`, for many points in one pass. A file's worth of them goes through a grid, made once."""
        if len(pairs) >= MANY_POINTS and self._shapes and not any(shape.is_empty for shape in self._shapes):
            return self._by_grid(np.array(pairs, dtype=np.float64))
        found: list[int | None] = [None] * len(pairs)
        best: dict[int, int] = {}
        rows, shapes = self._tree.query(points(pairs), predicate="intersects") if pairs else ((), ())
        for row, shape in zip(rows, shapes, strict=True):
            best[int(row)] = min(int(shape), best.get(int(row), int(shape)))
        for row, shape in best.items():
            found[row] = self._ids[shape]
        return found

    def _by_grid(self, pairs: NDArray[np.float64]) -> list[int | None]:
        if self._grid is None:
            self._grid = AreaGrid(self._shapes)
        ranks = self._grid.holding(pairs[:, 0], pairs[:, 1])
        return [self._ids[rank] if rank >= 0 else None for rank in ranks.tolist()]
