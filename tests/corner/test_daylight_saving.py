"""The nights on which New York puts its clocks forward and back: days, promises, figures and schedules hold."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.kinds.hotline_file import moments
from gongzhi.apps.openness.public import figures
from gongzhi.apps.places import public as places
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel import schedule
from gongzhi.kernel.calendar import Promise, due_at, workdays_between
from gongzhi.kernel.models import OutboxJob, OutboxState
from gongzhi.site.labels import day_words
from tests.cast import make_office

NEW_YORK = ZoneInfo("America/New_York")
SPRING, AUTUMN = date(2011, 3, 13), date(2011, 11, 6)  # clocks forward, clocks back


@pytest.fixture
def boston(at: Any) -> Jurisdiction:
    """An office that lives by New York's clocks and closes at 17:00."""
    return make_office(
        code="boston",
        prefix="BO",
        zone="America/New_York",
        calendar="us-boston",
        languages=["en"],
        default_language="en",
        min_lon=-71.2,
        min_lat=42.2,
        max_lon=-70.9,
        max_lat=42.5,
    )


def local(
    year: int, month: int, day: int, hour: int = 12, minute: int = 0, *, again: bool = False
) -> datetime:
    """A moment by New York's clocks; `again` is the second time the clock shows it that night."""
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK, fold=int(again)).astimezone(UTC)


def opened(office: Jurisdiction, at: datetime) -> Case:
    """A case of a report that came at that moment."""
    new = channels.NewReport(text="pothole")
    received = channels.receive_report(jurisdiction=office, channel="web", new=new, by=SYSTEM, at=at)
    return cases.open_case(report=received.report, category="roads.potholes", by=SYSTEM, at=at)


@pytest.mark.parametrize(
    ("received", "amount", "unit", "due"),
    [
        # Across the night of 6 November: before it the office closes at 21:00 UTC, after it at 22:00.
        (local(2011, 11, 3), 1, "workday", local(2011, 11, 4, 17)),
        (local(2011, 11, 4), 1, "workday", local(2011, 11, 7, 17)),
        (local(2011, 11, 4), 3, "day", local(2011, 11, 7, 17)),
        (local(2011, 11, 6, 1, 30), 1, "workday", local(2011, 11, 7, 17)),
        (local(2011, 11, 6, 1, 30, again=True), 1, "workday", local(2011, 11, 7, 17)),
        # Across the night of 13 March: 22:00 UTC before, 21:00 after.
        (local(2011, 3, 10), 1, "workday", local(2011, 3, 11, 17)),
        (local(2011, 3, 11), 1, "workday", local(2011, 3, 14, 17)),
        (local(2011, 3, 13, 3, 1), 2, "workday", local(2011, 3, 15, 17)),
        (local(2011, 3, 12), 2, "day", local(2011, 3, 14, 17)),
    ],
)
def test_a_promise_ends_when_the_office_closes_by_its_own_clock(
    boston: Jurisdiction, received: datetime, amount: int, unit: Any, due: datetime
) -> None:
    calendar = places.calendar_of(boston)
    found = due_at(received, Promise(amount, unit), calendar)
    assert found == due and found.astimezone(NEW_YORK).hour == 17
    assert workdays_between(received, found, calendar) >= 1


def test_the_hour_differs_in_utc_and_hours_run_on_through_the_night(boston: Jurisdiction) -> None:
    calendar = places.calendar_of(boston)
    assert due_at(local(2011, 11, 3), Promise(1, "workday"), calendar).hour == 21
    assert due_at(local(2011, 11, 4), Promise(1, "workday"), calendar).hour == 22
    # 24 hours are 24 hours: by the clock on the wall they end an hour earlier, or later.
    back = due_at(local(2011, 11, 5, 12), Promise(24, "hour"), calendar).astimezone(NEW_YORK)
    forward = due_at(local(2011, 3, 12, 12), Promise(24, "hour"), calendar).astimezone(NEW_YORK)
    assert (back.day, back.hour, forward.day, forward.hour) == (6, 11, 13, 13)


