"""The case page: left the story, right the decisions, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from gongzhi.apps.actors.public import units
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.kinds.complaints import public as complaints
from gongzhi.apps.cases.public import Answer, Case, Rating, State, Step
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import PowerItem, Task
from gongzhi.apps.places.public import areas, calendar_of, has_ended, local_day
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site import maps
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.labels import unpublished_words
from gongzhi.site.pages.coordinator.case_actions import ACTIONS, Done
from gongzhi.site.pages.coordinator.choices import category_groups
from gongzhi.site.pages.coordinator.evidence import (
    Likeness,
    back_step,
    category_reason,
    dangers_of,
    guesses_of,
    likenesses,
    words_of,
)
from gongzhi.site.pages.coordinator.inbox import find_case
from gongzhi.site.pages.coordinator.returns import asking_of
from gongzhi.site.pages.coordinator.rows import deadline_of_case

SHOWN_ALIKE: Final = 5


@dataclass(frozen=True)
class Possible:
    """What the state of a case and the person's rights allow; the page offers nothing else."""

    dispatch: bool
    answer: bool
    close: bool
    join: bool
    undo: bool


def possible(case: Case, answers: Sequence[Answer], may_decide: bool) -> Possible:
    """What can be done to the case now."""
    phase = case.phase
    standing = any(answer.withdrawn is None for answer in answers)
    return Possible(
        dispatch=may_decide and cases.may_move(phase, State.DISPATCHED),
        answer=may_decide and cases.may_move(phase, State.ANSWERED),
        close=may_decide and standing and cases.may_move(phase, State.CLOSED),
        join=may_decide and phase != State.MERGED,
        undo=may_decide and phase == State.MERGED,
    )


def map_of(request: PageRequest, case: Case, reports: Sequence[Report]) -> maps.MapView | None:
    """The reports' places, numbered as the reports are; the place understood from the words where none was given."""
    frame = maps.frame_of(request.jurisdiction)
    points = [
        (n, r.lon, r.lat) for n, r in enumerate(reports, start=1) if r.lon is not None and r.lat is not None
    ]
    if not points and case.lon is not None and case.lat is not None and reports:
        points = [(1, case.lon, case.lat)]
    inside = [point for point in points if frame.box.holds(point[1], point[2])]
    if not inside:
        return None
    shapes = maps.area_shapes(areas(request.jurisdiction), frame, get_language() or "zh-hans")
    return maps.MapView(frame, shapes, maps.marks(inside, frame))


def answers_with_ratings(
    answers: Sequence[Answer], ratings: Sequence[Rating]
) -> list[tuple[Answer, list[Rating]]]:
    """Each answer with what reporters said of it, newest first."""
    return [(answer, [r for r in ratings if r.answer_id == answer.pk]) for answer in answers]


def _reading_part(request: PageRequest, ids: Sequence[int], steps: Sequence[Step]) -> dict[str, Any]:
    """What the program understood, and whether a person has decided since."""
    readings = understanding.reading_of(ids)
    reading = next((readings[pk] for pk in ids if pk in readings), None)
    decided = next((step for step in reversed(steps) if step.kind == "categorised"), None)
    guesses = guesses_of(reading, request.jurisdiction)
    return {
        "reading": reading,
        "dangers": dangers_of(readings.values(), request.jurisdiction),
        "guesses": guesses,
        "chance": guesses[0].chance if guesses else "",
        "leading_words": words_of(reading),
        "decided": decided,
        "category_reason": category_reason(reading, decided),
    }


def _rule_part(case: Case) -> dict[str, Any]:
    """Which line of the power list holds for the case as it stands, the day that follows, who works on the case."""
    tasks = dispatch.tasks_of(case)
    match = dispatch.rule_for(case, clock.now())
    item = match.item
    return {
        "match": match,
        "rule_due": dispatch.next_deadline(case, item).due_at if item is not None else None,
        "tasks": tasks,
        "came_back": item is not None
        and any(t.state == "returned" and t.unit_id == item.lead_unit_id for t in tasks),
        "lies_there": item is not None and item.lead_unit_id == case.lead_unit_id,
        "may_move": _may_move(case, tasks),
    }


def _may_move(case: Case, tasks: Sequence[Task]) -> str:
    """That the promised day may still move, because the holidays of a year are not published; mostly empty."""
    flagged = next((t for t in reversed(tasks) if t.day_may_move and t.counted_from is not None), None)
    if flagged is None or flagged.counted_from is None or case.phase not in cases.OPEN_STATES:
        return ""
    return unpublished_words(flagged.counted_from, case.due_at, calendar_of(case.jurisdiction))


