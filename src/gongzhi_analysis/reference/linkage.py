"""Likeness and groups by comparing everything with everything: the slow twin of linkage."""

import math
from collections.abc import Hashable, Sequence


def shingles(text: str) -> set[str]:
    """The character 2-grams of a text of letters and digits; its characters where it has only one."""
    return {text[i : i + 2] for i in range(len(text) - 1)} or set(text)


def jaccard(a: set[str], b: set[str]) -> float:
    """Shared share of two sets; 0 for two empty ones."""
    return len(a & b) / len(a | b) if a | b else 0.0


def connected(size: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """The smallest member of each item's group, where pairs are joined and chains count."""
    label = list(range(size))
    changed = True
    while changed:
        changed = False
        for a, b in pairs:
            low = min(label[a], label[b])
            if label[a] != low or label[b] != low:
                label[a] = label[b] = low
                changed = True
    return label


def near_duplicate_groups(texts: Sequence[str], threshold: float) -> list[int]:
    """Groups of texts whose Jaccard similarity reaches the threshold, every pair compared."""
    sets = [shingles(text) for text in texts]
    pairs = [
        (i, j)
        for i in range(len(texts))
        for j in range(i + 1, len(texts))
        if sets[i] and jaccard(sets[i], sets[j]) >= threshold
    ]
    return connected(len(texts), pairs)


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance by the spherical law of cosines."""
    a, b = math.radians(lat1), math.radians(lat2)
    c = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(math.radians(lon2 - lon1))
    return 6_371_008.8 * math.acos(max(-1.0, min(1.0, c)))


def b_cubed(found: Sequence[Hashable], gold: Sequence[Hashable]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F of a grouping against a gold one, item by item."""
    precision = recall = 0.0
    for i in range(len(gold)):
        mine = [j for j in range(len(gold)) if found[j] == found[i]]
        true = [j for j in range(len(gold)) if gold[j] == gold[i]]
        both = len(set(mine) & set(true))
        precision += both / len(mine)
        recall += both / len(true)
    p, r = precision / len(gold), recall / len(gold)
    return p, r, 2 * p * r / (p + r)
