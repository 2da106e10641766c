"""The first pages, and what goes on nearby."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import ENDED_STATES, OPEN_STATES, Case, Cursor, State
from gongzhi.apps.places.public import Jurisdiction, area_by_id, areas, jurisdictions
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import clock
from gongzhi.scenarios.loader import scenario_for
from gongzhi.site import maps
from gongzhi.site.access import PageRequest, open_page, public_page
from gongzhi.site.pages.media import REPORT_SESSION_KEY
from gongzhi.site.pages.resident.usual import DAYS, SHOWN, usual_times

RECENT: Final = timedelta(days=30)
STATE_GROUPS: Final = {
    "open": (_("in hand"), tuple(sorted(OPEN_STATES))),
    "answered": (_("answered"), (State.ANSWERED,)),
    "ended": (_("closed or solved"), tuple(sorted(ENDED_STATES))),
}


@open_page
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The offices of this installation."""
    return render(request, "resident/start.html", {"offices": jurisdictions()})


@public_page
@require_safe
def home(request: PageRequest) -> HttpResponse:
    """What a resident can do here, and how long things usually take."""
    context = {
        "usual": usual_times(request.jurisdiction, clock.now())[:SHOWN],
        "days": DAYS,
        "has_report": bool(request.session.get(REPORT_SESSION_KEY)),
    }
    return render(request, "resident/home.html", context)


@public_page
@require_safe
def near(request: PageRequest) -> HttpResponse:
    """Open and recently ended matters: category, area, state, days; never anybody's words or exact place."""
    j, lang = request.jurisdiction, get_language() or "zh-hans"
    kinds = _kinds(j, lang)
    chosen = {
        "category": request.GET.get("category", "") if request.GET.get("category", "") in dict(kinds) else "",
        "state": request.GET.get("state", "") if request.GET.get("state", "") in STATE_GROUPS else "",
        "area": request.GET.get("area", ""),
    }
    area = (
        area_by_id(j, int(chosen["area"])) if chosen["area"].isdigit() and len(chosen["area"]) < 15 else None
    )
    after = _cursor(request.GET.get("after", ""))
    found, following = cases.public_cases(
        jurisdiction=j,
        since=clock.now() - RECENT,
        hidden_categories=sensitive_categories(j),
        category=chosen["category"],
        states=STATE_GROUPS[chosen["state"]][1] if chosen["state"] else (),
        area_id=area.pk if area else None,
        after=after,
    )
    context = {
        "rows": list(enumerate(found, start=1)),
        "map": _map_of(j, found, lang),
        "kinds": kinds,
        "states": [(key, words) for key, (words, _states) in STATE_GROUPS.items()],
        "areas": [a for a in areas(j) if a.parent_id is not None and a.kind != "grid"],
        "chosen": chosen,
        "area": area,
        "filtered": any(chosen.values()),
        "next_url": _address(chosen, following),
        "first_url": _address(chosen, None, first=True) if after else "",
    }
    return render(request, "resident/near.html", context)


def _kinds(jurisdiction: Jurisdiction, lang: str) -> list[tuple[str, str]]:
    scenario = scenario_for(tuple(jurisdiction.packs))
    hidden = set(sensitive_categories(jurisdiction))
    tops = [e.key for e in scenario.entries("categories.toml") if e.parent is None and e.key not in hidden]
    return [(key, scenario.words(f"category.{key}", lang)) for key in tops]


def sensitive_categories(jurisdiction: Jurisdiction) -> list[str]:
    """Categories that say too much about people to be shown in public, with all that lies below them."""
    entries = scenario_for(tuple(jurisdiction.packs)).entries("categories.toml")
    hidden: set[str] = set()
    for entry in entries:  # parents stand before their children
        if entry.sensitive or entry.parent in hidden:
            hidden.add(entry.key)
    tree = understanding.categories(jurisdiction)
    # What is gone from the packs can no longer be looked up; nobody shows it to everybody.
    return sorted(hidden | {key for key in tree.retired() if key not in tree})


def _map_of(jurisdiction: Jurisdiction, found: Sequence[Case], lang: str) -> maps.MapView:
    frame = maps.frame_of(jurisdiction)
    points = [
        (number, *maps.coarse(case.lon, case.lat))
        for number, case in enumerate(found, start=1)
        if case.lon is not None and case.lat is not None and frame.box.holds(case.lon, case.lat)
    ]
    placed = {number for number, _lon, _lat in points}
    unplaced = tuple(n for n in range(1, len(found) + 1) if n not in placed)
    return maps.MapView(
        frame,
        maps.area_shapes(areas(jurisdiction), frame, lang),
        maps.marks(points, frame),
        unplaced=unplaced,
    )


def _cursor(text: str) -> Cursor | None:
    moment, _sep, pk = text.rpartition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at, int(pk)) if at.tzinfo is not None and pk.isascii() and pk.isdigit() and len(pk) < 19 else None


def _address(chosen: dict[str, Any], after: Cursor | None, *, first: bool = False) -> str:
    if after is None and not first:
        return ""
    values = {k: v for k, v in chosen.items() if v}
    if after is not None:
        values["after"] = f"{after[0].isoformat()}~{after[1]}"
    return f"?{urlencode(values)}"
