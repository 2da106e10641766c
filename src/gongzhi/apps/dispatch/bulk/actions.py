"""Writes: ordering a run over many cases, carrying it out, undoing it. Each case in a transaction of its own."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor, Unit, User, actor_of
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, CaseError, State
from gongzhi.apps.dispatch.actions import TaskError, answer_task, change_task, dispatch_case, resume_tasks
from gongzhi.apps.dispatch.bulk import rules
from gongzhi.apps.dispatch.bulk.events import BulkOrdered, BulkUndoOrdered
from gongzhi.apps.dispatch.bulk.models import BulkItem, BulkRun
from gongzhi.apps.dispatch.changes import retract_answer
from gongzhi.apps.dispatch.models import Task
from gongzhi.apps.dispatch.queries import rule_for
from gongzhi.apps.dispatch.rules import OPEN_TASKS
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel import events
from gongzhi.kernel.errors import GongzhiError


class BulkError(GongzhiError):
    """Something that cannot be decided for many cases at once."""


def check_order(kind: str, count: int, unit: Unit | None, text: str) -> None:
    """BulkError where something is missing for this kind of run, or there are too many cases."""
    if kind not in rules.KINDS:
        raise BulkError(_("Please choose what should be done."), hint=_("One of the four."))
    if count > rules.MAX_CASES:
        raise BulkError(
            _("These are more than %(max)d cases.") % {"max": rules.MAX_CASES},
            hint=_("Choose fewer with the filters, then the rest."),
        )
    if count < (2 if kind == rules.JOIN else 1):
        raise BulkError(_("Too few cases are chosen."), hint=_("Tick those that are meant."))
    if kind == rules.UNIT and unit is None:
        raise BulkError(_("No unit is named."), hint=_("Choose the unit that should handle the cases."))
    if kind != rules.RULE and not text.strip():
        raise BulkError(
            _("The words are missing."), hint=_("Write the answer, or in a few words the reason for this.")
        )


@transaction.atomic
def order_run(
    *,
    jurisdiction: Jurisdiction,
    kind: str,
    key: uuid.UUID,
    chosen: Mapping[int, int],
    by: Actor,
    at: datetime,
    unit: Unit | None = None,
    text: str = "",
) -> BulkRun:
    """Decide the same for these cases (id -> version that was seen); the worker carries it out.

    A `key` that was sent before gives the run that it led to. Cases that the person may not see are left out.
    """
    seen = cases.visible_cases(visible_to=by, jurisdiction=jurisdiction)
    known = sorted(seen.filter(pk__in=chosen).values_list("pk", flat=True))
    check_order(kind, len(known), unit, text)
    into, rest = (known[0], known[1:]) if kind == rules.JOIN else (None, known)
    if by.id is None or not by.may("decide_case"):
        raise BulkError(_("This is for who decides cases."), hint=_("Ask a coordinator."))
    values = {"jurisdiction": jurisdiction, "kind": kind, "unit": unit if kind == rules.UNIT else None}
    values |= {"into_id": into, "text": text.strip()[:5000], "by_id": by.id, "at": at}
    run, made = BulkRun.objects.get_or_create(key=key, defaults=values)
    if not made:
        return run
    BulkItem.objects.bulk_create(BulkItem(run=run, case_id=pk, seen_version=chosen[pk]) for pk in rest)
    _record(run, "dispatch.bulk_ordered", by, at, {"kind": kind, "cases": len(known)})
    events.publish(BulkOrdered(jurisdiction=jurisdiction.code, at=at, run_id=run.pk))
    return run


def _record(run: BulkRun, kind: str, by: Actor, at: datetime, fields: dict[str, str | int]) -> None:
    subject = f"bulkrun:{run.pk}"
    ledger.record(tree=run.jurisdiction.code, kind=kind, subject=subject, by=by.ref, at=at, fields=fields)


@transaction.atomic
def order_undo(*, run: BulkRun, by: Actor, at: datetime) -> None:
    """Undo the run as a whole, once. BulkError while it is still running or when it was undone before."""
    if not by.may("decide_case"):
        raise BulkError(_("This is for who decides cases."), hint=_("Ask a coordinator."))
    changed = BulkRun.objects.filter(pk=run.pk, state="done").update(
        state="undoing", undone_by_id=by.id, undone_at=at
    )
    if not changed:
        raise BulkError(
            _("This cannot be undone now."), hint=_("Perhaps it is still running, or was undone already.")
        )
    _record(run, "dispatch.bulk_undo_ordered", by, at, {"kind": run.kind})
    events.publish(BulkUndoOrdered(jurisdiction=run.jurisdiction.code, at=at, run_id=run.pk))


def carry_out(*, run_id: int, at: datetime) -> None:
    """Do what was decided, case by case; run again it goes on where it stopped. A refusal stays with its case."""
    run = BulkRun.objects.select_related("jurisdiction", "unit", "into").get(pk=run_id)
    if run.state != "ready":
        return
    by = _actor(run, run.by_id, at)
    if run.kind == rules.JOIN:
        _join(run, by, at)
    else:
        _each(run, "waiting", lambda item, case: _do(run, item, case, by, at), refused="refused")
    BulkRun.objects.filter(pk=run.pk, state="ready").update(state="done")


def undo(*, run_id: int, at: datetime) -> None:
    """Undo what was done, case by case. A case on which somebody has worked since is kept as it is, with the reason."""
    run = BulkRun.objects.select_related("jurisdiction", "unit", "into").get(pk=run_id)
    if run.state != "undoing" or run.undone_by_id is None:
        return
    by = _actor(run, run.undone_by_id, at)
    _each(run, "done", lambda item, case: _undo(run, item, case, by, at), refused="kept")
    BulkRun.objects.filter(pk=run.pk, state="undoing").update(state="undone")


def _actor(run: BulkRun, user_id: int, at: datetime) -> Actor:
    """The person with the rights of now: a role that has ended meanwhile decides nothing any more."""
    return actor_of(user=User.objects.get(pk=user_id), jurisdiction=run.jurisdiction, at=at)


def _each(run: BulkRun, state: str, act: Callable[[BulkItem, Case], str], *, refused: str) -> None:
    waiting = list(run.items.filter(state=state).order_by("pk").values_list("pk", flat=True))
    with translation.override(run.jurisdiction.default_language):
        for pk in waiting:
            try:
                with transaction.atomic():
                    _settle(pk, state, act)
            except GongzhiError as error:
                BulkItem.objects.filter(pk=pk, state=state).update(state=refused, why=str(error)[:300])


def _settle(pk: int, state: str, act: Callable[[BulkItem, Case], str]) -> None:
    item = BulkItem.objects.select_for_update().filter(pk=pk, state=state).first()
    if item is None:  # another worker was here
        return
    case = Case.objects.select_related("jurisdiction", "lead_unit", "area").get(pk=item.case_id)
    item.state = act(item, case)
    item.after_version = Case.objects.values_list("version", flat=True).get(pk=item.case_id)
    item.save()


def _check(run: BulkRun, case: Case, by: Actor) -> None:
    seen = cases.visible_cases(visible_to=by, jurisdiction=run.jurisdiction)
    if not by.may("decide_case") or not seen.filter(pk=case.pk).exists():
        raise BulkError(_("This is for who decides cases."), hint=_("Ask a coordinator."))
    if not rules.fits(run.kind, case.phase, urgent=case.urgent):
        raise BulkError(
            _("This case must be decided on its own."), hint=_("Open it and look at what is new.")
        )


def _remember(item: BulkItem, case: Case, at: datetime) -> None:
    item.before = {"state": case.state, "waits_for": case.waits_for, "lead": case.lead_unit_id}
    item.done_at = at


def _do(run: BulkRun, item: BulkItem, case: Case, by: Actor, at: datetime) -> str:
    _check(run, case, by)
    _remember(item, case, at)
    if run.kind == rules.ANSWER:
        item.before["answer"] = _answer(run, item, case, by, at)
        return "done"
    match = rule_for(case, at)
    if run.kind == rules.RULE and match.item is None:
        raise TaskError(_("No line of the power list covers this category here."))
    by_rule = run.kind == rules.RULE or (match.item is not None and match.item.lead_unit_id == run.unit_id)
    dispatch_case(
        case=case,
        item=match.item,
        unit=None if by_rule else run.unit,
        reason=run.text,
        by=by,
        at=at,
        seen_version=item.seen_version,
    )
    return "done"


def _answer(run: BulkRun, item: BulkItem, case: Case, by: Actor, at: datetime) -> int:
    mine = Task.objects.filter(case=case, role="lead", state__in=OPEN_TASKS)
    task = mine.select_related("case__jurisdiction", "unit").first()
    if task is not None:
        return answer_task(task=task, text=run.text, by=by, at=at, seen_version=item.seen_version).pk
    own = Unit.objects.filter(pk__in=by.unit_ids).order_by("pk").first()
    unit = case.lead_unit or own
    seen = item.seen_version
    return cases.answer_case(case=case, text=run.text, by=by, at=at, unit=unit, seen_version=seen).pk


@transaction.atomic
def _join(run: BulkRun, by: Actor, at: datetime) -> None:
    """All in one step, so that the case that stays has one entry in its history, not one for each."""
    items = list(run.items.select_for_update(of=("self",)).filter(state="waiting").order_by("pk"))
    rows = Case.objects.select_related("jurisdiction").in_bulk([item.case_id for item in items])
    ready: list[BulkItem] = []
    with translation.override(run.jurisdiction.default_language):
        for item in items:
            _ready_to_join(run, item, rows[item.case_id], by, at, ready)
        try:
            with transaction.atomic():
                _join_ready(run, [rows[item.case_id] for item in ready], by, at)
            for item in ready:
                item.state = "done"
        except GongzhiError as error:
            for item in ready:
                item.state, item.why = "refused", str(error)[:300]
    versions = dict(Case.objects.filter(pk__in=rows).values_list("pk", "version"))
    for item in items:
        item.after_version = versions[item.case_id]
    BulkItem.objects.bulk_update(items, ["state", "why", "before", "done_at", "after_version"])


def _ready_to_join(
    run: BulkRun, item: BulkItem, case: Case, by: Actor, at: datetime, ready: list[BulkItem]
) -> None:
    try:
        _check(run, case, by)
        if case.version != item.seen_version:
            raise CaseError(_("Somebody else has just changed this case."))
    except GongzhiError as error:
        item.state, item.why = "refused", str(error)[:300]
        return
    _remember(item, case, at)
    ready.append(item)


def _join_ready(run: BulkRun, gone: Sequence[Case], by: Actor, at: datetime) -> None:
    if run.into is None or not gone:
        return
    target = cases.join_cases(into=run.into, cases=gone, by=by, at=at, reason=run.text)
    if target.state == State.NEW and target.lead_unit_id is None and not target.waits_for:
        cases.ask_desk(case=target, waits_for="unsure", by=by, at=at)


def _undo(run: BulkRun, item: BulkItem, case: Case, by: Actor, at: datetime) -> str:
    if not by.may("decide_case"):
        raise BulkError(_("This is for who decides cases."), hint=_("Ask a coordinator."))
    if case.version != item.after_version:
        raise CaseError(_("Somebody has worked on this case since."))
    why = _UNDONE[run.kind](run, item, case, by, at)
    item.why = why
    return "undone"


def _take_back(run: BulkRun, item: BulkItem, case: Case, by: Actor, at: datetime) -> str:
    """The units of the run lose the case, those that had it have it again as they had it; the promised day stays."""
    why = _("What was decided for many cases together was undone.")
    done_at = item.done_at or run.at
    given = Task.objects.filter(case=case, offered_at=done_at, state__in=OPEN_TASKS)
    for task in list(given.select_related("case__jurisdiction", "unit")):
        change_task(task, "withdrawn", by, at, why)
        cases.release_case(case=case, unit=task.unit, by=by, at=at)
    resume_tasks(case=case, withdrawn_at=done_at, by=by, at=at)
    again = Task.objects.filter(case=case, state__in=OPEN_TASKS).select_related("unit").order_by("pk")
    for task in list(again):
        cases.hold_case(case=case, unit=task.unit, role=task.role, by=by, at=at)
    to, waits_for = State(item.before["state"]), item.before["waits_for"]
    cases.move_case(case=case, to=to, by=by, at=at, reason=why, kind="bulk_undone", waits_for=waits_for)
    return ""


def _withdraw_answer(run: BulkRun, item: BulkItem, case: Case, by: Actor, at: datetime) -> str:
    why = _("What was decided for many cases together was undone.")
    wanted = item.before["answer"]
    answer = next(one for one in cases.answers_of(case) if one.pk == wanted)
    retract_answer(answer=answer, reason=why, by=by, at=at)
    return ""


def _take_out(run: BulkRun, item: BulkItem, case: Case, by: Actor, at: datetime) -> str:
    why = _("What was decided for many cases together was undone.")
    cases.undo_merge(case=case, by=by, at=at, reason=why)
    return ""


_Undoing = Callable[[BulkRun, BulkItem, Case, Actor, datetime], str]
_UNDONE: Final[Mapping[str, _Undoing]] = {
    rules.RULE: _take_back,
    rules.UNIT: _take_back,
    rules.ANSWER: _withdraw_answer,
    rules.JOIN: _take_out,
}
