"""What may come in, and when and to whom news goes out. Pure: text, request types, hours."""

import unicodedata
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MAX_TEXT = 5_000  # characters; a long complaint letter has about 2,000
# What a hotline has already taken down is taken whole: nobody is there to be asked to shorten it.
MAX_LETTER = 20_000
MAX_TITLE = 200
MAX_PHOTOS = 3
STRAY: Final = 3
REQUEST_TYPES: Final = ("complaint", "assistance", "inquiry", "suggestion", "report", "praise")
# Control characters that a person cannot type; a text full of them is a file, not words.
_ALLOWED_CONTROL: Final = frozenset("\n\t")


def _dropped(text: str) -> set[str]:
    """The characters of the text that are not kept. Looks at each kind of character once, so it is quick."""
    odd = (c for c in set(text) if not c.isprintable() and c not in _ALLOWED_CONTROL)
    return {c for c in odd if unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"}}


def clean_text(raw: str) -> str:
    """The words as they will be kept: line ends unified, invisible control characters dropped, ends trimmed."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    dropped = _dropped(text)
    if dropped:
        text = text.translate({ord(c): None for c in dropped})
    return text.strip()


def looks_binary(raw: str) -> bool:
    """Whether the text is rather the content of a file: a NUL, or one character in ten that nobody types.

    A few such characters come along with what people paste; they are dropped.
    """
    if "\x00" in raw:
        return True
    kinds = (c for c in set(raw) if not c.isprintable() or c == "\ufffd")
    odd = [c for c in kinds if c == "\ufffd" or (unicodedata.category(c) == "Cc" and c not in "\r\n\t")]
    count = sum(map(raw.count, odd))
    return count > STRAY and count * 10 > len(raw)


def is_blank(text: str) -> bool:
    """Whether nothing can be seen: spaces and marks without a shape, such as the zero-width space."""
    return all(c.isspace() or unicodedata.category(c) == "Cf" for c in set(text))


def fault_of_text(raw: str, limit: int = MAX_TEXT) -> str | None:
    """Why the text cannot be taken: `empty`, `binary`, `too_long` (more than `limit` characters); None where it can."""
    if looks_binary(raw):
        return "binary"
    cleaned = clean_text(raw)
    if is_blank(cleaned):
        return "empty"
    return "too_long" if len(cleaned) > limit else None


# A message goes out at these hours of the office only, unless it is about danger.
QUIET_FROM: Final = time(21, 0)
QUIET_UNTIL: Final = time(7, 30)
# Of what those hear who want to hear of the answer only, by the first word of what a notice is about.
ABOUT_THE_ANSWER: Final = frozenset({"answer", "retracted"})
# What is noted where nobody can know whether a server has taken a message.
UNKNOWN: Final = "OutcomeUnknown"
MAX_ATTEMPTS: Final = 8
FIRST_DELAY: Final = timedelta(minutes=2)
# News that could not be handed over for so long is not sent any more.
STALE: Final = timedelta(days=7)


def kind_of(about: str) -> str:
    """The kind of news in what a notice is about: `answer` in `answer:12`."""
    return about.partition(":")[0]


def wishes_for(about: str) -> tuple[str, ...]:
    """Which wishes include this news; each of them is a MailWish."""
    return ("answer", "steps") if kind_of(about) in ABOUT_THE_ANSWER else ("steps",)


def is_quiet(at: datetime, zone: str) -> bool:
    """Whether people sleep then, by the office's clock."""
    local = at.astimezone(ZoneInfo(zone)).time()
    return local >= QUIET_FROM or local < QUIET_UNTIL


def after_quiet(at: datetime, zone: str) -> datetime:
    """The moment itself, or the end of the quiet hours that it lies in; UTC."""
    if not is_quiet(at, zone):
        return at
    local = at.astimezone(ZoneInfo(zone))
    day = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    return datetime.combine(day, QUIET_UNTIL, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 2 minutes, then three times as long each time, a day in the end."""
    return FIRST_DELAY * int(3 ** (attempts - 1))
