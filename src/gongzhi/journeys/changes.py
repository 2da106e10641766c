"""The world around the cases changes: a unit closes, an area ends, an answer is withdrawn, holidays are published."""

import uuid
from datetime import datetime

from django.db import transaction

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.events import UnitClosing
from gongzhi.apps.actors.public import SYSTEM, Unit
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.changes import public as changed
from gongzhi.apps.cases.events import AnswerRetracted
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels import public as channels
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.clocks import public as clocks
from gongzhi.apps.places import public as places
from gongzhi.apps.places.events import AreaEnded, CalendarChanged
from gongzhi.apps.places.public import Jurisdiction, jurisdiction_by_code, jurisdictions, local_day
from gongzhi.kernel.events import on
from gongzhi.kernel.schedule import daily, every


@on(UnitClosing, in_transaction=False)
def close_at_once(event: UnitClosing, *, event_id: uuid.UUID) -> None:
    """A unit whose last day is over is closed at once; one that closes later waits for its day."""
    jurisdiction = jurisdiction_by_code(event.jurisdiction)
    if jurisdiction is not None:
        close_units(jurisdiction, event.at)


def close_units(jurisdiction: Jurisdiction, at: datetime) -> int:
    """Close the units whose day has come. Returns how many; running it again goes on where it stopped."""
    due = actors.units_to_close(jurisdiction, at)
    for unit in due:
        _close(unit, at)
    for unit in Unit.objects.filter(
        jurisdiction=jurisdiction, active=False, closed_on__isnull=False, tasks__state__in=dispatch.OPEN_TASKS
    ).distinct():
        dispatch.hand_on_tasks(unit=unit, by=SYSTEM, at=at)
    return len(due)


def _close(unit: Unit, at: datetime) -> None:
    """First its lines and its people, so that nothing new comes; then what lies with it, task by task."""
    on_day = unit.closed_on or local_day(unit.jurisdiction, at)
    with transaction.atomic():
        successor = actors.standing_unit(unit.successor) if unit.successor is not None else None
        dispatch.hand_on_lines(unit=unit, successor=successor, on=on_day, by=SYSTEM.ref, at=at)
        actors.finish_closing(unit=unit, by=SYSTEM.ref, at=at)
    closed = Unit.objects.select_related("jurisdiction", "successor").get(pk=unit.pk)
    dispatch.hand_on_tasks(unit=closed, by=SYSTEM, at=at)


@on(AreaEnded, in_transaction=False)
def place_at_once(event: AreaEnded, *, event_id: uuid.UUID) -> None:
    """An area that has ended already: its open cases are placed anew."""
    jurisdiction = jurisdiction_by_code(event.jurisdiction)
    if jurisdiction is not None:
        place_anew(jurisdiction, event.at)


def place_anew(jurisdiction: Jurisdiction, at: datetime) -> int:
    """Open cases of ended areas go to the area that holds their point now. Those without a point wait for a person."""
    today, moved = local_day(jurisdiction, at), 0
    places.replace_places(jurisdiction=jurisdiction, at=at)
    for case in changed.in_ended_areas(jurisdiction, today).filter(lon__isnull=False, lat__isnull=False):
        if case.lon is None or case.lat is None:
            continue
        area = places.area_at(jurisdiction, case.lon, case.lat, on=today)
        if area is not None and area.pk != case.area_id:
            changed.set_area(case=case, area=area, by=SYSTEM, at=at)
            moved += 1
    return moved


@every(minutes=10)
def carry_out_changes(*, at: datetime) -> None:
    """Units and areas whose last day is over since the last look."""
    for jurisdiction in jurisdictions():
        close_units(jurisdiction, at)
        place_anew(jurisdiction, at)


@daily(at="03:15")
def count_days_anew(*, at: datetime) -> None:
    """Days that ran into a year without published holidays are counted anew once the year's calendar is there."""
    for jurisdiction in jurisdictions():
        clocks.recount_deadlines(jurisdiction=jurisdiction, by=SYSTEM, at=at)


@every(minutes=10)
def let_time_run_on(*, at: datetime) -> None:
    """Pauses that have run out are written into the history of their cases."""
    for jurisdiction in jurisdictions():
        clocks.end_past_pauses(jurisdiction=jurisdiction, by=SYSTEM, at=at)


@on(CalendarChanged, in_transaction=False)
def count_by_new_calendar(event: CalendarChanged, *, event_id: uuid.UUID) -> None:
    """The office has changed its calendar: open cases are counted anew, those whose day moves are told."""
    places.forget_kept()  # this process may still know the calendar of before
    jurisdiction = jurisdiction_by_code(event.jurisdiction)
    if jurisdiction is not None:
        clocks.recount_office(jurisdiction=jurisdiction, by=SYSTEM, at=event.at)


@on(AnswerRetracted)
def tell_retraction(event: AnswerRetracted, *, event_id: uuid.UUID) -> None:
    """Everybody who was told of the answer hears once that it was withdrawn."""
    case = Case.objects.filter(pk=event.case_id).first()
    if case is not None:
        reports = cases.reports_since(case, event.at, visible_to=SYSTEM)
        about = f"retracted:{event.answer_id}"
        channels.notify(reports=reports, about=about, by=SYSTEM, at=event.at, urgent=case.urgent)
