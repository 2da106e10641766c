"""Writes: a unit asks to hand back, takes it back, the desk or the arbiter decides, the arbiter is named."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.cases import public as cases
from gongzhi.apps.dispatch.actions import dispatch_case, return_task
from gongzhi.apps.dispatch.models import PowerItem, Task
from gongzhi.apps.dispatch.returns import rules
from gongzhi.apps.dispatch.returns.models import Arbiter, HandBack
from gongzhi.apps.dispatch.returns.queries import arbiter_of, may_decide, reasons, rule_of
from gongzhi.apps.dispatch.rules import OPEN_TASKS
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import Jurisdiction, calendar_of
from gongzhi.kernel.calendar import Promise, due_at
from gongzhi.kernel.errors import GongzhiError

MOST_WORDS = 1000
# What a case waits for that matters more than a hand-back: it stays at the head of its line on the desk.
STRONGER = frozenset({"safety", "complaint"})


class ReturnError(GongzhiError):
    """A hand-back that cannot be asked or decided."""


def _held(task_id: int) -> Task:
    rows = Task.objects.select_for_update(of=("self",))
    return rows.select_related("case__jurisdiction", "unit", "power_item").get(pk=task_id)


@transaction.atomic
def ask_return(
    *, task: Task, reason: str, words: str, claim: str, by: Actor, at: datetime, item: PowerItem | None = None
) -> HandBack:
    """The leading unit asks to hand its case back. Until it is decided the case stays with the unit, its day too.

    `claim`: the line by which the case came is `wrong`, the line `item` is `right`, or a line is `missing`.
    """
    task = _held(task.pk)
    before = list(HandBack.objects.select_for_update().filter(case=task.case).order_by("pk"))
    _refuse_asking(task, before)
    _refuse_incomplete(task, reason, words, claim, item)
    # Whatever still waits belonged to a task that was taken away meanwhile.
    HandBack.objects.filter(case=task.case, state=rules.ASKED).update(state=rules.LAPSED, decided_at=at)
    rule, calendar = rule_of(task.case.jurisdiction), calendar_of(task.case.jurisdiction)
    number = rules.number_of(row.state for row in before)
    in_time = (
        due_at(task.offered_at, Promise(rule.within, rule.within_unit), calendar) if rule.within else None
    )
    made = HandBack.objects.create(
        case=task.case,
        task=task,
        unit=task.unit,
        number=number,
        reason=reason,
        words=words.strip()[:MOST_WORDS],
        claim=claim,
        item=task.power_item if claim == "wrong" else item,
        decider=rules.decider(number, rule.arbiter_from),
        asked_by=by.ref,
        asked_at=at,
        asked_late=in_time is not None and at > in_time,
        decide_by=due_at(at, Promise(rule.decide, rule.decide_unit), calendar) if rule.decide else None,
    )
    if made.decider == rules.ARBITER:  # until the arbiter has spoken the desk does not hand it elsewhere
        Task.objects.filter(pk=task.pk).update(bound=True)
    cases.add_note(case=task.case, text=made.words, by=by, at=at, kind="return_asked", unit=task.unit)
    _wait(task, "returned", by, at)
    _record(made, "dispatch.return_asked", by, at, reason=reason, claim=claim)
    return made


def _refuse_asking(task: Task, before: list[HandBack]) -> None:
    if task.role != "lead":
        raise ReturnError(
            _("Only the leading unit hands a case back."), hint=_("Say that your unit cannot help.")
        )
    if task.state not in OPEN_TASKS:
        raise ReturnError(
            _("This task is already finished or handed back."), hint=_("Look at the case for what is new.")
        )
    if any(row.state == rules.ASKED and row.task_id == task.pk for row in before):
        raise ReturnError(
            _("Your unit has asked already."), hint=_("Wait for the decision, or take the case on.")
        )
    if task.bound:
        raise ReturnError(
            _("The arbiter has decided that your unit handles this case."),
            hint=_("It cannot be handed back any more. Ask the desk for a unit that helps."),
        )


def _refuse_incomplete(task: Task, reason: str, words: str, claim: str, item: PowerItem | None) -> None:
    known = {key for key, _words in reasons(task.case.jurisdiction, "en")}
    if known and reason not in known:
        raise ReturnError(_("No reason is chosen."), hint=_("Choose one of the reasons."))
    named = {"wrong": task.power_item is not None, "right": item is not None, "missing": True}
    if not named.get(claim, False) or (
        item is not None and item.jurisdiction_id != task.case.jurisdiction_id
    ):
        raise ReturnError(
            _("No line of the power list is named."),
            hint=_("Choose the line that is wrong or right, or say that there is none."),
        )
    if not words.strip():
        raise ReturnError(
            _("A reason is needed to hand a case back."), hint=_("Say whose it is, and why it is not yours.")
        )


def _wait(task: Task, waits_for: str, by: Actor, at: datetime) -> None:
    fresh = cases.Case.objects.select_related("jurisdiction").get(pk=task.case_id)
    if fresh.waits_for in STRONGER or (not waits_for and fresh.waits_for != "returned"):
        return
    cases.ask_desk(case=fresh, waits_for=waits_for, by=by, at=at)


def _record(row: HandBack, kind: str, by: Actor, at: datetime, **fields: str | int) -> None:
    values: dict[str, str | int] = {"asking": row.pk, "number": row.number, "unit": row.unit_id, **fields}
    tree = row.case.jurisdiction.code
    ledger.record(tree=tree, kind=kind, subject=f"case:{row.case_id}", by=by.ref, at=at, fields=values)


@transaction.atomic
def take_back_asking(*, task: Task, by: Actor, at: datetime) -> bool:
    """The unit takes the case on after all: its open asking ends without a decision. Returns whether there was one."""
    task = _held(task.pk)
    row = HandBack.objects.select_for_update().filter(task=task, state=rules.ASKED).first()
    if row is None:
        return False
    row.state, row.decided_at = rules.WITHDRAWN, at
    row.save(update_fields=["state", "decided_at"])
    Task.objects.filter(pk=task.pk).update(bound=False)
    _wait(task, "", by, at)
    _record(row, "dispatch.return_taken_back", by, at)
    return True


@transaction.atomic
def decide_return(
    *, hand_back: HandBack, accept: bool, words: str, by: Actor, at: datetime, unit: Unit | None = None
) -> HandBack:
    """Accept or refuse, with words. Accepted: `unit` has the case now, or the desk chooses one; the day stays.

    The arbiter always names a unit, the one that asked or another; that binds.
    """
    task = _held(hand_back.task_id)
    row = (
        HandBack.objects.select_for_update(of=("self",))
        .select_related("case__jurisdiction", "unit")
        .get(pk=hand_back.pk)
    )
    _refuse_decision(row, task, accept, words, unit, by)
    row.state = rules.ACCEPTED if accept else rules.REFUSED
    row.decided_by, row.decided_at, row.decision = by.ref, at, words.strip()[:MOST_WORDS]
    row.given_to = unit if accept else row.unit
    row.save(update_fields=["state", "decided_by", "decided_at", "decision", "given_to"])
    binds = row.decider == rules.ARBITER
    if not accept:
        _keep(task, row, binds, by, at)
    else:
        task.bound = False  # the arbiter's own word lets it go
        task.save(update_fields=["bound"])
        return_task(task=task, reason=row.words, by=by, at=at)
        if unit is not None:
            case = cases.Case.objects.select_related("jurisdiction").get(pk=row.case_id)
            dispatch_case(case=case, unit=unit, reason=row.decision, by=by, at=at, bound=binds)
    fields: dict[str, str | int] = {"accepted": int(accept), "to": row.given_to.pk if row.given_to else 0}
    _record(row, "dispatch.return_decided", by, at, **fields)
    return row


def _refuse_decision(
    row: HandBack, task: Task, accept: bool, words: str, unit: Unit | None, by: Actor
) -> None:
    if row.state != rules.ASKED or task.state not in OPEN_TASKS:
        raise ReturnError(
            _("This hand-back is already decided."), hint=_("Look at the case for what is new.")
        )
    if not may_decide(by, row, arbiter_of(row.case.jurisdiction)):
        raise ReturnError(
            _("Another person decides about this hand-back."),
            hint=_("After two hand-backs the arbiter decides; nobody decides on the own asking."),
        )
    if not words.strip():
        raise ReturnError(
            _("The decision has no words."), hint=_("Say why, so that both units understand it.")
        )
    if accept and (unit == row.unit or (unit is None and row.decider == rules.ARBITER)):
        raise ReturnError(
            _("No other unit is named."), hint=_("Choose the unit that handles the case, or refuse.")
        )


def _keep(task: Task, row: HandBack, binds: bool, by: Actor, at: datetime) -> None:
    """Refused: the case stays where it is; by the arbiter's word for good."""
    if binds:
        Task.objects.filter(pk=task.pk).update(bound=True)
    kind = "return_bound" if binds else "return_refused"
    cases.add_note(case=task.case, text=row.decision, by=by, at=at, kind=kind, unit=task.unit)
    _wait(task, "", by, at)


@transaction.atomic
def name_arbiter(*, jurisdiction: Jurisdiction, unit: Unit | None, by: Actor, at: datetime) -> None:
    """Name the unit whose people decide after two hand-backs; None: the convening unit again."""
    if unit is None:
        Arbiter.objects.filter(jurisdiction=jurisdiction).delete()
    else:
        Arbiter.objects.update_or_create(jurisdiction=jurisdiction, defaults={"unit": unit})
    ledger.record(
        tree=jurisdiction.code,
        kind="dispatch.arbiter_named",
        subject=f"jurisdiction:{jurisdiction.pk}",
        by=by.ref,
        at=at,
        fields={"unit": unit.pk if unit is not None else 0},
    )
