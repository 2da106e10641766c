"""Reads: the jurisdiction, its areas, its gazetteer, its calendar. Small tables are kept per process for a minute."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q
from shapely.geometry import shape

from gongzhi.apps.places import rules
from gongzhi.apps.places.models import Area, CalendarDay, Jurisdiction, Place
from gongzhi.kernel import calendar as calendars
from gongzhi.kernel import clock
from gongzhi.kernel.calendar import DayChange, WorkCalendar
from gongzhi.scenarios.loader import scenario_for

KEEP_SECONDS = 60.0
_kept: dict[tuple[Any, ...], tuple[float, Any]] = {}


def _keep(key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """What `make` gave at most a minute ago, per database, so that a request does not read small tables again."""
    full = (str(connection.settings_dict["NAME"]), *key)
    found = _kept.get(full)
    now = time.monotonic()
    if found is None or now - found[0] > KEEP_SECONDS:
        found = _kept[full] = (now, make())
    return found[1]


def forget_kept() -> None:
    """Drop what this process keeps of small tables: called by actions that change them, and between tests."""
    _kept.clear()


@dataclass(frozen=True)
class PlaceName:
    """One name of one named place, as the reader of messages looks it up."""

    place_id: int
    text: str
    lon: float
    lat: float
    area_id: int | None
    kind: str


def jurisdiction_by_code(code: str) -> Jurisdiction | None:
    """The jurisdiction with this code, or None."""
    found: Jurisdiction | None = _keep(
        ("jurisdiction", code), lambda: Jurisdiction.objects.filter(code=code).first()
    )
    return found


def jurisdictions() -> list[Jurisdiction]:
    """All jurisdictions of this installation, by code."""
    found: list[Jurisdiction] = _keep(("jurisdictions",), lambda: list(Jurisdiction.objects.order_by("code")))
    return found


def areas(jurisdiction: Jurisdiction, on: date | None = None) -> list[Area]:
    """The areas valid on the day (the office's today if none is named), parents first, then by code."""
    found: list[Area] = _keep(("areas", jurisdiction.pk, on), lambda: _read_areas(jurisdiction, on))
    return found


def all_areas(jurisdiction: Jurisdiction) -> list[Area]:
    """All areas, also those that have ended or not begun: old cases lie in old areas. Those that end last."""
    rows = Area.objects.filter(jurisdiction=jurisdiction).order_by("code", "pk")
    found: list[Area] = _keep(
        ("all_areas", jurisdiction.pk), lambda: sorted(rows, key=lambda area: area.valid_to is not None)
    )
    return found


def _read_areas(jurisdiction: Jurisdiction, on: date | None) -> list[Area]:
    day = on or local_day(jurisdiction, clock.now())
    rows = Area.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=day),
        Q(valid_to=None) | Q(valid_to__gte=day),
        jurisdiction=jurisdiction,
    )
    parents = {area.pk: area.parent_id for area in rows}
    return sorted(rows, key=lambda area: (_depth(area.pk, parents), area.code))


def _depth(area_id: int, parents: Mapping[int, int | None]) -> int:
    """How many areas stand above this one. Areas that contain each other by mistake end the count."""
    line, above = {area_id}, parents.get(area_id)
    while above is not None and above not in line:
        line.add(above)
        above = parents.get(above)
    return len(line) - 1


def area_by_id(jurisdiction: Jurisdiction, area_id: int | None) -> Area | None:
    """The area with this id among those valid now; older ones are read from the table."""
    if area_id is None:
        return None
    by_id: dict[int, Area] = _keep(
        ("areas_by_id", jurisdiction.pk), lambda: {a.pk: a for a in areas(jurisdiction)}
    )
    return by_id.get(area_id) or Area.objects.filter(jurisdiction=jurisdiction, pk=area_id).first()


def area_line(jurisdiction: Jurisdiction, area_id: int | None) -> list[int]:
    """The ids from the area up to the root: what a rule for a wider area matches too."""
    line: list[int] = []
    area = area_by_id(jurisdiction, area_id)
    while area is not None and area.pk not in line:
        line.append(area.pk)
        area = area_by_id(jurisdiction, area.parent_id)
    return line


def descend(jurisdiction: Jurisdiction, area_id: int) -> list[int]:
    """The ids of the area and of all areas below it, also of those that are no longer valid: old cases lie in them.

    An area that was given new boundaries is the same area to this: all rows of its code count.
    """
    family: dict[int, tuple[int, ...]] = _keep(
        ("family", jurisdiction.pk), lambda: _read_family(jurisdiction)
    )
    found: list[int] = []
    open_ids = [area_id]
    while open_ids:
        current = open_ids.pop()
        if current not in found:
            found.append(current)
            open_ids.extend(family.get(current, ()))
    return found


def _read_family(jurisdiction: Jurisdiction) -> dict[int, tuple[int, ...]]:
    """For each area, valid or not, its children and the other rows of its code."""
    rows = list(
        Area.objects.filter(jurisdiction=jurisdiction).order_by("pk").values_list("pk", "code", "parent_id")
    )
    same: dict[str, list[int]] = {}
    children: dict[int, list[int]] = {}
    for pk, code, parent_id in rows:
        same.setdefault(code, []).append(pk)
        children.setdefault(parent_id, []).append(pk)
    return {pk: (*same[code], *children.get(pk, ())) for pk, code, _parent in rows}


