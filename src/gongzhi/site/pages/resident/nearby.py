"""What goes on nearby: a list and a map of matters, the same for everybody who asks the same."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import get_template, render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import ENDED_STATES, OPEN_STATES, Case, Cursor, State
from gongzhi.apps.places.public import Area, Around, Jurisdiction, areas, local_day, named_places
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import clock
from gongzhi.scenarios.loader import scenario_for
from gongzhi.site import maps
from gongzhi.site.access import PageRequest, public_page

RECENT: Final = timedelta(days=30)
KEPT_SECONDS: Final = 10  # the whole list
PART_SECONDS: Final = 60  # what changes when somebody sets the office up: the choices, the outlines
ROW_SECONDS: Final = 600  # one case as it stands; it has another key as soon as something happens to it
RADII: Final = ("200", "500", "1000", "2000")  # metres
RADIUS: Final = "500"
STATE_GROUPS: Final = {
    "open": (_("in hand"), tuple(sorted(OPEN_STATES))),
    "answered": (_("answered"), (State.ANSWERED,)),
    "ended": (_("closed or solved"), tuple(sorted(ENDED_STATES))),
}


@public_page
@require_safe
def near(request: PageRequest) -> HttpResponse:
    """Open and recently ended matters: category, area, state, days; never anybody's words or exact place.

    It is the same for everybody who asks the same, so what it shows may be a few seconds old: in a flood of visitors
    the list is made once in that time by each process.
    """
    j, lang = request.jurisdiction, get_language() or "zh-hans"
    kinds = _kinds(j, lang)
    chosen = _chosen(request, j, dict(kinds))
    after = _cursor(request.GET.get("after", ""))
    place_in_list = f"{after[0].timestamp()}-{after[1]}" if after else "newest"
    key = f"near:{j.pk}:{lang}:{urlencode(chosen)}:{place_in_list}"
    content = cache.get(key)
    if content is None:
        context = _near_context(j, lang, kinds, chosen, after)
        content = render_to_string("resident/near_content.html", context, request)
        cache.set(key, content, KEPT_SECONDS)
    return render(request, "resident/near.html", {"content": content})


def _chosen(request: PageRequest, jurisdiction: Jurisdiction, kinds: dict[str, str]) -> dict[str, str]:
    """What the visitor has chosen; what cannot be chosen counts as nothing."""
    known: dict[str, Collection[str]] = {
        "category": kinds,
        "state": STATE_GROUPS,
        "area": {str(a.pk) for a in _parts(jurisdiction)},
        "place": {p.code for p in named_places(jurisdiction)},
        "radius": RADII,
    }
    given = {name: request.GET.get(name, "") for name in known}
    found = {name: value if value in known[name] else "" for name, value in given.items()}
    return found | {"radius": (found["radius"] or RADIUS) if found["place"] else ""}


def _parts(jurisdiction: Jurisdiction) -> list[Area]:
    return [a for a in areas(jurisdiction) if a.parent_id is not None and a.kind != "grid"]


def _around(jurisdiction: Jurisdiction, chosen: dict[str, str]) -> Around | None:
    place = next((p for p in named_places(jurisdiction) if p.code == chosen["place"]), None)
    if place is None:
        return None
    return Around(place.lon, place.lat, float(chosen["radius"]), maps.coarse, maps.APART_M)


def _kept(key: str, template: str, context: Callable[[], dict[str, Any]]) -> str:
    """A part of the page that is made anew once a minute."""
    found = cache.get(key)
    if found is None:
        found = render_to_string(template, context())
        cache.set(key, found, PART_SECONDS)
    return str(found)


def _choices(
    jurisdiction: Jurisdiction, lang: str, kinds: list[tuple[str, str]], chosen: dict[str, str]
) -> str:
    def context() -> dict[str, Any]:
        return {
            "jurisdiction": jurisdiction,
            "kinds": kinds,
            "states": [(key, words) for key, (words, _states) in STATE_GROUPS.items()],
            "areas": [(str(a.pk), a) for a in _parts(jurisdiction)],
            "places": named_places(jurisdiction),
            "radii": RADII,
            "chosen": chosen,
            "filtered": any(chosen.values()),
        }

    key = f"near-choices:{jurisdiction.pk}:{lang}:{urlencode(chosen)}"
    return _kept(key, "resident/near_choices.html", context)


def _outlines(jurisdiction: Jurisdiction, lang: str) -> str:
    def context() -> dict[str, Any]:
        return {"areas": maps.area_shapes(areas(jurisdiction), maps.frame_of(jurisdiction), lang)}

    return _kept(f"near-outlines:{jurisdiction.pk}:{lang}", "components/outlines.html", context)


def _rows(jurisdiction: Jurisdiction, found: Sequence[Case], lang: str) -> list[str]:
    """The words of each case. A row is made once for a state of its case: the key changes with it."""
    today = local_day(jurisdiction, clock.now())
    keys = [_row_key(case, lang, today) for case in found]
    known = cache.get_many(keys)
    template = get_template("resident/near_row.html")
    fresh = {
        key: template.render({"case": case, "jurisdiction": jurisdiction})
        for key, case in zip(keys, found, strict=True)
        if key not in known
    }
    cache.set_many(fresh, ROW_SECONDS)
    return [known.get(key) or fresh[key] for key in keys]


def _row_key(case: Case, lang: str, today: date) -> str:
    stand = f"{case.version}:{case.state}:{case.category}:{case.area_id}:{case.last_step_at.timestamp()}"
    return f"near-row:{case.pk}:{lang}:{today:%Y%m%d}:{stand}"


def _near_context(
    jurisdiction: Jurisdiction,
    lang: str,
    kinds: list[tuple[str, str]],
    chosen: dict[str, str],
    after: Cursor | None,
) -> dict[str, Any]:
    """The list and the map of what fits the choice."""
    around = _around(jurisdiction, chosen)
    found, following = cases.public_cases(
        jurisdiction=jurisdiction,
        since=clock.now() - RECENT,
        hidden_categories=sensitive_categories(jurisdiction),
        category=chosen["category"],
        states=STATE_GROUPS[chosen["state"]][1] if chosen["state"] else (),
        area_id=int(chosen["area"]) if chosen["area"] else None,
        after=after,
        around=around,
    )
    return {
        "rows": list(enumerate(_rows(jurisdiction, found, lang), start=1)),
        "map": _map_of(jurisdiction, found),
        "outlines": _outlines(jurisdiction, lang),
        "choices": _choices(jurisdiction, lang, kinds, chosen),
        "filtered": any(chosen.values()),
        "next_url": _address(chosen, following),
        "first_url": _address(chosen, None, first=True) if after else "",
    }


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


def _map_of(jurisdiction: Jurisdiction, found: Sequence[Case]) -> maps.MapView:
    frame = maps.frame_of(jurisdiction)
    points = [
        (number, *maps.coarse(case.lon, case.lat))
        for number, case in enumerate(found, start=1)
        if case.lon is not None and case.lat is not None and frame.box.holds(case.lon, case.lat)
    ]
    placed = {number for number, _lon, _lat in points}
    unplaced = tuple(n for n in range(1, len(found) + 1) if n not in placed)
    return maps.MapView(frame, (), maps.marks(points, frame), unplaced=unplaced)


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
