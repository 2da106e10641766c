"""A calendar file (iCalendar, RFC 5545) of bookings, for any calendar program."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Entry:
    """One booking as it is written: a key that stays the same, from when, until when, what."""

    key: str
    starts: datetime
    ends: datetime
    title: str
    stamped: datetime


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """As section 3.3.11 wants it."""
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _fold(line: str) -> str:
    """As section 3.1 wants it: 75 bytes a line at the most, never in the middle of a character."""
    parts: list[str] = []
    part = ""
    for sign in line:
        if len((part + sign).encode()) > (75 if not parts else 74):
            parts.append(part)
            part = ""
        part += sign
    return "\r\n ".join([*parts, part])


def calendar_file(name: str, entries: Sequence[Entry]) -> str:
    """The file's text."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//gongzhi//bookings//EN",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.key}",
            f"DTSTAMP:{_moment(entry.stamped)}",
            f"DTSTART:{_moment(entry.starts)}",
            f"DTEND:{_moment(entry.ends)}",
            f"SUMMARY:{_text(entry.title)}",
            "END:VEVENT",
        ]
    return "\r\n".join(_fold(line) for line in [*lines, "END:VCALENDAR"]) + "\r\n"
