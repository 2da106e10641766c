"""The same decision for many cases: choose by filter, look at what would happen, let it be done, undo it once."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gongzhi.apps.actors.public import Unit, units
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.bulk import public as bulk
from gongzhi.apps.dispatch.bulk.public import BulkRun
from gongzhi.apps.dispatch.public import Looked
from gongzhi.apps.places.public import local_day
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.pages.coordinator.inbox import read_filter
from gongzhi.site.pages.coordinator.rows import CaseRow, case_rows


@dataclass(frozen=True)
class Outcome:
    """What would happen to a case: it goes to `unit`, or is answered or joined, or `refused` says why nothing does."""

    row: CaseRow
    unit: Unit | None = None
    refused: str = ""


@needs("decide_case")
@require_GET
def bulk_choose(request: PageRequest) -> HttpResponse:
    """The cases that the filter finds, all ticked, and what could be done to them."""
    now = clock.now()
    wanted = read_filter(request.GET, now, local_day(request.jurisdiction, now))
    found, following = cases.search_cases(
        visible_to=request.actor, jurisdiction=request.jurisdiction, wanted=wanted, limit=bulk.MAX_CASES
    )
    context = {
        "rows": case_rows(request, found, now),
        "more": following is not None,
        "runs": bulk.runs(visible_to=request.actor, jurisdiction=request.jurisdiction),
        **_choices(request, request.GET),
    }
    return render(request, "coordinator/bulk.html", context)


def _choices(request: PageRequest, typed: Any) -> dict[str, Any]:
    return {
        "units": units(request.jurisdiction),
        "max": bulk.MAX_CASES,
        "kind": typed.get("kind", bulk.RULE),
        "unit_id": typed.get("unit", ""),
        "text": typed.get("text", ""),
    }


def _ticked(request: PageRequest) -> dict[int, int]:
    """The chosen cases with the version of each that the page showed: `case=12:3`."""
    found = {}
    for value in request.POST.getlist("case")[: bulk.MAX_CASES + 1]:
        number, _sign, version = value.partition(":")
        if _number(number) is not None and (seen := _number(version)) is not None:
            found[int(number)] = seen
    return found


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _cases(request: PageRequest, ids: Mapping[int, int]) -> list[Case]:
    seen = cases.visible_cases(visible_to=request.actor, jurisdiction=request.jurisdiction)
    rows = seen.filter(pk__in=list(ids)).select_related("jurisdiction", "area", "lead_unit")
    return list(rows.defer("area__geometry").order_by("pk"))


def _unit(request: PageRequest) -> Unit | None:
    pk = _number(request.POST.get("unit", ""))
    return units(request.jurisdiction).filter(pk=pk).first() if pk is not None else None


@needs("decide_case")
@require_POST
def bulk_preview(request: PageRequest) -> HttpResponse:
    """What would happen to each case. Nothing has happened yet."""
    now, kind = clock.now(), request.POST.get("kind", "")
    ticked = _ticked(request)
    found = _cases(request, ticked)
    unit, text = _unit(request), request.POST.get("text", "")
    try:
        bulk.check_order(kind, len(found), unit, text)
    except GongzhiError as error:
        return _again(request, found, ticked, error, now)
    outcomes = _outcomes(request, found, kind, unit, now)
    context = {
        "outcomes": outcomes,
        "kept": [(case.pk, ticked[case.pk]) for case in found],
        "doing": sum(not outcome.refused for outcome in outcomes),
        "into": found[0],
        "key": uuid.uuid4(),
        "unit": unit,
        **_choices(request, request.POST),
    }
    return render(request, "coordinator/bulk_preview.html", context)


def _again(
    request: PageRequest, found: Sequence[Case], ticked: Mapping[int, int], error: GongzhiError, now: datetime
) -> HttpResponse:
    context = {
        "rows": case_rows(request, found, now),
        "error": error,
        "error_hint": error.what_to_do(),
        **_choices(request, request.POST),
    }
    return render(request, "coordinator/bulk.html", context, status=409)


def _outcomes(
    request: PageRequest, found: Sequence[Case], kind: str, unit: Unit | None, now: datetime
) -> list[Outcome]:
    """For each case in its order; the same few statements whatever their number."""
    rows = case_rows(request, found, now)
    today = local_day(request.jurisdiction, now)
    looked = [Looked(request.jurisdiction, case.category, case.area_id, today) for case in found]
    lines = dispatch.lines_for(looked) if kind == bulk.RULE else [None] * len(found)
    outcomes = []
    for row, line in zip(rows, lines, strict=True):
        if not bulk.fits(kind, row.case.phase, urgent=row.case.urgent):
            outcomes.append(Outcome(row, refused=_("This case must be decided on its own.")))
        elif kind == bulk.RULE and line is None:
            no_line = _("No line of the power list covers this category here.")
            outcomes.append(Outcome(row, refused=no_line))
        else:
            outcomes.append(Outcome(row, line.lead_unit if line else unit))
    return outcomes


@needs("decide_case")
@require_POST
def bulk_do(request: PageRequest) -> HttpResponse:
    """Let it be done. The same page sent twice is one run."""
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Http404("key") from None
    ticked, now = _ticked(request), clock.now()
    try:
        bulk.order_run(
            jurisdiction=request.jurisdiction,
            kind=request.POST.get("kind", ""),
            key=key,
            chosen=ticked,
            unit=_unit(request),
            text=request.POST.get("text", ""),
            by=request.actor,
            at=now,
        )
    except GongzhiError as error:
        return _again(request, _cases(request, ticked), ticked, error, now)
    return redirect("bulk_run", j=request.jurisdiction.code, key=key)


def _run(request: PageRequest, key: uuid.UUID) -> BulkRun:
    found = bulk.run_by_key(visible_to=request.actor, jurisdiction=request.jurisdiction, key=key)
    if found is None:
        raise Http404(str(key))
    return found


@needs("decide_case")
@require_GET
def bulk_run(request: PageRequest, key: uuid.UUID) -> HttpResponse:
    """How far a run is, and what came of each case."""
    run = _run(request, key)
    items = bulk.items_of(run, visible_to=request.actor)
    rows = {row.case.pk: row for row in case_rows(request, [item.case for item in items], clock.now())}
    context = {
        "run": run,
        "progress": bulk.progress_of(run),
        "items": [(item, rows[item.case_id]) for item in items],
        "running": run.state in {"ready", "undoing"},
    }
    return render(request, "coordinator/bulk_run.html", context)


@needs("decide_case")
@require_POST
def bulk_undo(request: PageRequest, key: uuid.UUID) -> HttpResponse:
    """Undo the run as a whole."""
    try:
        bulk.order_undo(run=_run(request, key), by=request.actor, at=clock.now())
    except GongzhiError as error:
        messages.error(request, f"{error} {error.what_to_do()}")
    return redirect("bulk_run", j=request.jurisdiction.code, key=key)
