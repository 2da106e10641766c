"""Lending: never two at once, whole series or nothing, a share for those who call, near and free now, ICS."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.apps.dispatch.resources import public as resources
from gongzhi.apps.dispatch.resources import rules
from gongzhi.apps.dispatch.resources.models import BookedQuarter, Booking
from gongzhi.apps.dispatch.resources.public import BookingError, Entry, Resource, calendar_file
from gongzhi.apps.places import public as places
from tests.cast import MONDAY, Cast, make_cast

ZONE = ZoneInfo("Asia/Shanghai")
WEEKDAYS = {str(day): [["09:00", "17:00"]] for day in range(5)}
TEN = MONDAY + timedelta(hours=1)  # Monday 10:00


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def hall(cast: Cast, code: str = "hall", **more: Any) -> Resource:
    values: dict[str, Any] = {"kind": "room", "unit": cast.street_office, "hours": WEEKDAYS}
    values |= {"lon": 120.02, "lat": 30.01, "names": {"zh-hans": "议事厅", "en": "Hall"}}
    return resources.save_resource(
        jurisdiction=cast.office, code=code, by="system", at=MONDAY, **(values | more)
    )


def book(
    cast: Cast, resource: Resource, starts: datetime = TEN, hours: float = 1, **more: Any
) -> list[Booking]:
    values: dict[str, Any] = {
        "unit": cast.roads_unit,
        "purpose": "居民议事会",
        "by": cast.actor(cast.handler),
    }
    ends = starts + timedelta(hours=hours)
    return resources.book(resource=resource, starts=starts, ends=ends, at=MONDAY, **(values | more))


def test_what_is_taken_is_refused_and_what_only_touches_it_is_not(cast: Cast) -> None:
    room = hall(cast)
    book(cast, room)
    for hours, late in ((1, 0), (2, -1), (0.25, 0.25), (0.25, 0.75)):
        with pytest.raises(BookingError):
            book(cast, room, TEN + timedelta(hours=late), hours)
    book(cast, room, TEN + timedelta(hours=1))
    book(cast, room, TEN - timedelta(hours=1))
    assert len(resources.bookings_of(room, since=MONDAY)) == 3


@pytest.mark.parametrize(
    ("starts", "hours"),
    [
        (TEN + timedelta(minutes=5), 1),
        (TEN, 0),
        (TEN, 25),
        (TEN - timedelta(days=7), 1),
        (TEN + timedelta(hours=6), 2),
        (TEN + timedelta(days=5), 1),
    ],
    ids=["off the quarter", "no length", "too long", "past", "over the closing", "on Saturday"],
)
def test_a_time_that_cannot_be_is_refused(cast: Cast, starts: datetime, hours: float) -> None:
    with pytest.raises(BookingError):
        book(cast, hall(cast), starts, hours)
    assert not Booking.objects.exists()


def test_a_series_is_booked_as_a_whole_or_not_at_all(cast: Cast) -> None:
    room = hall(cast)
    taken = TEN + timedelta(weeks=2)
    book(cast, room, taken)
    with pytest.raises(BookingError, match="2026年11月30日 10:00"):
        book(cast, room, every=1, until=date(2026, 12, 28))
    assert Booking.objects.count() == 1
    made = book(cast, room, TEN + timedelta(hours=2), every=2, until=date(2026, 12, 28))
    assert [b.starts_at.astimezone(ZONE).date().day for b in made] == [16, 30, 14, 28]
    assert {b.starts_at.astimezone(ZONE).hour for b in made} == {12}
    gone = resources.cancel(
        bookings=resources.of_series(made[1], made[1].starts_at), by=cast.actor(cast.handler), at=MONDAY
    )
    assert gone == 3
    assert BookedQuarter.objects.filter(booking__in=made).count() == 4


def test_summer_time_does_not_move_a_weekly_meeting() -> None:
    zone = ZoneInfo("America/New_York")
    starts = datetime(2026, 10, 26, 19, tzinfo=zone)
    found = rules.weekly(starts, starts + timedelta(hours=1), 1, date(2026, 11, 9), zone)
    assert [s.astimezone(zone).hour for s, _ in found] == [19, 19, 19]
    assert [s.astimezone(UTC).hour for s, _ in found] == [23, 0, 0]


def test_the_share_for_those_who_call_cannot_be_taken_by_pages(cast: Cast) -> None:
    room = hall(cast, phone_share=80)  # 40 hours a week: 8 for the pages
    book(cast, room, TEN, 5)
    book(cast, room, TEN + timedelta(days=1), 3)
    with pytest.raises(BookingError, match="80"):
        book(cast, room, TEN + timedelta(days=2), 0.25)
    with pytest.raises(BookingError):
        book(cast, room, TEN + timedelta(days=2), by_phone=True)  # a handler takes no calls
    book(cast, room, TEN + timedelta(days=2), by_phone=True, by=cast.actor(cast.coordinator))
    book(cast, room, TEN + timedelta(days=7), 5)
    assert Booking.objects.count() == 4


def test_only_the_own_unit_the_lender_and_who_decides_cancel(cast: Cast) -> None:
    room = hall(cast)
    booked = book(cast, room)
    with pytest.raises(BookingError):
        resources.cancel(bookings=booked, by=cast.actor(cast.estate_handler), at=MONDAY)
    assert resources.cancel(bookings=booked, by=cast.actor(cast.coordinator), at=MONDAY) == 1
    assert resources.cancel(bookings=booked, by=cast.actor(cast.coordinator), at=MONDAY) == 0
    book(cast, room)


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_book_the_same_hour_at_once_one_has_it() -> None:
    cast = make_cast()
    room, bell, outcomes = hall(cast), threading.Barrier(10), []

    def one() -> None:
        try:
            bell.wait()
            book(cast, room)
            outcomes.append("booked")
        except BookingError:
            outcomes.append("taken")
        except BaseException as error:  # noqa: BLE001
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["booked", *["taken"] * 9]
    assert (Booking.objects.count(), BookedQuarter.objects.count()) == (1, 4)


@pytest.mark.django_db(transaction=True)
def test_the_share_holds_when_all_come_at_once() -> None:
    cast = make_cast()
    room, bell, outcomes = hall(cast, phone_share=90), threading.Barrier(6), []  # 4 hours for the pages

    def one(day: int) -> None:
        try:
            bell.wait()
            book(cast, room, TEN + timedelta(hours=day), 1)
            outcomes.append("booked")
        except BookingError:
            outcomes.append("kept")
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [*["booked"] * 4, *["kept"] * 2]


def test_near_open_and_free_now_the_nearest_first(cast: Cast) -> None:
    hall(cast, "here", lon=120.02, lat=30.01)
    hall(cast, "near", lon=120.03, lat=30.01)  # 963 m
    hall(cast, "far", lon=120.05, lat=30.01)  # 2.9 km
    hall(cast, "closed", hours={"6": [["09:00", "17:00"]]})
    hall(cast, "nowhere", lon=None, lat=None)
    book(cast, hall(cast, "taken"))
    hall(cast, "team", kind="team", hours={}, lat=30.011, skills={"first aid": 5, "carrying": 12})

    def found(**more: Any) -> list[str]:
        near = resources.can_help_now(
            visible_to=cast.actor(cast.handler),
            jurisdiction=cast.office,
            lon=120.02,
            lat=30.01,
            at=TEN,
            **more,
        )
        return [n.resource.code for n in near]

    assert found() == ["here", "team", "near"]
    assert found(skill="first aid") == ["team"]
    assert found(metres=500) == ["here", "team"]
    leader = cast.actor(cast.leader)
    assert not resources.can_help_now(
        visible_to=leader, jurisdiction=cast.office, lon=120.02, lat=30.01, at=TEN
    )


def test_who_can_help_asks_the_same_however_many_there_are(cast: Cast) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            resources.can_help_now(
                visible_to=cast.actor(cast.handler), jurisdiction=cast.office, lon=120.02, lat=30.01, at=TEN
            )
        return len(queries)

    hall(cast, "one")
    few = asked()
    for n in range(12):
        hall(cast, f"more{n}")
    assert asked() == few


def test_a_skill_of_two_people_is_not_kept(cast: Cast) -> None:
    with pytest.raises(BookingError, match="3"):
        hall(cast, kind="team", skills={"电工": 2})


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 7 * 96), st.integers(1, 96), st.sampled_from([WEEKDAYS, {}, {"2": [["20:00", "02:00"]]}])
)
def test_open_is_what_every_quarter_of_it_is(first: int, count: int, hours: Any) -> None:
    start = datetime(2026, 11, 16, tzinfo=ZONE) + first * rules.QUARTER

    def open_now(moment: datetime) -> bool:
        here = moment.astimezone(ZONE)
        spans = hours.get(str(here.weekday()), ()) if hours else [("00:00", "24:00")]
        before = hours.get(str((here.weekday() - 1) % 7), ()) if hours else ()
        clock = f"{here:%H:%M}"
        over = any(b < a and clock < b for a, b in before)
        return over or any(a <= clock and (clock < b or b < a) for a, b in spans)

    each = all(open_now(start + n * rules.QUARTER) for n in range(count))
    assert rules.is_open(hours, start, start + count * rules.QUARTER, ZONE) is each


def test_a_calendar_file_keeps_to_the_standard() -> None:
    entry = Entry(
        "booking-1@x", TEN, TEN + timedelta(hours=1), "议事厅, 东;西\\南\n" + "很长的名字" * 9, MONDAY
    )
    text = calendar_file("厅", [entry])
    lines = text.split("\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "\n" not in text.replace("\r\n", "")
    unfolded = text.replace("\r\n ", "")
    assert "SUMMARY:议事厅\\, 东\\;西\\\\南\\n" + "很长的名字" * 9 in unfolded
    assert "DTSTART:20261116T020000Z\r\nDTEND:20261116T030000Z" in unfolded


def test_pages_add_find_book_and_give_up(cast: Cast, client: Client) -> None:
    place = places.save_place(
        jurisdiction=cast.office,
        code="school",
        names={"zh-hans": "学校"},
        lon=120.02,
        lat=30.01,
        by="system",
        at=MONDAY,
    )
    new = {"code": "van", "name": "小货车", "kind": "vehicle", "unit": cast.roads_unit.pk, "place": place.pk}
    new |= {"days": ["0", "1"], "opens": "09:00", "closes": "17:30", "phone_share": "10", "skills": ""}
    with time_machine.travel(TEN):
        client.force_login(cast.admin)
        assert client.post("/river/lending/add/", new | {"skills": "电工 2"}).status_code == 409
        assert client.post("/river/lending/add/", new).status_code == 302
        client.force_login(cast.handler)
        assert client.post("/river/lending/add/", new).status_code == 403
        near = client.get(f"/river/lending/?place={place.pk}")
        assert [n.resource.code for n in near.context["near"]] == ["van"]
        wanted = {"unit": cast.roads_unit.pk, "day": "2026-11-17", "begins": "09:00", "ends": "10:30"}
        assert client.post("/river/lending/van/book/", wanted).status_code == 409
        wanted |= {"purpose": "搬运"}
        assert client.post("/river/lending/van/book/", wanted).status_code == 302
        again = client.post("/river/lending/van/book/", wanted)
        assert again.status_code == 409
        assert "搬运" in again.content.decode()
        other = client.post("/river/lending/van/book/", wanted | {"unit": cast.estate_unit.pk})
        assert other.status_code == 409  # only for the own units
        calendar = client.get("/river/lending/van/bookings.ics")
        assert "搬运" not in calendar.content.decode()
        assert calendar.content.decode().count("BEGIN:VEVENT") == 1
        booking = Booking.objects.get()
        client.post("/river/lending/van/cancel/", {"booking": booking.pk})
        booking.refresh_from_db()
        assert booking.cancelled_at is not None
