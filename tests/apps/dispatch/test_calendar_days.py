"""The office's own days: a closure or half-day is a version of its calendar, and open cases are counted by it."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels.models import Notice
from gongzhi.apps.channels.public import ReportPromise
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.clocks import public as clocks
from gongzhi.apps.dispatch.models import Task
from gongzhi.apps.ledger.models import Entry
from gongzhi.apps.places import public as places
from gongzhi.apps.places.public import CalendarDayError
from gongzhi.kernel import worker
from gongzhi.kernel.calendar import DayChange
from gongzhi.scenarios import loader
from tests.cast import MONDAY, Cast, make_cast, say

HOUR = timedelta(hours=1)
FRIDAY = date(2026, 11, 20)


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.fixture
def cast(transactional_db: None, packs: Path) -> Iterator[Cast]:
    loader.set_packs_root(loader.DEFAULT_ROOT)
    places.forget_kept()
    with translation.override("en"), time_machine.travel(MONDAY, tick=False):
        yield make_cast()
    places.forget_kept()


def handed(cast: Cast) -> Task:
    report, _ = say(cast)
    case = cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=MONDAY)
    task = dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
    worker.drain()
    return task


def due_of(task: Task) -> datetime | None:
    return Case.objects.get(pk=task.case_id).due_at


def say_day(cast: Cast, kind: Any = "closed", day: date = FRIDAY, **hours: time) -> None:
    places.save_calendar_day(
        jurisdiction=cast.office, change=DayChange(day, kind, **hours), reason="台风停工", source="区政府公告", by="user:1", at=MONDAY + HOUR
    )  # fmt: skip
    worker.drain()


def test_a_closed_day_moves_open_cases_tells_their_reporters_and_keeps_the_old_promise(cast: Cast) -> None:
    task = handed(cast)
    assert due_of(task) == local("2026-11-23 17:30")
    say_day(cast)
    assert due_of(task) == Task.objects.get(pk=task.pk).due_at == local("2026-11-24 17:30")
    step = cases.timeline(task.case, public_only=True)[-1]
    assert (step.kind, step.detail["calendar"]) == ("calendar", places.calendar_of(cast.office).version)
    assert step.detail["calendar"].endswith(".1")
    promises = list(ReportPromise.objects.order_by("pk").values_list("due_at", "calendar_version"))
    assert [due for due, _version in promises] == [local("2026-11-23 17:30"), local("2026-11-24 17:30")]
    assert promises[0][1] != promises[1][1]
    assert Notice.objects.filter(about__startswith="due:").count() == 1
    assert Entry.objects.filter(kind="places.calendar_changed").count() == 1
    say_day(cast, "usual")
    assert due_of(task) == local("2026-11-23 17:30")
    assert places.calendar_of(cast.office).version.endswith(".2")


def test_a_half_day_ends_the_time_when_the_office_closes(cast: Cast) -> None:
    task = handed(cast)
    say_day(cast, "half", date(2026, 11, 23), opens=time(9), closes=time(12))
    assert due_of(task) == local("2026-11-23 12:00")


def test_a_pause_is_counted_anew_with_the_calendar(cast: Cast) -> None:
    task = handed(cast)
    clocks.start_pause(
        task=task, reason="weather", words="台风", until=FRIDAY, by=cast.actor(cast.handler), at=local("2026-11-20 09:00")
    )  # fmt: skip
    assert due_of(task) == local("2026-11-24 17:30")
    # The paused day is closed: the pause covers no office hours any more, the closure moves the day instead.
    say_day(cast)
    assert due_of(task) == local("2026-11-24 17:30")


def test_what_would_move_is_what_moves(cast: Cast) -> None:
    tasks = [handed(cast) for _ in range(3)]
    change = DayChange(FRIDAY, "closed")
    would = list(clocks.moves(cast.office, places.calendar_with(cast.office, (change,)), MONDAY))
    assert due_of(tasks[0]) == local("2026-11-23 17:30")
    say_day(cast)
    assert [(pk, after) for pk, _before, after in would] == [(t.case_id, due_of(t)) for t in tasks]
    assert list(clocks.moves(cast.office, places.calendar_of(cast.office), MONDAY)) == []


@pytest.mark.parametrize(
    ("kind", "day", "reason"),
    [("closed", date(2020, 1, 1), "台风"), ("half", FRIDAY, "台风"), ("closed", FRIDAY, " ")],
)
def test_a_day_needs_reason_source_and_hours(cast: Cast, kind: Any, day: date, reason: str) -> None:
    with pytest.raises(CalendarDayError):
        places.save_calendar_day(
            jurisdiction=cast.office, change=DayChange(day, kind), reason=reason, source="公告", by="user:1", at=MONDAY
        )  # fmt: skip
    assert places.calendar_days(cast.office) == []


def test_an_administrator_sees_what_would_move_before_it_is_saved(cast: Cast) -> None:
    task = handed(cast)
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.admin)
    sent = {"day": "2026-11-20", "kind": "closed", "reason": "Typhoon", "source": "District notice 12"}
    path = "/river/setup/calendar/"
    shown = client.post(path, sent).content.decode()
    assert "The promised day of 1 open case would move" in shown
    assert "2026-11-23 → 2026-11-24: 1" in shown
    assert due_of(task) == local("2026-11-23 17:30")
    assert (
        "The hours of the half-day are missing."
        in client.post(path, sent | {"kind": "half"}).content.decode()
    )
    assert client.post(path, sent | {"save": "1"}).status_code == 302
    worker.drain()
    assert due_of(task) == local("2026-11-24 17:30")
    assert "District notice 12" in client.get(path).content.decode()
