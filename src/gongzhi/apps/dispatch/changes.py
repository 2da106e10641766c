"""What changes after a case was handed over: its unit closes, its answer is withdrawn."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor, Unit, standing_unit
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.changes import public as changed
from gongzhi.apps.cases.kinds.complaints import public as complaints
from gongzhi.apps.cases.public import OPEN_STATES, Answer, Case, State
from gongzhi.apps.dispatch import rules
from gongzhi.apps.dispatch.actions import change_task, make_way, offer_task, save_power_item
from gongzhi.apps.dispatch.deadlines import deadline_in
from gongzhi.apps.dispatch.models import PowerItem, Task
from gongzhi.kernel.calendar import Promise


def tasks_with(unit: Unit) -> QuerySet[Task]:
    """The open tasks that lie with the unit."""
    rows = Task.objects.filter(unit=unit, state__in=rules.OPEN_TASKS)
    return rows.select_related("case__jurisdiction", "unit", "power_item").order_by("pk")


def lines_with(unit: Unit, on: date) -> QuerySet[PowerItem]:
    """The lines of the power list that lead to the unit, or let it help, on that day or later."""
    rows = PowerItem.objects.filter(Q(lead_unit=unit) | Q(helpers=unit), jurisdiction=unit.jurisdiction)
    rows = rows.filter(Q(valid_to=None) | Q(valid_to__gte=on)).distinct()
    return (
        rows.select_related("jurisdiction", "area", "lead_unit").prefetch_related("helpers").order_by("code")
    )


@transaction.atomic
def hand_on_lines(*, unit: Unit, successor: Unit | None, on: date, by: str, at: datetime) -> int:
    """Before a unit closes: lines that name it end the day before, and begin anew with the successor.

    Without a successor the lines that lead to it end; those where it only helps stay as they are, since nobody asks
    a closed unit. Lines that would begin later name the successor. Returns how many lines were touched.
    """
    touched = 0
    for item in lines_with(unit, on):
        leads = item.lead_unit_id == unit.pk
        begun = item.valid_from is None or item.valid_from < on
        if successor is None:
            if leads and begun:
                _save_line(item, by, at, valid_to=on - timedelta(days=1))
                touched += 1
            continue
        lead = successor if leads else item.lead_unit
        helpers = [successor if helper.pk == unit.pk else helper for helper in item.helpers.all()]
        new = {"lead_unit": lead, "helpers": helpers}
        if begun:
            _save_line(item, by, at, valid_to=on - timedelta(days=1))
            new |= {"code": _free_code(item, on), "valid_from": on}
        _save_line(item, by, at, **new)
        touched += 1
    return touched


def _save_line(item: PowerItem, by: str, at: datetime, **changed_fields: Any) -> PowerItem:
    values: dict[str, Any] = {
        name: getattr(item, name)
        for name in (
            "jurisdiction", "code", "category", "area", "lead_unit", "basis", "source", "verified", "rank",
            "valid_from", "valid_to",
        )
    }  # fmt: skip
    values |= {
        "helpers": list(item.helpers.all()),
        "promise": Promise(amount=item.amount, unit=item.time_unit),  # type: ignore[arg-type]
    }
    return save_power_item(**(values | changed_fields), by=by, at=at)


def _free_code(item: PowerItem, on: date) -> str:
    """A code for the line that follows: the old one with the day it begins."""
    known = set(PowerItem.objects.filter(jurisdiction=item.jurisdiction).values_list("code", flat=True))
    base = f"{item.code[:48]}-{on:%Y%m%d}"
    return next(c for c in (base, *(f"{base}-{n}" for n in range(2, 1000))) if c not in known)


def hand_on_tasks(*, unit: Unit, by: Actor, at: datetime) -> int:
    """Give what lies with a closed unit to whoever took over, with the same day, or back to the desk.

    Each task in a transaction of its own; running it again goes on where it stopped. Returns how many there were.
    """
    done = 0
    for task in list(tasks_with(unit)):
        with transaction.atomic():
            hand_on_task(task=task, by=by, at=at)
        done += 1
    successor = standing_unit(unit)
    if successor is not None and successor != unit:
        changed.inherit_holdings(unit=unit, successor=successor, at=at)
    return done


@transaction.atomic
def hand_on_task(*, task: Task, by: Actor, at: datetime) -> None:
    """As `hand_on_tasks`, for one task of a unit that is closed."""
    case, unit = task.case, task.unit
    successor = standing_unit(unit)
    if successor is not None and successor.pk in complaints.barred_units(case):
        successor = None
    if case.phase not in OPEN_STATES:
        change_task(task, "withdrawn", by, at, _why(unit))
    elif task.role != "lead":
        _hand_on_help(task, successor, by, at)
    elif successor is None:
        back_to_desk(case=case, unit=unit, by=by, at=at)
    else:
        make_way(case, successor, by, at, _why(unit))
        cases.move_case(
            case=case,
            to=State.DISPATCHED,
            by=by,
            at=at,
            reason=unit.closing_reason,
            kind="inherited",
            unit=successor,
            waits_for=case.waits_for,
            detail={"from": unit.pk},
        )
        offer_task(case, successor, "lead", task.power_item, deadline_in(task), by, at)


def _why(unit: Unit) -> str:
    """The reason that stands at the task, in the office's own language."""
    with translation.override(unit.jurisdiction.default_language):
        return unit.closing_reason or _("The unit was closed.")


