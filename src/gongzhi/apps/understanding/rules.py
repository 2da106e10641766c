"""Decisions of understanding: may the machine hand over, when is a new model better. No ORM, no clock, no settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

# A model from elsewhere is wrong in every third message (methods.md a): it may advise, not decide, until so many
# labels of this office are confirmed.
LABELS_TO_ROUTE: Final = 200
LABELS_TO_TRAIN: Final = 50
# From this score on a likely duplicate is worth showing to a person.
SUGGEST_SCORE: Final = 0.25
MAX_SIMILAR: Final = 5
# A place named in the words counts in comparing and in finding the point from this score on.
SURE_PLACE: Final = 0.9
WINDOW_DAYS: Final = 60
# People choose it for what fits nothing; no model says it.
UNCLEAR: Final = "other.unclear"
HINT_VERSION: Final = "channel"
NO_MODEL: Final = "none"
SURE_WORSE: Final = 1.645


@dataclass(frozen=True)
class Choice:
    """What is said of a message: the category, how probable (0–1), the three best, whether a person must decide."""

    category: str
    probability: float
    top: tuple[tuple[str, float], ...]
    abstained: bool


def choose(
    classes: Sequence[str], probabilities: Sequence[float], allowed: frozenset[str], threshold: float
) -> Choice:
    """Choose among the office's own categories; where only the parent is sure, the parent is said.

    Probabilities of categories that the office does not have are shared out among the others; a category that
    stands for several classes (its own and those it took over from) has the sum of theirs.
    """
    pairs: dict[str, float] = {}
    for c, p in zip(classes, probabilities, strict=True):
        if c in allowed and c != UNCLEAR:
            pairs[c] = pairs.get(c, 0.0) + float(p)
    whole = sum(pairs.values())
    if not pairs or whole <= 0:
        return Choice(UNCLEAR, 0.0, (), True)
    ranked = sorted(((c, p / whole) for c, p in pairs.items()), key=lambda pair: (-pair[1], pair[0]))
    top = tuple(ranked[:3])
    best, probability = top[0]
    if probability >= threshold:
        return Choice(best, probability, top, False)
    parents: dict[str, float] = {}
    for category, p in ranked:
        parent = category.split(".")[0]
        parents[parent] = parents.get(parent, 0.0) + p
    parent, together = max(parents.items(), key=lambda pair: (pair[1], pair[0]))
    if together >= threshold and parent in allowed and best.startswith(f"{parent}."):
        return Choice(parent, together, top, False)
    return Choice(best, probability, top, True)


def may_route(
    *,
    abstained: bool,
    hazards: Sequence[str],
    sensitive: bool,
    category: str,
    from_channel: bool,
    labels: int,
    auto_route: bool,
) -> bool:
    """Whether the machine may hand a case over by the power list without a person looking first.

    Never with danger, doubt or a sensitive matter, never where the office has not switched it on. A category that
    came with the report (a hotline's own) needs no trained model; the model's own needs enough confirmed labels.
    """
    if not auto_route or abstained or hazards or sensitive or category == UNCLEAR:
        return False
    return from_channel or labels >= LABELS_TO_ROUTE


def is_clearly_worse(lost: int, won: int) -> bool:
    """Whether a challenger reads worse than chance explains (one-sided sign test at 5 %, normal approximation).

    Of the same unseen messages, `lost` were read right by the model in use alone, `won` by the challenger alone.
    """
    return lost - won > SURE_WORSE * sqrt(lost + won)


def compared(
    champion: Mapping[int, str], challenger: Mapping[int, str], truth: Mapping[int, str]
) -> tuple[int, int]:
    """How many messages only the champion, and only the challenger, reads right: (lost, won)."""
    keys = champion.keys() & challenger.keys() & truth.keys()
    right = [(champion[key] == truth[key], challenger[key] == truth[key]) for key in keys]
    return sum(a and not b for a, b in right), sum(b and not a for a, b in right)
