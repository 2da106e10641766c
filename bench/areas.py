"""Claim: placing a million points in areas takes a small part of what a search tree takes, with no difference.

Both sides run in this process, in turn, three times; medians. The areas are 262 made-up ones with bent borders, or
those of a GeoJSON file. Run: python bench/areas.py [--outlines FILE.geojson] [--points 1000000]
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from measuring.machine import load
from measuring.results import middle, write
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gongzhi_analysis.spacetime.areas import NONE, AreaGrid

AREAS = 262
ROUNDS = 3


def made_up() -> list[BaseGeometry]:
    """Neighbouring areas whose borders have some hundred corners, as those of a city."""
    rng = np.random.default_rng(1)
    seeds = shapely.MultiPoint(rng.uniform(0, 1, (AREAS, 2)))
    cells = shapely.voronoi_polygons(seeds, extend_to=shapely.box(0, 0, 1, 1)).geoms
    fine = [shapely.segmentize(cell, 0.0015) for cell in cells]

    def bent(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return at + 0.004 * np.column_stack([np.sin(at[:, 1] * 90), np.cos(at[:, 0] * 90)])

    return [shapely.make_valid(shapely.transform(cell, bent)) for cell in fine]


def by_tree(shapes: list[BaseGeometry], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
    """The smallest area of each point by one query of a search tree."""
    order = sorted(range(len(shapes)), key=lambda i: shapes[i].area)
    tree = shapely.STRtree([shapes[i] for i in order])
    rows, hits = tree.query(shapely.points(x, y), predicate="intersects")
    best = np.full(len(x), len(shapes))
    np.minimum.at(best, rows, hits)
    found: NDArray[np.int64] = np.append(np.array(order), NONE)[best]
    return found


def timed(call: Callable[[], NDArray[np.int64]]) -> tuple[float, NDArray[np.int64]]:
    """Seconds of CPU, and what came of it."""
    begun = time.process_time()
    found = call()
    return time.process_time() - begun, found


def main() -> None:
    """Measure and write bench/results/areas.json; other outlines are only printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outlines", type=Path, help="GeoJSON; prints, writes no result")
    parser.add_argument("--points", type=int, default=1_000_000)
    given = parser.parse_args()
    before = load()
    shapes = made_up()
    if given.outlines:
        features = json.loads(given.outlines.read_text(encoding="utf-8"))["features"]
        shapes = [shapely.from_geojson(json.dumps(f["geometry"])) for f in features]
    min_x, min_y, max_x, max_y = shapely.total_bounds(np.array(shapes, dtype=object))
    rng = np.random.default_rng(2)
    x, y = rng.uniform(min_x, max_x, given.points), rng.uniform(min_y, max_y, given.points)
    begun = time.process_time()
    grid = AreaGrid(shapes)
    making = time.process_time() - begun
    rounds: list[tuple[float, float]] = []
    different = 0
    for _ in range(ROUNDS):
        fast, mine = timed(lambda: grid.holding(x, y))
        slow, theirs = timed(lambda: by_tree(shapes, x, y))
        rounds.append((fast, slow))
        different += int((mine != theirs).sum())
    fast, slow = middle((r[0] for r in rounds), 4), middle((r[1] for r in rounds), 4)
    found: dict[str, Any] = {
        "areas": len(shapes), "points": given.points, "corners": int(shapely.get_num_coordinates(shapes).sum()),
        "grid_made_cpu_s": round(making, 3), "grid_cpu_s": fast, "tree_cpu_s": slow, "ratio": round(slow / fast, 1),
        "different": different,
    }  # fmt: skip
    print(json.dumps(found))
    if not given.outlines and given.points == 1_000_000:
        write("areas", found, load_before=before)


if __name__ == "__main__":
    main()
