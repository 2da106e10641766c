"""Pure decisions about opening hours, quarters of an hour, weekly series and the share kept for the telephone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

KINDS: Final = ("room", "vehicle", "equipment", "team")
# Booked by the quarter of an hour: each is a row with a unique key, so no two bookings can ever share one.
QUARTER: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=24)
MOST_WEEKS: Final = 53
# Fewer people with a skill than this are not counted out: a team of one is a person.
FEWEST_SHOWN: Final = 3
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)

Hours = Mapping[str, Sequence[Sequence[str]]]


def on_quarter(moment: datetime) -> bool:
    """Whether the moment stands on a quarter of an hour."""
    return (moment - _EPOCH) % QUARTER == timedelta()


def quarters(starts: datetime, ends: datetime) -> range:
    """The numbers of the quarters from one moment to another, counted from the year 2000."""
    return range((starts - _EPOCH) // QUARTER, (ends - _EPOCH) // QUARTER)


def spans_of(hours: Hours, day: date) -> list[tuple[time, time]]:
    """From when to when it is open on a day. `hours` holds weekdays "0" (Monday) to "6"; none at all: day and night."""
    if not hours:
        return [(time(0), time(0))]
    return [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in hours.get(str(day.weekday()), ())]


def open_spans(hours: Hours, day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """As `spans_of`, as moments; an end at midnight is that of the following day."""
    found = []
    for begins, ends in spans_of(hours, day):
        last = day + timedelta(days=1) if ends <= begins else day
        start, stop = (datetime.combine(d, t, tzinfo=zone) for d, t in ((day, begins), (last, ends)))
        found.append((start.astimezone(UTC), stop.astimezone(UTC)))
    return found


def is_open(hours: Hours, starts: datetime, ends: datetime, zone: ZoneInfo) -> bool:
    """Whether it is open the whole time; spans that meet, as at midnight, count as one."""
    first = starts.astimezone(zone).date() - timedelta(days=1)
    days = (ends.astimezone(zone).date() - first).days + 1
    at = starts
    for start, stop in sorted(
        s for n in range(days) for s in open_spans(hours, first + timedelta(days=n), zone)
    ):
        if start <= at < stop:
            at = stop
    return at >= ends


def open_quarters(hours: Hours, monday: date, zone: ZoneInfo) -> int:
    """How many quarters of an hour it is open in the week from that Monday."""
    spans = (s for n in range(7) for s in open_spans(hours, monday + timedelta(days=n), zone))
    return sum(len(quarters(start, stop)) for start, stop in spans)


def week_of(moment: datetime, zone: ZoneInfo) -> date:
    """The Monday of the week in which the moment lies."""
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def free_for_pages(open_in_week: int, phone_share: int) -> int:
    """How many quarters of a week may be booked on the pages; the rest (`phone_share` percent, rounded up) is kept."""
    return open_in_week - -(-open_in_week * phone_share // 100)


def weekly(
    starts: datetime, ends: datetime, every: int, until: date, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    """The same clock time every so many weeks, the last on `until` at the latest; summer time moves nothing."""
    begins, stops = (m.astimezone(zone).replace(tzinfo=None) for m in (starts, ends))
    found: list[tuple[datetime, datetime]] = []
    while begins.date() <= until and len(found) < MOST_WEEKS:
        found.append(
            (begins.replace(tzinfo=zone).astimezone(UTC), stops.replace(tzinfo=zone).astimezone(UTC))
        )
        begins, stops = begins + timedelta(weeks=every), stops + timedelta(weeks=every)
    return found
