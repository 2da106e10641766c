"""Writes: the power list, handing a case over, what units do with their tasks."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.kinds.complaints import public as complaints
from gongzhi.apps.cases.public import Answer, Case, HandingOut, Opening, PastAnswer, State
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Promised
from gongzhi.apps.dispatch import rules
from gongzhi.apps.dispatch.deadlines import Deadline, deadline_by, deadline_in, due_by, may_move
from gongzhi.apps.dispatch.models import PowerItem, Task, TaskStep
from gongzhi.apps.dispatch.queries import forget_lines
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import Area, Jurisdiction, calendar_of
from gongzhi.kernel.calendar import Promise
from gongzhi.kernel.errors import GongzhiError


class TaskError(GongzhiError):
    """Something that cannot be done to a task."""


@transaction.atomic
def save_power_item(
    *,
    jurisdiction: Jurisdiction,
    code: str,
    category: str,
    lead_unit: Unit,
    basis: str,
    promise: Promise,
    by: str,
    at: datetime,
    area: Area | None = None,
    helpers: Sequence[Unit] = (),
    source: str = "",
    verified: bool = False,
    rank: int = 100,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> PowerItem:
    """Create or change a line of the power list."""
    item, _created = PowerItem.objects.update_or_create(
        jurisdiction=jurisdiction,
        code=code,
        defaults={
            "category": category,
            "area": area,
            "lead_unit": lead_unit,
            "basis": basis,
            "amount": promise.amount,
            "time_unit": promise.unit,
            "source": source,
            "verified": verified,
            "rank": rank,
            "valid_from": valid_from,
            "valid_to": valid_to,
        },
    )
    item.helpers.set(unit for unit in helpers if unit != lead_unit)
    fields: dict[str, str | int] = {"code": code, "category": category, "lead": lead_unit.pk}
    fields |= {"amount": promise.amount, "unit": promise.unit}
    ledger.record(
        tree=jurisdiction.code,
        kind="dispatch.power_item_saved",
        subject=f"power:{item.pk}",
        by=by,
        at=at,
        fields=fields,
    )
    forget_lines()
    return item


def change_task(task: Task, to: str, by: Actor, at: datetime, reason: str = "") -> None:
    """Let a task become `to`, inside the caller's transaction. TaskError where it no longer can."""
    # Two people may press at the same moment: what counts is the row, locked. Tasks are locked before their case.
    task.state = Task.objects.select_for_update().values_list("state", flat=True).get(pk=task.pk)
    if not rules.may_become(task.state, to):
        raise TaskError(
            _("This task is already finished or handed back."), hint=_("Look at the case for what is new.")
        )
    before, task.state = task.state, to
    if to == "accepted" and task.accepted_at is None:
        task.accepted_at = at
    task.done_at = at if to == "done" else None
    task.save(update_fields=["state", "accepted_at", "done_at"])
    TaskStep.objects.create(task=task, from_state=before, to_state=to, reason=reason, by_ref=by.ref, at=at)
    ledger.record(
        tree=task.case.jurisdiction.code,
        kind="dispatch.task_changed",
        subject=f"case:{task.case_id}",
        by=by.ref,
        at=at,
        fields={"task": task.pk, "unit": task.unit_id, "role": task.role, "to": to},
        texts={"reason": reason} if reason else {},
    )


def offer_task(
    case: Case,
    unit: Unit,
    role: str,
    item: PowerItem | None,
    deadline: Deadline,
    by: Actor,
    at: datetime,
    *,
    bound: bool = False,
) -> Task:
    """Give a unit its part of a case, inside the caller's transaction."""
    cases.hold_case(case=case, unit=unit, role=role, by=by, at=at, due_at=deadline.due_at)
    task = Task.objects.create(
        case=case,
        unit=unit,
        role=role,
        power_item=item,
        due_at=deadline.due_at,
        counted_from=deadline.counted_from,
        day_may_move=deadline.may_move,
        day_item=deadline.line if deadline.line != item else None,
        bound=bound,
        offered_at=at,
    )
    TaskStep.objects.create(task=task, to_state="offered", by_ref=by.ref, at=at)
    return task


def next_deadline(case: Case, item: PowerItem | None, since: datetime | None = None) -> Deadline:
    """By the line of the power list, from `since` or the opening; without one the day that the case had, as counted.

    A case that a unit has handed back keeps its day, whatever line comes next: only `since` begins anew.
    """
    if item is not None and (since is not None or not _came_back(case)):
        return deadline_by(item, case.jurisdiction, since or case.opened_at)
    before = Task.objects.filter(case=case, due_at=case.due_at, counted_from__isnull=False)
    known = before.select_related("day_item", "power_item").order_by("-pk").first()
    return deadline_in(known) if known is not None else Deadline(case.due_at)


def _came_back(case: Case) -> bool:
    """Whether a leading unit has handed back what has a day already."""
    return case.due_at is not None and Task.objects.filter(case=case, role="lead", state="returned").exists()


