"""Working days and deadlines. Pure: no clock, no settings; calendars are data."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chinese_calendar.constants import holidays as china_holidays
from chinese_calendar.constants import workdays as china_makeup_days
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.errors import GongzhiError

Unit = Literal["workday", "day", "hour"]
Pause = tuple[datetime, datetime | None]


class CalendarError(GongzhiError):
    """A calendar that does not exist or cannot be counted on."""

    message = _("The calendar of working days cannot be used: %(what)s.")
    hint = _("Correct the calendar in the scenario pack, then try again.")

    def __init__(self, what: str) -> None:
        super().__init__(what=what)


@dataclass(frozen=True)
class Promise:
    """How much time an office gives itself: an amount of working days, calendar days or clock hours."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise CalendarError(f"a promise of {self.amount}")
        if self.unit not in ("workday", "day", "hour"):
            raise CalendarError(f"a promise in {self.unit!r}")


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked, and from when to when. `weekend` holds weekdays, Monday being 0.

    A make-up day is worked though it falls on a weekend; it beats a holiday on the same date.
    """

    code: str
    zone: str
    weekend: frozenset[int] = frozenset({5, 6})
    holidays: frozenset[date] = frozenset()
    makeup_days: frozenset[date] = frozenset()
    years_known: frozenset[int] = frozenset()
    opens: time = time(9, 0)
    closes: time = time(17, 30)
    version: str = ""
    zone_info: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.weekend <= frozenset(range(7)) or len(self.weekend) == 7:
            raise CalendarError(f"{self.code}: weekend {sorted(self.weekend)}")
        if self.closes <= self.opens:
            raise CalendarError(f"{self.code}: closes at {self.closes}, opens at {self.opens}")
        try:
            object.__setattr__(self, "zone_info", ZoneInfo(self.zone))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CalendarError(f"{self.code}: no time zone {self.zone!r}") from error

    def is_workday(self, day: date) -> bool:
        """Whether the office is open that day. In a year not yet published: Monday to Friday."""
        if day in self.makeup_days:
            return True
        return day not in self.holidays and day.weekday() not in self.weekend

    def year_known(self, year: int) -> bool:
        """Whether the holidays of that year have been published."""
        return year in self.years_known


@lru_cache(maxsize=64)
def china(zone: str = "Asia/Shanghai") -> WorkCalendar:
    """Mainland China's statutory holidays and make-up days, as published by the State Council each autumn."""
    # A year's notice always holds its National Day; New Year's Day may stand in the notice of the year before.
    known = frozenset(day.year for day in china_holidays if (day.month, day.day) == (10, 1))
    return WorkCalendar(
        code="cn",
        zone=zone,
        holidays=frozenset(china_holidays),
        makeup_days=frozenset(china_makeup_days),
        years_known=known,
        version=f"cn-{max(known)}",
    )