def test_reports_in_the_hour_that_comes_twice_stay_in_order_and_on_their_day(boston: Jurisdiction) -> None:
    first = opened(boston, local(2011, 11, 6, 1, 50))
    second = opened(boston, local(2011, 11, 6, 1, 10, again=True))
    assert first.opened_at < second.opened_at
    assert second.opened_at - first.opened_at == timedelta(minutes=20)
    assert {places.local_day(boston, case.opened_at) for case in (first, second)} == {AUTUMN}
    found, _next = cases.search_cases(visible_to=SYSTEM, jurisdiction=boston, wanted=cases.CaseFilter())
    assert found == [second, first]
    assert "1:50" in day_words(first.opened_at, boston.zone)


def test_a_file_s_time_in_the_missing_or_repeated_hour_is_a_moment_of_that_day() -> None:
    now = datetime(2012, 1, 1, tzinfo=UTC)
    missing, twice = (
        moments.read_moment(cell, formats=(), zone=NEW_YORK, at=now)
        for cell in ("2011-03-13 02:30:00", "2011-11-06 01:30:00")
    )
    assert missing == datetime(2011, 3, 13, 7, 30, tzinfo=UTC)  # an hour later on the wall: 03:30
    assert twice == local(2011, 11, 6, 1, 30)  # the first of the two
    assert missing.astimezone(NEW_YORK).date() == SPRING and twice.astimezone(NEW_YORK).date() == AUTUMN


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_figures_put_the_edges_of_the_day_into_the_right_day_and_week(
    boston: Jurisdiction, day: date, client_of: Any
) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK)
    following = datetime(day.year, day.month, day.day + 1, tzinfo=NEW_YORK)
    inside = [midnight.astimezone(UTC), following.astimezone(UTC) - timedelta(seconds=1)]
    outside = [midnight.astimezone(UTC) - timedelta(seconds=1), following.astimezone(UTC)]
    assert (outside[1] - inside[0]).total_seconds() / 3600 == (23 if day == SPRING else 25)
    for moment in (*inside, *outside):
        opened(boston, moment)
    of_day = figures(
        visible_to=SYSTEM, jurisdiction=boston, since=midnight, until=following, by="category", at=following
    )
    assert [row.cases for row in of_day] == [2]
    weeks = figures(
        visible_to=SYSTEM,
        jurisdiction=boston,
        since=midnight - timedelta(days=7),
        until=following + timedelta(days=7),
        by="week",
        at=following,
    )
    monday = day - timedelta(days=6)  # both days are Sundays
    assert {row.group: row.cases for row in weeks} == {
        monday.isoformat(): 3,
        (day + timedelta(days=1)).isoformat(): 1,
    }


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
@pytest.mark.parametrize("clock_time", ["01:30", "02:30"])
def test_what_is_done_every_night_is_done_once_on_such_nights(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, day: date, clock_time: str
) -> None:
    settings.TIME_ZONE = "America/New_York"
    monkeypatch.setattr(schedule, "_ticks", {})
    name = f"tests.nightly-{day}-{clock_time}"
    schedule.daily(at=clock_time, name=name)(lambda *, at: None)
    begin = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).astimezone(UTC) - timedelta(days=1)
    schedule.enqueue_due(begin)  # the first occurrence ever is not made up for
    begun = OutboxJob.objects.get(handler=name).pk
    for minutes in range(10, 3 * 24 * 60, 10):
        schedule.enqueue_due(begin + timedelta(minutes=minutes))
        OutboxJob.objects.filter(handler=name).update(state=OutboxState.DONE)
    rows = OutboxJob.objects.filter(handler=name).exclude(pk=begun).order_by("run_after")
    runs = [row.run_after.astimezone(NEW_YORK) for row in rows]
    assert [run.date() for run in runs] == [day - timedelta(days=1), day, day + timedelta(days=1)]
    expected = "03:30" if (day, clock_time) == (SPRING, "02:30") else clock_time
    assert f"{runs[1]:%H:%M}" == expected
