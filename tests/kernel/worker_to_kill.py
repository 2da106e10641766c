"""Jobs that stop in the middle, and a worker process for the tests to kill: a script, its argument the lease.

In the worker process a job says "running" on standard output and then waits for a line on standard input.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import ClassVar
from uuid import UUID

import django
from django.conf import settings


def say(word: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _in_the_worker() -> None:
    settings.DATABASES["default"].update(json.loads(os.environ["KERNEL_TEST_DATABASE"]))
    django.setup()


if __name__ == "__main__":
    _in_the_worker()

from django.db import transaction  # noqa: E402

from gongzhi.apps.ledger import public as ledger  # noqa: E402
from gongzhi.kernel import events  # noqa: E402
from gongzhi.kernel.worker import Worker  # noqa: E402


@dataclass(frozen=True)
class WallStarted(events.Event):
    """Work that is done in one transaction."""

    name: ClassVar[str] = "test.wall_started"
    number: int


@dataclass(frozen=True)
class RoadStarted(events.Event):
    """Long work, outside of a transaction."""

    name: ClassVar[str] = "test.road_started"
    number: int


def go_on() -> None:
    """What happens in the middle of a job: nothing in the test's own process."""


middle: Callable[[], None] = go_on


def stop_and_wait() -> None:
    """What happens in the middle of a job in the process to be killed."""
    say("running")
    sys.stdin.readline()


def note(kind: str, number: int, at: datetime) -> None:
    """An effect that can be counted."""
    ledger.record(tree="test", kind=kind, subject=f"work:{number}", by="system", at=at)


@events.on(WallStarted, name="test.build_wall")
def build_wall(event: WallStarted, *, event_id: UUID) -> None:
    """Two writes, all or nothing."""
    note("begun", event.number, event.at)
    middle()
    note("ended", event.number, event.at)


@events.on(RoadStarted, name="test.build_road", in_transaction=False)
def build_road(event: RoadStarted, *, event_id: UUID) -> None:
    """Two writes in transactions of their own; idempotent."""
    for kind in ("begun", "ended"):
        with transaction.atomic():
            if not ledger.entries_about(f"work:{event.number}").filter(kind=kind).exists():
                note(kind, event.number, event.at)
        if kind == "begun":
            middle()


class TalkingWorker(Worker):
    """Says that it heard a signal."""

    def _heard(self, number: int, frame: FrameType | None) -> None:
        say("heard")
        super()._heard(number, frame)


if __name__ == "__main__":
    middle = stop_and_wait
    TalkingWorker(lease_seconds=float(sys.argv[1]), scheduled=False).run()
    say("ended")
