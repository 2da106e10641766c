"""Maps as SVG, drawn on the server: areas, numbered points, clusters. No tiles, no script needed."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import cos, radians
from typing import Final

from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from gongzhi.apps.places.public import Area, Box, Jurisdiction

WIDTH: Final = 480.0  # units of the view box; the page scales it
MARGIN: Final = 0.03  # of the box on every side, so that borders are not cut
TOLERANCE: Final = 0.6  # view units: finer detail is not seen
LINE: Final = 17.0  # view units from one line of a name to the next
CLUSTER: Final = 28.0  # view units within which marks are drawn as one
# 200 m: fine enough to know the street corner, too coarse to point at one door.
GRID_M: Final = 200.0
METRES_PER_DEGREE: Final = 111_195.0


@dataclass(frozen=True)
class Frame:
    """The window of the map: a box in degrees, its size in view units; equirectangular."""

    box: Box
    width: float
    height: float

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point lies in view units, from the upper left corner."""
        x = (lon - self.box.min_lon) / (self.box.max_lon - self.box.min_lon) * self.width
        y = (self.box.max_lat - lat) / (self.box.max_lat - self.box.min_lat) * self.height
        return x, y


@dataclass(frozen=True)
class AreaShape:
    """An area ready to draw: its outline as path data, where its name goes, its class of quantity (or 0)."""

    name: str
    d: str
    outer: bool
    label_x: str
    label_lines: tuple[tuple[str, str], ...]  # height and words of each line of its name
    level: int = 0


@dataclass(frozen=True)
class Mark:
    """One or several numbered points drawn together."""

    x: str
    y: str
    radius: int
    numbers: tuple[int, ...]
    label: str
    target: int


@dataclass(frozen=True)
class MapView:
    """All that the template draws."""

    frame: Frame
    areas: tuple[AreaShape, ...]
    marks: tuple[Mark, ...] = ()
    chosen: tuple[float, float] | None = None
    unplaced: tuple[int, ...] = field(default=())


def frame_of(jurisdiction: Jurisdiction) -> Frame:
    """The window that shows the whole jurisdiction."""
    dlon = (jurisdiction.max_lon - jurisdiction.min_lon) * MARGIN
    dlat = (jurisdiction.max_lat - jurisdiction.min_lat) * MARGIN
    box = Box(
        jurisdiction.min_lon - dlon,
        jurisdiction.min_lat - dlat,
        jurisdiction.max_lon + dlon,
        jurisdiction.max_lat + dlat,
    )
    shrink = cos(radians((box.min_lat + box.max_lat) / 2))
    height = WIDTH * (box.max_lat - box.min_lat) / ((box.max_lon - box.min_lon) * shrink)
    return Frame(box, WIDTH, round(height, 1))


def _rings(geometry: BaseGeometry) -> Iterable[Sequence[tuple[float, float]]]:
    if isinstance(geometry, Polygon):
        yield [(c[0], c[1]) for c in geometry.exterior.coords]
        for hole in geometry.interiors:
            yield [(c[0], c[1]) for c in hole.coords]
    elif isinstance(geometry, MultiPolygon):
        for part in geometry.geoms:
            yield from _rings(part)


@lru_cache(maxsize=4096)
def _draw(geojson: str, frame: Frame) -> tuple[str, tuple[float, float], float]:
    """Path data, the point where a name fits, and the width there is for it, in view units."""
    geometry = shape(json.loads(geojson))
    per_unit = (frame.box.max_lon - frame.box.min_lon) / frame.width
    simple = geometry.simplify(TOLERANCE * per_unit, preserve_topology=True)
    parts = []
    for ring in _rings(simple):
        points = [frame.place(lon, lat) for lon, lat in ring]
        parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points[:-1]) + "Z")
    middle = geometry.centroid
    inside = middle if geometry.contains(middle) else geometry.representative_point()
    min_x, _min_y, max_x, _max_y = geometry.bounds
    return "".join(parts), frame.place(inside.x, inside.y), (max_x - min_x) / per_unit


