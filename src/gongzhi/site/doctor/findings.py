"""What a check says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gongzhi.apps.places.public import Jurisdiction, jurisdictions


class Status(StrEnum):
    """How it stands with a thing, from well to ill."""

    GOOD = "good"
    LOOK = "look at this"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """How it stands with one thing: in words, and what to do where it is not well."""

    check: str
    status: Status
    said: str
    mend: str = ""


@dataclass(frozen=True)
class Check:
    """One thing to look at. `look` gets the present moment; `wants_tables` where it reads our tables."""

    name: str
    look: Callable[[datetime], Iterable[Finding]]
    wants_tables: bool = True


def good(check: str, said: str) -> Finding:
    """It is well."""
    return Finding(check, Status.GOOD, said)


def look(check: str, said: str, mend: str) -> Finding:
    """It works, and somebody should see to it."""
    return Finding(check, Status.LOOK, said, mend)


def broken(check: str, said: str, mend: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(check, Status.BROKEN, said, mend)


def span(time: timedelta) -> str:
    """A length of time as people say it: `40 seconds`, `3 hours`, `12 days`."""
    seconds = int(time.total_seconds())
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}s"
    return f"{seconds} seconds"


def many(number: int, name: str) -> str:
    """A number and its thing: `1 job`, `3 jobs`."""
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def real_offices() -> list[Jurisdiction]:
    """The offices that are no demonstration."""
    return [office for office in jurisdictions() if not office.demo]
