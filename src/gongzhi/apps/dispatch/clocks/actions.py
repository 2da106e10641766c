"""Writes: the time of a case stands still and runs on, gets longer by approval, is counted anew."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import OPEN_STATES, Case
from gongzhi.apps.dispatch.clocks import rules
from gongzhi.apps.dispatch.clocks.models import CasePause, Extension
from gongzhi.apps.dispatch.clocks.moving import counted_of, move_day
from gongzhi.apps.dispatch.clocks.queries import (
    extension_rule,
    may_approve,
    moves,
    open_pause,
    pause_reasons,
)
from gongzhi.apps.dispatch.models import Task
from gongzhi.apps.dispatch.rules import OPEN_TASKS
from gongzhi.apps.places.public import Jurisdiction, calendar_of, local_day
from gongzhi.kernel.calendar import Promise, day_end, due_at
from gongzhi.kernel.errors import GongzhiError
from gongzhi.scenarios.loader import scenario_for
from gongzhi.scenarios.model import LANGUAGES

MOST_WORDS = 1000
MOST_COUNTED = 500


class ClockError(GongzhiError):
    """A pause or an extension that cannot be."""


def _held(task: Task) -> Task:
    rows = Task.objects.select_for_update(of=("self",))
    return rows.select_related("case__jurisdiction", "unit", "power_item", "day_item").get(pk=task.pk)


def _refuse(task: Task, words: str, at: datetime) -> None:
    if task.role != "lead" or task.state not in OPEN_TASKS:
        raise ClockError(
            _("Only the unit that leads the case can do this, while it has the case."),
            hint=_("Look at the case for what is new."),
        )
    if not words.strip():
        raise ClockError(_("The reason has no words."), hint=_("Say it so that the reporter understands it."))
    due = task.case.due_at
    if due is None or counted_of(task.case) is None:
        raise ClockError(_("No day was promised for this case."), hint=_("There is nothing to move."))
    if due <= at:
        raise ClockError(
            _("The promised day has passed already."),
            hint=_("Answer, or tell the reporter why it takes longer."),
        )
    if open_pause(task.case, at) is not None:
        raise ClockError(_("The time stands still already."), hint=_("Let it run on first."))
    if Extension.objects.filter(case=task.case, state=rules.ASKED, task=task).exists():
        raise ClockError(
            _("More time was asked for already."),
            hint=_("Wait for the decision about the time that was asked for."),
        )


@transaction.atomic
def start_pause(*, task: Task, reason: str, words: str, until: date, by: Actor, at: datetime) -> CasePause:
    """The time of the case stands still from now to the end of the day `until` at the latest; the reporters are told.

    The reason is one of the closed list of the packs, which may say for how long at most.
    """
    task = _held(task)
    case, office = task.case, task.case.jurisdiction
    _refuse(task, words, at)
    entry = next((entry for entry in pause_reasons(office) if entry.key == reason), None)
    if entry is None:
        raise ClockError(_("No reason is chosen."), hint=_("Choose one of the reasons."))
    today = local_day(office, at)
    if until < today or (entry.most_days and until > today + timedelta(days=entry.most_days)):
        raise ClockError(
            _("The time cannot stand still until that day."),
            hint=_("Choose a day from today on, at most %(n)d days ahead.") % {"n": entry.most_days or 366},
        )
    CasePause.objects.filter(case=case, ended_at=None).update(
        ended_at=at
    )  # ran out; nobody has written it down
    zone = calendar_of(office).zone_info
    pause = CasePause.objects.create(
        case=case,
        unit=task.unit,
        reason=reason,
        words=words.strip()[:MOST_WORDS],
        starts_at=at,
        until=datetime.combine(until + timedelta(days=1), datetime.min.time(), tzinfo=zone),
        by_ref=by.ref,
    )
    _move(case, "paused", by, at, pause.words, {"reason": _named(office, reason), "until": until.isoformat()})
    return pause


def _named(office: Jurisdiction, reason: str) -> dict[str, str]:
    scenario = scenario_for(tuple(office.packs))
    return {lang: scenario.words(f"pause.{reason}", lang) for lang in LANGUAGES}


def _move(case: Case, kind: str, by: Actor, at: datetime, text: str, detail: dict[str, object]) -> None:
    found = counted_of(case)
    if found is not None:
        move_day(case, found, kind, by, at, text=text, detail=detail)


@transaction.atomic
def end_pause(*, pause: CasePause, by: Actor, at: datetime) -> CasePause:
    """The time runs on from now; the day is counted with the time that it really stood still."""
    case = Case.objects.select_related("jurisdiction", "lead_unit").get(pk=pause.case_id)
    pause = CasePause.objects.select_for_update(of=("self",)).get(pk=pause.pk)
    leads = case.lead_unit_id is not None and case.lead_unit_id in by.unit_ids
    if not (leads or by.may("decide_case")):
        raise ClockError(
            _("Only the unit that leads the case can do this, while it has the case."),
            hint=_("Look at the case for what is new."),
        )
    if pause.ended_at is not None:
        return pause
    pause.ended_at = min(at, pause.until)
    pause.save(update_fields=["ended_at"])
    if case.phase in OPEN_STATES:
        _move(case, "resumed", by, at, "", {})
    return pause


def end_past_pauses(*, jurisdiction: Jurisdiction, by: Actor, at: datetime) -> int:
    """Write down that pauses have run out, or that their case is answered. Returns how many."""
    over = CasePause.objects.filter(case__jurisdiction=jurisdiction, ended_at=None)
    over = over.filter(Q(until__lte=at) | ~Q(case__state__in=OPEN_STATES))
    done = 0
    for pause in list(over.order_by("until", "pk")[:MOST_COUNTED]):
        end_pause(pause=pause, by=by, at=at)
        done += 1
    return done


@transaction.atomic
def ask_extension(*, task: Task, words: str, new_day: date, by: Actor, at: datetime) -> Extension:
    """Ask for a new day, at most as far as the packs' rule allows. Nothing moves until somebody approves."""
    task = _held(task)
    _refuse(task, words, at)
    case, office = task.case, task.case.jurisdiction
    rule, calendar = extension_rule(office), calendar_of(office)
    before = Extension.objects.filter(
        case=case, state=rules.APPROVED, decided_at__gte=task.counted_from or at
    )
    if rule is None or before.count() >= rule.times:
        raise ClockError(_("No more time may be given to this case."), hint=_("Answer by the promised day."))
    old = case.due_at or at
    latest, new = due_at(old, Promise(rule.most, rule.most_unit), calendar), day_end(new_day, calendar)
    if not (old < new <= latest) or not calendar.is_workday(new_day):
        raise ClockError(
            _("This day cannot be given."),
            hint=_("Choose a working day after the promised one, %(day)s at the latest.")
            % {"day": local_day(office, latest).isoformat()},
        )
    Extension.objects.filter(case=case, state=rules.ASKED).update(state=rules.LAPSED, decided_at=at)
    made = Extension.objects.create(
        case=case, task=task, unit=task.unit, words=words.strip()[:MOST_WORDS], old_due=old, new_due=new,
        asked_by=by.ref, asked_at=at,
    )  # fmt: skip
    cases.add_note(case=case, text=made.words, by=by, at=at, kind="extension_asked", unit=task.unit)
    return made


