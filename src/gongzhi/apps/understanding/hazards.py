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
_ESCAPE: Final = re.compile(r"\\.")
_LATIN_LETTER: Final = re.compile(r"[A-Za-z]")
_LATIN_WORD: Final = re.compile(r"[A-Za-z]{3}")


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
    without_latin: tuple[re.Pattern[str], ...]  # those of them that are not written in Latin letters
    not_when: tuple[re.Pattern[str], ...]


def compile_hazards(entries: Iterable[HazardEntry]) -> tuple[_Compiled, ...]:
    """Make the packs' patterns ready; letters count without regard to case."""

    def ready(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(p, re.IGNORECASE) for p in patterns)

    return tuple(
        _Compiled(
            e,
            ready(e.patterns),
            ready(p for p in e.patterns if not _is_latin(p)),
            ready(e.not_when),
        )
        for e in entries
    )


def _is_latin(pattern: str) -> bool:
    """Whether the pattern is written in Latin letters alone. Only a text with a Latin word is searched for it."""
    return pattern.isascii() and _LATIN_LETTER.search(_ESCAPE.sub("", pattern)) is not None


@lru_cache(maxsize=32)
def _compiled(packs: tuple[str, ...], digest: str) -> tuple[_Compiled, ...]:
    return compile_hazards(scenario_for(packs).entries("hazards.toml"))


def hazards_of(packs: tuple[str, ...]) -> tuple[_Compiled, ...]:
    """The dangers that these packs know, compiled once for what is in them (their digest)."""
    return _compiled(packs, scenario_for(packs).digest)


def plain(text: str) -> str:
    """Full-width characters as half-width ones; positions may move. Long texts are cut."""
    return unicodedata.normalize("NFKC", text[:MAX_CHARS])


def _window(text: str, start: int, end: int) -> str:
    before = text[max(0, start - BEFORE) : start]
    after = text[end : end + AFTER]
    stops = [m.end() for m in _CLAUSE_END.finditer(before)]
    cut = _CLAUSE_END.search(after)
    return before[stops[-1] if stops else 0 :] + text[start:end] + (after[: cut.start()] if cut else after)


def _found(text: str, hazard: _Compiled, latin: bool) -> HazardHit | None:
    for pattern in hazard.patterns if latin else hazard.without_latin:
        for match in pattern.finditer(text):
            window = _window(text, match.start(), match.end())
            if match.group() and not any(no.search(window) for no in hazard.not_when):
                entry = hazard.entry
                return HazardHit(entry.key, entry.emergency, entry.level, match.group()[:40], match.start())
    return None


def scan(text: str, hazards: Iterable[_Compiled]) -> list[HazardHit]:
    """Each danger that is named at least once without being ruled out by the words around, life before the rest."""
    said = plain(text)
    latin = _LATIN_WORD.search(said) is not None
    hits = [hit for hazard in hazards if (hit := _found(said, hazard, latin)) is not None]
    return sorted(hits, key=lambda hit: (hit.level != "life", hit.start))
