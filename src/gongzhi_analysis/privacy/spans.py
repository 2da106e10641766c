"""What was found in a text, and text prepared for searching without losing its positions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["phone", "identity_number", "plate", "card", "email", "account", "house_number", "name"]
KINDS: Final[tuple[Kind, ...]] = (
    "identity_number",
    "card",
    "phone",
    "email",
    "account",
    "plate",
    "house_number",
    "name",
)
# Characters that show nothing: people and web pages leave them inside numbers.
_INVISIBLE: Final = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_PLAIN: Final = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    0x3000: " ",
    0x00A0: " ",
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212), "-"),
}
_SPOKEN: Final = {
    ord(sign): digit
    for digit, signs in {
        "0": "零〇○",
        "1": "一壹幺",
        "2": "二贰貳两兩",
        "3": "三叁參",
        "4": "四肆",
        "5": "五伍",
        "6": "六陆陸",
        "7": "七柒",
        "8": "八捌",
        "9": "九玖",
    }.items()
    for sign in signs
}


@dataclass(frozen=True, order=True)
class Span:
    """A piece of a text that looks like personal data: characters `start` to `end` (end not included)."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True)
class Searchable:
    """A text in plain signs: full-width signs made narrow, invisible ones left out. `places` leads back."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int, kind: Kind) -> Span:
        """A span of this text as a span of the original."""
        return Span(self.places[start], self.places[end - 1] + 1, kind)


def searchable(text: str) -> Searchable:
    """The text made ready for searching."""
    kept = [i for i, sign in enumerate(text) if sign not in _INVISIBLE]
    return Searchable("".join(text[i] for i in kept).translate(_PLAIN), tuple(kept))


def with_spoken_digits(text: str) -> str:
    """The text with Chinese digits written as figures, sign by sign: 一三八 becomes 138."""
    return text.translate(_SPOKEN)


def apart(spans: Iterable[Span]) -> list[Span]:
    """The spans in order without overlaps. What overlaps becomes one, of the most telling kind: nothing is let go."""
    kept: list[Span] = []
    for span in sorted(spans):
        if kept and span.start < kept[-1].end:
            last = kept.pop()
            kind = min(last.kind, span.kind, key=KINDS.index)
            span = Span(last.start, max(last.end, span.end), kind)
        kept.append(span)
    return kept
