"""The office of the house tests, with one thing of each kind that an address may name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from gongzhi.apps.actors.public import SYSTEM, Grant
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels.public import ImportRun, Photo, Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import Task
from gongzhi.apps.places import public as places
from tests.cast import MONDAY, Cast, make_cast, say


@dataclass
class House:
    """An office, and what lies in it."""

    cast: Cast
    report: Report
    case: Case
    task: Task
    photo: Photo
    run: ImportRun
    grant: Grant

    def values(self) -> dict[str, Any]:
        """What the addresses of the office may ask for; `action` names nothing that exists."""
        return {
            "j": self.cast.office.code,
            "number": self.case.number,
            "action": "no-such-action",
            "task_id": self.task.pk,
            "grant_id": self.grant.pk,
            "run_id": self.run.pk,
            "photo_id": self.photo.pk,
        }


def _forget() -> None:
    places.forget_kept()
    dispatch.forget_lines()
    cache.clear()


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The office of the tests, freshly made, on its Monday morning."""
    _forget()
    with time_machine.travel(MONDAY + timedelta(hours=2)):
        yield make_cast()
    _forget()


@pytest.fixture
def house(cast: Cast) -> House:
    """The office with a case handed to a unit, a photo, a file brought in and a role."""
    report, _code = say(cast)
    case = cases.open_case(
        report=report, category="roads.potholes", urgent=False, lon=120.03, lat=30.01, by=SYSTEM, at=MONDAY
    )
    task = dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
    photo = Photo.objects.create(report=report, file="photos/no.jpg", sha256="0" * 64, width=1, height=1)
    run = ImportRun.objects.create(
        jurisdiction=cast.office,
        mapping="hotline_12345",
        file_name="a.csv",
        sha256="0" * 64,
        started_at=MONDAY,
    )
    grant = Grant.objects.filter(user=cast.handler).get()
    return House(cast, report, case, task, photo, run, grant)
