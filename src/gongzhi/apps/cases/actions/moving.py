"""Opening a case and moving it from state to state."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.cases import rules
from gongzhi.apps.cases.events import CaseMoved
from gongzhi.apps.cases.models import Case, Membership, Step
from gongzhi.apps.cases.rules import State
from gongzhi.apps.channels.public import Report
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
    step = Step.objects.create(
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
    ledger.record(
        tree=case.jurisdiction.code,
        kind=f"cases.{kind}",
        subject=f"case:{case.pk}",
        by=by.ref,
        at=at,
        fields={"step": step.pk, "state": case.state, "unit": unit.pk if unit else None},
        texts={"text": text} if text else {},
    )
    return step


@transaction.atomic
def open_case(
    *,
    report: Report,
    category: str,
    by: Actor,
    at: datetime,
    urgent: bool = False,
    waits_for: str = "",
    lon: float | None = None,
    lat: float | None = None,
) -> Case:
    """Open a case for a report. A report that already has one gets no second: the one it has is returned."""
    member = Membership.objects.filter(report=report, until=None).select_related("case__jurisdiction").first()
    if member is not None:
        return member.case
    case = Case.objects.create(
        jurisdiction=report.jurisdiction,
        category=category,
        urgent=urgent,
        waits_for=waits_for,
        area_id=report.area_id,
        lon=report.lon if report.lon is not None else lon,
        lat=report.lat if report.lat is not None else lat,
        opened_at=at,
        last_step_at=at,
    )
    Membership.objects.create(case=case, report=report, since=at, by_ref=by.ref)
    write_step(case=case, kind="opened", by=by, at=at, detail={"channel": report.channel})
    return case


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
) -> Case:
    """Move a case to its next state, and write down who did it and why.

    Raises MoveError where the table does not allow it, StaleCaseError where `seen_version` is no longer current.
    """
    case = lock_case(case.pk, seen_version)
    before = case.phase
    if not rules.may_move(before, to):
        raise MoveError(
            _("This case cannot go from “%(before)s” to “%(to)s”.")
            % {"before": before.value, "to": to.value},
            hint=_("Look at the timeline: perhaps somebody has already done it."),
        )
    case.state, case.waits_for = to, waits_for
    stamp = STAMPS.get(to)
    if stamp:
        setattr(case, stamp, at)
    if case.contacted_at is None and to in {State.ACCEPTED, State.ANSWERED}:
        case.contacted_at = at
    if to == State.REOPENED:
        case.reopened_count += 1
        case.closed_at = case.solved_at = None
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
    events.publish(
        CaseMoved(jurisdiction=case.jurisdiction.code, at=at, case_id=case.pk, from_state=before, to_state=to)
    )
    return case


def save_case(case: Case, at: datetime) -> None:
    """Store a changed case; its version grows so that a page shown before is known to be old."""
    case.version += 1
    case.last_step_at = at
    case.save()
