"""How alike the messages of a table are: candidate pairs from an inverted index, then a logistic score.

The features are ones a person can check: words of the matter, of the beginning, rare strings in common, the same
named place, another place or district, time and distance apart. The weights were fitted, crosswise by matter, on
development messages; they are eight numbers and hold no words.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from gongzhi_analysis.linkage.places import place_keys
from gongzhi_analysis.text.features import char_hashes, normalise

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BIAS: Final = -4.3
WEIGHTS: Final = (3.6, 8.6, 6.2, 0.7, 1.75, -1.6, -7.0, -4.0)
NEAR_GAIN: Final = 1.5
NEAR_M: Final = 300.0
FAR_M: Final = 2_000.0
NEIGHBOURS: Final = 60
BLOCK: Final = 1_000
CHUNK: Final = 20_000
BODY: Final = 600
HEAD: Final = 40
RARE: Final = 0.02
MOST_SHARED: Final = 400  # a gram in more messages than this finds no candidates, however large the table
# Themes repeat in many places and places have many matters: without a place in common only nearly the same words
# count, and in the same place some words of the matter itself must be shared.
SAME_WORDS: Final = 0.4
SURE_WORDS: Final = 0.5
COPIED_WORDS: Final = 0.9
SAME_THEME: Final = 0.10
HALF_YEAR_H: Final = 24.0 * 180
# "小区", "社区", "园区" and the like are no districts.
_DISTRICT: Final = re.compile(
    r"[a-z]\d{1,2}(?=[区區县縣市])|[\u4e00-\u9fff]{2}(?<![小社地园園景校片厂廠库庫山辖轄城])(?=[区區县縣](?![域别別内內里裡]))"
)

Points = Sequence[tuple[float, float] | None]


@dataclass(frozen=True)
class Pairs:
    """Candidate pairs i < j and how probably each is about the same matter."""

    i: Ints
    j: Ints
    score: Floats


def _grams(texts: Sequence[str], sizes: tuple[int, ...], cut: int) -> tuple[csr_matrix, Ints]:
    """Counts of hashed character n-grams (message × gram) and in how many messages each gram stands."""
    found = []
    for text in texts:
        plain = "".join(c for c in normalise(text) if c.isalnum())[:cut]
        found.append(np.unique(np.concatenate([char_hashes(plain, n, 4) for n in sizes]), return_counts=True))
    flat = np.concatenate([grams for grams, _ in found])
    known, codes, df = np.unique(flat, return_inverse=True, return_counts=True)
    pointers = np.concatenate([[0], np.cumsum([len(grams) for grams, _ in found])])
    counts = np.concatenate([c for _, c in found]).astype(np.float64)
    return csr_matrix((counts, codes, pointers), shape=(len(texts), len(known))), df


def _weighted(counts: csr_matrix, factor: Floats, *, binary: bool = False) -> csr_matrix:
    """Unit rows of (1 + log count) × factor."""
    matrix = counts.copy()
    matrix.data = (1.0 if binary else 1.0 + np.log(matrix.data)) * factor[matrix.indices]
    matrix.eliminate_zeros()
    return matrix


def _unit(matrix: csr_matrix) -> csr_matrix:
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return csr_matrix(matrix.multiply(1 / np.maximum(norms, 1e-9)[:, None]))


def _idf(df: Ints, n: int, low: float, high: float) -> Floats:
    return np.where((df > low) & (df <= high), np.log((1 + n) / (1 + df)), 0.0)


def _candidates(matrix: csr_matrix) -> tuple[Ints, Ints]:
    """Each message with its nearest ones."""
    keys: set[int] = set()
    turned, n = matrix.T.tocsr(), matrix.shape[0]
    for begin in range(0, n, BLOCK):
        block = (matrix[begin : begin + BLOCK] @ turned).tocsr()
        for row in range(block.shape[0]):
            span = slice(block.indptr[row], block.indptr[row + 1])
            neighbours, cosines = block.indices[span], block.data[span]
            for j in neighbours[np.argsort(-cosines, kind="stable")[: NEIGHBOURS + 1]]:
                low, high = sorted((begin + row, int(j)))
                if low != high:
                    keys.add(low * n + high)
    flat = np.array(sorted(keys), dtype=np.int64)
    return flat // n, flat % n


def _dot(matrix: csr_matrix, i: Ints, j: Ints) -> Floats:
    """The product of the two rows of each pair."""
    parts = [
        np.asarray(matrix[i[k : k + CHUNK]].multiply(matrix[j[k : k + CHUNK]]).sum(axis=1)).ravel()
        for k in range(0, len(i), CHUNK)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _places(texts: Sequence[str]) -> list[frozenset[str]]:
    """The place keys of each message that are neither singular nor everywhere."""
    keys = [place_keys(normalise(text)) for text in texts]
    df = Counter(key for found in keys for key in found)
    limit = max(10, RARE * len(texts))
    return [frozenset(key for key in found if df[key] <= limit) for found in keys]


def _shared(sets: Sequence[frozenset[str]], i: Ints, j: Ints) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(something in common, both have something but nothing in common) for each pair."""
    same = np.fromiter((bool(sets[a] & sets[b]) for a, b in zip(i, j, strict=True)), bool, len(i))
    some = np.fromiter((bool(found) for found in sets), bool, len(sets))
    return same, some[i] & some[j] & ~same