def _boundaries(jurisdiction: Jurisdiction, on: date | None) -> rules.Boundaries:
    found: rules.Boundaries = _keep(
        ("boundaries", jurisdiction.pk, on),
        lambda: rules.Boundaries(
            [(a.pk, shape(json.loads(a.geometry))) for a in areas(jurisdiction, on) if a.geometry]
        ),
    )
    return found


def area_at(jurisdiction: Jurisdiction, lon: float, lat: float, on: date | None = None) -> Area | None:
    """The smallest area that holds the point on that day, or None where no polygon does."""
    return area_by_id(jurisdiction, _boundaries(jurisdiction, on).holding(lon, lat))


def areas_at(jurisdiction: Jurisdiction, pairs: list[tuple[float, float]]) -> list[int | None]:
    """The area id of each point, in one pass; for imports."""
    return _boundaries(jurisdiction, None).holding_each(pairs)


def check_coordinates(jurisdiction: Jurisdiction, lon: float, lat: float) -> rules.Coordinates:
    """Whether the point lies in the jurisdiction, outside it, or in it with its numbers swapped."""
    box = rules.Box(jurisdiction.min_lon, jurisdiction.min_lat, jurisdiction.max_lon, jurisdiction.max_lat)
    return rules.judge_coordinates(lon, lat, box)


def gazetteer(jurisdiction: Jurisdiction) -> tuple[PlaceName, ...]:
    """Every name and alias of every named place."""
    found: tuple[PlaceName, ...] = _keep(
        ("gazetteer", jurisdiction.pk), lambda: _read_gazetteer(jurisdiction)
    )
    return found


def _read_gazetteer(jurisdiction: Jurisdiction) -> tuple[PlaceName, ...]:
    names = []
    for place in Place.objects.filter(jurisdiction=jurisdiction).order_by("code"):
        for text in dict.fromkeys([*place.names.values(), *place.aliases]):
            names.append(PlaceName(place.pk, text, place.lon, place.lat, place.area_id, place.kind))
    return tuple(names)


@lru_cache(maxsize=64)
def _calendar(key: str, zone: str, packs: tuple[str, ...], digest: str) -> WorkCalendar:
    for entry in scenario_for(packs).entries("calendars.toml"):
        if entry.key == key:
            if entry.source == "chinesecalendar":
                return calendars.china(zone=zone)
            return calendars.from_pack({**entry.model_dump(), "zone": zone})
    raise calendars.CalendarError(key)


def calendar_of(jurisdiction: Jurisdiction) -> WorkCalendar:
    """The working-day calendar the jurisdiction counts deadlines on."""
    return calendar_with(jurisdiction, ())


def calendar_with(jurisdiction: Jurisdiction, further: Sequence[DayChange]) -> WorkCalendar:
    """As `calendar_of`, with further days of the office's own: what would hold if they were said."""
    packs = tuple(jurisdiction.packs)
    base = _calendar(jurisdiction.calendar, jurisdiction.zone, packs, scenario_for(packs).digest)
    number, own = _own_days(jurisdiction)
    if not number and not further:
        return base
    return _changed(base, (*own, *further), f"{base.version}.{number + len(further)}")


@lru_cache(maxsize=64)
def _changed(base: WorkCalendar, own: tuple[DayChange, ...], version: str) -> WorkCalendar:
    return calendars.changed(base, own, version)


def _own_days(jurisdiction: Jurisdiction) -> tuple[int, tuple[DayChange, ...]]:
    """The number of the latest version, and what it says of the office's own days."""
    if jurisdiction.pk is None:  # an office that is only being thought of, as in a simulation
        return 0, ()
    found: tuple[int, tuple[DayChange, ...]] = _keep(
        ("own days", jurisdiction.pk), lambda: _read_own_days(jurisdiction)
    )
    return found


def _read_own_days(jurisdiction: Jurisdiction) -> tuple[int, tuple[DayChange, ...]]:
    rows = list(CalendarDay.objects.filter(jurisdiction=jurisdiction).order_by("number"))
    last = {row.day: row for row in rows}
    changes = (
        DayChange(row.day, row.kind, row.opens, row.closes)  # type: ignore[arg-type]
        for row in last.values()
        if row.kind != "usual"
    )
    return (rows[-1].number if rows else 0), tuple(changes)


def calendar_days(jurisdiction: Jurisdiction, limit: int = 100) -> list[CalendarDay]:
    """What the office has said of its own days, the latest version first."""
    return list(CalendarDay.objects.filter(jurisdiction=jurisdiction).order_by("-number")[:limit])


def local_day(jurisdiction: Jurisdiction, moment: datetime) -> date:
    """The day of a moment where the jurisdiction is."""
    return moment.astimezone(ZoneInfo(jurisdiction.zone)).date()


def named_places(jurisdiction: Jurisdiction, limit: int = 500) -> list[Place]:
    """The office's named places by code, at most `limit`."""
    found: list[Place] = _keep(
        ("named places", jurisdiction.pk, limit),
        lambda: list(Place.objects.filter(jurisdiction=jurisdiction).order_by("code")[:limit]),
    )
    return found


def place_points(jurisdiction: Jurisdiction) -> dict[str, tuple[float, float]]:
    """Longitude and latitude (degrees) of each named place, by its code."""
    rows = Place.objects.filter(jurisdiction=jurisdiction).values_list("code", "lon", "lat")
    return {code: (lon, lat) for code, lon, lat in rows}
