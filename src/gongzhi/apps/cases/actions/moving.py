"""Moving a case from state to state, and writing its history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.cases import rules
from gongzhi.apps.cases.events import CaseEnded, CaseMoved
from gongzhi.apps.cases.models import Case, Step
from gongzhi.apps.cases.rules import State
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import events
from gongzhi.kernel.errors import GongzhiError


class CaseError(GongzhiError):
    """Something that cannot be done to a case."""


class MoveError(CaseError):
    """The state table does not allow the move."""


class StaleCaseError(CaseError):
    """Somebody else has changed the case since it was shown."""


def lock_case(case_id: int, seen_version: int | None = None) -> Case:
    """The case, locked until the transaction ends. StaleCaseError where it is no longer the version that was seen."""
    case = Case.objects.select_for_update(of=("self",)).select_related("jurisdiction").get(pk=case_id)
    if seen_version is not None and case.version != seen_version:
        raise StaleCaseError(
            _("Somebody else has just changed this case."),
            hint=_("Look at what is new below, then decide again. What you wrote is still here."),
        )
    return case


def make_step(
    *,
    case: Case,
    kind: str,
    by: Actor,
    at: datetime,
    from_state: str = "",
    text: str = "",
    unit: Unit | None = None,
    public: bool = True,
    detail: Mapping[str, Any] | None = None,
) -> Step:
    """A step of a case's history as it will be stored; `write_steps` stores it."""
    return Step(
        case=case,
        kind=kind,
        from_state=from_state,
        to_state=case.state,
        text=text,
        by_ref=by.ref,
        by_label=by.label[:80],
        unit=unit,
        public=public,
        detail=dict(detail or {}),
        at=at,
    )


def write_steps(steps: Sequence[Step]) -> None:
    """Add steps to the history of their cases, and the same to the ledger."""
    Step.objects.bulk_create(steps)
    ledger.record_all(
        ledger.Act(
            tree=step.case.jurisdiction.code,
            kind=f"cases.{step.kind}",
            subject=f"case:{step.case_id}",
            by=step.by_ref,
            at=step.at,
            fields={"step": step.pk, "state": step.to_state, "unit": step.unit_id},
            texts={"text": step.text} if step.text else {},
        )
        for step in steps
    )


def write_step(
    *,
    case: Case,
    kind: str,
    by: Actor,
    at: datetime,
    from_state: str = "",
    text: str = "",
    unit: Unit | None = None,
    public: bool = True,
    detail: Mapping[str, Any] | None = None,
) -> Step:
    """Add one step to a case's history, and the same to the ledger."""
    step = make_step(
        case=case,
        kind=kind,
        by=by,
        at=at,
        from_state=from_state,
        text=text,
        unit=unit,
        public=public,
        detail=detail,
    )
    write_steps([step])
    return step


def check_move(before: State, to: State, *, undoing: bool = False) -> None:
    """MoveError where the table does not allow the move. Only undoing the merge leads out of a merged case."""
    if before == State.MERGED and not undoing:
        raise MoveError(
            _("This case was joined to another one."), hint=_("Go on with the case that it was joined to.")
        )
    if not rules.may_move(before, to):
        raise MoveError(
            _("This case cannot go from “%(before)s” to “%(to)s”.")
            % {"before": before.value, "to": to.value},
            hint=_("Look at the timeline: perhaps somebody has already done it."),
        )


STAMPS: Mapping[State, str] = {
    State.ANSWERED: "answered_at",
    State.CLOSED: "closed_at",
    State.SOLVED: "solved_at",
}


@transaction.atomic
def move_case(
    *,
    case: Case,
    to: State,
    by: Actor,
    at: datetime,
    reason: str = "",
    kind: str = "moved",
    unit: Unit | None = None,
    waits_for: str = "",
    public: bool = True,
    seen_version: int | None = None,
    detail: Mapping[str, Any] | None = None,
    undoing: bool = False,
) -> Case:
    """Move a case to its next state, and write down who did it and why. `undoing` leads out of a merge.

    Raises MoveError where the table does not allow it, StaleCaseError where `seen_version` is no longer current.
    """
    case = lock_case(case.pk, seen_version)
    before = case.phase
    check_move(before, to, undoing=undoing)
    case.state, case.waits_for = to, waits_for
    if not undoing:  # a case taken out of a merge was answered, closed, reopened when it was, not now
        _stamp(case, to, at)
    save_case(case, at)
    write_step(
        case=case,
        kind=kind,
        by=by,
        at=at,
        from_state=before,
        text=reason,
        unit=unit,
        public=public,
        detail=detail,
    )
    code = case.jurisdiction.code
    moved = CaseMoved(jurisdiction=code, at=at, case_id=case.pk, from_state=before, to_state=to)
    ended = to in rules.ENDED_STATES and not undoing
    events.publish_all([moved, *([CaseEnded(jurisdiction=code, at=at, case_id=case.pk)] if ended else [])])
    return case


def _stamp(case: Case, to: State, at: datetime) -> None:
    """Note when the case came to this state."""
    stamp = STAMPS.get(to)
    if stamp:
        setattr(case, stamp, at)
    if case.contacted_at is None and to in {State.ACCEPTED, State.ANSWERED}:
        case.contacted_at = at
    if to == State.REOPENED:
        case.reopened_count += 1
        case.closed_at = case.solved_at = None


def save_case(case: Case, at: datetime) -> None:
    """Store a changed case; its version grows so that a page shown before is known to be old."""
    case.version += 1
    case.last_step_at = at
    case.save()