def _refuse_bound(case: Case, unit: Unit) -> None:
    if Task.objects.filter(case=case, bound=True, state__in=rules.OPEN_TASKS).exclude(unit=unit).exists():
        raise TaskError(
            _("It is for the arbiter to say which unit handles this case."),
            hint=_("Until then, and afterwards, it stays where the arbiter says. Another unit may help."),
        )


@transaction.atomic
def dispatch_case(
    *,
    case: Case,
    by: Actor,
    at: datetime,
    item: PowerItem | None = None,
    unit: Unit | None = None,
    reason: str = "",
    since: datetime | None = None,
    seen_version: int | None = None,
    bound: bool = False,
) -> Task:
    """Hand a case to a unit: by a line of the power list, or to a unit that a person names with a reason.

    The deadline is counted from the case's opening (`since` names another beginning, as after a reopening), so
    that passing a case on never resets the clock. The reporters are promised the date. `bound`: by the arbiter's word.
    """
    lead = unit or (item.lead_unit if item is not None else None)
    if lead is None:
        raise TaskError(_("No unit is named."), hint=_("Choose the unit that should handle the case."))
    barred = complaints.barred_units(case)
    _refuse_barred(lead, barred)
    _refuse_bound(case, lead)
    at_work = make_way(case, lead, by, at, reason)
    deadline = next_deadline(case, item, since)
    due = deadline.due_at
    cases.move_case(
        case=case,
        to=State.DISPATCHED,
        by=by,
        at=at,
        reason=reason,
        kind="dispatched",
        unit=lead,
        seen_version=seen_version,
        detail={"power_item": item.code if item else "", "due": due.isoformat() if due else ""},
    )
    task = offer_task(case, lead, "lead", item, deadline, by, at, bound=bound)
    if item is not None and unit is None:
        for helper in _helpers_of(item):
            if helper.pk not in at_work | barred:
                offer_task(case, helper, "helper", item, deadline, by, at)
    if due is not None:
        rule, version = item.code if item is not None else "", calendar_of(case.jurisdiction).version
        reports = cases.reports_of(case, visible_to=by)
        promised = [Promised(report, due, rule, version, at) for report in reports]
        channels.keep_promises(promised, tell=True, urgent=case.urgent)
    return task


def _refuse_barred(unit: Unit, barred: frozenset[int]) -> None:
    if unit.pk in barred:
        raise TaskError(
            _("The reporter complains about this very unit, or the one it took over from."),
            hint=_("Choose another unit, such as the one above it."),
        )


def make_way(case: Case, lead: Unit, by: Actor, at: datetime, reason: str) -> set[int]:
    """Withdraw the old lead's task, and what the new one was to help with. Returns the units still at work."""
    at_work = set()
    for task in Task.objects.filter(case=case, state__in=rules.OPEN_TASKS).select_related(
        "case__jurisdiction"
    ):
        if task.role == "lead" or task.unit_id == lead.pk:
            change_task(task, "withdrawn", by, at, reason)
        else:
            at_work.add(task.unit_id)
    return at_work


def _helpers_of(item: PowerItem) -> list[Unit]:
    """The units that help by a line of the power list, but for those that were closed."""
    return [unit for unit in item.helpers.all() if unit.active]


def handing_by(item: PowerItem, jurisdiction: Jurisdiction, since: datetime) -> HandingOut:
    """To whom a line of the power list hands a new case, and by when, counted from `since`."""
    due = due_by(item, jurisdiction, since)
    detail = {"power_item": item.code, "due": due.isoformat()}
    return HandingOut(item.lead_unit, due_at=due, helpers=_helpers_of(item), detail=detail)


@transaction.atomic
def open_tasks_of(*, opened: Sequence[tuple[Case, Opening, PowerItem]], by: Actor) -> None:
    """Offer the tasks of cases that were opened and handed out together, and promise their reporters the date."""
    tasks = Task.objects.bulk_create(
        Task(
            case=case,
            unit=unit,
            role=role,
            power_item=item,
            due_at=case.due_at,
            counted_from=case.opened_at,
            day_may_move=case.due_at is not None
            and may_move(item, case.jurisdiction, case.opened_at, case.due_at),
            offered_at=opening.at,
        )
        for case, opening, item in opened
        if opening.handing is not None
        for unit, role in opening.handing.roles()
    )
    TaskStep.objects.bulk_create(
        TaskStep(task=task, to_state="offered", by_ref=by.ref, at=task.offered_at) for task in tasks
    )
    channels.keep_promises(
        Promised(opening.report, case.due_at, item.code, calendar_of(case.jurisdiction).version, opening.at)
        for case, opening, item in opened
        if case.due_at is not None
    )


