"""Today's list in the published order, and one task with one big next action."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gongzhi.apps.cases import public as cases
from gongzhi.apps.channels import public as channels
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import Task, TaskError
from gongzhi.apps.places.public import calendar_of
from gongzhi.kernel import clock
from gongzhi.kernel.calendar import workdays_between
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.pages.coordinator.rows import excerpt_of


@needs("handle_task")
@require_GET
def today(request: PageRequest) -> HttpResponse:
    """What this person's units have to do, most pressing first, each with its place in the order explained."""
    now = clock.now()
    tasks = dispatch.work_list(visible_to=request.actor, jurisdiction=request.jurisdiction, at=now)
    first = cases.first_reports([t.case for t in tasks], visible_to=request.actor)
    calendar = calendar_of(request.jurisdiction)
    rows = []
    for task in tasks:
        report, count = first.get(task.case_id, (None, 0))
        late = task.due_at is not None and task.due_at < now
        left = workdays_between(now, task.due_at, calendar) if task.due_at is not None and not late else 0
        rows.append(
            {
                "task": task,
                "case": task.case,
                "excerpt": excerpt_of(report.title or report.text) if report else "",
                "place": report.place_words if report else "",
                "reports": count,
                "late": late,
                "workdays_left": left,
                "soon": not late and task.due_at is not None and left <= 1,
            }
        )
    return render(request, "worker/today.html", {"rows": rows, "asked_at": now})


def _find(request: PageRequest, task_id: int) -> Task:
    task = dispatch.task_by_id(visible_to=request.actor, jurisdiction=request.jurisdiction, task_id=task_id)
    if task is None:
        raise Http404(str(task_id))
    return task


def task_context(request: PageRequest, task: Task) -> dict[str, Any]:
    """All that the task page shows."""
    now = clock.now()
    reports = cases.reports_of(task.case, visible_to=request.actor)
    photos = channels.photos_of([r.pk for r in reports])
    return {
        "task": task,
        "case": task.case,
        "reports": [(r, photos.get(r.pk, [])) for r in reports],
        "timeline": cases.timeline(task.case, public_only=False),
        "answers": cases.answers_of(task.case),
        "tasks": dispatch.tasks_of(task.case),
        "late": task.due_at is not None and task.due_at < now,
        "open": task.state in dispatch.OPEN_TASKS,
        "may_see_contact": request.actor.may("see_contact"),
        "seen_version": task.case.version,
        "typed": {},
    }


@needs("handle_task")
@require_GET
def task(request: PageRequest, task_id: int) -> HttpResponse:
    """One task: the story, the deadline and its basis, what can be done."""
    return render(request, "worker/task.html", task_context(request, _find(request, task_id)))


def _seen(request: PageRequest) -> int | None:
    text = request.POST.get("seen_version", "")
    return int(text) if text.isdigit() else None


def _accept(request: PageRequest, found: Task) -> str:
    dispatch.accept_task(task=found, by=request.actor, at=clock.now())
    return _("Taken on. The reporter sees that your unit is on it.")


def _return(request: PageRequest, found: Task) -> str:
    dispatch.return_task(task=found, reason=request.POST.get("reason", ""), by=request.actor, at=clock.now())
    return _("Handed back to the desk with your reason.")


def _answer(request: PageRequest, found: Task) -> str:
    dispatch.answer_task(
        task=found,
        text=request.POST.get("text", ""),
        by=request.actor,
        at=clock.now(),
        seen_version=_seen(request),
    )
    return _("The answer was given. Every reporter of this case hears of it.")


def _finish(request: PageRequest, found: Task) -> str:
    dispatch.finish_task(task=found, words=request.POST.get("text", ""), by=request.actor, at=clock.now())
    return _("Your part is done.")


def _note(request: PageRequest, found: Task) -> str:
    cases.add_note(
        case=found.case,
        text=request.POST.get("text", ""),
        public=bool(request.POST.get("public")),
        by=request.actor,
        at=clock.now(),
        unit=found.unit,
    )
    return _("The note was added.")


TASK_ACTIONS: Final[dict[str, Callable[[PageRequest, Task], str]]] = {
    "accept": _accept,
    "return": _return,
    "answer": _answer,
    "finish": _finish,
    "note": _note,
}


@needs("handle_task")
@require_POST
def task_action(request: PageRequest, task_id: int, action: str) -> HttpResponse:
    """Do one thing with a task. A refusal shows the page again with what was typed and what to do."""
    found = _find(request, task_id)
    extra: dict[str, Any] = {}
    try:
        if action == "contact":
            extra = _contact(request, found)
        elif action in TASK_ACTIONS:
            messages.success(request, TASK_ACTIONS[action](request, found))
            return redirect("task", j=request.jurisdiction.code, task_id=found.pk)
        else:
            raise Http404(action)
    except GongzhiError as error:
        extra = {
            "error": error,
            "error_hint": error.what_to_do(),
            "typed": request.POST.dict(),
            "failed_action": action,
        }
    context = task_context(request, _find(request, task_id)) | extra
    return render(request, "worker/task.html", context, status=409 if "error" in extra else 200)


def _contact(request: PageRequest, found: Task) -> dict[str, Any]:
    why = request.POST.get("why", "").strip()
    reports = cases.reports_of(found.case, visible_to=request.actor)
    report = next((r for r in reports if str(r.pk) == request.POST.get("report")), None)
    if report is None or not request.actor.may("see_contact"):
        raise TaskError(_("This contact cannot be shown."), hint=_("Choose a report of this case."))
    if not why:
        raise TaskError(
            _("Please say why you need the contact."), hint=_("The reporter can see who looked, and why.")
        )
    shown = channels.view_contact(report=report, why=why, by=request.actor, at=clock.now())
    return {"contact": shown, "contact_report": report.pk}
