"""Groups a table of messages: strict joining by rare words, then merging, always verified before a union."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from gongzhi_analysis.linkage.minhash import Unions
from gongzhi_analysis.linkage.places import place_names
from gongzhi_analysis.text.features import char_hashes, normalise

JOIN: Final = 0.40
WITHOUT_PLACE: Final = 0.12
CONFLICT: Final = 0.30
SAME_PLACE: Final = 0.08
NEIGHBOURS: Final = 20
MAX_DF: Final = 0.02
BLOCK: Final = 1_000
DAY: Final = 24.0


def group_messages(
    texts: Sequence[str],
    *,
    hours: Sequence[float | None] | None = None,
    points: Sequence[tuple[float, float] | None] | None = None,
) -> list[int]:
    """A group number for each message, from 0 on in order of first appearance; singletons have their own.

    `hours` on one scale and `points` (lon, lat in degrees) sharpen the comparison where they are known.
    """
    if not texts:
        return []
    matrix = _tfidf(texts)
    places = [place_names(text) for text in texts]
    unions = Unions(len(texts))
    edges = _edges(matrix, places, hours, points)
    members: dict[int, list[int]] = {i: [i] for i in range(len(texts))}
    for score, i, j in sorted(edges, reverse=True):
        a, b = unions.root(i), unions.root(j)
        if a != b and _may_merge(matrix, members[a], members[b], score):
            unions.join(a, b)
            root = unions.root(a)
            joined = members.pop(a) + members.pop(b)
            members[root] = joined
    numbers: dict[int, int] = {}
    return [numbers.setdefault(unions.root(i), len(numbers)) for i in range(len(texts))]


def _tfidf(texts: Sequence[str]) -> csr_matrix:
    """Unit rows over character 2–3-grams that stand in at most 2 % of the messages."""
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.uint64]] = []
    values: list[NDArray[np.float64]] = []
    for i, text in enumerate(texts):
        plain = "".join(c for c in normalise(text) if c.isalnum())[:600]
        grams = np.concatenate([char_hashes(plain, 2, 4), char_hashes(plain, 3, 4)])
        found, counts = np.unique(grams, return_counts=True)
        rows.append(np.full(len(found), i, dtype=np.int64))
        columns.append(found)
        values.append(1 + np.log(counts))
    flat = np.concatenate(columns)
    known, codes, df = np.unique(flat, return_inverse=True, return_counts=True)
    limit = max(10, MAX_DF * len(texts))
    idf = np.where((df > 1) & (df <= limit), np.log((1 + len(texts)) / (1 + df)) + 1, 0.0)
    weights = np.concatenate(values) * idf[codes]
    matrix = csr_matrix((weights, (np.concatenate(rows), codes)), shape=(len(texts), len(known)))
    matrix.eliminate_zeros()
    norms = np.sqrt(matrix.multiply(matrix).sum(axis=1)).A1
    return csr_matrix(matrix.multiply(1 / np.maximum(norms, 1e-9)[:, None]))


def _edges(
    matrix: csr_matrix,
    places: Sequence[frozenset[str]],
    hours: Sequence[float | None] | None,
    points: Sequence[tuple[float, float] | None] | None,
) -> list[tuple[float, int, int]]:
    """Pairs that are alike enough to be joined: (score, i, j) with i < j."""
    found = []
    turned = matrix.T.tocsr()
    for begin in range(0, matrix.shape[0], BLOCK):
        block = (matrix[begin : begin + BLOCK] @ turned).tocsr()
        for row in range(block.shape[0]):
            i = begin + row
            span = slice(block.indptr[row], block.indptr[row + 1])
            neighbours, cosines = block.indices[span], block.data[span]
            order = np.argsort(-cosines, kind="stable")[: NEIGHBOURS + 1]
            for j, cosine in zip(neighbours[order], cosines[order], strict=True):
                if i < j:
                    score = float(cosine) + _context(places[i], places[int(j)], hours, points, i, int(j))
                    if score >= JOIN:
                        found.append((score, i, int(j)))
    return found


def _context(
    a: frozenset[str],
    b: frozenset[str],
    hours: Sequence[float | None] | None,
    points: Sequence[tuple[float, float] | None] | None,
    i: int,
    j: int,
) -> float:
    """What place and time add to or take from the similarity of words."""
    gain = 0.0
    if a & b:
        gain += SAME_PLACE
    elif a and b:
        gain -= CONFLICT
    else:
        gain -= WITHOUT_PLACE
    if points is not None and points[i] is not None and points[j] is not None:
        (lon1, lat1), (lon2, lat2) = points[i] or (0, 0), points[j] or (0, 0)
        far = ((lon1 - lon2) ** 2 + (lat1 - lat2) ** 2) ** 0.5 * 100  # about kilometres
        gain += 0.15 if far < 0.3 else (-0.4 if far > 2 else 0.0)
    if hours is not None and hours[i] is not None and hours[j] is not None:
        apart = abs((hours[i] or 0) - (hours[j] or 0)) / DAY
        gain -= 0.1 * min(1.0, apart / 180)
    return gain


def _may_merge(matrix: csr_matrix, a: list[int], b: list[int], score: float) -> bool:
    """Whether two groups are alike as a whole, so that chains of unlike messages do not grow."""
    if len(a) == 1 and len(b) == 1:
        return True
    left, right = a[:12], b[:12]
    mean = float((matrix[left] @ matrix[right].T).mean())
    return mean >= 0.55 * min(score, 0.6)


def sizes(groups: Sequence[int]) -> dict[int, int]:
    """How many messages each group has."""
    counts: dict[int, int] = defaultdict(int)
    for group in groups:
        counts[group] += 1
    return dict(counts)
