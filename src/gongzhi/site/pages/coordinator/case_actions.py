"""What a coordinator can do to a case, by the name in the form's address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Unit, units
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.changes.public import set_area
from gongzhi.apps.cases.public import Case, CaseError
from gongzhi.apps.channels import public as channels
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places.public import areas
from gongzhi.apps.understanding import public as understanding
from gongzhi.journeys.learning import correct_category
from gongzhi.journeys.report import hand_over
from gongzhi.kernel import clock
from gongzhi.site.access import PageRequest
from gongzhi.site.pages.coordinator.inbox import find_case


@dataclass(frozen=True)
class Done:
    """What came of an action: the case to show, words of success, or more to show on the page at once."""

    case: Case
    message: str = ""
    context: dict[str, Any] | None = None


def _seen(request: PageRequest) -> int | None:
    text = request.POST.get("seen_version", "")
    return int(text) if text.isdigit() else None


def _unit(request: PageRequest, name: str = "unit") -> Unit | None:
    text = request.POST.get(name, "")
    return units(request.jurisdiction).filter(pk=int(text)).first() if text.isdigit() else None


def _other(request: PageRequest) -> Case:
    other = find_case(request, request.POST.get("other", ""))
    if other is None:
        raise CaseError(
            _("There is no case with this number."), hint=_("Copy the number from the other case's page.")
        )
    return other


def decide_category(request: PageRequest, case: Case) -> Done:
    """A person says what the case is about; then the power list is asked if nobody has the case.

    A case that then waits for nothing else is always handed over: left alone it would lie on nobody's list.
    """
    category = request.POST.get("category", "")
    tree = understanding.categories(request.jurisdiction)
    if not tree.is_current(category):
        raise CaseError(_("Please choose a category."), hint=_("If nothing fits, choose “other”."))
    now = clock.now()
    changed = correct_category(
        case=case,
        category=category,
        reason=request.POST.get("reason", "").strip()[:200],
        by=request.actor,
        at=now,
        seen_version=_seen(request),
    )
    nobody_has_it = changed.lead_unit_id is None and changed.state == cases.State.NEW
    if nobody_has_it and (request.POST.get("and_dispatch") or not changed.waits_for):
        if hand_over(changed, now):
            return Done(changed, _("Category decided and case handed over by the power list."))
        return Done(
            changed, _("Category decided. No line of the power list covers it: please choose a unit.")
        )
    return Done(changed, _("Category decided. The program learns from it tonight."))


def dispatch_to(request: PageRequest, case: Case) -> Done:
    """Hand the case over: by the line of the power list, or to a named unit with a reason."""
    now = clock.now()
    unit = _unit(request)
    reason = request.POST.get("reason", "").strip()
    match = dispatch.rule_for(case, now)
    by_rule = unit is None or (match.item is not None and match.item.lead_unit_id == unit.pk)
    if unit is not None and not by_rule and not reason:
        raise CaseError(
            _("The power list names another unit, or none."),
            hint=_("Say in a few words why this unit should do it."),
        )
    dispatch.dispatch_case(
        case=case,
        item=match.item,
        unit=None if by_rule else unit,
        reason=reason,
        by=request.actor,
        at=now,
        seen_version=_seen(request),
    )
    return Done(case, _("The case was handed over."))


def add_helper(request: PageRequest, case: Case) -> Done:
    """Ask another unit to help."""
    unit = _unit(request)
    if unit is None:
        raise CaseError(_("Please choose a unit."), hint=_("The unit that should help."))
    dispatch.add_helper(
        case=case, unit=unit, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now()
    )
    return Done(case, _("The unit was asked to help."))


def join(request: PageRequest, case: Case) -> Done:
    """Make this case and another one: the older one stays."""
    other = _other(request)
    into, gone = (other, case) if other.pk < case.pk else (case, other)
    target = cases.join_cases(
        into=into,
        cases=[gone],
        reason=request.POST.get("reason", "").strip(),
        by=request.actor,
        at=clock.now(),
    )
    if target.state == cases.State.NEW and target.lead_unit_id is None and not target.waits_for:
        cases.ask_desk(case=target, waits_for="unsure", by=request.actor, at=clock.now())
    return Done(target, _("The cases are one now. All reporters will hear of the answer."))


def not_same(request: PageRequest, case: Case) -> Done:
    """These two are different matters. If nothing else is open, the power list decides."""
    now = clock.now()
    cases.decline_same(case=case, other=_other(request), by=request.actor, at=now)
    fresh = find_case(request, case.number) or case
    if fresh.state == cases.State.NEW and not fresh.waits_for and fresh.lead_unit_id is None:
        hand_over(fresh, now)
    return Done(fresh, _("Noted: not the same."))


def split(request: PageRequest, case: Case) -> Done:
    """Take the chosen reports out into a case of their own."""
    chosen = {int(v) for v in request.POST.getlist("report") if v.isdigit()}
    reports = [r for r in cases.reports_of(case, visible_to=request.actor) if r.pk in chosen]
    fresh = cases.split_case(
        case=case, reports=reports, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now()
    )
    return Done(fresh, _("The chosen reports are a case of their own now."))


def undo(request: PageRequest, case: Case) -> Done:
    """Take a joined case out again; it waits for what it waited for before."""
    merged = _other(request) if request.POST.get("other") else case
    restored = cases.undo_merge(
        case=merged, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now()
    )
    return Done(restored, _("The join was undone."))


def answer(request: PageRequest, case: Case) -> Done:
    """Answer from the desk, in the name of the leading unit or of the desk."""
    own = units(request.jurisdiction).filter(pk__in=request.actor.unit_ids)
    unit = case.lead_unit or own.order_by("pk").first()
    cases.answer_case(
        case=case,
        text=request.POST.get("text", ""),
        unit=unit,
        by=request.actor,
        at=clock.now(),
        seen_version=_seen(request),
    )
    return Done(case, _("The answer was given. Every reporter of this case hears of it."))


def retract(request: PageRequest, case: Case) -> Done:
    """Withdraw an answer, with a reason that its reporters read."""
    chosen = request.POST.get("answer", "")
    found = next((one for one in cases.answers_of(case) if str(one.pk) == chosen), None)
    if found is None:
        raise CaseError(_("There is no such answer."), hint=_("Choose an answer of this case."))
    dispatch.retract_answer(
        answer=found,
        reason=request.POST.get("reason", ""),
        by=request.actor,
        at=clock.now(),
        seen_version=_seen(request),
    )
    return Done(case, _("The answer was withdrawn. Every reporter of this case hears of it."))


def place(request: PageRequest, case: Case) -> Done:
    """Say in which part of the area the case lies."""
    chosen = request.POST.get("area", "")
    area = next((a for a in areas(request.jurisdiction) if str(a.pk) == chosen), None)
    if area is None:
        raise CaseError(_("Please choose a part of the area."), hint=_("The one in which the matter lies."))
    set_area(
        case=case,
        area=area,
        reason=request.POST.get("reason", "").strip()[:200],
        by=request.actor,
        at=clock.now(),
        seen_version=_seen(request),
    )
    return Done(case, _("The part of the area was set."))


def close(request: PageRequest, case: Case) -> Done:
    """End the handling; there must be a public answer."""
    cases.close_case(
        case=case,
        reason=request.POST.get("reason", "").strip(),
        by=request.actor,
        at=clock.now(),
        seen_version=_seen(request),
    )
    return Done(case, _("The case is closed. The reporter can still say that it is not solved."))


def note(request: PageRequest, case: Case) -> Done:
    """A note for the file, or a public one for the reporters."""
    cases.add_note(
        case=case,
        text=request.POST.get("text", ""),
        public=bool(request.POST.get("public")),
        by=request.actor,
        at=clock.now(),
    )
    return Done(case, _("The note was added."))


def contact(request: PageRequest, case: Case) -> Done:
    """Show the reporter's contact once; who looked and why is written down."""
    why = request.POST.get("why", "").strip()
    chosen = request.POST.get("report", "")
    report = next((r for r in cases.reports_of(case, visible_to=request.actor) if str(r.pk) == chosen), None)
    if report is None or not request.actor.may("see_contact"):
        raise CaseError(_("This contact cannot be shown."), hint=_("Choose a report of this case."))
    if not why:
        raise CaseError(
            _("Please say why you need the contact."), hint=_("The reporter can see who looked, and why.")
        )
    found = channels.view_contact(report=report, why=why, by=request.actor, at=clock.now())
    return Done(case, context={"contact": found, "contact_report": report.pk})


ACTIONS: Final[dict[str, Callable[[PageRequest, Case], Done]]] = {
    "category": decide_category,
    "dispatch": dispatch_to,
    "helper": add_helper,
    "join": join,
    "not-same": not_same,
    "split": split,
    "undo": undo,
    "answer": answer,
    "retract": retract,
    "place": place,
    "close": close,
    "note": note,
    "contact": contact,
}
