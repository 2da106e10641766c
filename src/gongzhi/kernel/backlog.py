"""What waits in the outbox, told cheaply enough to be asked every few seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from gongzhi.kernel.models import OutboxJob, OutboxState

# What is done is not counted: it is kept for a month, and counting it would cost more than it says.
COUNTED = (OutboxState.READY, OutboxState.RUNNING, OutboxState.FAILED)


@dataclass(frozen=True)
class Failed:
    """The failed jobs of one handler: how many, and what was noted of the newest (class and place, no data)."""

    handler: str
    jobs: int
    error: str


def lag_seconds(now: datetime) -> float:
    """For how many seconds the job that waits longest could have been carried out; 0 when none waits."""
    ready = OutboxJob.objects.filter(state=OutboxState.READY, run_after__lte=now)
    first = ready.order_by("run_after", "id").values_list("run_after", flat=True).first()
    return (now - first).total_seconds() if first else 0.0


def jobs_by_state() -> Mapping[str, int]:
    """How many jobs are ready (now or later), running and failed."""
    rows = OutboxJob.objects.filter(state__in=COUNTED).order_by().values_list("state").annotate(Count("id"))
    return {state.value: 0 for state in COUNTED} | dict(rows)


def failed_by_handler() -> list[Failed]:
    """The jobs that were given up, by handler, most first."""
    failed = OutboxJob.objects.filter(state=OutboxState.FAILED)
    rows = list(failed.order_by().values_list("handler").annotate(Count("id"), Max("id")))
    errors = dict(failed.filter(id__in=[row[2] for row in rows]).values_list("id", "last_error"))
    found = [Failed(handler, jobs, errors.get(newest, "")) for handler, jobs, newest in rows]
    return sorted(found, key=lambda f: (-f.jobs, f.handler))


def newest_job_at() -> datetime | None:
    """When the newest job was written down."""
    return OutboxJob.objects.order_by("-id").values_list("created_at", flat=True).first()
