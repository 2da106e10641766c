"""Claiming, leasing and settling of outbox jobs: every write the worker makes to a job is here."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet

from gongzhi.kernel.events import handler_named
from gongzhi.kernel.models import OutboxJob, OutboxState
from gongzhi.kernel.silence import safe_words

MAX_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=10)
KEEP_DONE = timedelta(days=30)
_LOST = "WorkerLost: the worker ended while the job ran"


def _locked(jobs: QuerySet[OutboxJob]) -> QuerySet[OutboxJob]:
    """The rows, locked, those that others hold left out. SQLite's one writer is lock enough."""
    if connection.features.has_select_for_update_skip_locked:
        return jobs.select_for_update(skip_locked=True)
    return jobs


def reclaim(now: datetime) -> int:
    """Make jobs ready again whose lease ran out; after the last attempt they have failed. Returns how many."""
    lost = OutboxJob.objects.filter(state=OutboxState.RUNNING, lease_until__lt=now)
    if not lost.exists():  # a look costs no write lock
        return 0
    with transaction.atomic():
        ids = list(_locked(lost).values_list("id", flat=True))
        jobs = OutboxJob.objects.filter(id__in=ids)
        free = {"worker": "", "lease_until": None, "last_error": _LOST}
        jobs.filter(attempts__gte=MAX_ATTEMPTS).update(state=OutboxState.FAILED, **free)
        jobs.filter(state=OutboxState.RUNNING).update(state=OutboxState.READY, run_after=now, **free)
    return len(ids)


def claim(worker: str, limit: int, now: datetime, lease: timedelta) -> list[OutboxJob]:
    """Take up to `limit` ready jobs of one handler under a lease.

    A job that was tried before, and one that runs outside a transaction, comes alone: so a job that kills its
    worker takes no other with it.
    """
    ready = OutboxJob.objects.filter(state=OutboxState.READY, run_after__lte=now).order_by("run_after", "id")
    if not ready.exists():
        return []
    with transaction.atomic():
        first = _locked(ready).first()
        if first is None:
            return []
        handler = handler_named(first.handler)
        jobs = [first]
        if handler is not None and handler.in_transaction and first.attempts == 0 and limit > 1:
            jobs = list(_locked(ready.filter(handler=first.handler, attempts=0))[:limit])
        ids = [job.pk for job in jobs]
        OutboxJob.objects.filter(id__in=ids).update(
            state=OutboxState.RUNNING, worker=worker, lease_until=now + lease, attempts=F("attempts") + 1
        )
    for job in jobs:
        job.state, job.worker, job.attempts = OutboxState.RUNNING, worker, job.attempts + 1
    return jobs


def held(worker: str, ids: Sequence[int]) -> set[int]:
    """Which of the jobs this worker still holds; locks their rows until the transaction ends."""
    rows = OutboxJob.objects.filter(id__in=ids, worker=worker, state=OutboxState.RUNNING)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    return set(rows.values_list("id", flat=True))


def extend(worker: str, until: datetime) -> int:
    """Lengthen the worker's leases. Rows locked by its own running transaction need none and are left out."""
    with transaction.atomic():
        mine = OutboxJob.objects.filter(worker=worker, state=OutboxState.RUNNING)
        ids = list(_locked(mine).values_list("id", flat=True))
        return OutboxJob.objects.filter(id__in=ids).update(lease_until=until)


def settle(worker: str, ids: Iterable[int]) -> int:
    """Note jobs as done. Returns how many this worker still held."""
    mine = OutboxJob.objects.filter(id__in=list(ids), worker=worker, state=OutboxState.RUNNING)
    return mine.update(state=OutboxState.DONE, lease_until=None, worker="", last_error="")


def charge(worker: str, job: OutboxJob, error: BaseException, now: datetime) -> None:
    """Note a failed attempt: try again after 10 s, 20 s, 40 s …, or give up after the eighth."""
    gave_up = job.attempts >= MAX_ATTEMPTS
    OutboxJob.objects.filter(id=job.pk, worker=worker, state=OutboxState.RUNNING).update(
        state=OutboxState.FAILED if gave_up else OutboxState.READY,
        run_after=now + delay_after(job.attempts),
        lease_until=None,
        worker="",
        last_error=safe_words(error),
    )


def hand_back(worker: str, ids: Iterable[int] | None = None) -> int:
    """Give jobs back that were claimed but not carried out; the attempt does not count. All of them by default."""
    mine = OutboxJob.objects.filter(worker=worker, state=OutboxState.RUNNING)
    if ids is not None:
        mine = mine.filter(id__in=list(ids))
    return mine.update(state=OutboxState.READY, lease_until=None, worker="", attempts=F("attempts") - 1)


def give_again(worker: str, ids: Iterable[int], now: datetime) -> int:
    """Make jobs ready whose common transaction was lost; the attempt counts."""
    mine = OutboxJob.objects.filter(id__in=list(ids), worker=worker, state=OutboxState.RUNNING)
    return mine.update(state=OutboxState.READY, lease_until=None, worker="", run_after=now)


def retry_failed(*, handler: str = "", now: datetime) -> int:
    """Give failed jobs another eight attempts, once their cause is mended. Returns how many."""
    failed = OutboxJob.objects.filter(state=OutboxState.FAILED)
    if handler:
        failed = failed.filter(handler=handler)
    return failed.update(state=OutboxState.READY, attempts=0, run_after=now)


def prune(now: datetime) -> int:
    """Delete jobs done more than 30 days ago. Returns how many."""
    old = OutboxJob.objects.filter(state=OutboxState.DONE, created_at__lt=now - KEEP_DONE)
    return old.delete()[0]


def delay_after(attempts: int) -> timedelta:
    """How long to wait after this many attempts: 10 s, doubled each time."""
    return FIRST_DELAY * (1 << (attempts - 1))
