"""The inbox of what needs a human, and the search over all cases."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language

from gongzhi.apps.actors.public import units
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.changes.public import in_ended_areas
from gongzhi.apps.cases.public import Case, CaseFilter, Cursor, State
from gongzhi.apps.channels import public as channels
from gongzhi.apps.dispatch.clocks.public import extensions_waiting
from gongzhi.apps.dispatch.returns.public import waiting
from gongzhi.apps.places.public import all_areas, has_ended, local_day
from gongzhi.kernel import clock
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.pages.coordinator.choices import category_groups
from gongzhi.site.pages.coordinator.evidence import desk_rows
from gongzhi.site.pages.coordinator.rows import case_rows

STATES: Final = tuple(State)
LOST_FOR: Final = timedelta(days=30)
UNREACHED: Final = 10
FILTERS: Final = ("q", "state", "category", "area", "unit", "waits", "late", "ended")


@needs("see_inbox")
def desk(request: PageRequest) -> HttpResponse:
    """What waits for a decision, grouped by why, most pressing first."""
    now = clock.now()
    groups = cases.inbox(visible_to=request.actor, jurisdiction=request.jurisdiction, at=now)
    shown = [case for group in groups for case in group.cases]
    rows = desk_rows(request, shown, now)
    context = {
        "groups": [(group, [rows[case.pk] for case in group.cases]) for group in groups],
        "waiting": sum(group.count for group in groups),
        "nothing": not groups,
        "misplaced": _misplaced(request, now),
        "unreached": _unreached(request, now),
        "hand_backs": len(waiting(visible_to=request.actor, jurisdiction=request.jurisdiction)),
        "more_time": len(extensions_waiting(visible_to=request.actor, jurisdiction=request.jurisdiction)),
        "may_decide": request.actor.may("decide_case"),
    }
    return render(request, "coordinator/desk.html", context)


def _unreached(request: PageRequest, now: datetime) -> list[Case]:
    """The cases with a reporter whose e-mail came back and about whom nobody has done anything yet."""
    j = request.jurisdiction
    reports = channels.unreached(jurisdiction=j, since=now - LOST_FOR, limit=UNREACHED)
    if not reports:
        return []
    found = {case.pk for case in cases.cases_of(reports).values()}
    seen = cases.visible_cases(visible_to=request.actor, jurisdiction=j)
    return list(seen.filter(pk__in=found).select_related("jurisdiction").order_by("pk"))


def _misplaced(request: PageRequest, now: datetime) -> int:
    """How many open cases lie in an area that has ended and have no place by which they could move."""
    j = request.jurisdiction
    today = local_day(j, now)
    if not any(has_ended(area, today) for area in all_areas(j)):
        return 0
    seen = cases.visible_cases(visible_to=request.actor, jurisdiction=j)
    return seen.filter(pk__in=in_ended_areas(j, today).values("pk")).count()


def read_cursor(text: str) -> Cursor | None:
    """The cursor in a `after=` of our own links; None where it is none."""
    moment, _, pk = text.rpartition(",")
    try:
        when = parse_datetime(moment) if moment else None
    except ValueError:  # looks like a moment, but there is no such day
        return None
    return (when, int(pk)) if when is not None and when.tzinfo and _number(pk) is not None else None


def write_cursor(cursor: Cursor | None) -> str:
    """The cursor as it stands in a link."""
    return f"{cursor[0].isoformat()},{cursor[1]}" if cursor else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def read_filter(data: Any, now: datetime, today: date) -> CaseFilter:
    """What the search form asks for; values that make no sense are left out."""
    state, waits = data.get("state", ""), data.get("waits", "")
    return CaseFilter(
        words=data.get("q", "").strip()[:100],
        states=(state,) if state in set(STATES) else (),
        category=data.get("category", "")[:60],
        area_id=_number(data.get("area", "")),
        unit_id=_number(data.get("unit", "")),
        waits_for=waits if waits in cases.WAITS else "",
        late_at=now if data.get("late") else None,
        area_ended_before=today if data.get("ended") else None,
    )


@needs("see_all_cases")
def case_list(request: PageRequest) -> HttpResponse:
    """Search and filters over all cases this person may see, newest first, page by page."""
    now, lang = clock.now(), get_language() or "zh-hans"
    wanted = read_filter(request.GET, now, local_day(request.jurisdiction, now))
    after = read_cursor(request.GET.get("after", ""))
    found, following = cases.search_cases(
        visible_to=request.actor, jurisdiction=request.jurisdiction, wanted=wanted, after=after
    )
    kept = request.GET.copy()
    kept.pop("after", None)
    query = kept.copy()
    query["after"] = write_cursor(following)
    context = {
        "rows": case_rows(request, found, now),
        "wanted": wanted,
        "late": wanted.late_at is not None,
        "next_url": f"?{query.urlencode()}" if following else "",
        "bulk_url": kept.urlencode() if request.actor.may("decide_case") else None,
        "first_url": f"?{kept.urlencode()}" if after else "",
        "filtered": any(request.GET.get(name) for name in FILTERS),
        "states": STATES,
        "waits": cases.WAITS,
        "ended": wanted.area_ended_before is not None,
        "categories": category_groups(request.jurisdiction, lang, with_retired=True),
        "areas": all_areas(request.jurisdiction),
        "units": units(request.jurisdiction, active_only=False),
    }
    return render(request, "coordinator/case_list.html", context)


def find_case(request: PageRequest, number: str) -> Case | None:
    """The case with this number if the signed-in person may see it."""
    return cases.case_by_number(visible_to=request.actor, jurisdiction=request.jurisdiction, number=number)
