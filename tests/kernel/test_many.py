"""Handlers that take many events at once: all together, and one by one when something is wrong with one of them."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from django.db import transaction

from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import events, worker
from gongzhi.kernel.models import OutboxJob, OutboxState

AT = datetime(2026, 9, 28, 8, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class TreeFelled(events.Event):
    """An event whose handler takes many."""

    name: ClassVar[str] = "test.tree_felled"
    number: int = 0


calls: list[list[int]] = []
rotten: set[int] = set()


@events.on_many(TreeFelled, name="test.plant_trees")
def plant_trees(felled: Sequence[tuple[TreeFelled, uuid.UUID]]) -> None:
    numbers = [event.number for event, _ in felled]
    calls.append(numbers)
    ledger.record_all(
        ledger.Act(tree="wood", kind="planted", subject=f"tree:{n}", by="system", at=AT) for n in numbers
    )
    if rotten & set(numbers):
        raise ValueError("rotten")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    calls.clear()
    rotten.clear()
    yield


def tell(*numbers: int) -> None:
    with transaction.atomic():
        events.publish_all(TreeFelled("wood", AT, n) for n in numbers)


def planted() -> list[str]:
    return list(ledger.Entry.objects.filter(tree="wood").order_by("id").values_list("subject", flat=True))


def test_events_that_wait_together_are_handed_over_together() -> None:
    tell(1, 2, 3)
    assert worker.drain() == 3
    assert calls == [[1, 2, 3]]
    assert planted() == ["tree:1", "tree:2", "tree:3"]
    assert set(OutboxJob.objects.values_list("state", flat=True)) == {OutboxState.DONE}


def test_one_bad_event_does_not_hold_up_the_others() -> None:
    rotten.add(2)
    tell(1, 2, 3)
    assert worker.run_once() == 3
    assert calls == [[1, 2, 3], [1], [2], [3]]
    # What the failed common call wrote is gone; each good one was written once.
    assert planted() == ["tree:1", "tree:3"]
    waiting = OutboxJob.objects.exclude(state=OutboxState.DONE).get()
    assert waiting.payload["number"] == 2 and waiting.attempts == 1


def test_a_job_that_failed_before_comes_alone() -> None:
    rotten.add(2)
    tell(1, 2)
    worker.run_once()
    rotten.clear()
    calls.clear()
    tell(3)
    OutboxJob.objects.filter(state=OutboxState.READY).update(run_after=AT)
    worker.drain()
    assert sorted(calls) == [[2], [3]]
    assert sorted(planted()) == ["tree:1", "tree:2", "tree:3"]
