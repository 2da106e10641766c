"""The inbox of what needs a human, and the search over all cases."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime

from gongzhi.apps.actors.public import units
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, CaseFilter, Cursor, State
from gongzhi.apps.places.public import areas
from gongzhi.kernel import clock
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.pages.coordinator.rows import case_rows

STATES: Final = tuple(State)


@needs("see_inbox")
def desk(request: PageRequest) -> HttpResponse:
    """What waits for a decision, grouped by why, most pressing first."""
    now = clock.now()
    groups = cases.inbox(visible_to=request.actor, jurisdiction=request.jurisdiction, at=now)
    shown = [case for group in groups for case in group.cases]
    rows = {row.case.pk: row for row in case_rows(request, shown, now)}
    context = {
        "groups": [(group, [rows[case.pk] for case in group.cases]) for group in groups],
        "nothing": not groups,
    }
    return render(request, "coordinator/desk.html", context)


def read_cursor(text: str) -> Cursor | None:
    """The cursor in a `after=` of our own links; None where it is none."""
    moment, _, pk = text.rpartition(",")
    when = parse_datetime(moment) if moment else None
    return (when, int(pk)) if when is not None and when.tzinfo and pk.isdigit() else None


def write_cursor(cursor: Cursor | None) -> str:
    """The cursor as it stands in a link."""
    return f"{cursor[0].isoformat()},{cursor[1]}" if cursor else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def read_filter(data: Any, now: datetime) -> CaseFilter:
    """What the search form asks for; values that make no sense are left out."""
    state = data.get("state", "")
    return CaseFilter(
        words=data.get("q", "").strip()[:100],
        states=(state,) if state in set(STATES) else (),
        category=data.get("category", "")[:60],
        area_id=_number(data.get("area", "")),
        unit_id=_number(data.get("unit", "")),
        late_at=now if data.get("late") else None,
    )


@needs("see_all_cases")
def case_list(request: PageRequest) -> HttpResponse:
    """Search and filters over all cases this person may see, newest first, page by page."""
    now = clock.now()
    wanted = read_filter(request.GET, now)
    found, following = cases.search_cases(
        visible_to=request.actor,
        jurisdiction=request.jurisdiction,
        wanted=wanted,
        after=read_cursor(request.GET.get("after", "")),
    )
    query = request.GET.copy()
    query["after"] = write_cursor(following)
    context = {
        "rows": case_rows(request, found, now),
        "wanted": wanted,
        "late": wanted.late_at is not None,
        "next_query": query.urlencode() if following else "",
        "states": STATES,
        "areas": areas(request.jurisdiction),
        "units": units(request.jurisdiction, active_only=False),
    }
    return render(request, "coordinator/case_list.html", context)


def find_case(request: PageRequest, number: str) -> Case | None:
    """The case with this number if the signed-in person may see it."""
    return cases.case_by_number(visible_to=request.actor, jurisdiction=request.jurisdiction, number=number)
