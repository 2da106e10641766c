"""The worker: order, batches, retries, failures, leases, the schedule."""

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import clock, events, outbox, schedule, worker
from gongzhi.kernel.errors import GongzhiError
from gongzhi.kernel.models import OutboxJob
from gongzhi.kernel.silence import safe_words

AT = datetime(2026, 9, 28, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class LampBroken(events.Event):
    """An event with a handler that does what the test says."""

    name: ClassVar[str] = "test.lamp_broken"
    number: int = 0


@dataclass(frozen=True)
class LampMended(events.Event):
    """Told by the handler of the other."""

    name: ClassVar[str] = "test.lamp_mended"


def nothing(event: LampBroken, event_id: uuid.UUID) -> None:
    """The handler's part unless a test says otherwise."""


act: Callable[[LampBroken, uuid.UUID], None] = nothing
mended: list[str] = []
ticks: list[datetime] = []


@events.on(LampBroken, name="test.mend_lamp")
def mend_lamp(event: LampBroken, *, event_id: uuid.UUID) -> None:
    ledger.record(tree="test", kind="mended", subject=f"lamp:{event.number}", by="system", at=event.at)
    act(event, event_id)


@events.on(LampMended, name="test.praise")
def praise(event: LampMended, *, event_id: uuid.UUID) -> None:
    mended.append(event.jurisdiction)


@pytest.fixture(autouse=True)
def reset(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    mended.clear()
    ticks.clear()
    # The product's own tasks stay at home.
    monkeypatch.setattr(
        schedule, "_ticks", {k: v for k, v in schedule._ticks.items() if k.startswith("test.")}
    )
    yield
    do(nothing)


def do(part: Callable[[LampBroken, uuid.UUID], None]) -> None:
    global act
    act = part


def break_lamps(count: int) -> None:
    with transaction.atomic():
        events.publish_all(LampBroken("xingfu", AT, number) for number in range(count))


def effects() -> list[str]:
    return sorted(ledger.Entry.objects.filter(kind="mended").values_list("subject", flat=True))


def job() -> OutboxJob:
    return OutboxJob.objects.get()


@pytest.mark.django_db
def test_a_batch_runs_in_order_and_is_limited() -> None:
    seen: list[int] = []
    do(lambda event, _: seen.append(event.number))
    break_lamps(5)
    assert worker.run_once(limit=3) == 3
    assert worker.run_once(limit=3) == 2
    assert worker.run_once() == 0
    assert seen == [0, 1, 2, 3, 4]
    assert set(OutboxJob.objects.values_list("state", "worker", "lease_until")) == {("done", "", None)}


@pytest.mark.django_db
def test_what_a_handler_tells_is_delivered_too() -> None:
    do(lambda event, _: events.publish(LampMended(event.jurisdiction, event.at)))
    break_lamps(2)
    assert worker.drain() == 4
    assert mended == ["xingfu", "xingfu"]


@pytest.mark.django_db
def test_one_bad_job_in_a_batch_costs_the_others_nothing() -> None:
    def fail(event: LampBroken, event_id: uuid.UUID) -> None:
        if event.number == 1:
            raise OperationalError("disk of 张三 (13800000000) is full: 'secret'")

    do(fail)
    break_lamps(3)
    now = clock.now()
    assert worker.run_once(now=now) == 3
    assert effects() == ["lamp:0", "lamp:2"], "the failed job left no half"
    failed = OutboxJob.objects.get(state="ready")
    assert (failed.attempts, failed.run_after) == (1, now + timedelta(seconds=10))
    assert failed.last_error.startswith("OperationalError at fail:")
    assert "full" in failed.last_error
    for private in ("张三", "13800000000", "secret"):
        assert private not in failed.last_error
    do(nothing)
    assert worker.run_once(now=now) == 0, "not before its time"
    assert worker.run_once(now=now + timedelta(seconds=10)) == 1
    assert effects() == ["lamp:0", "lamp:1", "lamp:2"]
    assert not OutboxJob.objects.exclude(state="done", last_error="").exists()


@pytest.mark.django_db
def test_after_eight_attempts_with_doubling_delays_a_job_has_failed() -> None:
    def fail(event: LampBroken, event_id: uuid.UUID) -> None:
        raise ValueError("a person's words")

    do(fail)
    break_lamps(1)
    now, waits = clock.now(), []
    while job().state == "ready":
        before, now = now, max(now, job().run_after)
        waits.append((now - before).total_seconds())
        assert worker.run_once(now=now) == 1
    assert waits[1:] == [10, 20, 40, 80, 160, 320, 640]
    assert (job().state, job().attempts) == ("failed", 8)
    assert job().last_error.startswith("ValueError at fail:")
    assert "person" not in job().last_error
    assert worker.drain(now=now + timedelta(days=30)) == 0
    do(nothing)
    assert outbox.retry_failed(handler="test.mend_lamp", now=now) == 1
    assert worker.drain(now=now) == 1
    assert job().state == "done"


@pytest.mark.django_db
def test_a_job_nobody_handles_is_kept_and_tried_again() -> None:
    break_lamps(1)
    OutboxJob.objects.update(handler="test.renamed")
    worker.drain()
    assert (job().state, job().attempts) == ("ready", 1)
    assert "UnknownHandler" in job().last_error


@pytest.mark.django_db(transaction=True)
def test_a_transaction_lost_as_a_whole_is_repeated_one_by_one() -> None:
    def fail_at_the_end(event: LampBroken, event_id: uuid.UUID) -> None:
        if event.number == 1:
            doomed.append(event.number)

    doomed: list[int] = []
    real = outbox.settle

    def settle(name: str, ids: list[int]) -> int:
        done = real(name, ids)
        if doomed:
            doomed.clear()
            raise IntegrityError("found only at the end")
        return done

    do(fail_at_the_end)
    break_lamps(3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "settle", settle)
        assert worker.run_once() == 3
        assert effects() == []
        assert set(OutboxJob.objects.values_list("state", "attempts", "last_error")) == {("ready", 1, "")}
        assert worker.drain() == 3
    assert effects() == ["lamp:0", "lamp:2"]
    culprit = OutboxJob.objects.get(state="ready")
    assert (culprit.payload["number"], culprit.attempts) == (1, 2)
    assert culprit.last_error.startswith("IntegrityError")


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_does_not_run_the_job() -> None:
    break_lamps(2)
    now = clock.now()
    taken = outbox.claim("slow", 10, now, timedelta(seconds=60))
    assert len(taken) == 2
    assert outbox.extend("slow", now + timedelta(seconds=90)) == 2
    assert outbox.reclaim(now + timedelta(seconds=80)) == 0
    assert outbox.reclaim(now + timedelta(seconds=91)) == 2
    batch = worker.Batch("slow", taken, clock.now)
    assert batch.run(lambda: True, lambda: None) == 0
    assert effects() == []
    assert outbox.settle("slow", [j.pk for j in taken]) == 0


@pytest.mark.django_db
def test_a_job_that_kills_its_worker_eight_times_has_failed() -> None:
    break_lamps(1)
    now = clock.now()
    for attempt in range(1, 9):
        assert len(outbox.claim("victim", 10, now, timedelta(seconds=60))) == 1
        assert job().attempts == attempt
        now += timedelta(minutes=5)
        assert outbox.reclaim(now) == 1
    assert job().state == "failed"
    assert "WorkerLost" in job().last_error


@pytest.mark.django_db
@pytest.mark.parametrize("tried", [0, 1, 2])
def test_a_job_that_was_tried_before_comes_alone(tried: int) -> None:
    break_lamps(3)
    suspect = OutboxJob.objects.order_by("id")[tried]
    OutboxJob.objects.filter(pk=suspect.pk).update(attempts=1)
    now, taken = clock.now(), []
    while batch := outbox.claim("w", 10, now, timedelta(seconds=60)):
        taken.append({found.payload["number"] for found in batch})
    assert {tried} in taken
    assert set().union(*taken) == {0, 1, 2}


@pytest.mark.django_db
def test_done_jobs_are_deleted_after_thirty_days() -> None:
    break_lamps(2)
    worker.run_once(limit=1)
    assert outbox.prune(clock.now() + timedelta(days=29)) == 0
    assert outbox.prune(clock.now() + timedelta(days=31)) == 1
    assert job().state == "ready"


class MessageError(GongzhiError):
    """Says what is wrong."""

    message = "The calendar of %(year)s is missing."


def test_what_is_written_of_an_error() -> None:
    assert safe_words(MessageError(year="x")) == "MessageError: The calendar of %…s is missing."
    assert safe_words(KeyError("Li Lei")) == "KeyError"
    assert safe_words(IntegrityError("Key (phone)=(138) exists")) == "IntegrityError"
    assert "li@lei" not in safe_words(TypeError("got li@lei.example and 138 0000 0000"))
    assert len(safe_words(TypeError("x" * 1000))) == 300


def in_threads(count: int, run: Callable[[], None]) -> None:
    failed: list[BaseException] = []
    start = threading.Barrier(count)

    def body() -> None:
        try:
            start.wait()
            run()
        except BaseException as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=body) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed


@pytest.mark.django_db(transaction=True)
def test_three_workers_share_the_work_and_do_nothing_twice() -> None:
    break_lamps(60)

    def work() -> None:
        while OutboxJob.objects.filter(state="ready").exists():
            worker.run_once(limit=5)

    in_threads(3, work)
    assert effects() == sorted(f"lamp:{number}" for number in range(60))
    assert set(OutboxJob.objects.values_list("state", "attempts")) == {("done", 1)}


@pytest.mark.django_db(transaction=True)
def test_a_worker_runs_until_it_is_told_to_stop() -> None:
    at_work = worker.Worker(scheduled=False)
    do(lambda event, _: at_work.stop() if event.number == 3 else None)
    break_lamps(5)
    in_threads(1, at_work.run)
    assert effects() == [f"lamp:{number}" for number in range(4)]
    assert OutboxJob.objects.get(state="ready").attempts == 0, "handed back"


@pytest.mark.django_db(transaction=True)
def test_others_can_write_while_the_worker_has_no_end_of_work() -> None:
    at_work = worker.Worker(scheduled=False)
    busy = threading.Event()

    def tell_again(event: LampBroken, event_id: uuid.UUID) -> None:
        busy.set()
        for _ in range(50):  # long transactions with hardly a gap between them
            list(OutboxJob.objects.all()[:50])
        events.publish(LampBroken(event.jurisdiction, event.at, event.number + 1))

    do(tell_again)
    break_lamps(50)
    thread = threading.Thread(target=at_work.run)
    thread.start()
    try:
        busy.wait()
        for number in range(3):  # "database is locked" if the worker lets nobody in
            with transaction.atomic():
                ledger.record(tree="test", kind="web", subject=f"page:{number}", by="resident", at=AT)
    finally:
        at_work.stop()
        thread.join()
    assert ledger.Entry.objects.filter(kind="web").count() == 3


@schedule.every(minutes=5, name="test.tick")
def tick(*, at: datetime) -> None:
    ticks.append(at)


@schedule.daily(at="02:30", name="test.nightly")
def nightly(*, at: datetime) -> None:
    """Nothing."""


def due(now: datetime, name: str = "test.tick") -> list[OutboxJob]:
    schedule.enqueue_due(now)
    return list(OutboxJob.objects.filter(handler=name).order_by("run_after"))


@pytest.mark.django_db
def test_an_occurrence_is_written_once_and_runs_with_its_own_time() -> None:
    start = datetime(2026, 9, 28, 8, 2, tzinfo=UTC)
    assert [j.state for j in due(start)] == ["done"], "a new installation does not make up for the past"
    assert len(due(start + timedelta(minutes=2))) == 1
    assert len(due(start + timedelta(minutes=4))) == 2
    assert len(due(start + timedelta(minutes=4))) == 2
    worker.drain(now=start + timedelta(minutes=4))
    assert ticks == [datetime(2026, 9, 28, 8, 5, tzinfo=UTC)]


@pytest.mark.django_db
def test_missed_occurrences_are_made_up_for_once_and_do_not_pile_up() -> None:
    start = datetime(2026, 9, 28, 8, 2, tzinfo=UTC)
    due(start)
    assert len(due(start + timedelta(hours=3))) == 2
    assert len(due(start + timedelta(hours=4))) == 2, "the earlier one is not done yet"
    worker.drain(now=start + timedelta(hours=4))
    assert len(due(start + timedelta(hours=4))) == 3


@pytest.mark.django_db
def test_a_daily_task_runs_at_its_time_of_the_installations_zone(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    before, after = datetime(2026, 9, 28, 18, 29, tzinfo=UTC), datetime(2026, 9, 28, 18, 30, tzinfo=UTC)
    assert [j.run_after for j in due(before, "test.nightly")] == [datetime(2026, 9, 27, 18, 30, tzinfo=UTC)]
    assert [j.run_after for j in due(after, "test.nightly")][1:] == [after]  # 02:30 in Shanghai


@pytest.mark.django_db(transaction=True)
def test_many_workers_write_an_occurrence_once() -> None:
    start = datetime(2026, 9, 28, 8, 2, tzinfo=UTC)
    due(start)
    later = start + timedelta(minutes=5)

    def look() -> None:
        schedule.enqueue_due(later)
        worker.run_once(now=later)

    in_threads(3, look)
    worker.drain(now=later)
    assert ticks == [datetime(2026, 9, 28, 8, 5, tzinfo=UTC)]
