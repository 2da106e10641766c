"""What really came: the published requests of a demo folder, or an office's own cases. No words, no people."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places.public import Jurisdiction, all_areas, calendar_of, local_day
from gongzhi.kernel.calendar import WorkCalendar, due_at, workdays_between
from gongzhi.site.simulating.scenario import Line, Scenario, line_for, nearest, read_lines
from gongzhi_analysis.process.queueing import Arrival

NO_LINE = "(no line)"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Came:
    """A matter that came: when, what it was about, the codes of its areas from the smallest up."""

    at: datetime
    category: str
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class History:
    """What came, on which calendar, by which list, and words on where it is from."""

    source: str
    came: tuple[Came, ...]
    calendar: WorkCalendar
    lines: tuple[Line, ...]


def of_folder(folder: Path) -> History:
    """A demo territory with published requests, as demo/boston."""
    about, office, types = (
        tomllib.loads((folder / name).read_text(encoding="utf-8"))
        for name in ("dataset.toml", "jurisdiction.toml", "categories.toml")
    )
    zone = ZoneInfo(about["file"]["zone"])
    known = about.get("neighborhoods", {})
    table = pq.read_table(folder / about["file"]["name"], columns=["open_dt", "type", "neighborhood"])
    came = tuple(
        Came(
            row["open_dt"].replace(tzinfo=zone).astimezone(UTC),
            types["types"][row["type"]],
            (known[row["neighborhood"]],) if row["neighborhood"] in known else (),
        )
        for row in table.to_pylist()
    )
    shape = Jurisdiction(zone=office["zone"], calendar=office["calendar"], packs=office["packs"])
    source = f"{about['file']['publisher']}, {about['file']['name']}"
    return History(source, came, calendar_of(shape), read_lines(folder / "power_list.toml"))


def of_office(jurisdiction: Jurisdiction, since: date | None = None, until: date | None = None) -> History:
    """The cases that an office opened between two days, both included; joined ones are left out."""
    rows = cases.visible_cases(visible_to=SYSTEM, jurisdiction=jurisdiction).exclude(state=cases.State.MERGED)
    above = _lines_of_areas(jurisdiction)
    found = []
    values = rows.order_by("opened_at", "pk").values_list("opened_at", "category", "area_id")
    for at, category, area_id in values.iterator(chunk_size=2000):
        day = local_day(jurisdiction, at)
        if (since is None or since <= day) and (until is None or day <= until):
            found.append(Came(at, category, above.get(area_id, ())))
    return History(
        f"office {jurisdiction.code}", tuple(found), calendar_of(jurisdiction), _lines_in_use(jurisdiction)
    )


def _lines_of_areas(jurisdiction: Jurisdiction) -> Mapping[int | None, tuple[str, ...]]:
    areas = {area.pk: area for area in all_areas(jurisdiction)}
    found: dict[int | None, tuple[str, ...]] = {}
    for area in areas.values():
        line, here = [area.code], areas.get(area.parent_id or 0)
        while here is not None and here.code not in line:
            line.append(here.code)
            here = areas.get(here.parent_id or 0)
        found[area.pk] = tuple(line)
    return found


def _lines_in_use(jurisdiction: Jurisdiction) -> tuple[Line, ...]:
    rows = (
        dispatch.power_items(jurisdiction)
        .filter(lead_unit__active=True, valid_to=None)
        .order_by("rank", "pk")
    )
    return tuple(
        Line(
            category=item.category,
            lead=item.lead_unit.code,
            amount=item.amount,
            unit=item.time_unit,  # type: ignore[arg-type]
            area=item.area.code if item.area else "",
        )
        for item in rows
    )


class WorkAxis:
    """Real moments as working hours since the first day: nights, weekends and holidays are simply not there."""

    def __init__(self, calendar: WorkCalendar, first: date) -> None:
        self._calendar = calendar
        self._before = first - DAY
        day = datetime.combine(first, calendar.opens)
        self._per_day = (datetime.combine(first, calendar.closes) - day) / timedelta(hours=1)
        # Many matters share a day: its place on the axis is counted once.
        self._begin = lru_cache(maxsize=4096)(self._count)

    def _count(self, day: date) -> tuple[float, bool]:
        worked = workdays_between(self._before, day - DAY, self._calendar)
        return worked * self._per_day, self._calendar.is_workday(day)

    def hours(self, moment: datetime) -> float:
        """Where the moment stands; one outside office hours stands at the next opening."""
        local = moment.astimezone(self._calendar.zone_info)
        begin, worked = self._begin(local.date())
        if not worked:
            return begin
        opened = datetime.combine(local.date(), self._calendar.opens)
        passed = (local.replace(tzinfo=None) - opened) / timedelta(hours=1)
        return begin + min(max(passed, 0.0), self._per_day)


def arrivals_of(history: History, scenario: Scenario) -> list[Arrival]:
    """The matters as the model takes them: unit by the scenario's list or the office's, deadline by the same."""
    if not history.came:
        return []
    calendar = history.calendar
    axis = WorkAxis(calendar, min(c.at for c in history.came).astimezone(calendar.zone_info).date())
    lines = scenario.lines or history.lines
    holding = lru_cache(maxsize=None)(lambda category, areas: line_for(lines, category, areas))
    # Counted in days a deadline depends on the day alone, so it is counted once for each.
    dues: dict[tuple[object, ...], float] = {}
    found = []
    for came in history.came:
        line = holding(came.category, came.areas)
        given = nearest(scenario.deadline, came.category) or (line.deadline() if line else None)
        due = None
        if given is not None:
            when = came.at if given.unit == "hour" else came.at.astimezone(calendar.zone_info).date()
            key = (when, given.amount, given.unit)
            if key not in dues:
                dues[key] = axis.hours(due_at(came.at, given.promise(), calendar))
            due = dues[key]
        found.append(Arrival(axis.hours(came.at), line.lead if line else NO_LINE, came.category, due))
    return found
