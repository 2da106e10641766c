"""Working days and deadlines, counted one by one: the slow twin of the kernel's calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Office:
    """When an office works: `weekend` holds weekdays, Monday being 0; all clock times in `zone`, whole minutes."""

    zone: ZoneInfo
    weekend: frozenset[int]
    holidays: frozenset[date]
    makeup_days: frozenset[date]
    opens: time
    closes: time
    # Days that are worked at other hours than usual.
    short_days: Mapping[date, tuple[time, time]] = field(default_factory=dict)

    def works_on(self, day: date) -> bool:
        """Whether the day is worked."""
        return day in self.makeup_days or (day not in self.holidays and day.weekday() not in self.weekend)

    def works_during(self, minute: datetime) -> bool:
        """Whether the minute that begins at this moment is worked."""
        local = minute.astimezone(self.zone)
        opens, closes = self.hours_on(local.date())
        return self.works_on(local.date()) and opens <= local.time() < closes

    def hours_on(self, day: date) -> tuple[time, time]:
        """From when to when a worked day is worked."""
        return self.short_days.get(day, (self.opens, self.closes))


def workday_after(day: date, amount: int, office: Office) -> date:
    """The `amount`-th worked day after `day`."""
    while amount:
        day += DAY
        amount -= office.works_on(day)
    return day


def workdays_between(a: date, b: date, office: Office) -> int:
    """Worked days after `a` up to and with `b`; negative if `b` is earlier."""
    if b < a:
        return -workdays_between(b, a, office)
    count = 0
    while a < b:
        a += DAY
        count += office.works_on(a)
    return count


def due_at(
    received: datetime,
    amount: int,
    unit: str,
    office: Office,
    pauses: Sequence[tuple[datetime, datetime]] = (),
) -> datetime:
    """When a promise is due, in UTC, minute by minute: every counted minute outside the pauses uses one up."""
    received = received.astimezone(UTC)
    if unit == "hour":
        return _use_up(received, amount * 60, None, pauses)
    if unit == "workhour":
        return _use_up(received, amount * 60, office, pauses)
    day = received.astimezone(office.zone).date()
    start = datetime.combine(day + DAY, time(0), tzinfo=office.zone).astimezone(UTC)
    last = workday_after(day, amount, office) if unit == "workday" else day + amount * DAY
    while not office.works_on(last):
        last += DAY
    end = datetime.combine(last, office.hours_on(last)[1], tzinfo=office.zone).astimezone(UTC)
    minutes, minute = 0, start
    while minute < end:
        minutes += office.works_during(minute)
        minute += MINUTE
    return _use_up(start, minutes, office, pauses)


def moved_end(
    end: datetime,
    since: datetime,
    unit: str,
    office: Office,
    pauses: Sequence[tuple[datetime, datetime]] = (),
) -> datetime:
    """An end set by hand, in UTC, a worked minute before it: what was counted from `since` on is used up anew."""
    since, end = since.astimezone(UTC), end.astimezone(UTC)
    counts = None if unit == "hour" else office
    minutes, minute = 0, since
    while minute < end:
        minutes += counts is None or counts.works_during(minute)
        minute += MINUTE
    return _use_up(since, minutes, counts, pauses)


def _use_up(
    minute: datetime, minutes: int, office: Office | None, pauses: Sequence[tuple[datetime, datetime]]
) -> datetime:
    while minutes:
        counts = office is None or office.works_during(minute)
        paused = any(start <= minute < stop for start, stop in pauses)
        minutes -= counts and not paused
        minute += MINUTE
    return minute
