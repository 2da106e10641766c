"""Reading a message, step by step with dictionaries: the slow twin of text.features and text.model."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

WORD = re.compile(r"[A-Za-z][A-Za-z']*|[0-9]+|[^\W\dA-Za-z_]{1,8}")


def char_grams(text: str) -> Counter[str]:
    """How often each run of one to three characters stands in the text."""
    return Counter(text[i : i + n] for n in (1, 2, 3) for i in range(len(text) - n + 1))


def word_grams(text: str) -> Counter[tuple[str, ...]]:
    """How often each word and each pair of neighbouring words stands in the text."""
    words = WORD.findall(text)
    return Counter([(w,) for w in words] + [(a, b) for a, b in pairwise(words)])


def tfidf(counts: Mapping[object, int], idf: Mapping[object, float]) -> dict[object, float]:
    """Sublinear counts times inverse document frequency, brought to length 1. Unknown grams are left out."""
    values = {gram: (1 + math.log(n)) * idf[gram] for gram, n in counts.items() if gram in idf}
    length = math.sqrt(sum(v * v for v in values.values()))
    return {gram: v / length for gram, v in values.items()} if length else {}


def softmax(scores: Sequence[float], temperature: float = 1.0) -> list[float]:
    """Scores as probabilities."""
    raised = [math.exp((s - max(scores)) / temperature) for s in scores]
    return [r / sum(raised) for r in raised]


def threshold(best: Sequence[float], right: Sequence[bool], target: float, least: int) -> float:
    """The least probability from which on at least `target` of the decisions are right, tried one by one.

    `least` decisions must stand behind it; 1.01 where no probability does.
    """
    ranked = sorted(zip(best, right, strict=True), key=lambda pair: -pair[0])
    found = 1.01
    for count in range(1, len(ranked) + 1):
        if count >= least and sum(ok for _, ok in ranked[:count]) / count >= target:
            found = ranked[count - 1][0]
    return found
