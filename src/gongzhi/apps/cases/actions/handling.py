"""Holding, answering, closing, rating."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.cases import rules
from gongzhi.apps.cases.actions.moving import CaseError, lock_case, move_case, save_case, write_step
from gongzhi.apps.cases.events import AnswerGiven, CaseReopened
from gongzhi.apps.cases.models import Answer, Case, Holding, Membership, Rating, Step
from gongzhi.apps.cases.rules import State
from gongzhi.apps.channels.public import Report
from gongzhi.kernel import events

MAX_ANSWER = 5_000


@transaction.atomic
def hold_case(
    *, case: Case, unit: Unit, role: str, by: Actor, at: datetime, due_at: datetime | None = None
) -> Holding:
    """Give a unit the case as lead or helper. A new lead ends the old lead's holding."""
    open_rows = Holding.objects.filter(case=case, until=None)
    if role == "lead":
        open_rows.filter(role="lead").exclude(unit=unit).update(until=at)
        case = lock_case(case.pk)
        case.lead_unit, case.due_at = unit, due_at if due_at is not None else case.due_at
        save_case(case, at)
    found = open_rows.filter(unit=unit, role=role).first()
    return found or Holding.objects.create(case=case, unit=unit, role=role, since=at)


@transaction.atomic
def release_case(*, case: Case, unit: Unit, by: Actor, at: datetime) -> None:
    """End all that a unit holds of the case."""
    Holding.objects.filter(case=case, unit=unit, until=None).update(until=at)
    locked = lock_case(case.pk)
    if locked.lead_unit_id == unit.pk:
        locked.lead_unit = None
        save_case(locked, at)


@transaction.atomic
def ask_desk(*, case: Case, waits_for: str, by: Actor, at: datetime) -> Case:
    """Put a case on the coordinator's desk, or take it off (`waits_for` empty)."""
    case = lock_case(case.pk)
    if case.waits_for != waits_for:
        case.waits_for = waits_for
        save_case(case, at)
    return case


@transaction.atomic
def set_category(
    *, case: Case, category: str, by: Actor, at: datetime, reason: str = "", seen_version: int | None = None
) -> Case:
    """Decide the category of a case; the decision is a step."""
    case = lock_case(case.pk, seen_version)
    before, case.category = case.category, category
    if case.waits_for == "unsure":
        case.waits_for = ""
    save_case(case, at)
    write_step(
        case=case,
        kind="categorised",
        by=by,
        at=at,
        text=reason,
        public=False,
        detail={"before": before, "after": category},
    )
    return case


@transaction.atomic
def add_note(
    *,
    case: Case,
    text: str,
    by: Actor,
    at: datetime,
    public: bool = False,
    kind: str = "noted",
    unit: Unit | None = None,
) -> Step:
    """Write a note on the timeline; `public` notes are shown to the reporters.

    Kinds other than `noted` speak for themselves and need no words.
    """
    cleaned = text.strip()
    if not cleaned and kind == "noted":
        raise CaseError(_("The note is empty."), hint=_("Write at least a word."))
    case = lock_case(case.pk)
    save_case(case, at)
    return write_step(case=case, kind=kind, by=by, at=at, text=cleaned[:MAX_ANSWER], public=public, unit=unit)


@transaction.atomic
def answer_case(
    *,
    case: Case,
    text: str,
    by: Actor,
    at: datetime,
    unit: Unit | None = None,
    seen_version: int | None = None,
) -> Answer:
    """Give a public answer. Its reporters hear of it once each. Raises CaseError where there are no words."""
    cleaned = text.strip()
    if not cleaned:
        raise CaseError(
            _("The answer is empty."),
            hint=_("Say what was done, by whom, by which rule, and what comes next."),
        )
    if len(cleaned) > MAX_ANSWER:
        raise CaseError(
            _("The answer is longer than %(max)d characters.") % {"max": MAX_ANSWER},
            hint=_("Please shorten it."),
        )
    case = lock_case(case.pk, seen_version)
    answer = Answer.objects.create(case=case, text=cleaned, unit=unit, by_ref=by.ref, at=at)
    move_case(
        case=case,
        to=State.ANSWERED,
        by=by,
        at=at,
        reason=cleaned,
        kind="answered",
        unit=unit,
        detail={"answer": answer.pk},
    )
    events.publish(
        AnswerGiven(jurisdiction=case.jurisdiction.code, at=at, case_id=case.pk, answer_id=answer.pk)
    )
    return answer


@transaction.atomic
def close_case(
    *, case: Case, by: Actor, at: datetime, reason: str = "", seen_version: int | None = None
) -> Case:
    """End the handling. Impossible without a public answer."""
    if not Answer.objects.filter(case=case, retraction=None).exists():
        raise CaseError(
            _("A case cannot be closed without a public answer."),
            hint=_("Write the answer first, then close."),
        )
    return move_case(
        case=case, to=State.CLOSED, by=by, at=at, reason=reason, kind="closed", seen_version=seen_version
    )


@transaction.atomic
def rate_case(
    *,
    report: Report,
    contacted: bool | None,
    solved: bool | None,
    satisfaction: int | None,
    by: Actor,
    at: datetime,
    comment: str = "",
) -> Rating:
    """Take the reporter's word on the latest answer. “Not solved” reopens the case, “solved” confirms it.

    A second word on the same answer replaces the first; the case's steps keep both.
    """
    member = Membership.objects.filter(report=report, until=None).first()
    standing = Answer.objects.filter(retraction=None).order_by("-at", "-pk")
    answer = standing.filter(case_id=member.case_id).first() if member else None
    if member is None or answer is None:
        raise CaseError(
            _("There is no answer to rate yet."), hint=_("We tell you here as soon as there is one.")
        )
    if satisfaction is not None and satisfaction not in range(1, 6):
        raise CaseError(_("Satisfaction goes from 1 to 5."), hint=_("Choose one of the five."))
    case = lock_case(member.case_id)
    rating, _created = Rating.objects.update_or_create(
        report=report,
        answer=answer,
        defaults={
            "case": case,
            "contacted": contacted,
            "solved": solved,
            "satisfaction": satisfaction,
            "comment": comment.strip()[:MAX_ANSWER],
            "at": at,
        },
    )
    write_step(
        case=case,
        kind="rated",
        by=by,
        at=at,
        text=rating.comment,
        public=False,
        detail={"contacted": contacted, "solved": solved, "satisfaction": satisfaction},
    )
    _follow_rating(case, solved, by, at)
    return rating


def _follow_rating(case: Case, solved: bool | None, by: Actor, at: datetime) -> None:
    to = rules.state_after_rating(case.phase, solved)
    if to is None:
        return
    reopened = to == State.REOPENED
    move_case(
        case=case,
        to=to,
        by=by,
        at=at,
        kind="reopened" if reopened else "solved",
        waits_for="reopened" if reopened else "",
    )
    if reopened:
        events.publish(CaseReopened(jurisdiction=case.jurisdiction.code, at=at, case_id=case.pk))
