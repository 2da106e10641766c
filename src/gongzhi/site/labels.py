"""The words for codes: states, reasons, steps, units of time. No raw code ever reaches a page."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.calendar import WorkCalendar, unpublished_years, workdays_between
from gongzhi.kernel.config import words

STATE_NAMES: Final = {
    "new": _("being looked at"),
    "dispatched": _("handed over"),
    "accepted": _("in hand"),
    "answered": _("answered"),
    "closed": _("closed"),
    "solved": _("confirmed solved"),
    "reopened": _("opened again"),
    "merged": _("joined to another"),
}
# Which of the four status hues a state has; the word and the shape say the same.
STATE_TONES: Final = {
    "new": "wait",
    "dispatched": "go",
    "accepted": "go",
    "answered": "done",
    "closed": "done",
    "solved": "done",
    "reopened": "alert",
    "merged": "wait",
}
WAIT_NAMES: Final = {
    "safety": _("Safety first"),
    "complaint": _("Complaint about how a case was handled"),
    "reopened": _("Opened again: “not solved”"),
    "withdrawn": _("Answer withdrawn"),
    "returned": _("Handed back"),
    "late": _("Past the deadline"),
    "maybe_same": _("Perhaps the same matter"),
    "unsure": _("Category not sure"),
    "no_rule": _("No line of the power list"),
}
WAIT_HELP: Final = {
    "safety": _("Danger words were found. Look first whether somebody must go there now."),
    "complaint": _("The unit complained about cannot see it and never gets it. Choose who looks into it."),
    "reopened": _("The reporter says it is not solved. The unit has it again; see whether more is needed."),
    "withdrawn": _("An answer was withdrawn and nobody has the case in hand. Answer anew, or choose a unit."),
    "returned": _("The unit gave a reason. Decide about it, or choose another unit; the clock runs on."),
    "late": _("The promised day has passed. Ask the unit, or tell the reporter why."),
    "maybe_same": _("Compare with the suggested cases: join them, or say that they differ."),
    "unsure": _("The program is not sure enough. Choose the category; it learns from you."),
    "no_rule": _("Nobody is named for this category here. Choose a unit; perhaps the list needs a line."),
}
TASK_STATES: Final = {
    "offered": _("not yet taken on"),
    "accepted": _("taken on"),
    "returned": _("handed back"),
    "done": _("done"),
    "withdrawn": _("taken away"),
}
ROLES: Final = {"lead": _("leads"), "helper": _("helps")}
CHANNELS: Final = {"web": _("web form"), "hotline_file": _("hotline"), "worker": _("filed by a worker")}
REQUEST_TYPES: Final = {
    "complaint": _("complaint"),
    "assistance": _("asks for help"),
    "inquiry": _("question"),
    "suggestion": _("suggestion"),
    "report": _("report of a fault"),
    "praise": _("praise"),
}
STEP_NAMES: Final = {
    "opened": _("Received"),
    "categorised": _("Category decided"),
    "dispatched": _("Handed over to %(unit)s"),
    "accepted": _("%(unit)s has taken it on"),
    "returned": _("%(unit)s handed it back"),
    "return_asked": _("%(unit)s asked to hand it back"),
    "return_refused": _("Not accepted: it stays with %(unit)s"),
    "return_bound": _("The arbiter decided: %(unit)s handles it"),
    "answered": _("%(unit)s answered"),
    "closed": _("Closed"),
    "solved": _("The reporter confirmed: solved"),
    "reopened": _("The reporter said: not solved. Opened again"),
    "rated": _("The reporter rated the answer"),
    "merged": _("Joined to another case about the same matter"),
    "unmerged": _("Taken out again as a case of its own"),
    "joined": _("Another case was joined to this one"),
    "split": _("Reports became a case of their own"),
    "not_same": _("Compared: not the same"),
    "noted": _("Note"),
    "added": _("The reporter added something"),
    "helper_added": _("%(unit)s was asked to help"),
    "helper_accepted": _("%(unit)s helps"),
    "helper_returned": _("%(unit)s cannot help"),
    "helper_done": _("%(unit)s has done its part"),
    "retracted": _("%(unit)s withdrew the answer"),
    "bulk_undone": _("Undone: back to where it was before"),
    "unit_closed": _("%(unit)s was closed; the case went back to the desk"),
    "inherited": _("%(unit)s took it over from a unit that was closed; the promised day stays"),
    "helper_closed": _("%(unit)s, which helped, was closed"),
    "helper_inherited": _("%(unit)s helps in place of a unit that was closed"),
    "placed": _("The part of the area was set"),
    "paused": _("%(unit)s let the time stand still: %(reason)s"),
    "resumed": _("The time runs on"),
    "extension_asked": _("%(unit)s asked for more time"),
    "extension_refused": _("No more time was given"),
    "extended": _("More time was approved: a new day was promised"),
    "calendar": _("The promised day was counted anew: the office has changed its calendar"),
    "recounted": _("The promised day was counted anew: the public holidays have been published"),
}
REASONS: Final = {
    "text_similarity": _("similar words"),
    "text": _("similar words"),
    "shared_words": _("same rare words"),
    "distance_m": _("distance"),
    "hours_apart": _("time between"),
    "place_words": _("same place named"),
    "place_conflict": _("different places named"),
    "category": _("same category"),
}
# From here on a day says more than a number of days.
LONG_AGO: Final = timedelta(days=90)
WEEKDAYS: Final = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
MONTHS: Final = (
    _("Jan"), _("Feb"), _("Mar"), _("Apr"), pgettext_lazy("month", "May"), _("Jun"), _("Jul"), _("Aug"), _("Sep"),
    _("Oct"), _("Nov"), _("Dec"),
)  # fmt: skip


def step_sentence(step: Any, lang: str) -> str:
    """What happened, in the past tense, with the unit's name."""
    name = str(STEP_NAMES.get(step.kind, step.kind))
    unit = step.unit.name_in(lang) if step.unit is not None else gettext("The office")
    reason = words(step.detail.get("reason") or {}, lang) if "%(reason)s" in name else ""
    return name % {"unit": unit, "reason": reason} if "%(unit)s" in name else name


