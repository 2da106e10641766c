"""What the tests of the doctor share: an office, a data folder, and ways to ask one check."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from gongzhi.apps.places import public as places
from gongzhi.kernel import keys
from gongzhi.kernel.models import OutboxJob, OutboxState
from gongzhi.site.doctor import examination
from gongzhi.site.doctor.findings import Finding, Status
from tests.cast import MONDAY, Cast, make_cast

NOW = MONDAY + timedelta(hours=2)
SECRET = "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3"  # noqa: S105


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    cache.clear()
    places.forget_kept()
    with time_machine.travel(NOW):
        yield make_cast()
    places.forget_kept()


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """A data folder as the program makes it."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    keys.read_or_make(data / keys.SECRET, lambda: SECRET)
    keys.read_or_make(data / keys.CODES, lambda: keys.code_key_from(SECRET))
    settings.DATA_ROOT, settings.SECRET_KEY = data, SECRET
    return data


def demo_only(cast: Cast) -> None:
    """Make the office one for trying out."""
    cast.office.demo = True
    cast.office.save()
    places.forget_kept()


def of(found: list[Finding], name: str) -> list[Finding]:
    """The findings of one check."""
    return [finding for finding in found if finding.check == name]


def status_of(look: Callable[[datetime], Iterator[Finding]], now: datetime = NOW) -> Status:
    """The worst that a check found."""
    return examination.worst(list(look(now)))


def said_of(look: Callable[[datetime], Iterator[Finding]], now: datetime = NOW) -> str:
    """All that a check said, with its mends; what is not good has one, what is good has none."""
    found = list(look(now))
    for finding in found:
        assert bool(finding.mend) is (finding.status is not Status.GOOD), finding
    return " ".join(f"{finding.said} {finding.mend}" for finding in found)


def job(handler: str, state: OutboxState, due: datetime, error: str = "") -> OutboxJob:
    """A job in the outbox."""
    return OutboxJob.objects.create(
        event_id=uuid.uuid4(), handler=handler, state=state, run_after=due, created_at=due, last_error=error
    )
