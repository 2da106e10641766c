"""Carries out the outbox: one process, any number of them, on either database.

A job that runs in a transaction is noted as done in that transaction: killed at any moment, it has either
happened wholly or not at all, and its lease runs out. SQLite has one writer, so transactions are kept short.
"""

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from types import FrameType

from django.db import Error as DatabaseTrouble
from django.db import connection, transaction

from gongzhi.kernel import clock, outbox, pulse, schedule, trace
from gongzhi.kernel.events import handler_named
from gongzhi.kernel.models import OutboxJob
from gongzhi.kernel.silence import safe_words

log = logging.getLogger(__name__)

BATCH = 200
LEASE = timedelta(seconds=60)
SLICE_SECONDS = 0.5
# A process that waits for SQLite's write lock looks every 0.1 s: without a rest that long it might never get it.
REST_SECONDS = 0.11
SCHEDULE_SECONDS = 5.0
IDLE_SECONDS = (0.2, 2.0)


class UnknownHandler(Exception):
    """No code is registered for a job: its subscriber was renamed or taken away."""


class StopNow(BaseException):
    """A second signal: give up the job in hand; its transaction is rolled back and it is handed back."""


class Batch:
    """Jobs claimed together, all of one handler, carried out in slices of about half a second."""

    def __init__(self, worker: str, jobs: list[OutboxJob], now: Callable[[], datetime]) -> None:
        self.worker, self.waiting, self.now = worker, jobs, now
        self.handler = handler_named(jobs[0].handler)
        self.done = 0

    def run(self, keep_going: Callable[[], bool], between: Callable[[], None]) -> int:
        """Carry out the jobs, or hand back what is left when told to stop. Returns how many were tried."""
        while self.waiting and keep_going():
            if self.handler is None or not self.handler.in_transaction:
                self._run_alone(self.waiting.pop(0))
            else:
                self._run_slice(keep_going)
            between()
        if self.waiting:
            outbox.hand_back(self.worker, [job.pk for job in self.waiting])
        return self.done

    def _run_slice(self, keep_going: Callable[[], bool]) -> None:
        tried: list[OutboxJob] = []
        try:
            with transaction.atomic():
                self._try_each(tried, keep_going)
        except Exception as error:
            # The transaction as a whole was lost: nothing in it happened.
            self._lose(tried, error)
        self.done += len(tried)

    def _try_each(self, tried: list[OutboxJob], keep_going: Callable[[], bool]) -> None:
        mine = outbox.held(self.worker, [job.pk for job in self.waiting])
        self.waiting = [job for job in self.waiting if job.pk in mine]
        until = time.monotonic() + SLICE_SECONDS
        well: list[int] = self._try_together(tried)
        while self.waiting and (not tried or (time.monotonic() < until and keep_going())):
            job = self.waiting.pop(0)
            tried.append(job)
            try:
                with transaction.atomic():
                    self._carry_out(job)
                well.append(job.pk)
            except Exception as error:
                if connection.needs_rollback or not connection.is_usable():
                    raise
                self._charge(job, error)
        outbox.settle(self.worker, well)

    def _try_together(self, tried: list[OutboxJob]) -> list[int]:
        """Carry out all waiting jobs at once where the handler can. Returns those that went well: all or none."""
        together = self.handler.run_many if self.handler is not None else None
        if together is None or len(self.waiting) < 2:
            return []
        jobs = list(self.waiting)
        try:
            with trace.along(**_names(jobs)), transaction.atomic():
                together([(job.payload, job.event_id) for job in jobs])
        except Exception as error:
            if connection.needs_rollback or not connection.is_usable():
                raise
            log.warning("Jobs failed together and run one by one: %s", safe_words(error))
            return []
        tried += jobs
        self.waiting = []
        return [job.pk for job in jobs]

    def _lose(self, tried: list[OutboxJob], error: Exception) -> None:
        _drop_broken_connection()
        if len(tried) == 1:
            self._charge(tried[0], error)
        else:
            log.warning("A batch was rolled back and its jobs run one by one: %s", safe_words(error))
            # Tried once, so each comes back alone and only the culprit pays.
            outbox.give_again(self.worker, [job.pk for job in tried], self.now())

    def _run_alone(self, job: OutboxJob) -> None:
        self.done += 1
        try:
            self._carry_out(job)
        except Exception as error:
            _drop_broken_connection()
            self._charge(job, error)
            return
        if not outbox.settle(self.worker, [job.pk]):
            log.warning("Job %s was finished after its lease had run out; it may run again.", job.pk)

    def _carry_out(self, job: OutboxJob) -> None:
        if self.handler is None:
            raise UnknownHandler
        with trace.along(**_names([job])):
            self.handler.run(job.payload, job.event_id)

    def _charge(self, job: OutboxJob, error: Exception) -> None:
        with trace.along(**_names([job])):
            log.error("Job %s (%s), attempt %d: %s", job.pk, job.handler, job.attempts, safe_words(error))
        outbox.charge(self.worker, job, error, self.now())


def _names(jobs: list[OutboxJob]) -> dict[str, str]:
    """What log lines say of the jobs in hand; of jobs that run together, the first and how many more."""
    first, more = jobs[0], len(jobs) - 1
    requests = {job.request for job in jobs}
    return {
        "job": f"{first.pk}+{more}" if more else str(first.pk),
        "handler": first.handler,
        "request": first.request if len(requests) == 1 else "",
    }


