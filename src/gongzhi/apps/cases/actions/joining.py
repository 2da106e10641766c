"""Same thing, one case: joining, splitting, undoing. Reports move, nothing is deleted."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases.actions.moving import CaseError, lock_case, move_case, save_case, write_step
from gongzhi.apps.cases.events import CasesJoined, CaseUnmerged
from gongzhi.apps.cases.models import Case, Complaint, Membership, Suggestion
from gongzhi.apps.cases.rules import State
from gongzhi.apps.channels.public import Report
from gongzhi.kernel import events


@transaction.atomic
def decline_same(*, case: Case, other: Case, by: Actor, at: datetime) -> None:
    """A person says that the two are not the same matter; the pair is not suggested again."""
    Suggestion.objects.filter(case=case, other=other).update(state="declined", at=at)
    Suggestion.objects.filter(case=other, other=case).update(state="declined", at=at)
    locked = lock_case(case.pk)
    if locked.waits_for == "maybe_same" and not Suggestion.objects.filter(case=locked, state="open").exists():
        locked.waits_for = ""
    save_case(locked, at)
    write_step(case=locked, kind="not_same", by=by, at=at, public=False, detail={"other": other.number})


@transaction.atomic
def join_cases(*, into: Case, cases: Sequence[Case], by: Actor, at: datetime, reason: str = "") -> Case:
    """Make several cases one: their reports move into `into`, they themselves point there from now on."""
    ids = sorted(
        {into.pk, *(c.pk for c in cases)}
    )  # locked in one order, so that two people cannot block each other
    locked = {pk: lock_case(pk) for pk in ids}
    target = locked.pop(into.pk)
    if Complaint.objects.filter(case__in=ids).exists():
        raise CaseError(
            _("A complaint about how a case was handled stays a case of its own."),
            hint=_("Joined, the unit complained about could read it."),
        )
    if target.phase == State.MERGED or not locked:
        raise CaseError(
            _("These cases cannot be joined."), hint=_("Choose a case that is not itself joined to another.")
        )
    for case in locked.values():
        if case.jurisdiction_id != target.jurisdiction_id:
            raise CaseError(
                _("These cases belong to different offices."),
                hint=_("Only cases of one office can be joined."),
            )
        _join_one(target, case, by, at, reason)
    target.refresh_from_db()
    target.urgent = target.urgent or any(c.urgent for c in locked.values())
    if target.waits_for == "maybe_same" and not Suggestion.objects.filter(case=target, state="open").exists():
        target.waits_for = ""
    save_case(target, at)
    detail = {"cases": [c.number for c in locked.values()]}
    write_step(case=target, kind="joined", by=by, at=at, text=reason, public=False, detail=detail)
    events.publish(CasesJoined(jurisdiction=target.jurisdiction.code, at=at, case_id=target.pk))
    return target


def _join_one(target: Case, case: Case, by: Actor, at: datetime, reason: str) -> None:
    before, waited_for = case.state, case.waits_for
    members = list(Membership.objects.filter(case=case, until=None))
    _move_members(members, target, case, by, at, reason)
    Case.objects.filter(pk=case.pk).update(merged_into=target)
    move_case(
        case=case,
        to=State.MERGED,
        by=by,
        at=at,
        reason=reason,
        kind="merged",
        detail={"into": target.number, "before": before, "waits_for": waited_for},
    )
    Suggestion.objects.filter(case=case, other=target).update(state="joined", at=at)
    Suggestion.objects.filter(case=target, other=case).update(state="joined", at=at)


def _standing_case(case: Case) -> Case:
    """The case that a merged one belongs to now, at the end of the line where that one was joined to another too."""
    while case.phase == State.MERGED and case.merged_into is not None:
        case = case.merged_into
    return case


@transaction.atomic
def undo_merge(*, case: Case, by: Actor, at: datetime, reason: str = "") -> Case:
    """Take a merged case out again: the reports it had come back, it stands and waits where it did before.

    Reports that somebody has meanwhile taken elsewhere stay there; CaseError where none is left to come back.
    """
    standing = _standing_case(Case.objects.get(pk=case.pk))
    locked = {pk: lock_case(pk) for pk in sorted({case.pk, standing.pk})}
    case, target = locked[case.pk], locked[standing.pk]
    merge_step = case.steps.filter(kind="merged").order_by("-pk").first()
    if case.phase != State.MERGED or target.phase == State.MERGED or merge_step is None:
        raise CaseError(_("This case is not joined to another."), hint=_("There is nothing to undo."))
    had = Membership.objects.filter(case=case, until=merge_step.at).values("report_id")
    members = list(Membership.objects.filter(case=target, report_id__in=had, until=None))
    if not members:
        raise CaseError(
            _("None of its reports is in the case that it was joined to."),
            hint=_("Look where its reports are now; there is nothing to undo."),
        )
    _move_members(members, case, target, by, at, reason)
    Case.objects.filter(pk=case.pk).update(merged_into=None)
    waits_for = merge_step.detail.get("waits_for", "")
    moved = move_case(
        case=case,
        to=State(merge_step.from_state),
        by=by,
        at=at,
        reason=reason,
        kind="unmerged",
        waits_for=waits_for,
        undoing=True,
    )
    save_case(target, at)
    write_step(
        case=target, kind="split", by=by, at=at, text=reason, public=False, detail={"case": case.number}
    )
    events.publish(
        CaseUnmerged(jurisdiction=case.jurisdiction.code, at=at, case_id=case.pk, merged_at=merge_step.at)
    )
    return moved


def _move_members(
    members: Sequence[Membership], to: Case, came_from: Case, by: Actor, at: datetime, reason: str
) -> None:
    """End memberships and begin the same in another case: every move is a row."""
    Membership.objects.filter(pk__in=[m.pk for m in members]).update(until=at)
    Membership.objects.bulk_create(
        [
            Membership(
                case=to,
                report_id=m.report_id,
                came_from=came_from,
                since=at,
                by_ref=by.ref,
                reason=reason[:200],
            )
            for m in members
        ]
    )


@transaction.atomic
def split_case(*, case: Case, reports: Sequence[Report], by: Actor, at: datetime, reason: str = "") -> Case:
    """Take some reports out of a case into a new one. At least one report must stay."""
    case = lock_case(case.pk)
    wanted = {r.pk for r in reports}
    members = list(Membership.objects.filter(case=case, until=None).select_related("report"))
    leaving = [m for m in members if m.report_id in wanted]
    if not leaving or len(leaving) == len(members):
        raise CaseError(
            _("Choose some of the reports, not none and not all."),
            hint=_("At least one report stays in the case."),
        )
    first = min(leaving, key=lambda m: m.report.received_at).report
    fresh = Case.objects.create(
        jurisdiction=case.jurisdiction,
        category=case.category,
        area_id=first.area_id or case.area_id,
        lon=first.lon if first.lon is not None else case.lon,
        lat=first.lat if first.lat is not None else case.lat,
        waits_for="unsure",
        opened_at=first.received_at,
        last_step_at=at,
    )
    _move_members(leaving, fresh, case, by, at, reason)
    write_step(case=fresh, kind="opened", by=by, at=at, text=reason, detail={"split_from": case.number})
    save_case(case, at)
    write_step(
        case=case, kind="split", by=by, at=at, text=reason, public=False, detail={"case": fresh.number}
    )
    return fresh
