"""How alike two reports are, by features a person can check: words, place, time."""

from dataclasses import dataclass
from math import asin, cos, exp, radians, sin, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gongzhi_analysis.linkage.minhash import jaccard, shingles

EARTH_RADIUS_M: Final = 6_371_008.8
# Weights of a logistic score, set by reading pairs of invented and development messages; people's join and
# not-same decisions will replace them by fitted ones (the reading issue).
BIAS: Final = -3.2
W_TEXT: Final = 7.5
W_NEAR: Final = 1.6
W_FAR: Final = -3.0
W_PLACE: Final = 1.4
W_CONFLICT: Final = -2.6
W_CATEGORY: Final = 0.9
W_TIME: Final = -0.9
# Two points that lie far apart may be one matter seen from two ends, but never surely so.
FAR_AT_MOST: Final = 0.5
# A few words ("street light out") are the same for many matters: some way apart they make nothing sure.
SHORT_SHINGLES: Final = 40
APART_AT_MOST: Final = 0.8


@dataclass(frozen=True)
class Said:
    """What a comparison needs of a report. `places` are named places in their canonical form."""

    shingles: NDArray[np.uint64]
    hours: float
    lon: float | None = None
    lat: float | None = None
    places: frozenset[str] = frozenset()
    category: str = ""


@dataclass(frozen=True)
class Reason:
    """One feature of a pair and its value."""

    key: str
    value: float | str


@dataclass(frozen=True)
class PairScore:
    """How probably two reports are about the same matter (0–1) and why."""

    score: float
    reasons: tuple[Reason, ...]


def said(
    text: str,
    hours: float,
    *,
    lon: float | None = None,
    lat: float | None = None,
    places: frozenset[str] = frozenset(),
    category: str = "",
) -> Said:
    """A report ready to be compared. `hours` is any common time scale in hours."""
    return Said(shingles(text), hours, lon, lat, places, category)


def metres(a: Said, b: Said) -> float | None:
    """Distance in metres, or None where one has no point."""
    if a.lon is None or a.lat is None or b.lon is None or b.lat is None:
        return None
    half_lat, half_lon = radians(b.lat - a.lat) / 2, radians(b.lon - a.lon) / 2
    h = sin(half_lat) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(h)))


def are_far(a: Said, b: Said, radius_m: float) -> bool:
    """Whether both have a point and these lie farther apart than one matter of the category may be seen."""
    distance = metres(a, b)
    return distance is not None and distance > 2 * radius_m


def _are_short_and_apart(a: Said, b: Said, radius_m: float) -> bool:
    """Whether the words are few and the points lie further apart than such a matter is usually seen."""
    distance = metres(a, b)
    few = min(len(a.shingles), len(b.shingles)) < SHORT_SHINGLES
    return few and distance is not None and distance > radius_m


def _place_part(a: Said, b: Said, radius_m: float) -> tuple[float, list[Reason]]:
    gain, reasons = 0.0, []
    distance = metres(a, b)
    if distance is not None:
        near = exp(-distance / radius_m)
        gain += W_NEAR * near if distance <= 2 * radius_m else W_FAR
        reasons.append(Reason("distance_m", round(distance)))
    shared = a.places & b.places
    if shared:
        gain += W_PLACE
        reasons.append(Reason("place_words", min(shared)))
    elif a.places and b.places:
        # Themes repeat in many places: another named place is strong evidence against.
        gain += W_CONFLICT
        reasons.append(Reason("place_conflict", f"{min(a.places)} / {min(b.places)}"))
    return gain, reasons


def pair_score(a: Said, b: Said, *, radius_m: float = 300.0, form_words: bool = False) -> PairScore:
    """Score a pair. Symmetric; `radius_m` is how far apart one matter of this category may be seen.

    `form_words`: the words are a form's, the same for many matters ("Request for Pothole Repair"); having them in
    common says nothing.
    """
    total, reasons = BIAS, []
    if not form_words:
        alike = jaccard(a.shingles, b.shingles)
        total += W_TEXT * alike
        reasons.append(Reason("text_similarity", round(alike, 3)))
    gain, more = _place_part(a, b, radius_m)
    total += gain
    reasons += more
    if a.category and a.category == b.category:
        total += W_CATEGORY
        reasons.append(Reason("category", a.category))
    apart = abs(a.hours - b.hours)
    total += W_TIME * min(1.0, apart / (24 * 30))
    reasons.append(Reason("hours_apart", round(apart, 1)))
    score = 1 / (1 + exp(-total))
    if are_far(a, b, radius_m):
        score = min(score, FAR_AT_MOST)
    elif _are_short_and_apart(a, b, radius_m) and not a.places & b.places:
        score = min(score, APART_AT_MOST)
    return PairScore(round(score, 4), tuple(reasons))
