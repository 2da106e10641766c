"""Working days and deadlines. Pure: no clock, no settings; calendars are data."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chinese_calendar.constants import holidays as china_holidays
from chinese_calendar.constants import workdays as china_makeup_days
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.errors import GongzhiError

Unit = Literal["workday", "day", "hour", "workhour"]
UNITS: Final = ("workday", "day", "hour", "workhour")
Pause = tuple[datetime, datetime | None]
MOST_KEPT: Final = 10_000  # days whose hours a calendar remembers as moments


class CalendarError(GongzhiError):
    """A calendar that does not exist or cannot be counted on."""

    message = _("The calendar of working days cannot be used: %(what)s.")
    hint = _("Correct the calendar in the scenario pack, then try again.")

    def __init__(self, what: str) -> None:
        super().__init__(what=what)


@dataclass(frozen=True)
class Promise:
    """How much time an office gives itself: an amount of working days, calendar days, clock or office hours."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise CalendarError(f"a promise of {self.amount}")
        if self.unit not in UNITS:
            raise CalendarError(f"a promise in {self.unit!r}")


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked, and from when to when. `weekend` holds weekdays, Monday being 0.

    A make-up day is worked though it falls on a weekend; it beats a holiday on the same date. `short_days` are worked
    at other hours than usual (a half-day): day, from when, to when.
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
    short_days: frozenset[tuple[date, time, time]] = frozenset()
    zone_info: ZoneInfo = field(init=False, repr=False, compare=False)
    count: "_Count" = field(init=False, repr=False, compare=False)
    _short: dict[date, tuple[time, time]] = field(init=False, repr=False, compare=False)
    _worked: dict[date, tuple[datetime, datetime]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.weekend <= frozenset(range(7)) or len(self.weekend) == 7:
            raise CalendarError(f"{self.code}: weekend {sorted(self.weekend)}")
        if self.closes <= self.opens:
            raise CalendarError(f"{self.code}: closes at {self.closes}, opens at {self.opens}")
        if any(closes <= opens for _day, opens, closes in self.short_days):
            raise CalendarError(f"{self.code}: a half-day closes before it opens")
        object.__setattr__(self, "_short", {day: (opens, closes) for day, opens, closes in self.short_days})
        object.__setattr__(self, "count", _Count(self))
        object.__setattr__(self, "_worked", {})
        try:
            object.__setattr__(self, "zone_info", ZoneInfo(self.zone))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CalendarError(f"{self.code}: no time zone {self.zone!r}") from error

    def is_workday(self, day: date) -> bool:
        """Whether the office is open that day. In a year not yet published: Monday to Friday."""
        if day in self.makeup_days:
            return True
        return day not in self.holidays and day.weekday() not in self.weekend

    def hours_on(self, day: date) -> tuple[time, time]:
        """From when to when a worked day is worked."""
        return self._short.get(day) or (self.opens, self.closes)

    def worked_on(self, day: date) -> tuple[datetime, datetime]:
        """As `hours_on`, as moments in UTC."""
        found = self._worked.get(day)
        if found is None:
            if len(self._worked) >= MOST_KEPT:
                self._worked.clear()
            opens, closes = self.hours_on(day)
            found = self._worked[day] = (_moment(day, opens, self), _moment(day, closes, self))
        return found

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


@dataclass(frozen=True)
class DayChange:
    """What an office says of one of its days: `closed`, `half` (worked from `opens` to `closes`) or `usual` again."""

    day: date
    kind: Literal["closed", "half", "usual"]
    opens: time | None = None
    closes: time | None = None


def changed(cal: WorkCalendar, changes: Iterable[DayChange], version: str) -> WorkCalendar:
    """The calendar with the office's own days; the last word on a day counts. Closing beats a make-up day."""
    last = {change.day: change for change in changes}
    closed = {day for day, change in last.items() if change.kind == "closed"}
    half = {
        (day, change.opens or cal.opens, change.closes or cal.closes)
        for day, change in last.items()
        if change.kind == "half"
    }
    return replace(
        cal,
        holidays=cal.holidays | closed,
        makeup_days=(cal.makeup_days - closed) | {day for day, _opens, _closes in half},
        short_days=frozenset(half),
        version=version,
    )


class _Count:
    """Working days from the beginning of time up to a day, by arithmetic, for one calendar."""

    def __init__(self, cal: WorkCalendar) -> None:
        self._per_week = 7 - len(cal.weekend)
        worked = [weekday not in cal.weekend for weekday in range(7)]
        # Of the days of a week that begins on Monday, how many among the first `rest` are worked.
        self._of_week = [sum(worked[:rest]) for rest in range(7)]
        extra = (d for d in cal.makeup_days if d.weekday() in cal.weekend)
        missing = (d for d in cal.holidays - cal.makeup_days if d.weekday() not in cal.weekend)
        self._extra = sorted(d.toordinal() for d in extra)
        self._missing = sorted(d.toordinal() for d in missing)

    def up_to(self, ordinal: int) -> int:
        """Working days on or before the day with this ordinal (1 is Monday, 1 January of year 1)."""
        weeks, rest = divmod(ordinal, 7)
        plain = weeks * self._per_week + self._of_week[rest]
        return plain + bisect_right(self._extra, ordinal) - bisect_right(self._missing, ordinal)

    def after(self, ordinal: int, amount: int) -> int:
        """The ordinal of the `amount`-th working day after that day.

        No day adds more than one, so as many days as are still missing can be passed over without going too far.
        """
        wanted = self.up_to(ordinal) + amount
        found = ordinal + amount
        while (missing := wanted - self.up_to(found)) > 0:
            found += missing
        return found


def workday_after(day: date, amount: int, cal: WorkCalendar) -> date:
    """The `amount`-th working day after `day`; `day` itself does not count. CalendarError past the year 9999."""
    try:
        return date.fromordinal(cal.count.after(day.toordinal(), amount))
    except (ValueError, OverflowError) as error:
        raise CalendarError(f"{cal.code}: {amount} working days after {day}") from error


def workdays_between(a: datetime | date, b: datetime | date, cal: WorkCalendar) -> int:
    """How many working days lie after the day of `a`, up to and with the day of `b`; negative if `b` is earlier."""
    count = cal.count
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
    time. Office hours ("workhour"): from the receipt, only while the office works; pushed as days are. A pause
    without end counts up to `at`; without `at` it has not pushed anything yet.
    """
    received = _aware(received).astimezone(UTC)
    merged = _merge(pauses, at) if pauses else []
    if promise.unit == "hour":
        return _pushed(received + timedelta(hours=promise.amount), received, merged, None)
    if promise.unit == "workhour":
        end = _push(_first_worked(received, cal), timedelta(hours=promise.amount), cal)
        return _pushed(end, received, merged, cal)
    day = _local_day(received, cal)
    last = _last_day(day, promise, cal)
    end = cal.worked_on(last)[1]
    return _pushed(end, _moment(day + timedelta(days=1), time(0), cal), merged, cal) if merged else end


def moved_end(
    end: datetime, since: datetime, unit: Unit, cal: WorkCalendar, pauses: Sequence[Pause] = ()
) -> datetime:
    """An end that was set by hand, in UTC, pushed by what of the pauses lies after `since`, as `due_at` does it."""
    merged = _merge(pauses, None)
    return _pushed(_aware(end).astimezone(UTC), since, merged, None if unit == "hour" else cal)


def day_end(day: date, cal: WorkCalendar) -> datetime:
    """When the office closes that day, in UTC; on a day that is not worked as if it were an ordinary one."""
    return cal.worked_on(day)[1]


def _pushed(
    end: datetime, since: datetime, merged: Sequence[tuple[datetime, datetime]], cal: WorkCalendar | None
) -> datetime:
    """The end with each pause's office time added, without a calendar its clock time."""
    for start, stop in _within(merged, since):
        if start < end:
            end = end + (stop - start) if cal is None else _push(end, _office_time(start, stop, cal), cal)
    return end


def _first_worked(moment: datetime, cal: WorkCalendar) -> datetime:
    """The moment itself while the office works, else when it opens next."""
    day = _local_day(moment, cal)
    opens, closes = cal.worked_on(day)
    if cal.is_workday(day) and moment < closes:
        return max(moment, opens)
    return cal.worked_on(workday_after(day, 1, cal))[0]


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


def _within(pauses: Sequence[tuple[datetime, datetime]], begin: datetime) -> list[tuple[datetime, datetime]]:
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
    opens, closes = cal.worked_on(day)
    return max(timedelta(), min(stop, closes) - max(start, opens))


def _push(end: datetime, by: timedelta, cal: WorkCalendar) -> datetime:
    """The moment at which `by` more office hours have passed after `end`, itself within office hours."""
    while by:
        day = _local_day(end, cal)
        left = max(timedelta(), cal.worked_on(day)[1] - end)
        if by <= left:
            return end + by
        by -= left
        day = workday_after(day, 1, cal)
        end = cal.worked_on(day)[0]
    return end
