"""One table of figures with its period, its base and what each column means; also as a CSV file."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import units
from gongzhi.apps.openness.public import GROUPINGS, MIN_FOR_MEDIAN, FigureRow, figures
from gongzhi.apps.places.public import all_areas
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import clock
from gongzhi.kernel.cells import safe_cell
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.labels import area_words, day_words
from gongzhi.site.pages.leader.handed_back import handed_back

DEFAULT_DAYS: Final = 28
YEARS: Final = range(1990, 2100)  # further off, the arithmetic of days ends
PERIODS: Final = (7, 28, 90, 365)
COUNTS: Final = ("cases", "open", "answered", "closed", "solved", "reopened", "late")


def _day(text: str, default: date) -> date:
    try:
        found = parse_date(text) or default
    except ValueError:
        return default
    return found if found.year in YEARS else default


def _span(request: PageRequest, now: datetime) -> tuple[date, date]:
    """The period asked for, both days included; the last four weeks of data if none is."""
    zone = ZoneInfo(request.jurisdiction.zone)
    last = _day(request.GET.get("until", ""), now.astimezone(zone).date())
    first = _day(request.GET.get("since", ""), last - timedelta(days=DEFAULT_DAYS - 1))
    return min(first, last), max(first, last)


def group_name(by: str, names: dict[str, str], group: str) -> str:
    """What the first column of the file says for a group; weeks by their Monday."""
    unnamed = {"category": _("category not known"), "area": _("place not known"), "unit": _("Nobody yet")}
    return group if by == "week" else names.get(group) or unnamed[by]


def _said(by: str, name: str, zone: str, now: datetime) -> str:
    """What the first column of the page says."""
    if by != "week":
        return name
    monday = _day_in_words(date.fromisoformat(name), zone, now)
    return _("week from %(day)s") % {"day": monday}


def _day_in_words(day: date, zone: str, now: datetime) -> str:
    noon = datetime.combine(day, time(12), ZoneInfo(zone))
    return day_words(noon, zone, with_time=False, now=now)


def _totals(rows: Sequence[FigureRow]) -> dict[str, int]:
    """The counts of all groups together. Medians cannot be added up and are left out."""
    return {column: sum(getattr(row, column) for row in rows) for column in COUNTS}


def _periods(by: str, since: date, until: date, today: date) -> list[tuple[int, str, bool]]:
    """Usual periods as links: how many days, the address, whether it is the one shown."""
    found = []
    for days in PERIODS:
        first = today - timedelta(days=days - 1)
        query = urlencode({"by": by, "since": first.isoformat(), "until": today.isoformat()})
        found.append((days, f"?{query}", (since, until) == (first, today)))
    return found


def _names(request: PageRequest, by: str) -> dict[str, str]:
    lang = get_language() or "zh-hans"
    if by == "area":
        return {str(a.pk): area_words(a, lang) for a in all_areas(request.jurisdiction)}
    if by == "unit":
        return {str(u.pk): u.name_in(lang) for u in units(request.jurisdiction, active_only=False)}
    if by == "category":
        tree = understanding.categories(request.jurisdiction)
        return {key: tree.label(key, lang) for key in (*tree, *tree.retired())}
    return {}


@needs("see_figures")
def figure_table(request: PageRequest) -> HttpResponse:
    """The table by category, area, unit or week."""
    now = clock.now()
    by = request.GET.get("by", "category")
    by = by if by in GROUPINGS else "category"
    since, until = _span(request, now)
    zone = ZoneInfo(request.jurisdiction.zone)
    begin, end = (
        datetime.combine(since, time(), zone),
        datetime.combine(until + timedelta(days=1), time(), zone),
    )
    rows = figures(
        visible_to=request.actor,
        jurisdiction=request.jurisdiction,
        since=begin,
        until=end,
        by=by,
        at=now,
    )
    names = _names(request, by)
    named = [(group_name(by, names, row.group), row) for row in rows]
    if request.GET.get("format") == "csv":
        return _as_csv(named, by, since, until)
    context = {
        "rows": [(_said(by, name, request.jurisdiction.zone, now), row) for name, row in named],
        "totals": _totals(rows),
        "handed_back": handed_back(request, begin, end),
        "by": by,
        "groupings": GROUPINGS,
        "since": since,
        "until": until,
        "since_words": _day_in_words(since, request.jurisdiction.zone, now),
        "until_words": _day_in_words(until, request.jurisdiction.zone, now),
        "periods": _periods(by, since, until, now.astimezone(zone).date()),
        "csv_query": urlencode({"by": by, "since": since, "until": until, "format": "csv"}),
        "made_at": now,
        "min_for_median": MIN_FOR_MEDIAN,
        "largest": max((row.cases for row in rows), default=0),
    }
    return render(request, "leader/figures.html", context)


def _as_csv(rows: list[tuple[str, FigureRow]], by: str, since: date, until: date) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out)
    columns = [*COUNTS, "hours_to_contact", "contact_base", "hours_to_resolution", "resolution_base"]
    writer.writerow([by, *columns])
    for name, row in rows:
        values = [getattr(row, column) for column in columns]
        writer.writerow([safe_cell(name), *("" if v is None else v for v in values)])
    # A byte-order mark, so that spreadsheet programs read Chinese right.
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="figures_{by}_{since}_{until}.csv"'
    return response
