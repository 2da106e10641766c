"""One table of figures with its period, its base and what each column means; also as a CSV file."""

import csv
import io
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import units
from gongzhi.apps.openness.public import GROUPINGS, MIN_FOR_MEDIAN, FigureRow, figures
from gongzhi.apps.places.public import areas
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import clock
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.cells import safe_cell

DEFAULT_DAYS = 28


def _day(text: str, default: date) -> date:
    try:
        return parse_date(text) or default
    except ValueError:
        return default


def _span(request: PageRequest, now: datetime) -> tuple[date, date]:
    """The period asked for, both days included; the last four weeks of data if none is."""
    zone = ZoneInfo(request.jurisdiction.zone)
    last = _day(request.GET.get("until", ""), now.astimezone(zone).date())
    first = _day(request.GET.get("since", ""), last - timedelta(days=DEFAULT_DAYS - 1))
    return min(first, last), max(first, last)


def group_name(request: PageRequest, by: str, names: dict[str, str], group: str) -> str:
    """What the first column says for a group."""
    if by == "week":
        return group
    return names.get(group) or (group if group else _("not known"))


def _names(request: PageRequest, by: str) -> dict[str, str]:
    lang = get_language() or "zh-hans"
    if by == "area":
        return {str(a.pk): a.name_in(lang) for a in areas(request.jurisdiction)}
    if by == "unit":
        return {str(u.pk): u.name_in(lang) for u in units(request.jurisdiction, active_only=False)}
    if by == "category":
        tree = understanding.categories(request.jurisdiction)
        return {key: tree.label(key, lang) for key in tree}
    return {}


@needs("see_figures")
def figure_table(request: PageRequest) -> HttpResponse:
    """The table by category, area, unit or week."""
    now = clock.now()
    by = request.GET.get("by", "category")
    by = by if by in GROUPINGS else "category"
    since, until = _span(request, now)
    zone = ZoneInfo(request.jurisdiction.zone)
    rows = figures(
        visible_to=request.actor,
        jurisdiction=request.jurisdiction,
        since=datetime.combine(since, time(), zone),
        until=datetime.combine(until + timedelta(days=1), time(), zone),
        by=by,
        at=now,
    )
    names = _names(request, by)
    named = [(group_name(request, by, names, row.group), row) for row in rows]
    if request.GET.get("format") == "csv":
        return _as_csv(named, by, since, until)
    context = {
        "rows": named,
        "total": sum(row.cases for row in rows),
        "by": by,
        "groupings": GROUPINGS,
        "since": since,
        "until": until,
        "made_at": now,
        "min_for_median": MIN_FOR_MEDIAN,
        "largest": max((row.cases for row in rows), default=0),
    }
    return render(request, "leader/figures.html", context)


def _as_csv(rows: list[tuple[str, FigureRow]], by: str, since: date, until: date) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out)
    columns = [
        "cases", "open", "answered", "closed", "solved", "reopened", "late", "hours_to_contact", "contact_base",
        "hours_to_resolution", "resolution_base",
    ]  # fmt: skip
    writer.writerow([by, *columns])
    for name, row in rows:
        values = [getattr(row, column) for column in columns]
        writer.writerow([safe_cell(name), *("" if v is None else v for v in values)])
    # A byte-order mark, so that spreadsheet programs read Chinese right.
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="figures_{by}_{since}_{until}.csv"'
    return response
