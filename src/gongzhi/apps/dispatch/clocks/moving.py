"""Moving the day of a case: tasks, promise and step in one transaction; the reporters are told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.changes import public as changed
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Promised
from gongzhi.apps.dispatch.clocks.queries import Counted, counted
from gongzhi.apps.dispatch.models import Task
from gongzhi.apps.dispatch.rules import OPEN_TASKS
from gongzhi.apps.places.public import calendar_of


def counted_of(case: Case) -> Counted | None:
    """What the day of a case is counted by now; None where no line of the power list gives one."""
    return counted([case.pk], calendar_of(case.jurisdiction)).get(case.pk)


def move_day(
    case: Case,
    found: Counted,
    kind: str,
    by: Actor,
    at: datetime,
    *,
    text: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Case:
    """Let the case have the day that was counted, inside the caller's transaction; a step of this kind says so.

    The reporters are told where the day is another one than before; the promise history keeps the old one.
    """
    before, calendar = case.due_at, calendar_of(case.jurisdiction)
    same_day = Task.objects.filter(case=case, due_at=before, state__in=OPEN_TASKS)
    same_day.update(due_at=found.due_at)
    Task.objects.filter(case=case, day_may_move=True).update(day_may_move=found.may_move(calendar))
    days = {
        "before": before.isoformat() if before else "",
        "after": found.due_at.isoformat(),
        "calendar": calendar.version,
    }
    case = changed.set_due(
        case=case, due_at=found.due_at, by=by, at=at, kind=kind, text=text, detail={**days, **(detail or {})}
    )
    if before != found.due_at:
        line = found.task.day_line
        reports = cases.reports_of(case, visible_to=by)
        code = line.code if line is not None else ""
        channels.keep_promises([Promised(r, found.due_at, code, calendar.version, at) for r in reports])
        about = f"due:{case.pk}:{found.due_at:%Y%m%dT%H%M}:{at:%y%m%d%H%M}"
        channels.notify(reports=reports, about=about, by=by, at=at)
    return case
