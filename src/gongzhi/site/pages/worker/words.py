"""Today's list and a task in words: how long there is, why a matter stands where it stands, why this day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from gongzhi.apps.cases.public import Step
from gongzhi.apps.dispatch.public import OPEN_TASKS, Task
from gongzhi.apps.places.public import Jurisdiction, calendar_of
from gongzhi.kernel.calendar import workdays_between
from gongzhi.site.labels import day_words, deadline_words, unpublished_words, workdays_words
from gongzhi.site.pages.resident.sentences import span_words

# How a unit comes to what another one had, when that one is closed.
TAKEN_OVER: Final = ("inherited", "helper_inherited")


def time_left(due_at: datetime | None, jurisdiction: Jurisdiction, now: datetime) -> str:
    """How long there is until the answer is due, or since when it is late."""
    if due_at is None:
        return _("No day was promised")
    calendar = calendar_of(jurisdiction)
    zone = ZoneInfo(jurisdiction.zone)
    today = due_at.astimezone(zone).date() == now.astimezone(zone).date()
    if due_at < now:
        if today:
            return _("Late since today, %(time)s") % {"time": f"{due_at.astimezone(zone):%H:%M}"}
        return deadline_words(due_at, now, calendar)
    if today:
        return _("Due today by %(time)s") % {"time": f"{due_at.astimezone(zone):%H:%M}"}
    n = workdays_between(now, due_at, calendar)
    return workdays_words(n) if n else _("Due before the next working day ends")


def order_reasons(task: Task, now: datetime) -> list[str]:
    """Why a task stands where it stands in the list: the part of the rule that put it there."""
    zone = task.case.jurisdiction.zone
    values = {"day": day_words(task.due_at, zone, now=now) if task.due_at else ""}
    lines = []
    if task.case.urgent:
        lines.append(_("Danger was named in it. Such matters stand above all others."))
    if task.due_at is None:
        lines.append(_("No day was promised for it. It stands below those that have a day."))
    elif task.due_at < now:
        lines.append(
            _("Its day was %(day)s. Late matters stand above those that are not, oldest day first.") % values
        )
    else:
        lines.append(_("It is due on %(day)s. The nearer the day, the higher it stands.") % values)
    opened = day_words(task.case.opened_at, zone, now=now)
    lines.append(
        _("It has waited since %(day)s. Of two with the same day, the older one comes first.")
        % {"day": opened}
    )
    return lines


def deadline_reasons(task: Task, lang: str) -> list[str]:
    """Why the answer is due on this day: the line of the power list, how the time is counted, by which calendar."""
    case, item = task.case, task.power_item
    if task.due_at is None:
        return [_("No line of the power list gives a time for it, and nobody has set a day.")]
    if item is None:
        return [
            _("The day was set when the case first went to a unit. Passing it on does not give more time.")
        ]
    values = {
        "unit": item.lead_unit.name_in(lang),
        "time": span_words(item.amount, item.time_unit),
        "basis": item.basis,
    }
    lines = [_("The office's list says: %(unit)s answers within %(time)s. Basis: %(basis)s") % values]
    if item.source:
        lines.append(_("Source of the time: %(source)s") % {"source": item.source})
    lines.append(_counting(task, case.jurisdiction, item.time_unit))
    calendar = calendar_of(case.jurisdiction)
    if item.time_unit != "hour" and calendar.version:
        words = _("Public holidays and make-up working days are counted by the calendar %(version)s.")
        lines.append(words % {"version": calendar.version})
    return lines


def moving_day(task: Task) -> str:
    """That the day may still move, because the holidays of a year are not published; mostly empty."""
    if not task.day_may_move or task.counted_from is None or task.state not in OPEN_TASKS:
        return ""
    return unpublished_words(task.counted_from, task.due_at, calendar_of(task.case.jurisdiction))


def _counting(task: Task, jurisdiction: Jurisdiction, time_unit: str) -> str:
    day = day_words(task.case.opened_at, jurisdiction.zone)
    if time_unit == "hour":
        return _("The case was opened on %(day)s. The hours count from then, day and night.") % {"day": day}
    if time_unit == "workhour":
        return _("The case was opened on %(day)s. Only the hours in which the office works count.") % {
            "day": day
        }
    if task.case.reopened_count:
        return _("The case was opened again. The time began anew on the day after.")
    words = _(
        "The case was opened on %(day)s. That day does not count; the time ends when the office closes on the last day."
    )
    return words % {"day": day}


def unit_reasons(task: Task, timeline: Sequence[Step], lang: str) -> list[str]:
    """Why this unit: by a line of the power list, or by a person's choice with the reason given."""
    kinds = ("dispatched",) if task.role == "lead" else ("helper_added", "dispatched")
    took_over = [s for s in timeline if s.kind in TAKEN_OVER and s.unit_id == task.unit_id]
    if took_over:
        return [
            _("The unit before it was closed. What lay with that one came to this one, with the same day.")
        ]
    steps = [s for s in timeline if s.kind in kinds and (s.kind == "dispatched" or s.unit_id == task.unit_id)]
    chosen = steps[-1] if steps else None
    if chosen is not None and chosen.text:
        return [_("A person at the desk chose it: %(reason)s") % {"reason": chosen.text}]
    item = task.power_item
    if item is not None and task.role == "lead" and item.lead_unit_id != task.unit_id:
        return [_("The reporter said: not solved. So it goes back to the unit that answered.")]
    if item is not None:
        values = {"unit": task.unit.name_in(lang), "code": item.code}
        return [_("The power list names %(unit)s for this category here (line %(code)s).") % values]
    return [_("A person at the desk chose it.")]
