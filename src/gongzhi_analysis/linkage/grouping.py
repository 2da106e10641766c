"""Groups a table of messages: strict joining of the most alike pairs, each union verified between the whole groups."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from gongzhi_analysis.linkage.likeness import Points, alike_pairs
from gongzhi_analysis.linkage.minhash import Unions

JOIN: Final = 0.75  # the mean of the three best pairs between two groups must reach this
WHOLE: Final = 0.25  # and the mean of all pairs between them this, so that chains do not grow
BEST: Final = 3
SEEN: Final = 40  # so many members of a group stand for it

Scores = dict[int, dict[int, float]]


def group_messages(
    texts: Sequence[str],
    *,
    hours: Sequence[float | None] | None = None,
    points: Points | None = None,
) -> list[int]:
    """A group number for each message, from 0 on in order of first appearance; singletons have their own.

    `hours` on one scale and `points` (lon, lat in degrees) sharpen the comparison where they are known.
    """
    if not texts:
        return []
    pairs = alike_pairs(texts, hours, points)
    scores: Scores = {}
    for i, j, score in zip(pairs.i.tolist(), pairs.j.tolist(), pairs.score.tolist(), strict=True):
        scores.setdefault(i, {})[j] = score
        scores.setdefault(j, {})[i] = score
    unions = Unions(len(texts))
    members: dict[int, list[int]] = {}
    for k in np.argsort(-pairs.score, kind="stable"):
        if pairs.score[k] < JOIN:
            break
        a, b = unions.root(int(pairs.i[k])), unions.root(int(pairs.j[k]))
        left, right = members.get(a, [a]), members.get(b, [b])
        if a != b and _may_merge(scores, left, right):
            unions.join(a, b)
            members[unions.root(a)] = left + right
    numbers: dict[int, int] = {}
    return [numbers.setdefault(unions.root(i), len(numbers)) for i in range(len(texts))]


def _may_merge(scores: Scores, a: Sequence[int], b: Sequence[int]) -> bool:
    """Whether two groups are alike as wholes, not by one pair alone."""
    if len(a) == 1 and len(b) == 1:
        return True
    between = sorted((scores.get(x, {}).get(y, 0.0) for x in a[:SEEN] for y in b[:SEEN]), reverse=True)
    best = between[:BEST]
    return sum(best) / len(best) >= JOIN and sum(between) / len(between) >= WHOLE


def sizes(groups: Sequence[int]) -> dict[int, int]:
    """How many messages each group has."""
    return dict(Counter(groups))