def from_pack(entry: Mapping[str, Any]) -> WorkCalendar:
    """The calendar that a pack's entry describes. CalendarError on a value that cannot be read.

    Reads `key` (or `code`), `zone`, `weekend`, `holidays`, `makeup_days`, `years_known`, `opens`, `closes`,
    `version`; days as dates or "YYYY-MM-DD", times as times or "HH:MM". Other keys belong to the pack's reader.
    """
    code = str(entry.get("code") or entry.get("key") or "")
    try:
        return WorkCalendar(
            code=code,
            zone=str(entry["zone"]),
            weekend=frozenset(entry.get("weekend", (5, 6))),
            holidays=_days(entry.get("holidays", ())),
            makeup_days=_days(entry.get("makeup_days", ())),
            years_known=frozenset(int(year) for year in entry.get("years_known", ())),
            opens=_time(entry.get("opens", time(9, 0))),
            closes=_time(entry.get("closes", time(17, 30))),
            version=str(entry.get("version", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CalendarError(f"{code}: {error}") from error


def _days(days: Iterable[date | str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) if isinstance(day, str) else day for day in days)


def _time(value: time | str) -> time:
    return time.fromisoformat(value) if isinstance(value, str) else value


class _Count:
    """Working days from the beginning of time up to a day, by arithmetic, for one calendar."""

    def __init__(self, cal: WorkCalendar) -> None:
        self._weekend = cal.weekend
        self._per_week = 7 - len(cal.weekend)
        extra = (d for d in cal.makeup_days if d.weekday() in cal.weekend)
        missing = (d for d in cal.holidays - cal.makeup_days if d.weekday() not in cal.weekend)
        self._extra = sorted(d.toordinal() for d in extra)
        self._missing = sorted(d.toordinal() for d in missing)

    def up_to(self, ordinal: int) -> int:
        """Working days on or before the day with this ordinal (1 is Monday, 1 January of year 1)."""
        weeks, rest = divmod(ordinal, 7)
        plain = weeks * self._per_week + sum(weekday not in self._weekend for weekday in range(rest))
        return plain + bisect_right(self._extra, ordinal) - bisect_right(self._missing, ordinal)

    def after(self, ordinal: int, amount: int) -> int:
        """The ordinal of the `amount`-th working day after that day."""
        wanted = self.up_to(ordinal) + amount
        low, reach = ordinal, 7
        while self.up_to(low + reach) < wanted:
            low, reach = low + reach, reach * 2
        high = low + reach
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.up_to(middle) < wanted else (low, middle)
        return high


@lru_cache(maxsize=64)
def _count(cal: WorkCalendar) -> _Count:
    return _Count(cal)


def workday_after(day: date, amount: int, cal: WorkCalendar) -> date:
    """The `amount`-th working day after `day`; `day` itself does not count. CalendarError past the year 9999."""
    try:
        return date.fromordinal(_count(cal).after(day.toordinal(), amount))
    except (ValueError, OverflowError) as error:
        raise CalendarError(f"{cal.code}: {amount} working days after {day}") from error


def workdays_between(a: datetime | date, b: datetime | date, cal: WorkCalendar) -> int:
    """How many working days lie after the day of `a`, up to and with the day of `b`; negative if `b` is earlier."""
    count = _count(cal)
    return count.up_to(_local_day(b, cal).toordinal()) - count.up_to(_local_day(a, cal).toordinal())


def unpublished_years(received: datetime | date, due: datetime | date, cal: WorkCalendar) -> tuple[int, ...]:
    """The years that a count of days from `received` to `due` touches and whose holidays are not published yet.

    In them Monday to Friday count as worked, so such a day may move once the year's calendar is there.
    """
    first = (_local_day(received, cal) + timedelta(days=1)).year
    return tuple(year for year in range(first, _local_day(due, cal).year + 1) if not cal.year_known(year))


def _local_day(moment: datetime | date, cal: WorkCalendar) -> date:
    if isinstance(moment, datetime):
        return _aware(moment).astimezone(cal.zone_info).date()
    return moment


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise CalendarError("a moment without a time zone")
    return moment


def due_at(
    received: datetime,
    promise: Promise,
    cal: WorkCalendar,
    pauses: Sequence[Pause] = (),
    *,
    at: datetime | None = None,
) -> datetime:
    """When the promise is due, in UTC.

    Days: the day of receipt does not count; due at close of office hours of the last day in the calendar's
    zone; a last calendar day that is not worked moves to the next worked day (Civil Code of the PRC, Art. 203).
    Each pause pushes the end by the office hours it covers. Hours: clock hours, pushed by the pauses' clock
    time. A pause without end counts up to `at`; without `at` it has not pushed anything yet.
    """
    received = _aware(received).astimezone(UTC)
    merged = _merge(pauses, at)
    if promise.unit == "hour":
        end = received + timedelta(hours=promise.amount)
        for start, stop in _within(merged, received):
            end += (stop - start) if start < end else timedelta()
        return end
    day = _local_day(received, cal)
    counting_from = _moment(day + timedelta(days=1), time(0), cal)
    end = _moment(_last_day(day, promise, cal), cal.closes, cal)
    for start, stop in _within(merged, counting_from):
        if start < end:
            end = _push(end, _office_time(start, stop, cal), cal)
    return end


def _last_day(received: date, promise: Promise, cal: WorkCalendar) -> date:
    if promise.unit == "workday":
        return workday_after(received, promise.amount, cal)
    last = received + timedelta(days=promise.amount)
    return last if cal.is_workday(last) else workday_after(last, 1, cal)


def _moment(day: date, at: time, cal: WorkCalendar) -> datetime:
    return datetime.combine(day, at, tzinfo=cal.zone_info).astimezone(UTC)


def _merge(pauses: Sequence[Pause], at: datetime | None) -> list[tuple[datetime, datetime]]:
    """The pauses in UTC, in order, none overlapping another."""
    merged: list[tuple[datetime, datetime]] = []
    closed = [(_aware(start), _aware(stop or at or start)) for start, stop in pauses]
    for start, stop in sorted((a.astimezone(UTC), b.astimezone(UTC)) for a, b in closed if a < b):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _within(pauses: list[tuple[datetime, datetime]], begin: datetime) -> list[tuple[datetime, datetime]]:
    """What of the pauses lies after `begin`."""
    return [(max(start, begin), stop) for start, stop in pauses if stop > begin]


def _office_time(start: datetime, stop: datetime, cal: WorkCalendar) -> timedelta:
    """The office hours between two moments."""
    first, last = _local_day(start, cal), _local_day(stop, cal)
    if first == last:
        return _hours_of(first, start, stop, cal)
    total = _hours_of(first, start, stop, cal) + _hours_of(last, start, stop, cal)
    day = workday_after(first, 1, cal)
    while day < last:
        total += _hours_of(day, start, stop, cal)
        day = workday_after(day, 1, cal)
    return total


def _hours_of(day: date, start: datetime, stop: datetime, cal: WorkCalendar) -> timedelta:
    if not cal.is_workday(day):
        return timedelta()
    opens, closes = _moment(day, cal.opens, cal), _moment(day, cal.closes, cal)
    return max(timedelta(), min(stop, closes) - max(start, opens))


def _push(end: datetime, by: timedelta, cal: WorkCalendar) -> datetime:
    """The moment at which `by` more office hours have passed after `end`, itself within office hours."""
    while by:
        day = _local_day(end, cal)
        left = max(timedelta(), _moment(day, cal.closes, cal) - end)
        if by <= left:
            return end + by
        by -= left
        end = _moment(workday_after(day, 1, cal), cal.opens, cal)
    return end
