"""Danger words in a message. Recall comes first: what is found is shown to a person, never acted upon alone."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gongzhi.apps.understanding.pack import HazardEntry
from gongzhi.scenarios.loader import scenario_for

MAX_CHARS: Final = 20_000
# How far around the danger word the pack's "not when" words count. A clause, not a sentence: "上次着火了，现在又有烟".
BEFORE: Final = 12
AFTER: Final = 12
_CLAUSE_END: Final = re.compile(r"[。！？!?；;，,\n]")


@dataclass(frozen=True)
class HazardHit:
    """A danger and the words that named it."""

    key: str
    emergency: str
    level: str
    words: str
    start: int


@dataclass(frozen=True)
class _Compiled:
    entry: HazardEntry
    patterns: tuple[re.Pattern[str], ...]
    not_when: tuple[re.Pattern[str], ...]


def compile_hazards(entries: Iterable[HazardEntry]) -> tuple[_Compiled, ...]:
    """Make the packs' patterns ready; letters count without regard to case."""

    def ready(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(p, re.IGNORECASE) for p in patterns)

    return tuple(_Compiled(e, ready(e.patterns), ready(e.not_when)) for e in entries)


@lru_cache(maxsize=32)
def hazards_of(packs: tuple[str, ...]) -> tuple[_Compiled, ...]:
    """The dangers that these packs know."""
    return compile_hazards(scenario_for(packs).entries("hazards.toml"))


def plain(text: str) -> str:
    """Full-width characters as half-width ones; positions may move. Long texts are cut."""
    return unicodedata.normalize("NFKC", text[:MAX_CHARS])


def _window(text: str, start: int, end: int) -> str:
    before = text[max(0, start - BEFORE) : start]
    after = text[end : end + AFTER]
    stops = [m.end() for m in _CLAUSE_END.finditer(before)]
    cut = _CLAUSE_END.search(after)
    return before[stops[-1] if stops else 0 :] + text[start:end] + (after[: cut.start()] if cut else after)


def _found(text: str, hazard: _Compiled) -> HazardHit | None:
    for pattern in hazard.patterns:
        for match in pattern.finditer(text):
            window = _window(text, match.start(), match.end())
            if match.group() and not any(no.search(window) for no in hazard.not_when):
                entry = hazard.entry
                return HazardHit(entry.key, entry.emergency, entry.level, match.group()[:40], match.start())
    return None


def scan(text: str, hazards: Iterable[_Compiled]) -> list[HazardHit]:
    """Each danger that is named at least once without being ruled out by the words around, life before the rest."""
    said = plain(text)
    hits = [hit for hazard in hazards if (hit := _found(said, hazard)) is not None]
    return sorted(hits, key=lambda hit: (hit.level != "life", hit.start))
