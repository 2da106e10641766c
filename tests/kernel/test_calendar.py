"""Working days and deadlines: cases a person can check, and the slow twin for all others."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.kernel.calendar import (
    CalendarError,
    DayChange,
    Promise,
    WorkCalendar,
    changed,
    china,
    due_at,
    from_pack,
    moved_end,
    workday_after,
    workdays_between,
)
from gongzhi_analysis.reference import calendar as twin

CN = china()
SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
US = WorkCalendar(
    code="us",
    zone="America/New_York",
    holidays=frozenset({date(2011, 11, 11), date(2011, 11, 24), date(2026, 11, 11)}),
    years_known=frozenset({2011, 2026}),
    opens=time(9),
    closes=time(17),
    version="test",
)


def shanghai(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def new_york(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK)


# National Day 2026: off from 1 to 7 October; Sunday 20 September and Saturday 10 October are worked.
@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 9, 20), True),
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
        (date(2026, 1, 1), False),
        (date(2026, 1, 4), True),
    ],
)
def test_china_works_make_up_days_and_rests_on_holidays(day: date, worked: bool) -> None:
    assert CN.is_workday(day) is worked


def test_a_year_not_yet_published_counts_as_monday_to_friday_and_says_so() -> None:
    assert CN.year_known(2026)
    assert not CN.year_known(2099)
    assert [CN.is_workday(date(2099, 10, day)) for day in range(1, 8)] == [
        True,
        True,
        False,
        False,
        True,
        True,
        True,
    ]
    assert CN.version == f"cn-{max(CN.years_known)}"


@pytest.mark.parametrize(
    ("received", "promise", "due"),
    [
        # the day of receipt does not count
        (shanghai(2026, 9, 28, 8, 0), Promise(1, "workday"), shanghai(2026, 9, 29, 17, 30)),
        (shanghai(2026, 9, 28, 23, 59), Promise(1, "workday"), shanghai(2026, 9, 29, 17, 30)),
        # one minute later it is the next day in Shanghai, though not in UTC
        (datetime(2026, 9, 28, 16, 0, tzinfo=UTC), Promise(1, "workday"), shanghai(2026, 9, 30, 17, 30)),
        # over the holiday, onto the worked Saturday
        (shanghai(2026, 9, 30, 10, 0), Promise(3, "workday"), shanghai(2026, 10, 10, 17, 30)),
        (shanghai(2026, 10, 3, 10, 0), Promise(1, "workday"), shanghai(2026, 10, 8, 17, 30)),
        # calendar days; the last one is a holiday, so the first worked day after it
        (shanghai(2026, 9, 28, 10, 0), Promise(5, "day"), shanghai(2026, 10, 8, 17, 30)),
        (shanghai(2026, 9, 15, 10, 0), Promise(15, "day"), shanghai(2026, 9, 30, 17, 30)),
        # clock hours run through the night and the holiday
        (shanghai(2026, 9, 30, 23, 0), Promise(24, "hour"), shanghai(2026, 10, 1, 23, 0)),
        # 29 February
        (shanghai(2028, 2, 28, 9, 0), Promise(1, "workday"), shanghai(2028, 2, 29, 17, 30)),
        (shanghai(2028, 2, 29, 9, 0), Promise(1, "day"), shanghai(2028, 3, 1, 17, 30)),
    ],
)
def test_due_in_china(received: datetime, promise: Promise, due: datetime) -> None:
    assert due_at(received, promise, CN) == due


def test_due_over_the_change_of_the_clocks() -> None:
    # Clocks go back on Sunday 6 November 2011: Friday's report, due on Monday at 17:00 winter time (22:00 UTC).
    due = due_at(new_york(2011, 11, 4, 12, 0), Promise(1, "workday"), US)
    assert due == datetime(2011, 11, 7, 22, 0, tzinfo=UTC)
    before = due_at(new_york(2011, 11, 3, 12, 0), Promise(1, "workday"), US)
    assert before == datetime(2011, 11, 4, 21, 0, tzinfo=UTC)
    # 24 clock hours are 24 hours, so the wall clock shows one less.
    assert due_at(new_york(2011, 11, 5, 12, 0), Promise(24, "hour"), US) == new_york(2011, 11, 6, 11, 0)
    # and forward, on 8 March 2026
    assert due_at(new_york(2026, 3, 7, 12, 0), Promise(24, "hour"), US) == new_york(2026, 3, 8, 13, 0)


def test_a_pause_pushes_the_end_by_its_office_hours() -> None:
    received, promise = shanghai(2026, 9, 21, 10, 0), Promise(2, "workday")  # Monday, due Wednesday 17:30
    two_hours = (shanghai(2026, 9, 22, 10, 0), shanghai(2026, 9, 22, 12, 0))
    assert due_at(received, promise, CN, [two_hours]) == shanghai(2026, 9, 24, 11, 0)
    a_night = (shanghai(2026, 9, 22, 18, 0), shanghai(2026, 9, 23, 9, 0))
    assert due_at(received, promise, CN, [a_night]) == shanghai(2026, 9, 23, 17, 30)
    a_day = (shanghai(2026, 9, 22, 9, 0), shanghai(2026, 9, 23, 9, 0))
    assert due_at(received, promise, CN, [a_day]) == shanghai(2026, 9, 24, 17, 30)
    assert due_at(received, promise, CN, [a_day, a_day, two_hours]) == shanghai(2026, 9, 24, 17, 30)
    on_the_day_of_receipt = (shanghai(2026, 9, 21, 11, 0), shanghai(2026, 9, 21, 17, 0))
    assert due_at(received, promise, CN, [on_the_day_of_receipt]) == shanghai(2026, 9, 23, 17, 30)
    too_late = (shanghai(2026, 9, 23, 17, 30), shanghai(2026, 9, 30, 17, 30))
    assert due_at(received, promise, CN, [too_late]) == shanghai(2026, 9, 23, 17, 30)
    # an end pushed past the original one may meet a second pause there
    second = (shanghai(2026, 9, 24, 9, 0), shanghai(2026, 9, 24, 10, 0))
    assert due_at(received, promise, CN, [second, two_hours]) == shanghai(2026, 9, 24, 12, 0)


def test_an_open_pause_counts_up_to_the_moment_given() -> None:
    received, promise = shanghai(2026, 9, 21, 10, 0), Promise(2, "workday")
    still_open = [(shanghai(2026, 9, 22, 9, 0), None)]
    assert due_at(received, promise, CN, still_open) == shanghai(2026, 9, 23, 17, 30)
    later = due_at(received, promise, CN, still_open, at=shanghai(2026, 9, 23, 9, 0))
    assert later == shanghai(2026, 9, 24, 17, 30)


def test_a_pause_in_clock_hours() -> None:
    pause = (shanghai(2026, 10, 1, 1, 0), shanghai(2026, 10, 1, 4, 0))
    assert due_at(shanghai(2026, 9, 30, 23, 0), Promise(24, "hour"), CN, [pause]) == shanghai(
        2026, 10, 2, 2, 0
    )


def test_working_days_left() -> None:
    assert workdays_between(date(2026, 9, 30), date(2026, 10, 8), CN) == 1
    assert workdays_between(date(2026, 10, 8), date(2026, 9, 30), CN) == -1
    assert workdays_between(date(2026, 10, 1), date(2026, 10, 7), CN) == 0
    # 16:30 UTC is already the next day in Shanghai
    assert workdays_between(datetime(2026, 9, 28, 16, 30, tzinfo=UTC), shanghai(2026, 9, 30, 9, 0), CN) == 1


def test_from_pack_reads_days_and_times() -> None:
    cal = from_pack(
        {
            "key": "us-ma",
            "source": "data",
            "zone": "America/New_York",
            "weekend": [5, 6],
            "holidays": ["2026-07-03", date(2026, 11, 26)],
            "makeup_days": [],
            "years_known": [2026],
            "opens": "08:00",
            "closes": time(17, 0),
            "version": "1",
        }
    )
    assert cal.code == "us-ma"
    assert not cal.is_workday(date(2026, 7, 3))
    assert not cal.is_workday(date(2026, 11, 26))
    assert cal.opens == time(8)
    assert cal.year_known(2026)


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Mars/Olympus"},
        {},
        {"zone": "UTC", "holidays": ["2026-02-30"]},
        {"zone": "UTC", "opens": "18:00", "closes": "09:00"},
        {"zone": "UTC", "weekend": [0, 1, 2, 3, 4, 5, 6]},
        {"zone": "UTC", "weekend": [7]},
    ],
)
def test_a_wrong_calendar_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(CalendarError):
        from_pack({"key": "wrong", **wrong})


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(CalendarError):
        Promise(0, "workday")
    with pytest.raises(CalendarError):
        Promise(1, "week")  # type: ignore[arg-type]
    with pytest.raises(CalendarError):
        due_at(datetime(2026, 9, 28, 8, 0), Promise(1, "workday"), CN)  # noqa: DTZ001
    with pytest.raises(CalendarError):
        workday_after(date(9999, 12, 20), 100, CN)


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
minutes = st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 10)).map(  # noqa: DTZ001
    lambda d: d.replace(second=0, microsecond=0, tzinfo=UTC)
)


@st.composite
def day_changes(draw: st.DrawFn, near: st.SearchStrategy[date]) -> DayChange:
    """Closed, worked half the day, or as usual again."""
    kind = draw(st.sampled_from(["closed", "half", "usual"]))
    hour = draw(st.integers(0, 20))
    closes = time(hour + draw(st.integers(1, 3)), 15)
    return DayChange(draw(near), kind, time(hour, 45), closes)


@st.composite
def offices(draw: st.DrawFn) -> WorkCalendar:
    near = st.dates(date(2026, 2, 20), date(2026, 5, 1))
    hour = draw(st.integers(0, 12))
    drawn = WorkCalendar(
        code="drawn",
        zone=draw(st.sampled_from(["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "UTC"])),
        weekend=draw(st.frozensets(st.integers(0, 6), max_size=4)),
        holidays=draw(st.frozensets(near, max_size=12)),
        makeup_days=draw(st.frozensets(near, max_size=6)),
        opens=time(hour, 30),
        closes=time(hour + draw(st.integers(1, 11)), draw(st.sampled_from([0, 31]))),
    )
    return changed(drawn, draw(st.lists(day_changes(near), max_size=5)), "drawn+1")


def office_of(cal: WorkCalendar) -> twin.Office:
    short = {day: (opens, closes) for day, opens, closes in cal.short_days}
    days_off = (cal.holidays, cal.makeup_days)
    return twin.Office(ZoneInfo(cal.zone), cal.weekend, *days_off, cal.opens, cal.closes, short)


@given(offices(), days, st.integers(1, 40))
def test_the_nth_working_day_equals_the_twins(cal: WorkCalendar, day: date, amount: int) -> None:
    assert workday_after(day, amount, cal) == twin.workday_after(day, amount, office_of(cal))


@given(offices(), days, days)
def test_working_days_between_equal_the_twins(cal: WorkCalendar, a: date, b: date) -> None:
    assert workdays_between(a, b, cal) == twin.workdays_between(a, b, office_of(cal))


@given(days, days)
def test_the_chinese_calendar_equals_the_twins(a: date, b: date) -> None:
    assert workdays_between(a, b, CN) == twin.workdays_between(a, b, office_of(CN))


@settings(max_examples=60, deadline=None)
@given(
    cal=offices(),
    received=minutes,
    amount=st.integers(1, 4),
    unit=st.sampled_from(["workday", "day", "hour", "workhour"]),
    pauses=st.lists(st.tuples(st.integers(-2000, 12000), st.integers(0, 5000)), max_size=3),
)
def test_deadlines_equal_the_twins(
    cal: WorkCalendar, received: datetime, amount: int, unit: str, pauses: list[tuple[int, int]]
) -> None:
    starts = [(received + timedelta(minutes=offset), timedelta(minutes=length)) for offset, length in pauses]
    closed = [(start, start + length) for start, length in starts]
    promise = Promise(amount, unit)  # type: ignore[arg-type]
    assert due_at(received, promise, cal, closed) == twin.due_at(
        received, amount, unit, office_of(cal), closed
    )


@settings(max_examples=40, deadline=None)
@given(
    cal=offices(),
    received=minutes,
    amount=st.integers(1, 4),
    unit=st.sampled_from(["workday", "day", "hour", "workhour"]),
    pauses=st.lists(st.tuples(st.integers(-2000, 12000), st.integers(0, 5000)), max_size=3),
)
def test_an_approved_day_moved_by_pauses_equals_the_twins(
    cal: WorkCalendar, received: datetime, amount: int, unit: str, pauses: list[tuple[int, int]]
) -> None:
    starts = [(received + timedelta(minutes=offset), timedelta(minutes=length)) for offset, length in pauses]
    closed = [(start, start + length) for start, length in starts]
    end = due_at(received, Promise(amount, unit), cal)  # type: ignore[arg-type]
    moved = moved_end(end, received, unit, cal, closed)  # type: ignore[arg-type]
    assert moved == twin.moved_end(end, received, unit, office_of(cal), closed)


@given(offices(), days)
def test_a_calendar_says_closed_half_and_usual_as_the_last_word_on_a_day(
    cal: WorkCalendar, day: date
) -> None:
    closed, usual = DayChange(day, "closed"), DayChange(day, "usual")
    half = DayChange(day, "half", time(9), time(12))
    assert not changed(cal, [half, closed], "").is_workday(day)
    assert changed(cal, [closed, half], "").hours_on(day) == (time(9), time(12))
    assert changed(cal, [closed, usual], "").is_workday(day) == cal.is_workday(day)
