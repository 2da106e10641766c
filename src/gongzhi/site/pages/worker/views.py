"""Today's list in the published order, and one task with one big next action."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Answer, Case
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import Task, TaskError
from gongzhi.apps.dispatch.returns import public as returns
from gongzhi.apps.places.public import Jurisdiction, areas, calendar_of
from gongzhi.kernel import clock
from gongzhi.kernel.calendar import workdays_between
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.maps import MapView, area_shapes, frame_of, marks
from gongzhi.site.pages.coordinator.rows import excerpt_of
from gongzhi.site.pages.worker import clocks, words

LISTED: Final = 100
# A unit that gave a task back, or lost it, keeps its steps but neither the contact nor a voice in the case.
HOLDING: Final = frozenset({*dispatch.OPEN_TASKS, "done"})
# The field that a refusal of each action is about, so that the error summary leads there.
FIELD_OF: Final = {
    "accept": "next",
    "answer": "answer-text",
    "return": "return-reason",
    "finish": "finish-text",
    "retract": "retract-reason",
    "note": "note-text",
    "contact": "contact-why",
    "pause": "pause-text",
    "resume": "next",
    "extend": "extend-text",
}


@dataclass(frozen=True)
class TodayRow:
    """A task as today's list shows it: its place in the order and why, how long there is, what was said."""

    number: int
    task: Task
    case: Case
    excerpt: str
    place: str
    reports: int
    late: bool
    soon: bool
    left: str
    why: list[str]


def _row(number: int, task: Task, first: tuple[Report, int] | None, now: datetime) -> TodayRow:
    report, count = first or (None, 0)
    jurisdiction = task.case.jurisdiction
    late = task.due_at is not None and task.due_at < now
    near = task.due_at is not None and workdays_between(now, task.due_at, calendar_of(jurisdiction)) <= 1
    return TodayRow(
        number=number,
        task=task,
        case=task.case,
        excerpt=excerpt_of(report.title or report.text) if report else "",
        place=report.place_words if report else "",
        reports=count,
        late=late,
        soon=near and not late,
        left=words.time_left(task.due_at, jurisdiction, now),
        why=words.order_reasons(task, now),
    )


@needs("handle_task")
@require_GET
def today(request: PageRequest) -> HttpResponse:
    """What this person's units have to do, most pressing first, each with its place in the order explained."""
    now = clock.now()
    tasks = dispatch.work_list(
        visible_to=request.actor, jurisdiction=request.jurisdiction, at=now, limit=LISTED
    )
    first = cases.first_reports([t.case for t in tasks], visible_to=request.actor)
    rows = [_row(n, task, first.get(task.case_id), now) for n, task in enumerate(tasks, 1)]
    units = {task.unit_id: task.unit for task in tasks}
    context = {
        "rows": rows,
        "asked_at": now,
        "counts": {
            "late": sum(row.late for row in rows),
            "soon": sum(row.soon for row in rows),
            "waiting": sum(row.task.state == "offered" for row in rows),
        },
        "hand_backs": len(returns.waiting(visible_to=request.actor, jurisdiction=request.jurisdiction)),
        "full": LISTED if len(tasks) == LISTED else 0,
        "several_units": len(units) > 1,
        "map": _map_of(request.jurisdiction, [(row.number, row.case) for row in rows]),
    }
    return render(request, "worker/today.html", context)


def _map_of(jurisdiction: Jurisdiction, numbered: Sequence[tuple[int, Case]]) -> MapView | None:
    """The office's areas with the matters as numbers; None where none of them has a point."""
    points = [(n, c.lon, c.lat) for n, c in numbered if c.lon is not None and c.lat is not None]
    if not points:
        return None
    frame = frame_of(jurisdiction)
    shapes = area_shapes(areas(jurisdiction), frame, get_language() or "zh-hans")
    placed = {n for n, _lon, _lat in points}
    unplaced = tuple(n for n, _case in numbered if n not in placed)
    return MapView(frame, shapes, marks(points, frame), unplaced=unplaced)


def _find(request: PageRequest, task_id: int) -> Task:
    task = dispatch.task_by_id(visible_to=request.actor, jurisdiction=request.jurisdiction, task_id=task_id)
    if task is None:
        raise Http404(str(task_id))
    return task


def task_context(request: PageRequest, task: Task) -> dict[str, Any]:
    """All that the task page shows."""
    now, lang = clock.now(), get_language() or "zh-hans"
    reports = cases.reports_of(task.case, visible_to=request.actor)
    photos = channels.photos_of([r.pk for r in reports])
    timeline = cases.timeline(task.case, public_only=False)
    return {
        "task": task,
        "case": task.case,
        "reports": [(r, photos.get(r.pk, [])) for r in reports],
        "timeline": timeline,
        "answers": cases.answers_of(task.case),
        "tasks": dispatch.tasks_of(task.case),
        "late": task.due_at is not None and task.due_at < now,
        "left": words.time_left(task.due_at, task.case.jurisdiction, now),
        "day_reasons": words.deadline_reasons(task, lang) + clocks.reasons_of(task.case),
        "unit_reasons": words.unit_reasons(task, timeline, lang),
        "map": _map_of(task.case.jurisdiction, [(1, task.case)]),
        "asked_at": now,
        "open": task.state in dispatch.OPEN_TASKS,
        "holds": task.state in HOLDING,
        "contacts": [r for r in reports if r.has_contact] if _may_see_contact(request, task) else [],
        "seen_version": task.case.version,
        "typed": {},
        "may_move": words.moving_day(task),
        "own_answer": _own_answer(task),
        **_return_part(task, lang),
        **clocks.clock_part(task, lang, now),
    }


