"""Reads a moment out of a cell, in the forms that hotlines and spreadsheets write. Pure: no clock, no settings."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from gongzhi.kernel.errors import GongzhiError

EARLIEST: Final = date(1990, 1, 1)
EXCEL_BEGIN: Final = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet knows no zone)
SERIALS: Final = (30_000, 80_000)  # 1982 to 2119: no year, no date in figures, no telephone number
AHEAD: Final = timedelta(days=1)  # clocks of two systems may differ, and so may their zones

_DIGITS: Final = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "两": "2"}
_TENS: Final = re.compile(r"([一二三四五六七八九]?)十([一二三四五六七八九]?)")
_DATE: Final = (
    r"(?P<year>\d{4})\s*(?:[-/.]|年)\s*(?P<month>\d{1,2})\s*(?:[-/.]|月)\s*(?P<day>\d{1,2})\s*[日号]?"
)
_HALF: Final = r"(?P<half>凌晨|早上|上午|中午|下午|晚上|am|pm)?"
_TIME: Final = (
    rf"[\sT,]*\(?(?:星期.|周.)?\)?\s*{_HALF}\s*(?P<hour>\d{{1,2}})\s*(?::|时|点)"
    r"\s*(?:(?P<minute>\d{1,2}|半)\s*[分:]?\s*(?:(?P<second>\d{1,2})(?:\.(?P<part>\d{1,9}))?\s*秒?)?)?"
    r"\s*(?P<after>am|pm)?"
)
_ZONE: Final = r"\s*(?P<zone>z|utc|[+-]\d{2}:?\d{2})?"
_WRITTEN: Final = re.compile(rf"{_DATE}(?:{_TIME}{_ZONE})?", re.IGNORECASE)
_FIGURES: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\D?(\d{2})(\d{2})(\d{2})?)?")
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?")


class MomentError(GongzhiError):
    """A cell that holds no moment that can be right."""


def read_moment(cell: str, *, formats: Sequence[str], zone: ZoneInfo, at: datetime) -> datetime:
    """The moment in UTC; a time without zone is the office's, and in the hour that repeats it is the first.

    `formats` are the mapping's own (`strptime`), tried before all else. Raises MomentError for a day that does not
    exist, a form nobody can read, a time before 1990 or more than a day after `at`.
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    try:
        moment = _by_format(text, formats) or _written(text) or _in_figures(text) or _serial(text)
    except ValueError:
        raise MomentError(
            _("This day or time does not exist."), hint=_("Correct it, as in 2026-03-05 14:30.")
        ) from None
    if moment is None:
        raise MomentError(
            _("The time cannot be read."),
            hint=_("Write it as 2026-03-05 14:30, or name its form in the mapping."),
        )
    return _plausible(moment if moment.tzinfo else moment.replace(tzinfo=zone, fold=0), at)


def _plausible(moment: datetime, at: datetime) -> datetime:
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        moment = datetime(1, 1, 1, tzinfo=UTC)
    if moment > at + AHEAD:
        raise MomentError(_("The time lies in the future."), hint=_("Correct the date."))
    if moment.date() < EARLIEST:
        raise MomentError(_("The time lies before 1990."), hint=_("Correct the year."))
    return moment


def _by_format(text: str, formats: Sequence[str]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 (the office's zone is added by the caller)
        except ValueError:
            continue
    return None


def _written(text: str) -> datetime | None:
    """2024-3-5 9:05, 2024/03/05T09:05:00+08:00, 2024年3月5日下午3点半, 二〇二四年三月五日."""
    match = _WRITTEN.fullmatch(_with_figures(text))
    if match is None:
        return None
    day = datetime.combine(date(*(int(match[name]) for name in ("year", "month", "day"))), time())
    if match["hour"] is None:
        return day
    hour, late = _hour_of_day(int(match["hour"]), (match["half"] or match["after"] or "").lower())
    minute = 30 if match["minute"] == "半" else int(match["minute"] or 0)
    second, part = int(match["second"] or 0), int(f"{match['part'] or '':0<6}"[:6])
    if (hour, minute, second) == (24, 0, 0):
        hour, late = 0, True
    moment = datetime.combine(day, time(hour, minute, second, part)) + timedelta(days=late)
    return moment.replace(tzinfo=_fixed(match["zone"])) if match["zone"] else moment


def _hour_of_day(hour: int, half: str) -> tuple[int, bool]:
    """The hour from 0 to 24, and whether it is already the next day: 12 at night ends the day."""
    if half == "晚上" and hour == 12:
        return 0, True
    afternoon = half in {"下午", "晚上", "pm"} or (half == "中午" and hour < 3)
    if afternoon and hour < 12:
        return hour + 12, False
    return (0 if half in {"凌晨", "am"} and hour == 12 else hour), False


def _fixed(zone: str) -> timezone:
    """The offset as written: Z, UTC, +08:00, +0800."""
    if zone[0] not in "+-":
        return UTC
    shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return timezone(-shift if zone[0] == "-" else shift)


def _with_figures(text: str) -> str:
    """Chinese numerals as figures: 二〇二四年十一月三十日 is 2024年11月30日."""
    text = _TENS.sub(lambda m: str(int(_DIGITS.get(m[1], "1")) * 10 + int(_DIGITS.get(m[2], "0"))), text)
    # Weekdays are written with the same characters and are no figures.
    return re.sub(r"(?<![周期])[〇○零一二两三四五六七八九]", lambda m: _DIGITS[m[0]], text)


def _in_figures(text: str) -> datetime | None:
    """20240305, 20240305102030, 20240305 1020."""
    match = _FIGURES.fullmatch(text)
    return datetime(*(int(part) for part in match.groups() if part)) if match else None  # type: ignore[arg-type]  # noqa: DTZ001


def _serial(text: str) -> datetime | None:
    """Days since the end of 1899, as a spreadsheet keeps a date; to the nearest second."""
    if not _SERIAL.fullmatch(text) or not SERIALS[0] <= float(text) < SERIALS[1]:
        return None
    return EXCEL_BEGIN + timedelta(seconds=round(float(text) * 86_400))
