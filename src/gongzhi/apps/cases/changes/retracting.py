"""Withdrawing an answer. It stays in the history, with the reason; the case is open again and its day runs on."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.cases import rules
from gongzhi.apps.cases.actions.moving import CaseError, lock_case, move_case, save_case, write_step
from gongzhi.apps.cases.events import AnswerRetracted
from gongzhi.apps.cases.models import Answer, Case, Retraction
from gongzhi.apps.cases.rules import State
from gongzhi.kernel import events

MAX_REASON = 1_000


def _checked(answer: Answer, case: Case, reason: str) -> str:
    why = reason.strip()
    if not why:
        raise CaseError(
            _("A reason is needed to withdraw an answer."),
            hint=_("Say in a few words what was wrong with it. The reporters read this."),
        )
    if len(why) > MAX_REASON:
        raise CaseError(
            _("The reason is longer than %(max)d characters.") % {"max": MAX_REASON},
            hint=_("Please shorten it."),
        )
    if case.phase == State.MERGED:
        raise CaseError(
            _("This case was joined to another one."), hint=_("Go on with the case that it was joined to.")
        )
    if Retraction.objects.filter(answer=answer).exists():
        raise CaseError(
            _("This answer has been withdrawn already."), hint=_("Look at the case for what is new.")
        )
    return why


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
    """Withdraw a public answer with a reason that its reporters read; each hears of it once.

    Where no other answer stands the case goes back to whoever has it in charge, else to the desk. Its deadline
    stays. What reporters said of the answer stays too; it no longer says anything about the case.
    """
    case = lock_case(answer.case_id, seen_version)
    why = _checked(answer, case, reason)
    Retraction.objects.create(answer=answer, reason=why, unit=unit, by_ref=by.ref, at=at)
    standing = Answer.objects.filter(case=case, retraction=None).order_by("-at", "-pk").first()
    in_charge = case.lead_unit_id is not None
    to = rules.state_after_retraction(case.phase, answered_still=standing is not None, in_charge=in_charge)
    detail = {"answer": answer.pk}
    if to is None:
        case.answered_at = standing.at if standing is not None else None
        save_case(case, at)
        write_step(case=case, kind="retracted", by=by, at=at, text=why, unit=unit, detail=detail)
    else:
        case = _open_again(case, to, why, by, at, unit, detail)
    events.publish(
        AnswerRetracted(jurisdiction=case.jurisdiction.code, at=at, case_id=case.pk, answer_id=answer.pk)
    )
    return case


def _open_again(
    case: Case, to: State, why: str, by: Actor, at: datetime, unit: Unit | None, detail: dict[str, int]
) -> Case:
    """The case as it stood without the answer. It was not opened again by its reporter, so that is not counted."""
    times_reopened = case.reopened_count
    moved = move_case(
        case=case,
        to=to,
        by=by,
        at=at,
        reason=why,
        kind="retracted",
        unit=unit,
        waits_for="" if case.lead_unit_id is not None else "withdrawn",
        detail=detail,
    )
    moved.reopened_count = times_reopened
    moved.answered_at = moved.closed_at = moved.solved_at = None
    save_case(moved, at)
    return moved
