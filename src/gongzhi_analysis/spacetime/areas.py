"""Which area holds each of many points, exactly, through a grid of cells whose answer is known beforehand.

A cell that no border comes near lies wholly in one smallest area, or in none: its points need no geometry at all. Only
the points of the other cells are tested, against the few areas that come near their cell. The answers are those of a
search tree asked for each point: the smallest area whose closed outline holds the point (of equal ones, the first).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Cells = NDArray[np.int32]

NONE: Final = -1  # no area, in the answers and in cells
MIXED: Final = -2  # in cells: more than one answer is possible
MOST: Final = 32_000  # areas: their ranks fit two bytes
SIDE: Final = 2048  # cells along the longer side: eight megabytes at most
SAMPLES: Final = (
    2  # points a cell's width along a border: none is further than a quarter of a cell from the next
)


class AreaGrid:
    """Areas laid over a grid. Made once for a set of outlines, then asked for arrays of points."""

    def __init__(self, shapes: Sequence[BaseGeometry], *, side: int = SIDE) -> None:
        """`shapes` in any order, in any plane coordinates. ValueError without any, with too many or an empty one."""
        if not 0 < len(shapes) < MOST or any(shape.is_empty for shape in shapes):
            raise ValueError("there must be outlines, none of them empty")
        self._order = sorted(range(len(shapes)), key=lambda i: shapes[i].area)
        self._shapes = [shapes[i] for i in self._order]
        min_x, min_y, max_x, max_y = shapely.total_bounds(np.array(shapes, dtype=object))
        self._cell = max(max_x - min_x, max_y - min_y, 1e-9) / (side - 4)
        # Two cells of margin, so that what lies beside a border is a cell too.
        self._x0, self._y0 = min_x - 2 * self._cell, min_y - 2 * self._cell
        self._columns = int((max_x - self._x0) / self._cell) + 3
        self._rows = int((max_y - self._y0) / self._cell) + 3
        self._label = np.full(self._rows * self._columns, NONE, dtype=np.int16)
        pairs = [self._lay(rank, shape) for rank, shape in enumerate(self._shapes)]
        self._keep_candidates(pairs)
        shapely.prepare(self._shapes)

    def _lay(self, rank: int, shape: BaseGeometry) -> tuple[Ints, Ints]:
        """Write an area into the grid; larger ones come later. Its border cells and its inner cells."""
        edge = self._border_cells(shape)
        rows, columns = edge // self._columns, edge % self._columns
        top, left = rows.min(), columns.min()
        marked = np.zeros((rows.max() - top + 1, columns.max() - left + 1), dtype=bool)
        marked[rows - top, columns - left] = True
        inner = self._inner_cells(shape, marked, int(top), int(left))
        free = edge[self._label[edge] == NONE]
        self._label[free] = MIXED
        self._label[inner[self._label[inner] == NONE]] = rank
        return edge, inner

    def _border_cells(self, shape: BaseGeometry) -> Ints:
        """All cells that a border of the shape runs through, and those beside them."""
        lines = shapely.get_parts(shapely.boundary(shape))
        found = []
        for line in lines:
            points = shapely.get_coordinates(line)
            steps = np.abs(np.diff(points, axis=0)).max(axis=1) / self._cell
            counts = np.maximum(1, np.ceil(steps * SAMPLES).astype(np.int64))
            starts = np.repeat(points[:-1], counts, axis=0)
            moves = np.repeat(np.diff(points, axis=0) / counts[:, None], counts, axis=0)
            at = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            found.append(np.vstack([starts + moves * at[:, None], points[-1:]]))
        samples = np.vstack(found)
        rows, columns = self._place(samples[:, 0], samples[:, 1])
        own = np.unique(rows * self._columns + columns)
        around = [own + dr * self._columns + dc for dr in (-1, 0, 1) for dc in (-1, 0, 1)]
        return np.unique(np.concatenate(around))

    def _inner_cells(self, shape: BaseGeometry, marked: NDArray[np.bool_], top: int, left: int) -> Ints:
        """Cells wholly inside: of each run of unmarked cells in a row one is tested, for no border parts them."""
        clear = ~marked
        begins = clear.copy()
        begins[:, 1:] &= marked[:, :-1]
        rows, columns = np.nonzero(begins)
        x = self._x0 + (columns + left + 0.5) * self._cell
        y = self._y0 + (rows + top + 0.5) * self._cell
        shapely.prepare(shape)
        inside = shapely.contains_xy(shape, x, y)
        run = np.cumsum(begins.ravel()) - 1
        cells = np.flatnonzero(clear.ravel())
        cells = cells[inside[run[cells]]] if len(cells) else cells
        width = marked.shape[1]
        found: Ints = (cells // width + top) * self._columns + cells % width + left
        return found

    def _keep_candidates(self, pairs: list[tuple[Ints, Ints]]) -> None:
        """For each mixed cell the areas that come near it or hold it, smallest first."""
        cells = np.concatenate([np.concatenate(pair) for pair in pairs])
        ranks = np.concatenate([np.full(len(a) + len(b), rank) for rank, (a, b) in enumerate(pairs)])
        kept = self._label[cells] == MIXED
        cells, ranks = cells[kept], ranks[kept]
        order = np.lexsort((ranks, cells))
        self._candidates = ranks[order]
        self._mixed_cells, self._first = np.unique(cells[order], return_index=True)
        self._many = np.diff(np.append(self._first, len(cells)))

    def _place(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        scale = 1 / self._cell
        return ((y - self._y0) * scale).astype(np.int64), ((x - self._x0) * scale).astype(np.int64)

    def holding(self, x: Floats, y: Floats) -> Ints:
        """For each point the index (in the order given) of the smallest area that holds it, borders included, or NONE.

        Points that are no numbers or lie far away are in none.
        """
        if not len(x):
            return np.empty(0, dtype=np.int64)
        cells, near = self._cells_of(x, y)
        rank = self._label[cells]
        if near is not None:
            rank[~near] = NONE
        doubtful = np.flatnonzero(rank == MIXED)
        if len(doubtful):
            rank[doubtful] = self._tested(x[doubtful], y[doubtful], cells[doubtful])
        order = np.append(np.array(self._order, dtype=np.int64), NONE)
        return order[rank]

    def _cells_of(self, x: Floats, y: Floats) -> tuple[Cells, NDArray[np.bool_] | None]:
        """The cell of each point, and which points lie on the grid at all; None where all do. The others get cell 0."""
        columns, rows = (x - self._x0) * (1 / self._cell), (y - self._y0) * (1 / self._cell)
        near = None
        # Written so that what is no number fails it.
        if not (
            columns.min() >= 0
            and columns.max() < self._columns
            and rows.min() >= 0
            and rows.max() < self._rows
        ):
            near = (columns >= 0) & (columns < self._columns) & (rows >= 0) & (rows < self._rows)
            columns, rows = np.where(near, columns, 0.0), np.where(near, rows, 0.0)
        cells = rows.astype(np.int32)
        cells *= np.int32(self._columns)
        cells += columns.astype(np.int32)
        return cells, near

    def _tested(self, x: Floats, y: Floats, cells: Cells) -> Ints:
        """The rank of the area that holds each point, by geometry."""
        slot = np.searchsorted(self._mixed_cells, cells)
        many = self._many[slot]
        point = np.repeat(np.arange(len(x)), many)
        offset = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        rank = self._candidates[np.repeat(self._first[slot], many) + offset]
        best = np.full(len(x), len(self._shapes), dtype=np.int64)
        order = np.argsort(rank, kind="stable")
        point, rank = point[order], rank[order]
        begins = np.flatnonzero(np.diff(rank, prepend=-1))
        for begin, end in zip(begins, np.append(begins[1:], len(rank)), strict=True):
            some, shape = point[begin:end], self._shapes[rank[begin]]
            some = some[best[some] == len(self._shapes)]
            hit = some[shapely.intersects_xy(shape, x[some], y[some])]
            best[hit] = rank[begin]
        return np.where(best == len(self._shapes), NONE, best)
