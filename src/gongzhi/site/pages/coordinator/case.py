"""The case page: left the story, right the decisions, each with its reason."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from gongzhi.apps.actors.public import units
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels import public as channels
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.pages.coordinator.case_actions import ACTIONS, Done
from gongzhi.site.pages.coordinator.inbox import find_case


def case_context(request: PageRequest, case: Case) -> dict[str, Any]:
    """All that the case page shows."""
    now = clock.now()
    reports = cases.reports_of(case, visible_to=request.actor)
    ids = [r.pk for r in reports]
    readings = understanding.reading_of(ids)
    photos = channels.photos_of(ids)
    match = dispatch.find_rule(
        jurisdiction=case.jurisdiction, category=case.category, area_id=case.area_id, on=case.opened_at.date()
    )
    return {
        "case": case,
        "late": cases.is_late(case.phase, case.due_at, now),
        "reports": [(r, photos.get(r.pk, [])) for r in reports],
        "reading": next((readings[pk] for pk in ids if pk in readings), None),
        "timeline": cases.timeline(case, public_only=False),
        "answers": cases.answers_of(case),
        "ratings": cases.ratings_of(case),
        "suggestions": cases.suggestions_of(case),
        "merged": cases.merged_cases(case),
        "tasks": dispatch.tasks_of(case),
        "match": match,
        "rule_due": dispatch.deadline_of(case, match.item, case.opened_at) if match.item else None,
        "units": units(request.jurisdiction),
        "tree": understanding.categories(request.jurisdiction),
        "may_decide": request.actor.may("decide_case"),
        "may_see_contact": request.actor.may("see_contact"),
        "seen_version": case.version,
        "typed": {},
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
        context = case_context(request, fresh) | {
            "error": error,
            "error_hint": error.what_to_do(),
            "typed": request.POST.dict(),
            "failed_action": action,
        }
        return render(request, "coordinator/case.html", context, status=409)
    if done.message:
        messages.success(request, done.message)
    if done.context is not None:
        return render(request, "coordinator/case.html", case_context(request, done.case) | done.context)
    return back_to(request, done.case)


def back_to(request: PageRequest, found: Case) -> HttpResponseRedirect:
    """The case's page, after something was done."""
    return redirect("case", j=request.jurisdiction.code, number=found.number)
