"""Taking in what happened before the case came here: answers given and cases closed elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases.actions.moving import check_move, make_step, write_steps
from gongzhi.apps.cases.models import Answer, Case, Step
from gongzhi.apps.cases.rules import State

CHANGED_BY_ENDING: Final = (
    "state", "waits_for", "contacted_at", "answered_at", "closed_at", "version", "last_step_at",
)  # fmt: skip


@dataclass(frozen=True)
class PastAnswer:
    """What was answered to a case, and when; it was closed with it."""

    case: Case
    text: str
    at: datetime


@transaction.atomic
def take_past_answers(*, answers: Sequence[PastAnswer], by: Actor) -> None:
    """Write down answers and closings of another system's register as the history they are.

    Nobody is told: the reporters heard of it then. MoveError for a case that cannot have been answered.
    """
    ids = [answer.case.pk for answer in answers]
    rows = Case.objects.select_for_update(of=("self",)).select_related("jurisdiction", "lead_unit")
    locked = {case.pk: case for case in rows.filter(pk__in=ids)}
    pairs = [(locked[answer.case.pk], answer) for answer in answers]
    kept = Answer.objects.bulk_create(
        [Answer(case=c, text=a.text, unit=c.lead_unit, by_ref=by.ref, at=a.at) for c, a in pairs]
    )
    steps: list[Step] = []
    for (case, answer), stored in zip(pairs, kept, strict=True):
        before = case.phase
        check_move(before, State.ANSWERED)
        case.state, case.waits_for = State.ANSWERED, ""
        steps.append(
            make_step(
                case=case,
                kind="answered",
                by=by,
                at=answer.at,
                from_state=before,
                text=answer.text,
                unit=case.lead_unit,
                detail={"answer": stored.pk},
            )
        )
        case.state = State.CLOSED
        steps.append(make_step(case=case, kind="closed", by=by, at=answer.at, from_state=State.ANSWERED))
        case.contacted_at = case.contacted_at or answer.at
        case.answered_at = case.closed_at = case.last_step_at = answer.at
        case.version += 2
    Case.objects.bulk_update(locked.values(), CHANGED_BY_ENDING)
    write_steps(steps)