def day_words(moment: datetime, zone: str, *, with_time: bool = True, now: datetime | None = None) -> str:
    """The moment as people say it: `11月23日 周一 18:30`, `Mon 23 Nov, 18:30`; the year only where it is another."""
    local = moment.astimezone(ZoneInfo(zone))
    values = {
        "weekday": WEEKDAYS[local.weekday()],
        "day": local.day,
        "month": local.month,
        "month_name": MONTHS[local.month - 1],
        "year": local.year,
        "time": f"{local:%H:%M}",
    }
    this_year = now is None or now.astimezone(ZoneInfo(zone)).year == local.year
    if with_time:
        form = (
            gettext_lazy("%(weekday)s %(day)d %(month_name)s, %(time)s")
            if this_year
            else gettext_lazy("%(weekday)s %(day)d %(month_name)s %(year)d, %(time)s")
        )
    else:
        form = (
            gettext_lazy("%(weekday)s %(day)d %(month_name)s")
            if this_year
            else gettext_lazy("%(weekday)s %(day)d %(month_name)s %(year)d")
        )
    return str(form) % values


def workdays_words(days: int) -> str:
    """How long there is still."""
    return ngettext("%(n)d working day left", "%(n)d working days left", days) % {"n": days}


def deadline_words(due_at: datetime, now: datetime, calendar: WorkCalendar) -> str:
    """How long there is until a deadline, or how long it has passed, in working days; today is said as today."""
    today = due_at.astimezone(calendar.zone_info).date() == now.astimezone(calendar.zone_info).date()
    if due_at < now:
        if now - due_at > LONG_AGO:
            return gettext("late since %(day)s") % {"day": _day_of(due_at, now, calendar.zone)}
        n = max(1, workdays_between(due_at, now, calendar))
        late = ngettext("%(n)d working day late", "%(n)d working days late", n) % {"n": n}
        return gettext("late since today") if today else late
    n = workdays_between(now, due_at, calendar)
    return workdays_words(n) if n else gettext("due today")


def area_words(area: Any, lang: str) -> str:
    """The area's name, with its last day where one is set."""
    name: str = area.name_in(lang)
    if area.valid_to is None:
        return name
    return gettext("%(area)s (until %(day)s)") % {"area": name, "day": area.valid_to.isoformat()}


def unpublished_words(since: datetime, due_at: datetime | None, calendar: WorkCalendar) -> str:
    """That a day may still move, because the holidays of a year on the way to it are not published; mostly empty."""
    years = unpublished_years(since, due_at, calendar) if due_at is not None else ()
    if not years:
        return ""
    said = gettext(" and ").join(str(year) for year in years[:2])
    return gettext(
        "The holidays of %(years)s are not yet published. Until then Monday to Friday are counted, "
        "so this day may move."
    ) % {"years": said}


def _day_of(moment: datetime, now: datetime, zone: str) -> str:
    return day_words(moment, zone, with_time=False, now=now)


def ago_words(moment: datetime, now: datetime, zone: str) -> str:
    """How long ago it was: `3 hours ago`; the day itself where it was long ago."""
    if now - moment > LONG_AGO:
        return _day_of(moment, now, zone)
    return gettext("%(time)s ago") % {"time": duration_words((now - moment).total_seconds() / 3600)}


def clock_reasons(pauses: Iterable[Any], approved: Any, zone: str) -> list[str]:
    """That the time of a case stood still, from when to when, and that a new day was approved; mostly nothing."""
    lines = [
        gettext("The time stood still from %(start)s to %(end)s. That time does not count.")
        % {"start": day_words(pause.starts_at, zone), "end": day_words(pause.stop, zone)}
        for pause in pauses
    ]
    if approved is not None:
        words_for = gettext("More time was approved on %(when)s, until %(day)s.")
        values = {"when": day_words(approved.decided_at, zone), "day": day_words(approved.new_due, zone)}
        lines.append(words_for % values)
    return lines


def duration_words(hours: float) -> str:
    """A duration as people say it: minutes, hours or days."""
    if hours < 1:
        n = max(1, round(hours * 60))
        return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}
    if hours < 48:
        n = round(hours)
        return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}
    n = round(hours / 24)
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


def chance_words(probability: float) -> str:
    """How sure the program is, in tenths: `about 8 in 10`."""
    tenths = min(9, max(1, round(probability * 10)))
    return gettext("about %(n)d in 10") % {"n": tenths} if probability < 0.99 else gettext("nearly sure")


def reason_words(reason: dict[str, Any]) -> str:
    """One reason why two cases are perhaps the same, with its figure."""
    key, value = str(reason.get("key", "")), reason.get("value")
    name = str(REASONS.get(key, key.replace("_", " ")))
    if key == "category":
        return name  # the value is a code
    if key == "distance_m" and isinstance(value, int | float):
        return f"{name} {round(value)} m"
    if key == "hours_apart" and isinstance(value, int | float):
        return f"{name} {duration_words(abs(value))}"
    if isinstance(value, float) and 0 <= value <= 1:
        return f"{name} {round(value * 100)} %"
    if isinstance(value, str) and value:
        return f"{name}: {value}"
    return name