def _drop_broken_connection() -> None:
    """After trouble: the next query opens a new connection if this one is of no use any more."""
    if not connection.in_atomic_block and not connection.is_usable():
        connection.close()


def _name() -> str:
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


class Manners:
    """Lets other processes write to SQLite: after half a second of work a rest in which they can notice."""

    def __init__(self, wait: Callable[[float], object] = time.sleep) -> None:
        self._wait, self._rested = wait, time.monotonic()

    def rest(self) -> None:
        """Rest if it is time to, and if the database has one writer only."""
        if connection.vendor == "sqlite" and time.monotonic() - self._rested > SLICE_SECONDS:
            self._wait(REST_SECONDS)
            self._rested = time.monotonic()


def run_once(
    limit: int = BATCH,
    now: datetime | None = None,
    *,
    lease: timedelta = LEASE,
    between: Callable[[], None] = lambda: None,
) -> int:
    """Take one batch of ready jobs and carry it out. Returns how many jobs were tried; 0 means nothing is ready.

    `between` is called between transactions.
    """
    moment = now or clock.now()
    worker = _name()
    outbox.reclaim(moment)
    jobs = outbox.claim(worker, limit, moment, lease)
    if not jobs:
        return 0
    return Batch(worker, jobs, lambda: now or clock.now()).run(lambda: True, between)


def drain(now: datetime | None = None, *, sharing: bool = False) -> int:
    """Carry out everything that is ready, and what becomes ready by it, in this process. Returns jobs tried.

    `sharing` when a site is running on the same SQLite file: it then gets its turn to write.
    """
    total = 0
    between = Manners().rest if sharing else lambda: None
    while tried := run_once(now=now, between=between):
        total += tried
    return total


class Worker:
    """A process that carries out jobs until it is told to stop by `stop()`, SIGTERM or SIGINT.

    The first signal lets it finish the job in hand; a second makes it give the job back.
    """

    def __init__(
        self, lease_seconds: float = LEASE.total_seconds(), batch: int = BATCH, scheduled: bool = True
    ) -> None:
        self.name = _name()
        self._lease = timedelta(seconds=lease_seconds)
        self._batch, self._scheduled = batch, scheduled
        self._stop = threading.Event()
        self._looked_at_schedule = float("-inf")
        self._beaten = time.monotonic()
        self._manners = Manners(self._stop.wait)

    def stop(self) -> None:
        """Ask the worker to end after the job in hand. Safe from any thread."""
        self._stop.set()

    def run(self) -> None:
        """Work until told to stop. Signals are heard only if this is the process's main thread."""
        heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        old = self._listen()
        heart.start()
        try:
            self._loop()
        except StopNow:
            log.warning("Stopped at once; the job in hand is given back.")
        finally:
            self._stop.set()
            heart.join(timeout=5)
            with suppress(DatabaseTrouble):
                outbox.hand_back(self.name)
                pulse.end(self.name)
            connection.close()
            for number, handler in old.items():
                signal.signal(number, handler)

    def _loop(self) -> None:
        idle = IDLE_SECONDS[0]
        while not self._stop.is_set():
            try:
                tried = self._turn()
            except DatabaseTrouble as error:
                log.error("The database did not answer: %s", safe_words(error))
                self._after_trouble()
                tried = 0
            if tried:
                idle = IDLE_SECONDS[0]
                continue
            self._stop.wait(idle)
            idle = min(idle * 1.5, IDLE_SECONDS[1])

    def _turn(self) -> int:
        """Look at the schedule and at lost leases now and then, then carry out one batch."""
        now = clock.now()
        if time.monotonic() - self._looked_at_schedule > SCHEDULE_SECONDS:
            self._looked_at_schedule = time.monotonic()
            outbox.reclaim(now)
            if self._scheduled:
                schedule.enqueue_due(now)
        jobs = outbox.claim(self.name, self._batch, now, self._lease)
        if not jobs:
            return 0
        return Batch(self.name, jobs, clock.now).run(lambda: not self._stop.is_set(), self._between)

    def _after_trouble(self) -> None:
        _drop_broken_connection()
        with suppress(DatabaseTrouble):
            outbox.hand_back(self.name)

    def _between(self) -> None:
        """Between two slices: let others write, and beat the heart from here, where the write lock is free."""
        self._manners.rest()
        if time.monotonic() - self._beaten > self._lease.total_seconds() / 4:
            self._beaten = time.monotonic()
            outbox.extend(self.name, clock.now() + self._lease)

    def _beat(self) -> None:
        """The heartbeat thread: signs that the worker is alive, lengthens the leases while a long job runs."""
        began = clock.now()
        while True:
            try:
                now = clock.now()
                pulse.beat(self.name, began, now)
                outbox.extend(self.name, now + self._lease)
            except DatabaseTrouble as error:
                log.warning("A heartbeat was missed: %s", safe_words(error))
            finally:
                connection.close()
            if self._stop.wait(self._lease.total_seconds() / 3):
                return

    def _listen(self) -> dict[int, signal.Handlers | Callable[[int, FrameType | None], object] | int | None]:
        if threading.current_thread() is not threading.main_thread():
            return {}
        return {number: signal.signal(number, self._heard) for number in (signal.SIGTERM, signal.SIGINT)}

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self._stop.is_set():
            raise StopNow
        self._stop.set()


@schedule.daily(at="03:40")
def prune_outbox(*, at: datetime) -> None:
    """Delete what was done long ago, and the last signs of workers that were killed."""
    outbox.prune(at)
    pulse.prune(at)