def _hand_on_help(task: Task, successor: Unit | None, by: Actor, at: datetime) -> None:
    case, unit = task.case, task.unit
    change_task(task, "withdrawn", by, at, _why(unit))
    cases.release_case(case=case, unit=unit, by=by, at=at)
    at_work = Task.objects.filter(case=case, state__in=rules.OPEN_TASKS).values_list("unit_id", flat=True)
    if successor is None or successor.pk in set(at_work):
        cases.add_note(case=case, text=unit.closing_reason, by=by, at=at, kind="helper_closed", unit=unit)
        return
    offer_task(case, successor, "helper", task.power_item, deadline_in(task), by, at)
    cases.add_note(
        case=case,
        text=unit.closing_reason,
        by=by,
        at=at,
        kind="helper_inherited",
        unit=successor,
        public=True,
    )


@transaction.atomic
def back_to_desk(*, case: Case, unit: Unit, by: Actor, at: datetime) -> None:
    """The unit that had the case is closed and nobody took over: the desk chooses another one; the day stays."""
    open_tasks = Task.objects.filter(case=case, unit=unit, state__in=rules.OPEN_TASKS)
    for task in open_tasks.select_related("case__jurisdiction"):
        change_task(task, "returned", by, at, _why(unit))
    cases.release_case(case=case, unit=unit, by=by, at=at)
    cases.move_case(
        case=case,
        to=State.NEW,
        by=by,
        at=at,
        reason=unit.closing_reason,
        kind="unit_closed",
        unit=unit,
        waits_for="returned",
    )


@transaction.atomic
def retract_answer(
    *,
    answer: Answer,
    reason: str,
    by: Actor,
    at: datetime,
    unit: Unit | None = None,
    seen_version: int | None = None,
) -> Case:
    """As `cases.changes.retract_answer`; the leading unit has its task again, with the same day."""
    case = changed.retract_answer(
        answer=answer, reason=reason, by=by, at=at, unit=unit, seen_version=seen_version
    )
    if case.phase in OPEN_STATES and case.lead_unit is not None:
        _take_up_again(case, case.lead_unit, by, at)
    return case


def _take_up_again(case: Case, lead: Unit, by: Actor, at: datetime) -> None:
    mine = Task.objects.filter(case=case, unit=lead, role="lead").select_related(
        "case__jurisdiction", "unit__jurisdiction", "power_item"
    )
    task = mine.filter(state__in=rules.OPEN_TASKS).first()
    if task is None:
        task = mine.filter(state__in=("done", "withdrawn")).order_by("-pk").first()
        if task is None:
            cases.ask_desk(case=case, waits_for="withdrawn", by=by, at=at)
            return
        change_task(task, "accepted", by, at)
    if not lead.active:
        hand_on_task(task=task, by=by, at=at)


def resumed_with_closed_units(case: Case) -> Iterator[Task]:
    """The open tasks of a case whose unit has closed meanwhile."""
    rows = Task.objects.filter(case=case, state__in=rules.OPEN_TASKS, unit__active=False)
    yield from rows.select_related("case__jurisdiction", "unit__jurisdiction", "power_item").order_by("pk")
