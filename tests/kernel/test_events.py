"""Events: told inside the transaction, one row per subscriber, nothing without one."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar

import pytest
from django.db import transaction

from gongzhi.kernel import events, worker
from gongzhi.kernel.events import Event
from gongzhi.kernel.models import OutboxJob

AT = datetime(2026, 9, 28, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class BenchPainted(Event):
    """A bench was painted."""

    name: ClassVar[str] = "test.bench_painted"
    bench_id: int
    colours: tuple[str, ...] = ()
    dry_on: date | None = None


@dataclass(frozen=True)
class NobodyListens(Event):
    """An event without subscriber."""

    name: ClassVar[str] = "test.nobody_listens"


heard: list[tuple[str, BenchPainted, uuid.UUID]] = []


@events.on(BenchPainted)
def first(event: BenchPainted, *, event_id: uuid.UUID) -> None:
    heard.append(("first", event, event_id))


@events.on(BenchPainted, name="test.second")
def second(event: BenchPainted, *, event_id: uuid.UUID) -> None:
    heard.append(("second", event, event_id))


@pytest.fixture(autouse=True)
def nothing_heard() -> Iterator[None]:
    heard.clear()
    yield


def test_an_event_survives_its_journey_through_json() -> None:
    event = BenchPainted("xingfu", AT, 7, ("red", "green"), date(2028, 2, 29))
    data = event.to_json()
    assert data["event"] == "test.bench_painted"
    assert Event.from_json(data) == event
    assert Event.from_json({**data, "added_later": 1}) == event
    with pytest.raises(KeyError):
        Event.from_json({**data, "event": "test.unknown"})


@pytest.mark.django_db
def test_every_subscriber_gets_one_row_and_hears_it_once() -> None:
    event = BenchPainted(jurisdiction="xingfu", at=AT, bench_id=7)
    events.publish(event)
    rows = list(OutboxJob.objects.order_by("id"))
    assert [row.handler for row in rows] == [f"{first.__module__}.first", "test.second"]
    assert {row.jurisdiction for row in rows} == {"xingfu"}
    assert heard == []
    assert worker.drain() == 2
    assert worker.drain() == 0
    assert [(who, what) for who, what, _ in heard] == [("first", event), ("second", event)]
    assert {event_id for *_, event_id in heard} == {rows[0].event_id}


@pytest.mark.django_db
def test_an_event_nobody_listens_to_leaves_nothing() -> None:
    events.publish(NobodyListens("xingfu", AT))
    assert not OutboxJob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_told() -> None:
    def act(then: Callable[[], Any]) -> None:
        with transaction.atomic():
            events.publish(BenchPainted("xingfu", AT, 7))
            then()

    with pytest.raises(ZeroDivisionError):
        act(lambda: 1 / 0)
    assert worker.drain() == 0
    act(lambda: None)
    assert worker.drain() == 2


@pytest.mark.django_db(transaction=True)
def test_telling_outside_of_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        events.publish(BenchPainted("xingfu", AT, 7))


def test_two_events_or_handlers_with_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match="two events"):

        @dataclass(frozen=True)
        class Other(Event):
            name: ClassVar[str] = "test.bench_painted"

    with pytest.raises(TypeError, match="two handlers"):
        events.on(BenchPainted, name="test.second")(first)
    with pytest.raises(TypeError, match="no name"):
        events.on(Event)(first)
