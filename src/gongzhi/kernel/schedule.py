"""What has to be done at set times. An occurrence is a job with a unique key, so it runs once however many workers."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from gongzhi.kernel.events import Handler, register
from gongzhi.kernel.models import OutboxJob, OutboxState

_NAMESPACE = uuid.UUID("6b1a6a2e-6b43-5f0e-9c1b-0d7a5e3f4c21")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_ticks: dict[str, "Tick"] = {}
Task = Callable[..., None]


@dataclass(frozen=True)
class Tick:
    """A task and the rule that tells its latest occurrence."""

    name: str
    latest: Callable[[datetime], datetime]


def daily(*, at: str, name: str = "") -> Callable[[Task], Task]:
    """Run `task(*, at)` once a day at "HH:MM" of the installation's time zone. Missed days are made up for once."""
    clock_time = time.fromisoformat(at)

    def latest(now: datetime) -> datetime:
        zone = timezone.get_default_timezone()
        today = now.astimezone(zone).date()
        due = datetime.combine(today, clock_time, tzinfo=zone)
        if due > now:
            due = datetime.combine(today - timedelta(days=1), clock_time, tzinfo=zone)
        return due.astimezone(UTC)

    return _scheduled(latest, name)


def every(*, minutes: int, name: str = "") -> Callable[[Task], Task]:
    """Run `task(*, at)` every so many minutes; an occurrence is left out while an earlier one is unfinished."""
    if minutes < 1:
        raise ValueError("minutes must be 1 or more")
    step = timedelta(minutes=minutes)

    def latest(now: datetime) -> datetime:
        return _EPOCH + (now - _EPOCH) // step * step

    return _scheduled(latest, name)


def _scheduled(latest: Callable[[datetime], datetime], name: str) -> Callable[[Task], Task]:
    def schedule(task: Task) -> Task:
        stable = name or f"{task.__module__}.{task.__qualname__}"

        def run(payload: dict[str, Any], event_id: uuid.UUID) -> None:
            task(at=datetime.fromisoformat(payload["at"]))

        register(Handler(stable, run, in_transaction=False))
        _ticks[stable] = Tick(stable, latest)
        return task

    return schedule


def enqueue_due(now: datetime) -> int:
    """Write a job for each task whose latest occurrence has none yet. Safe with many callers. Returns jobs written."""
    rows = [row for tick in list(_ticks.values()) if (row := _due_row(tick, now)) is not None]
    if rows:
        OutboxJob.objects.bulk_create(rows, ignore_conflicts=True)
    return sum(row.state == OutboxState.READY for row in rows)


def _due_row(tick: Tick, now: datetime) -> OutboxJob | None:
    due = tick.latest(now)
    key = uuid.uuid5(_NAMESPACE, f"{tick.name}@{due.isoformat()}")
    jobs = OutboxJob.objects.filter(handler=tick.name)
    if jobs.filter(event_id=key).exists():
        return None
    if jobs.filter(state__in=[OutboxState.READY, OutboxState.RUNNING]).exists():
        return None
    # A task never seen before starts with its next occurrence: a new installation does not make up for last night.
    state = OutboxState.READY if jobs.exists() else OutboxState.DONE
    return OutboxJob(
        event_id=key,
        handler=tick.name,
        payload={"at": due.isoformat()},
        state=state,
        run_after=due,
        created_at=now,
    )