def _metres(points: Points | None, i: Ints, j: Ints) -> Floats:
    """Distance of each pair in metres; NaN where one has no point."""
    if points is None:
        return np.full(len(i), np.nan)
    where = np.radians(
        np.array([p if p is not None else (math.nan, math.nan) for p in points]).reshape(-1, 2)
    )
    (lon1, lat1), (lon2, lat2) = where[i].T, where[j].T
    x = (lon2 - lon1) * np.cos((lat1 + lat2) / 2)
    return np.asarray(np.hypot(x, lat2 - lat1) * 6_371_008.8)


def _apart(hours: Sequence[float | None] | None, i: Ints, j: Ints) -> Floats:
    """Half years apart, at most one; 0 where a time is not known."""
    if hours is None:
        return np.zeros(len(i))
    when = np.array([math.nan if h is None else h for h in hours])
    return np.asarray(np.nan_to_num(np.minimum(1.0, np.abs(when[i] - when[j]) / HALF_YEAR_H)))


def alike_pairs(
    texts: Sequence[str], hours: Sequence[float | None] | None = None, points: Points | None = None
) -> Pairs:
    """Pairs that may be about the same matter, with their score; pairs that fail the gates are left out."""
    n = len(texts)
    limit = min(max(10.0, RARE * n), MOST_SHARED)
    body_counts, body_df = _grams(texts, (2, 3), BODY)
    head_counts, head_df = _grams(texts, (2, 3), HEAD)
    body = _unit(_weighted(body_counts, _idf(body_df, n, 1, limit) + (body_df > 1) * (body_df <= limit)))
    head = _unit(_weighted(head_counts, _idf(head_df, n, 1, limit) + (head_df > 1) * (head_df <= limit)))
    i, j = _candidates(csr_matrix(hstack([body, head])))
    two_counts, two_df = _grams(texts, (2,), BODY)
    three_counts, three_df = _grams(texts, (3,), BODY)
    words = _unit(_weighted(two_counts, _idf(two_df, n, 1, max(10.0, 0.3 * n))))
    theme = _unit(
        _weighted(two_counts, _idf(two_df, n, max(1.0, 0.004 * n), max(20.0, 0.15 * n)), binary=True)
    )
    rare = _weighted(three_counts, np.sqrt(_idf(three_df, n, 1, limit)), binary=True)
    same, conflict = _shared(_places(texts), i, j)
    _, far_district = _shared([frozenset(_DISTRICT.findall(normalise(text))) for text in texts], i, j)
    close, about, metres = _dot(body, i, j), _dot(theme, i, j), _metres(points, i, j)
    columns = (_dot(words, i, j), about, _dot(head, i, j), np.log1p(_dot(rare, i, j)),
               same, conflict, far_district, _apart(hours, i, j))  # fmt: skip
    near, far = metres <= NEAR_M, metres > FAR_M
    total = BIAS + sum(w * c for w, c in zip(WEIGHTS, columns, strict=True)) + NEAR_GAIN * near
    may = (same | near | (close >= SAME_WORDS)) & ((about >= SAME_THEME) | (close >= SURE_WORDS))
    may &= ~far & (~conflict | near | (close < SURE_WORDS) | (close >= COPIED_WORDS))
    return Pairs(i[may], j[may], 1 / (1 + np.exp(-total[may])))
