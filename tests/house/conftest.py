"""The office of the house tests, with one thing of each kind that an address may name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.cache import cache

from gongzhi.apps.actors.public import SYSTEM, Grant
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels.public import ImportRun, Photo, Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.bulk import public as bulk
from gongzhi.apps.dispatch.bulk.public import BulkRun
from gongzhi.apps.dispatch.public import Task
from gongzhi.apps.dispatch.resources.public import Resource
from gongzhi.apps.places import public as places
from gongzhi.site.mail.stop_links import stop_token
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
    bulk_run: BulkRun
    resource: Resource
    grant: Grant

    def values(self) -> dict[str, Any]:
        """What the addresses of the office may ask for.

        The case is named without the office's prefix, so that it could be found under another office's address.
        """
        return {
            "j": self.cast.office.code,
            "number": str(self.case.pk),
            "action": "note",
            "task_id": self.task.pk,
            "grant_id": self.grant.pk,
            "run_id": self.run.pk,
            "key": self.bulk_run.key,
            "resource": self.resource.code,
            "photo_id": self.photo.pk,
            "token": stop_token(self.report),
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
def house(cast: Cast, settings: Any, tmp_path: Path) -> House:
    """The office with a case handed to a unit, a photo, a file brought in and a role."""
    settings.DATA_ROOT, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    refused = tmp_path / "imports" / "one" / "refused.csv"
    for path in (refused, tmp_path / "media" / "photos" / "one.jpg"):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    report, _code = say(cast)
    case = cases.open_case(
        report=report, category="roads.potholes", urgent=False, lon=120.03, lat=30.01, by=SYSTEM, at=MONDAY
    )
    task = dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
    photo = Photo.objects.create(report=report, file="photos/one.jpg", sha256="0" * 64, width=1, height=1)
    run = ImportRun.objects.create(
        jurisdiction=cast.office,
        mapping="hotline_12345",
        file_name="a.csv",
        sha256="0" * 64,
        errors_file=str(refused),
        started_at=MONDAY,
    )
    grant = Grant.objects.filter(user=cast.handler).get()
    bulk_run = BulkRun.objects.create(
        jurisdiction=cast.office, key=UUID(int=1), kind=bulk.RULE, by_id=cast.coordinator.pk, at=MONDAY
    )
    resource = Resource.objects.create(
        jurisdiction=cast.office, code="hall", kind="room", unit=cast.street_office, names={"en": "Hall"}
    )
    return House(cast, report, case, task, photo, run, bulk_run, resource, grant)