@transaction.atomic
def accept_task(*, task: Task, by: Actor, at: datetime) -> Task:
    """Take the task on. The lead's acceptance is the case's."""
    change_task(task, "accepted", by, at)
    if task.role == "lead":
        cases.move_case(case=task.case, to=State.ACCEPTED, by=by, at=at, kind="accepted", unit=task.unit)
    else:
        cases.add_note(case=task.case, text="", by=by, at=at, kind="helper_accepted", unit=task.unit)
    return task


@transaction.atomic
def return_task(*, task: Task, reason: str, by: Actor, at: datetime) -> Task:
    """Hand a task back with a reason. A lead's case goes back to the desk; its clock runs on."""
    why = reason.strip()
    if not why:
        raise TaskError(
            _("A reason is needed to hand a case back."), hint=_("Say whose it is, and why it is not yours.")
        )
    if task.bound:
        raise TaskError(
            _("The arbiter has decided that your unit handles this case."),
            hint=_("It cannot be handed back any more. Ask the desk for a unit that helps."),
        )
    change_task(task, "returned", by, at, why)
    cases.release_case(case=task.case, unit=task.unit, by=by, at=at)
    if task.role == "lead":
        cases.move_case(
            case=task.case,
            to=State.NEW,
            by=by,
            at=at,
            reason=why,
            kind="returned",
            unit=task.unit,
            waits_for="returned",
        )
    else:
        cases.add_note(case=task.case, text=why, by=by, at=at, kind="helper_returned", unit=task.unit)
    return task


@transaction.atomic
def add_helper(*, case: Case, unit: Unit, reason: str, by: Actor, at: datetime) -> Task:
    """Ask another unit to help. A unit that already works on the case is not asked twice."""
    known = Task.objects.filter(case=case, unit=unit, state__in=rules.OPEN_TASKS).first()
    if known is not None:
        return known
    _refuse_barred(unit, complaints.barred_units(case))
    task = offer_task(case, unit, "helper", None, Deadline(case.due_at), by, at)
    cases.add_note(case=case, text=reason, by=by, at=at, kind="helper_added", unit=unit, public=True)
    return task


@transaction.atomic
def finish_task(*, task: Task, words: str, by: Actor, at: datetime) -> Task:
    """A helper has done its part; its words go to the case's file."""
    if task.role == "lead":
        raise TaskError(
            _("The leading unit ends its task with an answer."), hint=_("Write the public answer.")
        )
    change_task(task, "done", by, at, words)
    cases.add_note(case=task.case, text=words, by=by, at=at, kind="helper_done", unit=task.unit, public=True)
    return task


@transaction.atomic
def answer_task(*, task: Task, text: str, by: Actor, at: datetime, seen_version: int | None = None) -> Answer:
    """The leading unit answers; its task is done with it."""
    if task.role != "lead":
        raise TaskError(
            _("Only the leading unit answers."), hint=_("Finish your part; the leading unit answers.")
        )
    change_task(task, "done", by, at)
    return cases.answer_case(
        case=task.case, text=text, by=by, at=at, unit=task.unit, seen_version=seen_version
    )


@transaction.atomic
def end_tasks(*, case: Case, by: Actor, at: datetime, reason: str = "") -> int:
    """Withdraw all open tasks of a case that was closed or joined. Returns how many there were."""
    open_tasks = list(
        Task.objects.filter(case=case, state__in=rules.OPEN_TASKS).select_related("case__jurisdiction")
    )
    for task in open_tasks:
        change_task(task, "withdrawn", by, at, reason)
    return len(open_tasks)


@transaction.atomic
def take_past_answers(*, answers: Sequence[PastAnswer], by: Actor) -> None:
    """As `cases.take_past_answers`; the leading units' tasks are done with it, helpers' are withdrawn."""
    cases.take_past_answers(answers=answers, by=by)
    when = {answer.case.pk: answer.at for answer in answers}
    tasks = list(Task.objects.filter(case_id__in=when, state__in=rules.OPEN_TASKS))
    steps = []
    for task in tasks:
        before, task.state = task.state, "done" if task.role == "lead" else "withdrawn"
        task.done_at = when[task.case_id] if task.state == "done" else None
        steps.append(
            TaskStep(task=task, from_state=before, to_state=task.state, by_ref=by.ref, at=when[task.case_id])
        )
    Task.objects.bulk_update(tasks, ["state", "done_at"])
    TaskStep.objects.bulk_create(steps)


@transaction.atomic
def resume_tasks(*, case: Case, withdrawn_at: datetime, by: Actor, at: datetime) -> int:
    """Give units back the tasks that were withdrawn at that moment, as they had them. Returns how many there were."""
    steps = TaskStep.objects.filter(
        task__case=case, task__state="withdrawn", to_state="withdrawn", at=withdrawn_at
    )
    latest = {step.task_id: step for step in steps.select_related("task__case__jurisdiction").order_by("pk")}
    for step in latest.values():
        change_task(step.task, step.from_state, by, at)
    return len(latest)