@transaction.atomic
def decide_extension(
    *, extension: Extension, approve: bool, words: str, by: Actor, at: datetime
) -> Extension:
    """Approve or refuse, with words. Approved: the case has the new day, and the reporters are told."""
    task = _held(extension.task)
    row = Extension.objects.select_for_update(of=("self",)).select_related("unit").get(pk=extension.pk)
    if row.state != rules.ASKED or task.state not in OPEN_TASKS or task.case.due_at != row.old_due:
        raise ClockError(
            _("This is already decided, or the day has moved since."), hint=_("Ask anew if needed.")
        )
    if not may_approve(by, row):
        raise ClockError(
            _("Another person decides about this."), hint=_("A coordinator or leader who did not ask for it.")
        )
    if not words.strip():
        raise ClockError(_("The decision has no words."), hint=_("Say why, so that the unit understands it."))
    if approve and (row.new_due <= at or open_pause(task.case, at) is not None):
        raise ClockError(_("This day cannot be given."), hint=_("Refuse it; the unit may ask anew."))
    row.state = rules.APPROVED if approve else rules.REFUSED
    row.decided_by, row.decided_at, row.decision = by.ref, at, words.strip()[:MOST_WORDS]
    row.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    if approve:
        _move(task.case, "extended", by, at, row.words, {"decision": row.decision})
    else:
        cases.add_note(
            case=task.case, text=row.decision, by=by, at=at, kind="extension_refused", unit=row.unit
        )
    return row


def recount_deadlines(*, jurisdiction: Jurisdiction, by: Actor, at: datetime) -> list[Case]:
    """Count the days anew that ran into a year without published holidays, and tell the reporters of a new day.

    Only open cases; nothing happens until the year's calendar is there. Returns the cases whose day moved.
    """
    flagged = Task.objects.filter(
        day_may_move=True, case__jurisdiction=jurisdiction, case__state__in=OPEN_STATES
    )
    return recount_cases(case_ids=flagged.order_by("case_id").values_list("case_id", flat=True), by=by, at=at)


def recount_cases(*, case_ids: Iterable[int], by: Actor, at: datetime, kind: str = "recounted") -> list[Case]:
    """Count the days of these cases anew, each in a transaction of its own. Returns those whose day moved."""
    moved = (_recount(case_id, by, at, kind) for case_id in dict.fromkeys(case_ids))
    return [case for case in moved if case is not None]


def recount_office(*, jurisdiction: Jurisdiction, by: Actor, at: datetime) -> int:
    """Count all open cases of the office anew after its calendar has changed. Returns how many moved."""
    found = [pk for pk, _before, _after in moves(jurisdiction, calendar_of(jurisdiction), at)]
    return len(recount_cases(case_ids=found, by=by, at=at, kind="calendar"))


@transaction.atomic
def _recount(case_id: int, by: Actor, at: datetime, kind: str) -> Case | None:
    # Tasks are locked before their case, as everywhere.
    list(Task.objects.select_for_update().filter(case_id=case_id, state__in=OPEN_TASKS).values_list("pk"))
    case = Case.objects.select_related("jurisdiction", "lead_unit").get(pk=case_id)
    found = counted_of(case) if case.due_at is not None and case.phase in OPEN_STATES else None
    if found is None:
        return None
    if found.due_at == case.due_at or found.due_at <= at:
        may = found.may_move(calendar_of(case.jurisdiction))
        Task.objects.filter(case=case, day_may_move=True).update(day_may_move=may)
        return None
    return move_day(case, found, kind, by, at)