def _complaint_part(request: PageRequest, case: Case, item: PowerItem | None) -> dict[str, Any]:
    """Whether the case complains about how another was handled, who is barred, who could look into it instead."""
    complaint = complaints.complaint_of(case)
    barred = complaints.barred_units(case) if complaint is not None else frozenset()
    free = [unit for unit in units(request.jurisdiction) if unit.pk not in barred]
    above = complaint.unit.parent if complaint is not None and complaint.unit is not None else None
    suggested = {unit.pk: unit for unit in free if unit == above or unit.convening}
    return {
        "complaint": complaint,
        "complained": complaints.complaints_about(case, visible_to=request.actor),
        "units": free,
        "suggested": list(suggested.values()) if complaint is not None else [],
        "rule_barred": item is not None and item.lead_unit_id in barred,
    }


def case_context(request: PageRequest, case: Case) -> dict[str, Any]:
    """All that the case page shows."""
    now, lang = clock.now(), get_language() or "zh-hans"
    may_decide = request.actor.may("decide_case")
    reports = cases.reports_of(case, visible_to=request.actor)
    ids = [r.pk for r in reports]
    photos = channels.photos_of(ids)
    steps = cases.timeline(case, public_only=False)
    answers = cases.answers_of(case)
    rule = _rule_part(case)
    suggestions = cases.suggestions_of([case]).get(case.pk, [])[:SHOWN_ALIKE]
    same: list[Likeness] = list(likenesses(request, suggestions, now).values()) if suggestions else []
    return {
        "case": case,
        "late": cases.is_late(case.phase, case.due_at, now),
        "deadline": deadline_of_case(case, now, calendar_of(case.jurisdiction)),
        "reports": [(r, photos.get(r.pk, [])) for r in reports],
        "told": channels.told_of(ids),
        "map": map_of(request, case, reports),
        "timeline": steps,
        "back": back_step(steps, case.waits_for),
        "answers": answers_with_ratings(answers, cases.ratings_of(case)),
        "same": same,
        "merged": cases.merged_cases(case),
        "categories": category_groups(request.jurisdiction, lang),
        "may_decide": may_decide,
        "may_see_contact": request.actor.may("see_contact"),
        "can": possible(case, answers, may_decide),
        "seen_version": case.version,
        "typed": {},
        "kept": {},
        "categorised": understanding.categories(request.jurisdiction).is_current(case.category),
        "areas": areas(request.jurisdiction),
        "area_ended": has_ended(case.area, local_day(request.jurisdiction, now)),
        **_reading_part(request, ids, steps),
        "asking": asking_of(request, case),
        **rule,
        **_complaint_part(request, case, rule["match"].item),
    }


@needs("see_all_cases")
@require_GET
def case(request: PageRequest, number: str) -> HttpResponse:
    """One case with its story and what can be decided."""
    found = find_case(request, number)
    if found is None:
        raise Http404(number)
    return render(request, "coordinator/case.html", case_context(request, found))


@needs("decide_case")
@require_POST
def case_action(request: PageRequest, number: str, action: str) -> HttpResponse:
    """Do one thing to a case. A refusal shows the page again with what was typed and what to do."""
    found = find_case(request, number)
    if found is None or action not in ACTIONS:
        raise Http404(number)
    try:
        done: Done = ACTIONS[action](request, found)
    except GongzhiError as error:
        fresh = find_case(request, number) or found
        context = case_context(request, fresh) | _refused(request, action, error)
        return render(request, "coordinator/case.html", context, status=409)
    if done.context is not None:
        return render(request, "coordinator/case.html", case_context(request, done.case) | done.context)
    return back_to(request, done)


def _refused(request: PageRequest, action: str, error: GongzhiError) -> dict[str, Any]:
    """What the page needs to say what was refused and to keep what was typed."""
    form = f"do-{action}"
    if action == "contact":
        form = f"{form}-{request.POST.get('report', '')}"
    return {
        "error": error,
        "error_hint": error.what_to_do(),
        "failed": [{"target": form, "message": f"{error} {error.what_to_do()}"}],
        "typed": request.POST.dict(),
        "kept": {action: request.POST.dict()},
        "typed_reports": request.POST.getlist("report"),
        "failed_action": action,
        "changed_by_other": isinstance(error, cases.StaleCaseError),
    }


def back_to(request: PageRequest, done: Done) -> HttpResponseRedirect:
    """The case's page after something was done; the desk where it was done from the desk's list."""
    if request.POST.get("back") == "desk":
        messages.success(request, f"{done.case.number}: {done.message}")
        return redirect("desk", j=request.jurisdiction.code)
    if done.message:
        messages.success(request, done.message)
    return redirect("case", j=request.jurisdiction.code, number=done.case.number)
