"""Which named places of the office a message means: exact names first, then nearly equal ones."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from rapidfuzz import fuzz

from gongzhi.apps.places.public import PlaceName
from gongzhi_analysis.linkage.places import place_mentions

LEAST_SCORE: Final = 0.72
AMBIGUOUS: Final = 0.6  # one name, several places: shown, never taken for sure
MAX_LINKS: Final = 6
TRIED: Final = 40
MAX_CHARS: Final = 4_000


@dataclass(frozen=True)
class PlaceLink:
    """A piece of the message and the named place it means (None: named, but not in the gazetteer), with a score 0–1."""

    text: str
    score: float
    name: PlaceName | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept with a reading."""
        found: dict[str, Any] = {"text": self.text, "score": round(self.score, 3), "place_id": None}
        if self.name is not None:
            found |= {"place_id": self.name.place_id, "lon": self.name.lon, "lat": self.name.lat}
        return found


class Gazetteer:
    """The names of an office's places, ready to be found in a message."""

    def __init__(self, names: Sequence[PlaceName]) -> None:
        self.names = names
        self._exact: dict[str, list[PlaceName]] = defaultdict(list)
        self._by_start: dict[str, set[int]] = defaultdict(set)
        self._by_pair: dict[str, list[str]] = defaultdict(list)
        for name in names:
            key = name.text.casefold()
            if len(key) < 2:
                continue
            if key not in self._exact:
                self._by_start[key[:2]].add(len(key))
                for pair in {key[i : i + 2] for i in range(len(key) - 1)}:
                    self._by_pair[pair].append(key)
            self._exact[key].append(name)

    def _exact_spans(self, text: str) -> list[tuple[int, int]]:
        """(start, end) of names that stand in the text as they are, the longest first come, without overlap."""
        spans, i = [], 0
        while i < len(text) - 1:
            lengths = sorted(self._by_start.get(text[i : i + 2], ()), reverse=True)
            end = next(
                (i + n for n in lengths if text[i : i + n] in self._exact and _ends_well(text, i, i + n)), 0
            )
            if end:
                spans.append((i, end))
            i = end or i + 1
        return spans

    def _one(self, key: str, text: str, score: float) -> PlaceLink:
        names = self._exact[key]
        several = len({name.place_id for name in names}) > 1
        return PlaceLink(text, min(score, AMBIGUOUS) if several else score, names[0])

    def _near(self, mention: str) -> PlaceLink:
        """The most alike name for a mention that stands in no list as it is."""
        shared: dict[str, int] = defaultdict(int)
        folded = mention.casefold()
        for pair in {folded[i : i + 2] for i in range(len(folded) - 1)}:
            for key in self._by_pair.get(pair, ()):
                shared[key] += 1
        tried = sorted(shared, key=lambda key: (-shared[key], abs(len(key) - len(folded)), key))[:TRIED]
        scored = [(fuzz.ratio(folded, key) / 100, key) for key in tried]
        best = max(scored, default=(0.0, ""))
        # A nearly equal name is a guess: below what counts as sure.
        return (
            self._one(best[1], mention, min(best[0], 0.89))
            if best[0] >= LEAST_SCORE
            else PlaceLink(mention, 0.0)
        )

    def links(self, text: str) -> list[PlaceLink]:
        """The places named in the text: surest first, then by where they stand."""
        text = text[:MAX_CHARS]
        # A few letters grow when folded; positions must hold.
        folded = text.casefold() if len(text.casefold()) == len(text) else text
        spans = self._exact_spans(folded)
        found = [self._one(folded[a:b], text[a:b], 1.0) for a, b in spans]
        for a, b in place_mentions(text):
            if not any(a < end and start < b for start, end in spans):
                found.append(self._near(text[a:b]))
        best: dict[object, PlaceLink] = {}
        for link in found:
            key = link.name.place_id if link.name else link.text
            if key not in best or best[key].score < link.score:
                best[key] = link
        return sorted(best.values(), key=lambda link: -link.score)[:MAX_LINKS]


def _ends_well(text: str, start: int, end: int) -> bool:
    """A Latin name stands as whole words."""
    inside_before = (
        start > 0 and text[start - 1].isascii() and text[start - 1].isalnum() and text[start].isascii()
    )
    inside_after = end < len(text) and text[end].isascii() and text[end].isalpha() and text[end - 1].isascii()
    return not inside_before and not inside_after


_ready: dict[int, Gazetteer] = {}


def gazetteer_for(jurisdiction_id: int, names: Sequence[PlaceName]) -> Gazetteer:
    """The index over these names, kept per office for as long as the names stay the same."""
    known = _ready.get(jurisdiction_id)
    if known is None or (known.names is not names and known.names != names):
        known = _ready[jurisdiction_id] = Gazetteer(names)
    known.names = names
    return known
