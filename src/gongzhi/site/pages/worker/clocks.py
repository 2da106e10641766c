"""Letting the time of a case stand still, letting it run on, asking for more: the unit's part."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.clocks import public as clocks
from gongzhi.apps.dispatch.clocks.public import ClockError
from gongzhi.apps.dispatch.public import Task
from gongzhi.apps.places.public import local_day
from gongzhi.kernel import clock
from gongzhi.scenarios.loader import scenario_for
from gongzhi.site.access import PageRequest
from gongzhi.site.labels import clock_reasons


def clock_part(task: Task, lang: str, now: datetime) -> dict[str, Any]:
    """What the task page says of the clock and offers: the lawful reasons with their basis, the rule for more time."""
    if task.role != "lead" or task.state not in dispatch.OPEN_TASKS or task.due_at is None:
        return {}
    office = task.case.jurisdiction
    scenario, today = scenario_for(tuple(office.packs)), local_day(office, now)
    running = task.due_at > now
    reasons = [
        (
            entry.key,
            scenario.words(f"pause.{entry.key}", lang),
            scenario.words(f"pause.{entry.key}.basis", lang),
        )
        for entry in clocks.pause_reasons(office)
    ]
    pause = clocks.open_pause(task.case, now)
    more = clocks.open_extension(task.case)
    return {
        "pause": pause,
        "pause_reason": scenario.words(f"pause.{pause.reason}", lang) if pause is not None else "",
        "pause_last": pause.until - timedelta(seconds=1) if pause is not None else None,
        "pause_reasons": reasons if running and pause is None and more is None else [],
        "extension": more,
        "extension_basis": scenario.words("extension.rule", lang)
        if clocks.extension_rule(office) is not None and running and pause is None and more is None
        else "",
        "tomorrow": today + timedelta(days=1),
    }


def reasons_of(case: Case) -> list[str]:
    """What moved the day of a case, in words."""
    return clock_reasons(clocks.pauses_of(case), clocks.approved_of(case), case.jurisdiction.zone)


def _day(request: PageRequest, name: str) -> date:
    try:
        found = parse_date(request.POST.get(name, ""))
    except ValueError:
        found = None
    if found is None:
        raise ClockError(_("No day is given."), hint=_("Choose a day."))
    return found


def pause(request: PageRequest, found: Task) -> str:
    """The time stands still."""
    clocks.start_pause(
        task=found,
        reason=request.POST.get("why", ""),
        words=request.POST.get("reason", ""),
        until=_day(request, "until"),
        by=request.actor,
        at=clock.now(),
    )
    return _("The time stands still. The reporters read why, and until when at the latest.")


def resume(request: PageRequest, found: Task) -> str:
    """The time runs on."""
    now = clock.now()
    row = clocks.open_pause(found.case, now)
    if row is None:
        raise ClockError(_("The time runs already."), hint=_("Look at the case for what is new."))
    clocks.end_pause(pause=row, by=request.actor, at=now)
    return _("The time runs on.")


def extend(request: PageRequest, found: Task) -> str:
    """More time is asked for."""
    day = _day(request, "day")
    clocks.ask_extension(
        task=found, words=request.POST.get("reason", ""), new_day=day, by=request.actor, at=clock.now()
    )
    return _("Asked. Until it is approved the promised day stays.")
