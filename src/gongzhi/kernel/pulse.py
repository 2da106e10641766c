"""Which workers are alive: each one signs a row of its own every few seconds and takes it away when it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gongzhi.kernel.models import WorkerPulse

# A worker signs three times a minute; one that was not seen for so long is gone or hangs.
FRESH = timedelta(seconds=90)
KEEP = timedelta(days=7)


@dataclass(frozen=True)
class Workers:
    """How many workers are alive, and when any was last seen (None: never, or all ended as they should)."""

    alive: int
    last_seen: datetime | None


def beat(name: str, started_at: datetime, now: datetime) -> None:
    """Sign that the worker is alive."""
    if not WorkerPulse.objects.filter(name=name).update(seen_at=now):
        WorkerPulse.objects.create(name=name, started_at=started_at, seen_at=now)


def end(name: str) -> None:
    """The worker ends as it should: nobody need look for it."""
    WorkerPulse.objects.filter(name=name).delete()


def workers(now: datetime) -> Workers:
    """The workers as they signed."""
    seen = list(WorkerPulse.objects.order_by("-seen_at").values_list("seen_at", flat=True)[:100])
    return Workers(sum(moment > now - FRESH for moment in seen), seen[0] if seen else None)


def prune(now: datetime) -> int:
    """Forget workers that were killed more than a week ago. Returns how many."""
    return WorkerPulse.objects.filter(seen_at__lt=now - KEEP).delete()[0]
