"""Names of persons in Latin letters: by what stands around them, by lists of first names and of pinyin surnames."""

import re
from collections.abc import Iterator

from gongzhi_analysis.privacy.name_words import (
    ENGLISH_ROLES,
    FOREIGN_FIRST,
    NO_PERSON,
    PINYIN_SURNAMES,
    PLACES,
)
from gongzhi_analysis.privacy.spans import Searchable, Span

_WORD = r"[A-ZÀ-ÖØ-Þ][\w’'\-]*\w"
_FULL = rf"{_WORD}(?: [A-Z]\.)?(?: (?:van|de|da|del|von|bin|al|der|la|O’|O')? ?{_WORD}){{0,2}}"
_OWN_ENGLISH = re.compile(
    r"(?:(?i:my (?:full )?name(?: is|[’']s|:)|the name is|name ?:|name is|contact(?: person)? ?:|"
    r"signed(?: by|,|:)?|call me|i go by|"
    r"(?:best |kind |warm |many )?regards,?|sincerely,?|thanks,|thank you,|cheers,|yours truly,?|yours,))\s+"
    rf"({_FULL})"
)
_OWN_LOWER = re.compile(
    r"my (?:full )?name(?: is|[’']s) ([a-z][a-z’'\-]+(?: [a-z][a-z’'\-]+)?)(?=$|[.,;!\n]| and )",
    re.IGNORECASE,
)
_I_AM = re.compile(rf"(?:\bI am|\bI[’']m|\b[Tt]his is|\b[Ii]t[’']s|\bI, |\bHere is|[—–-]{{1,2}}) ?({_FULL})")
_HONORIFIC = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Officer|Sgt|Sergeant|Rev|Pastor|Madam|Sir|Inspector|Captain|Councillor)\.? "
    rf"({_FULL})"
)
_ROLE_ENGLISH = re.compile(rf"\b(?i:{'|'.join(ENGLISH_ROLES)})(?:,| is| was|:)? ({_FULL})")
_PINYIN = re.compile(r"(?:[bpmfdtnlgkhjqxrzcsyw]?h?[aeiouv]{1,3}(?:ng|n|r)?-?){1,2}$", re.IGNORECASE)
# Looked for from every word on, so that a capitalised word before a name does not hide it.
_FREE = re.compile(rf"(?<![\w])(?=({_WORD}(?: [A-Z]\.)? {_WORD}(?: {_WORD})?))")


def _persons(text: str, start: int, end: int) -> int:
    """Where a run of capitalised words stops being a person; `start` where it is none."""
    kept = start
    for found in re.finditer(r"[\w’'\-]+\.?", text[start:end]):
        word = found.group().rstrip(".")
        if word in NO_PERSON:
            return start if found.start() and word in PLACES else kept
        kept = start + found.end()
    return kept


def _looks_foreign(words: list[str]) -> bool:
    first, last = words[0], words[-1]
    if first in FOREIGN_FIRST and last not in NO_PERSON:
        return True
    if first in PINYIN_SURNAMES:
        return bool(_PINYIN.match(last))
    return last in PINYIN_SURNAMES and bool(_PINYIN.match(first)) and first not in NO_PERSON


def _after_introductions(text: str) -> Iterator[tuple[int, int]]:
    for form in (_OWN_ENGLISH, _HONORIFIC):
        for found in form.finditer(text):
            yield found.start(1), _persons(text, *found.span(1))
    for found in _OWN_LOWER.finditer(text):
        yield found.span(1)


def _beside_roles(text: str) -> Iterator[tuple[int, int]]:
    for form in (_I_AM, _ROLE_ENGLISH):
        for found in form.finditer(text):
            end = _persons(text, *found.span(1))
            words = text[found.start(1) : end].split()
            if words and (len(words) > 1 or words[0] in FOREIGN_FIRST or form is _ROLE_ENGLISH):
                yield found.start(1), end


def _standing_free(text: str) -> Iterator[tuple[int, int]]:
    for found in _FREE.finditer(text):
        end = _persons(text, *found.span(1))
        words = text[found.start() : end].split()
        if len(words) > 1 and _looks_foreign(words[:2]):
            yield found.start(), end


def latin_names_in(here: Searchable) -> Iterator[Span]:
    """All pieces of a text that look like a name in Latin letters; pieces may overlap."""
    for source in (_after_introductions, _beside_roles, _standing_free):
        for start, end in source(here.text):
            if end > start:
                yield here.span(start, end, "name")