def _text_width(text: str) -> float:
    return sum(16.0 if ord(c) > 0x2E80 else 8.6 for c in text)


def _lines(name: str, room: float) -> tuple[str, ...]:
    """The name in one line or two, or in none where it would not fit into `room` view units."""
    if _text_width(name) <= room:
        return (name,)
    spaces = [i for i, c in enumerate(name) if c == " "]
    if not spaces:
        return ()
    middle = min(spaces, key=lambda i: abs(i - len(name) / 2))
    halves = (name[:middle], name[middle + 1 :])
    return halves if max(map(_text_width, halves)) <= room else ()


def area_shapes(
    areas: Sequence[Area], frame: Frame, lang: str, levels: dict[int, int] | None = None
) -> tuple[AreaShape, ...]:
    """The areas to draw: roots as outlines on top of their parts. Names that would not fit are left out.

    `levels` colours areas by quantity, 1 (few) to 5 (many).
    """
    drawn = [a for a in areas if a.geometry]
    parents = {a.parent_id for a in drawn}
    leaves = [a for a in drawn if a.pk not in parents]
    shown = _coarse_enough(drawn, leaves)
    shapes = []
    for area in [*shown, *(a for a in drawn if a.parent_id is None and a not in shown)]:
        d, (x, y), room = _draw(area.geometry, frame)
        name = area.name_in(lang)
        outer = area not in shown
        lines = () if outer else _lines(name, room * 0.88)
        top = y - LINE * (len(lines) - 1) / 2
        placed = tuple((f"{top + LINE * n:.0f}", line) for n, line in enumerate(lines))
        shapes.append(AreaShape(name, d, outer, f"{x:.0f}", placed, (levels or {}).get(area.pk, 0)))
    return tuple(shapes)


def _coarse_enough(drawn: Sequence[Area], leaves: Sequence[Area]) -> list[Area]:
    """Communities rather than their grids: the first level below the root with at most 60 areas."""
    by_id = {a.pk: a for a in drawn}

    def depth(area: Area) -> int:
        parent = by_id.get(area.parent_id) if area.parent_id is not None else None
        return 0 if parent is None else 1 + depth(parent)

    levels: dict[int, list[Area]] = {}
    for area in drawn:
        levels.setdefault(depth(area), []).append(area)
    below = [levels[n] for n in sorted(levels) if n > 0]
    fitting = [level for level in below if len(level) <= 60]
    if fitting:
        return fitting[0]
    return below[0] if below else list(leaves)


APART_M: Final = GRID_M  # a place and where it is shown lie no further apart: half the diagonal of a cell


def coarse(lon: float, lat: float) -> tuple[float, float]:
    """The middle of the 200 m cell that holds the point: what the public may see of a place."""
    dlat = GRID_M / METRES_PER_DEGREE
    row = int(lat // dlat)
    dlon = dlat / max(0.05, cos(radians(row * dlat)))
    column = int(lon // dlon)
    return (column + 0.5) * dlon, (row + 0.5) * dlat


def marks(points: Sequence[tuple[int, float, float]], frame: Frame) -> tuple[Mark, ...]:
    """Numbered points (number, lon, lat) as marks; those that would cover one another become one."""
    groups: list[tuple[float, float, list[int]]] = []
    for number, lon, lat in points:
        x, y = frame.place(lon, lat)
        near = next((g for g in groups if (g[0] - x) ** 2 + (g[1] - y) ** 2 < CLUSTER**2), None)
        if near is None:
            groups.append((x, y, [number]))
        else:
            near[2].append(number)
    return tuple(_mark(x, y, numbers) for x, y, numbers in groups)


def _mark(x: float, y: float, numbers: list[int]) -> Mark:
    label = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}+{len(numbers) - 1}"
    radius = 13 if len(label) < 3 else 8 + 4 * len(label)
    return Mark(f"{x:.0f}", f"{y:.0f}", radius, tuple(numbers), label, numbers[0])
