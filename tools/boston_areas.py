"""Remake demo/boston/areas.geojson from the points of demo/boston/requests_2011H2.parquet.

    .venv/bin/python tools/boston_areas.py

No boundary file of the city is used. A neighbourhood is the land nearer to its own requests than to those of
another neighbourhood, inside the hulls of the points; so areas never overlap. They are estimates, not legal
boundaries.
"""

import json
import math
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

BOSTON = Path(__file__).resolve().parent.parent / "demo" / "boston"

Metres = NDArray[np.float64]

METRES_PER_DEGREE = 111_195.0
MID_LATITUDE = 42.32
SCALE = np.array([METRES_PER_DEGREE * math.cos(math.radians(MID_LATITUDE)), METRES_PER_DEGREE])
FARTHEST_LEFT_OUT = 0.01  # share of a neighbourhood's points, farthest from its median point
NEIGHBOURS = 15  # a point whose nearest points mostly say another neighbourhood takes theirs
EDGE_M = 120.0  # land beyond the outermost request
HULL_RATIO = 0.15  # 0 follows every bay, 1 is the convex hull
SMALLEST_PART = 0.04  # islands of a neighbourhood smaller than this share of it are left to nobody
TOLERANCE_M = 40.0
CITY = {"zh-hans": "波士顿", "zh-hant": "波士頓", "en": "Boston"}


def to_metres(lon_lat: Metres) -> Metres:
    """A flat plane in metres, good to a few metres over one city."""
    metres: Metres = np.multiply(lon_lat, SCALE)
    return metres


def to_degrees(lon_lat: Metres) -> Metres:
    degrees: Metres = np.around(np.divide(lon_lat, SCALE), 5)
    return degrees


def placed_points(neighbourhoods: dict[str, str], unknown: set[tuple[float, float]]) -> dict[str, Metres]:
    """Points in metres of each area code, without the stand-in points and the farthest 1 %."""
    columns = ["neighborhood", "latitude", "longitude"]
    found: dict[str, list[tuple[float, float]]] = {}
    for row in pq.read_table(BOSTON / "requests_2011H2.parquet", columns=columns).to_pylist():
        code = neighbourhoods.get(row["neighborhood"])
        point = (row["longitude"], row["latitude"])
        if code and None not in point and point not in unknown:
            found.setdefault(code, []).append(point)
    kept = {}
    for code, points in found.items():
        metres = to_metres(np.array(points))
        away = np.hypot(*(metres - np.median(metres, axis=0)).T)
        kept[code] = metres[away <= np.quantile(away, 1 - FARTHEST_LEFT_OUT)]
    return kept


def points_by_majority(points: dict[str, Metres]) -> tuple[Metres, list[str]]:
    """Each place once, with the code that most requests at and around it have."""
    every = np.vstack(list(points.values()))
    codes = [code for code, own in points.items() for _ in range(len(own))]
    places = np.unique(np.round(every, 1), axis=0)
    _, nearest = cKDTree(every).query(places, k=NEIGHBOURS)
    return places, [Counter(codes[i] for i in row).most_common(1)[0][0] for row in nearest]


def city_outline(points: dict[str, Metres]) -> BaseGeometry:
    """All hulls together with an edge, without holes."""
    hulls = [
        shapely.concave_hull(shapely.MultiPoint(own), ratio=HULL_RATIO).buffer(EDGE_M)
        for own in points.values()
    ]
    outline = shapely.union_all(hulls)
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(outline)])


def areas_of(points: dict[str, Metres]) -> dict[str, BaseGeometry]:
    """The land of each code: its points' cells joined, cut to the city, small islands left out."""
    places, codes = points_by_majority(points)
    outline = city_outline(points)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(places), ordered=True))
    joined = []
    names = sorted(points)
    for name in names:
        own = [cell for cell, code in zip(cells, codes, strict=True) if code == name]
        land = shapely.intersection(shapely.union_all(own), outline)
        parts = shapely.get_parts(land)
        joined.append(shapely.union_all([part for part in parts if part.area >= land.area * SMALLEST_PART]))
    simple = shapely.coverage_simplify(np.array(joined), TOLERANCE_M)
    return dict(zip(names, simple, strict=True))


def feature(
    code: str, kind: str, parent: str | None, names: dict[str, str], metres: BaseGeometry
) -> dict[str, object]:
    shape = shapely.make_valid(shapely.transform(metres, to_degrees))
    polygons = shapely.union_all([part for part in shapely.get_parts(shape) if part.area > 0])
    properties = {"code": code, "kind": kind, "parent": parent, "names": names}
    return {"type": "Feature", "properties": properties, "geometry": mapping(polygons)}


def main() -> int:
    dataset = tomllib.loads((BOSTON / "dataset.toml").read_text("utf-8"))
    unknown = {(point["lon"], point["lat"]) for point in dataset["unknown_point"]}
    points = placed_points(dataset["neighborhoods"], unknown)
    areas = areas_of(points)
    city = shapely.union_all([area.buffer(1.0) for area in areas.values()]).simplify(1.0)
    features = [feature("boston", "district", None, CITY, city)]
    for code, area in areas.items():
        features.append(feature(code, "neighbourhood", "boston", dataset["area_names"][code], area))
    lines = ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in features)
    target = BOSTON / "areas.geojson"
    target.write_text('{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n", "utf-8")
    print(f"{target.name}: {len(features)} areas, {target.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
