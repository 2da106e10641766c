"""What may come in. Pure: text, codes, request types."""

import unicodedata
from typing import Final

MAX_TEXT = 5_000  # characters; a long complaint letter has about 2,000
MAX_TITLE = 200
MAX_PHOTOS = 3
REQUEST_TYPES: Final = ("complaint", "assistance", "inquiry", "suggestion", "report", "praise")
# Control characters that a person cannot type; a text full of them is a file, not words.
_ALLOWED_CONTROL: Final = frozenset("\n\t")


def clean_text(raw: str) -> str:
    """The words as they will be kept: line ends unified, invisible control characters dropped, ends trimmed."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        c for c in text if c in _ALLOWED_CONTROL or unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"}
    )
    return "".join(kept).strip()


def looks_binary(raw: str) -> bool:
    """Whether the text is rather the content of a file: a NUL, or one character in ten that nobody types."""
    if "\x00" in raw:
        return True
    odd = sum(1 for c in raw if c == "\ufffd" or (unicodedata.category(c) == "Cc" and c not in "\r\n\t"))
    return odd * 10 > max(1, len(raw))


def fault_of_text(raw: str) -> str | None:
    """Why the text cannot be taken: `empty`, `binary`, `too_long`; None where it can."""
    if looks_binary(raw):
        return "binary"
    cleaned = clean_text(raw)
    if not cleaned:
        return "empty"
    return "too_long" if len(cleaned) > MAX_TEXT else None
