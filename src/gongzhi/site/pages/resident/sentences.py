"""Where a report stands, in one sentence; the promise and its reasons, in words."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gongzhi.apps.cases.public import Case, State, is_late
from gongzhi.apps.channels.public import ReportPromise
from gongzhi.apps.dispatch.public import power_items
from gongzhi.apps.places.public import calendar_of
from gongzhi.kernel.calendar import workdays_between
from gongzhi.site.labels import day_words, unpublished_words, workdays_words


def status_sentence(case: Case | None, lang: str, *, withdrawn: bool = False) -> str:
    """Where the report stands and with whom; `withdrawn` where its last answer was."""
    if case is None:
        return _("We have your report. It is being read, and then goes to the unit in charge.")
    unit = case.lead_unit.name_in(lang) if case.lead_unit else _("The office")
    sentences = {
        State.NEW: _("We have your report. The office is deciding which unit handles it."),
        State.DISPATCHED: _("It was handed to %(unit)s, which will now take it on."),
        State.ACCEPTED: _("%(unit)s has taken it on and is working on it."),
        State.ANSWERED: _("%(unit)s has answered. Please say below whether it is solved."),
        State.CLOSED: _(
            "%(unit)s has answered and the office has closed it. If it is not solved, say so: it opens again."
        ),
        State.SOLVED: _("It has been confirmed as solved."),
        State.REOPENED: _("It was not solved, so it is open again. %(unit)s has been told."),
        State.MERGED: _("It was joined to another report about the same matter."),
    }
    if case.phase == State.NEW and case.waits_for == "safety":
        return _("We have your report. Danger was named in it, so a person at the office looks at it first.")
    if case.phase == State.NEW and case.waits_for == "complaint":
        return _(
            "We have your complaint. A person at the office decides who looks into it. "
            "The unit that you complain about cannot see it."
        )
    if withdrawn and case.phase == State.REOPENED:
        return _("The answer was withdrawn, so it is open again. You hear of a new answer here.")
    return sentences[case.phase] % {"unit": unit}


def time_left(case: Case | None, promise: ReportPromise, now: datetime) -> str:
    """How long there is until the promised day, or that it has passed. Nothing once there is an answer."""
    jurisdiction = promise.report.jurisdiction
    if case is not None and not is_late(case.phase, promise.due_at, now) and promise.due_at < now:
        return ""
    if promise.due_at < now:
        return _("The promised day has passed. The office sees this too; you need not send it again.")
    if case is not None and case.answered_at is not None and case.phase != State.REOPENED:
        return ""
    return workdays_words(workdays_between(now, promise.due_at, calendar_of(jurisdiction)))


def promise_reasons(promise: ReportPromise, lang: str) -> list[str]:
    """Why this day: the rule, its basis, how the days are counted, which calendar."""
    jurisdiction = promise.report.jurisdiction
    lines = []
    item = power_items(jurisdiction).filter(code=promise.rule).first() if promise.rule else None
    if item is not None:
        values: dict[str, Any] = {
            "unit": item.lead_unit.name_in(lang),
            "time": span_words(item.amount, item.time_unit),
            "basis": item.basis,
        }
        lines.append(_("The office's list says: %(unit)s answers within %(time)s. Basis: %(basis)s") % values)
    by_hours = item is not None and item.time_unit == "hour"
    received = day_words(promise.report.received_at, jurisdiction.zone, with_time=by_hours)
    in_office = item is not None and item.time_unit == "workhour"
    counted = (
        _("Your report came on %(day)s. Only the hours in which the office works count.")
        if in_office
        else _("Your report came on %(day)s. The hours count from then, day and night.")
        if by_hours
        else _(
            "Your report came on %(day)s. That day does not count; "
            "the time ends when the office closes on the last day."
        )
    )
    lines.append(counted % {"day": received})
    if promise.calendar_version and not by_hours:
        lines.append(
            _("Public holidays and make-up working days are counted by the calendar %(version)s.")
            % {"version": promise.calendar_version}
        )
    return lines


def moving_day(promise: ReportPromise) -> str:
    """That the promised day may still move, because the holidays of a year are not published; mostly empty."""
    jurisdiction = promise.report.jurisdiction
    calendar = calendar_of(jurisdiction)
    if not unpublished_words(promise.report.received_at, promise.due_at, calendar):
        return ""
    item = power_items(jurisdiction).filter(code=promise.rule).first() if promise.rule else None
    if item is not None and item.time_unit == "hour":
        return ""
    return unpublished_words(promise.report.received_at, promise.due_at, calendar)


def span_words(amount: int, unit: str) -> str:
    """A promised time in words: `5 working days`."""
    if unit == "hour":
        return ngettext("%(n)d hour", "%(n)d hours", amount) % {"n": amount}
    if unit == "workhour":
        return ngettext("%(n)d office hour", "%(n)d office hours", amount) % {"n": amount}
    if unit == "day":
        return ngettext("%(n)d day", "%(n)d days", amount) % {"n": amount}
    return ngettext("%(n)d working day", "%(n)d working days", amount) % {"n": amount}