def _return_part(task: Task, lang: str) -> dict[str, Any]:
    """What the form for handing back offers, and the asking that waits already."""
    if task.role != "lead" or task.state not in dispatch.OPEN_TASKS:
        return {}
    asking = returns.open_asking(task.case)
    offered = asking is None and not task.bound
    lines = returns.lines_to_name(task) if offered else []
    return {
        "asking": asking,
        "returning": {"reasons": returns.reasons(task.case.jurisdiction, lang), "lines": lines},
    }


def _own_answer(task: Task) -> Answer | None:
    """The latest answer that this unit gave and may withdraw."""
    if task.role != "lead" or task.state != "done":
        return None
    answers = (a for a in cases.answers_of(task.case) if a.unit_id == task.unit_id and a.withdrawn is None)
    return next(answers, None)


def _may_see_contact(request: PageRequest, task: Task) -> bool:
    return request.actor.may("see_contact") and task.state in HOLDING


@needs("handle_task")
@require_GET
def task(request: PageRequest, task_id: int) -> HttpResponse:
    """One task: the story, the deadline and its basis, what can be done."""
    return render(request, "worker/task.html", task_context(request, _find(request, task_id)))


def _seen(request: PageRequest) -> int | None:
    text = request.POST.get("seen_version", "")
    return int(text) if text.isdigit() else None


def _accept(request: PageRequest, found: Task) -> str:
    with transaction.atomic():
        returns.take_back_asking(task=found, by=request.actor, at=clock.now())
        dispatch.accept_task(task=found, by=request.actor, at=clock.now())
    return _("Taken on. The reporter sees that your unit is on it.")


def _return(request: PageRequest, found: Task) -> str:
    reason, now = request.POST.get("reason", ""), clock.now()
    if found.role != "lead":
        dispatch.return_task(task=found, reason=reason, by=request.actor, at=now)
        return _("Handed back to the desk with your reason.")
    line = request.POST.get("line", "")
    item = next((i for i in returns.lines_to_name(found) if str(i.pk) == line), None)
    returns.ask_return(
        task=found,
        reason=request.POST.get("why", ""),
        words=reason,
        claim="right" if item is not None else line,
        item=item,
        by=request.actor,
        at=now,
    )
    return _("Asked. Until it is decided the case is yours and its time runs on.")


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


def _retract(request: PageRequest, found: Task) -> str:
    answer = _own_answer(found)
    if answer is None:
        raise TaskError(
            _("Your unit has no answer here that stands."), hint=_("Look at the case for what is new.")
        )
    dispatch.retract_answer(
        answer=answer,
        reason=request.POST.get("reason", ""),
        by=request.actor,
        at=clock.now(),
        unit=found.unit,
        seen_version=_seen(request),
    )
    return _("The answer was withdrawn. Every reporter of this case hears of it.")


def _note(request: PageRequest, found: Task) -> str:
    if found.state not in HOLDING:
        raise TaskError(
            _("Your unit no longer works on this case."), hint=_("Tell the desk what you want to add.")
        )
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
    "retract": _retract,
    "note": _note,
    "pause": clocks.pause,
    "resume": clocks.resume,
    "extend": clocks.extend,
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
        extra = _refusal(request, action, error)
    fresh = _find(request, task_id)
    if "error" in extra and not _still_offered(fresh, action):
        extra |= {"unsent": extra["typed"].get("text") or extra["typed"].get("reason") or ""}
    context = task_context(request, fresh) | extra
    return render(request, "worker/task.html", context, status=409 if "error" in extra else 200)


def _still_offered(task: Task, action: str) -> bool:
    """Whether the page still shows the form of an action; what was typed into one that is gone is shown apart."""
    is_open, leads = task.state in dispatch.OPEN_TASKS, task.role == "lead"
    offered = {
        "answer": is_open and leads,
        "finish": is_open and not leads,
        "return": is_open,
        "pause": is_open and leads,
        "extend": is_open and leads,
        "note": task.state in HOLDING,
        "retract": _own_answer(task) is not None,
    }
    return offered.get(action, True)


def _refusal(request: PageRequest, action: str, error: GongzhiError) -> dict[str, Any]:
    """What the page shows of a refused action: why, what to do, what was typed and where."""
    message = f"{error} {error.what_to_do()}"
    return {
        "error": error,
        "error_hint": error.what_to_do(),
        "errors": [{"target": FIELD_OF[action], "message": message}],
        "typed": request.POST.dict(),
        "failed_action": action,
    }


def _contact(request: PageRequest, found: Task) -> dict[str, Any]:
    why = request.POST.get("why", "").strip()
    reports = cases.reports_of(found.case, visible_to=request.actor)
    report = next((r for r in reports if str(r.pk) == request.POST.get("report")), None)
    if report is None or not _may_see_contact(request, found):
        raise TaskError(_("This contact cannot be shown."), hint=_("Choose a report of this case."))
    if not why:
        raise TaskError(
            _("Please say why you need the contact."), hint=_("The reporter can see who looked, and why.")
        )
    shown = channels.view_contact(report=report, why=why, by=request.actor, at=clock.now())
    return {"contact": shown, "contact_report": report.pk}
