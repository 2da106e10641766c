"""Names of persons in Chinese writing, found by what stands around them and by what they are made of.

A name is taken where somebody gives it as their own, where a role or a title stands beside it, or where its parts are
those of names and its surroundings those of a person in a sentence. All of it is a proposal: a person decides.
"""

import re
from collections.abc import Iterable, Iterator

from gongzhi_analysis.privacy.name_words import (
    AMBIGUOUS,
    CLOSING,
    COMPOUND,
    GIVEN,
    LOOSE_TITLES,
    NO_NAMES,
    OWN,
    ROLES,
    SURNAMES,
    TITLES,
)
from gongzhi_analysis.privacy.spans import Searchable, Span

_HAN = re.compile(r"[\u3400-\u9fff]")


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))


_OWN = re.compile(rf"(?:{_any_of(OWN)})[ :：是为為叫]{{0,3}}$")
_ROLE = re.compile(rf"(?:^|\n|{_any_of(ROLES)})[ ]?$")
_STRONG_ROLE = re.compile(rf"(?:{_any_of({r for r in ROLES if len(r) > 1} | {'叫'})})[ ]?$")
_TITLE = re.compile(_any_of(TITLES))
_NICK = re.compile(
    r"(?<![\u3400-\u9fff])(?:小|老|阿)$"
    r"|(?:[的是找跟和与向对给被让请由听问叫，。、：]|邻居|楼上|楼下|对门|隔壁)(?:小|老|阿)$"
)
_BEFORE = frozenset("的找叫跟和与向对给被让请由听问與對給讓請聽問")
# What may follow a name: the end, a sign that is no Chinese one, or a word that begins what is said of somebody.
_SAYS = re.compile(
    r"$|[^\u3400-\u9fff]|经常|多次|一直|天天|一起|一同|一家|一个|要|[带的在说是和跟把被与向对给于从也又就不没家住已曾将今昨前后每总先女同敬电联打收欠堵占养私擅乱拒找告"
    r"表答反投负來說與對給從沒將經總電聯養亂後每總]"
)


def _surname_length(text: str, at: int) -> int:
    if text[at : at + 2] in COMPOUND:
        return 2
    return 1 if text[at] in SURNAMES else 0


def _given_length(text: str, at: int, most: int = 2) -> int:
    """How many signs from `at` on may belong to a given name, ignoring what they mean."""
    length = 0
    while length < most and at + length < len(text):
        sign = text[at + length]
        if not _HAN.match(sign) or (sign in CLOSING and not (sign in GIVEN and length == 0)):
            break
        length += 1
    return length


def _own_name(text: str, at: int, surname: int) -> int:
    """The end of a name that somebody gives as their own; 0 where there is none."""
    length = _given_length(text, at + surname)
    if surname == 1 and (text[at : at + 2] in NO_NAMES or text[at + 1 : at + 3] in NO_NAMES):
        return 0
    if length == 2 and text[at + surname + 1] not in GIVEN and not _SAYS.match(text, at + surname + 2):
        length = 1 if _SAYS.match(text, at + surname + 1) else 2
    return at + surname + length if length else 0


def _is_word(text: str, at: int, end: int, role: bool) -> bool:
    """Whether what looks like a name is a known word, or crosses one at either side."""
    pieces = (
        text[at : at + 2],
        text[at:end],
        text[at + 1 : at + 3],
        text[max(0, at - 1) : at + 1],
        text[end - 1 : end + 1],
    )
    return any(piece in NO_NAMES for piece in pieces)


def _likely_name(text: str, at: int, surname: int, role: bool) -> int:
    """The end of a name that looks like one by itself; 0 where there is none. `role`: a role stands before it."""
    for length in (2, 1):
        end = at + surname + length
        given = text[at + surname : end]
        if len(given) < length or any(sign not in GIVEN for sign in given) or _is_word(text, at, end, role):
            continue
        closed = bool(_SAYS.match(text, end))
        ends = closed or text[end] not in GIVEN
        if text[at] in AMBIGUOUS and surname == 1:
            if (closed and (length == 2 or role)) or (role and length == 2):
                return end
        elif (role and ends) or closed or (role and length == 2) or (ends and length == 2):
            return end
    return 0


def _stands_alone(text: str, at: int) -> bool:
    """Whether a surname at `at` begins something: after a sign that is no Chinese one, or after a word before names."""
    if at == 0 or not _HAN.match(text[at - 1]):
        return True
    if text[at - 1 : at + 1] in NO_NAMES:
        return False
    return text[at - 1] in _BEFORE if text[at] in AMBIGUOUS else bool(_ROLE.search(text, max(0, at - 5), at))


def _titled(text: str, at: int, surname: int) -> int:
    """The end of a name before a title (the title itself stays); 0 where there is none."""
    if text[at : at + 2] in NO_NAMES or (at and text[at - 1 : at + 1] in NO_NAMES):
        return 0
    for length in (2, 1, 0):
        end = at + surname + length
        title = _TITLE.match(text, end)
        if not title or any(s not in GIVEN for s in text[at + surname : end]):
            continue
        loose = title.group() in LOOSE_TITLES
        if loose and (length or not _stands_alone(text, at) or not _SAYS.match(text, title.end())):
            continue
        if length == 2 or _stands_alone(text, at) or text[at] not in AMBIGUOUS:
            return end
    return 0


def _chinese_at(text: str, at: int) -> int:
    surname = _surname_length(text, at)
    if not surname:
        return 0
    window = max(0, at - 8)
    if _OWN.search(text, window, at):
        own = _own_name(text, at, surname)
        if own:
            return own
    titled = _titled(text, at, surname)
    if titled:
        return titled
    if _NICK.search(text, max(0, at - 4), at) and text[at] not in AMBIGUOUS and _SAYS.match(text, at + 1):
        return at + 1
    if _STRONG_ROLE.search(text, window, at):
        return _likely_name(text, at, surname, role=True)
    return _likely_name(text, at, surname, role=False) if _ROLE.search(text, window, at) else 0


def chinese_names_in(here: Searchable) -> Iterator[Span]:
    """All pieces of a text that look like a name in Chinese signs."""
    at = 0
    while at < len(here.text):
        end = _chinese_at(here.text, at)
        if end:
            yield here.span(at, end, "name")
        at = max(at + 1, end)
