"""Where a case lies, by when it is due, whose it is: put right when the world around it has changed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.cases import rules
from gongzhi.apps.cases.actions.moving import lock_case, save_case, write_step
from gongzhi.apps.cases.models import Case, Holding
from gongzhi.apps.cases.rules import State
from gongzhi.apps.places.public import Area, Jurisdiction, local_day


def in_ended_areas(jurisdiction: Jurisdiction, on: date) -> QuerySet[Case]:
    """The open cases whose area had ended before that day."""
    rows = Case.objects.filter(jurisdiction=jurisdiction, state__in=rules.OPEN_STATES, area__valid_to__lt=on)
    return rows.select_related("jurisdiction", "area").order_by("pk")


@transaction.atomic
def set_area(
    *,
    case: Case,
    area: Area | None,
    by: Actor,
    at: datetime,
    reason: str = "",
    seen_version: int | None = None,
) -> Case:
    """Say in which area a case lies; a step tells. Where its area had ended, figures of that time keep naming it."""
    case = lock_case(case.pk, seen_version)
    before = case.area
    if before is not None and area is not None and before.pk == area.pk:
        return case
    ended = before is not None and before.valid_to is not None
    if ended and before is not None and before.valid_to < local_day(case.jurisdiction, at):  # type: ignore[operator]
        case.first_area = case.first_area or before
    case.area = area
    save_case(case, at)
    detail = {"before": before.names if before else {}, "after": area.names if area else {}}
    write_step(case=case, kind="placed", by=by, at=at, text=reason, public=False, detail=detail)
    return case


@transaction.atomic
def set_due(
    *,
    case: Case,
    due_at: datetime,
    by: Actor,
    at: datetime,
    detail: Mapping[str, Any],
    kind: str = "recounted",
    text: str = "",
) -> Case:
    """Move the day by which an answer is due; its reporters see the step, `detail` says from where to where."""
    case = lock_case(case.pk)
    case.due_at = due_at
    save_case(case, at)
    write_step(case=case, kind=kind, by=by, at=at, text=text, unit=case.lead_unit, detail=detail)
    return case


@transaction.atomic
def inherit_holdings(*, unit: Unit, successor: Unit, at: datetime) -> int:
    """The successor sees the answered cases of a closed unit, as they may come back. Returns how many.

    The cases go on naming the unit that answered.
    """
    rows = Holding.objects.filter(unit=unit, until=None, case__state=State.ANSWERED)
    held = list(rows.exclude(case__complaint__unit=successor))
    has = set(
        Holding.objects.filter(unit=successor, until=None, case__in=[h.case_id for h in held]).values_list(
            "case_id", flat=True
        )
    )
    Holding.objects.filter(pk__in=[h.pk for h in held]).update(until=at)
    Holding.objects.bulk_create(
        Holding(case_id=h.case_id, unit=successor, role=h.role, since=at)
        for h in held
        if h.case_id not in has
    )
    return len(held)
