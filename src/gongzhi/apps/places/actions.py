"""Writes: jurisdictions, areas, named places. Each change leaves a ledger entry."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from shapely.geometry import shape

from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.events import CalendarChanged
from gongzhi.apps.places.models import Area, CalendarDay, Jurisdiction, Place
from gongzhi.apps.places.queries import forget_kept, local_day
from gongzhi.kernel import events
from gongzhi.kernel.calendar import DayChange
from gongzhi.kernel.errors import GongzhiError

DAYS_BACK: Final = 30
DAYS_AHEAD: Final = 800


class CalendarDayError(GongzhiError):
    """A day of the office's own that cannot be said so."""


@transaction.atomic
def save_jurisdiction(*, code: str, values: Mapping[str, Any], by: str, at: datetime) -> Jurisdiction:
    """Create or change a jurisdiction; `values` are its fields by name."""
    jurisdiction, _made = Jurisdiction.objects.update_or_create(code=code, defaults=dict(values))
    ledger.record(
        tree=code, kind="places.jurisdiction_saved", subject=f"jurisdiction:{jurisdiction.pk}", by=by, at=at
    )
    forget_kept()
    return jurisdiction


@transaction.atomic
def save_area(
    *,
    jurisdiction: Jurisdiction,
    code: str,
    kind: str,
    names: Mapping[str, str],
    by: str,
    at: datetime,
    parent: Area | None = None,
    geometry: Mapping[str, Any] | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Area:
    """Create or change an area. Its box is taken from its geometry (GeoJSON, degrees).

    With a later first day it is a new row, and the area of that code that held until then ends the day before;
    `valid_to` is its last day.
    """
    values: dict[str, Any] = {"kind": kind, "names": dict(names), "parent": parent}
    if geometry is not None:
        box = shape(dict(geometry)).bounds
        values |= {"geometry": json.dumps(geometry, separators=(",", ":"))}
        values |= dict(zip(("min_lon", "min_lat", "max_lon", "max_lat"), box, strict=True))
    if valid_to is not None:
        values["valid_to"] = valid_to
    area, _made = Area.objects.update_or_create(
        jurisdiction=jurisdiction, code=code, valid_from=valid_from, defaults=values
    )
    if valid_from is not None:
        before = Area.objects.filter(jurisdiction=jurisdiction, code=code, valid_to=None).exclude(pk=area.pk)
        before = before.filter(Q(valid_from=None) | Q(valid_from__lt=valid_from))
        before.update(valid_to=valid_from - timedelta(days=1))
    ledger.record(
        tree=jurisdiction.code,
        kind="places.area_saved",
        subject=f"area:{area.pk}",
        by=by,
        at=at,
        fields={"code": code, "kind": kind},
    )
    forget_kept()
    return area


@transaction.atomic
def save_place(
    *,
    jurisdiction: Jurisdiction,
    code: str,
    names: Mapping[str, str],
    lon: float,
    lat: float,
    by: str,
    at: datetime,
    kind: str = "",
    aliases: Sequence[str] = (),
    area: Area | None = None,
) -> Place:
    """Create or change a named place of the office's gazetteer."""
    place, _made = Place.objects.update_or_create(
        jurisdiction=jurisdiction,
        code=code,
        defaults={
            "names": dict(names),
            "lon": lon,
            "lat": lat,
            "kind": kind,
            "aliases": list(aliases),
            "area": area,
        },
    )
    ledger.record(
        tree=jurisdiction.code, kind="places.place_saved", subject=f"place:{place.pk}", by=by, at=at
    )
    forget_kept()
    return place


def check_calendar_day(*, jurisdiction: Jurisdiction, change: DayChange, at: datetime) -> None:
    """CalendarDayError for a day far away, or a half-day without its hours."""
    today = local_day(jurisdiction, at)
    if not today - timedelta(days=DAYS_BACK) <= change.day <= today + timedelta(days=DAYS_AHEAD):
        raise CalendarDayError(
            _("This day is too far away."), hint=_("Choose a day of the last month or of the next two years.")
        )
    if change.kind == "half" and not (change.opens and change.closes and change.opens < change.closes):
        raise CalendarDayError(
            _("The hours of the half-day are missing."), hint=_("Write from when to when the office works.")
        )


@transaction.atomic
def save_calendar_day(
    *, jurisdiction: Jurisdiction, change: DayChange, reason: str, source: str, by: str, at: datetime
) -> CalendarDay:
    """Say that the office is closed on a day, works half of it, or works as usual again: a new version of its calendar.

    Open cases are counted anew by the worker. CalendarDayError without reason and source, or for a day far away.
    """
    check_calendar_day(jurisdiction=jurisdiction, change=change, at=at)
    if not reason.strip() or not source.strip():
        raise CalendarDayError(
            _("Reason or source is missing."), hint=_("Write why, and where it was decided or published.")
        )
    Jurisdiction.objects.select_for_update(of=("self",)).get(
        pk=jurisdiction.pk
    )  # one version after the other
    last = CalendarDay.objects.filter(jurisdiction=jurisdiction).aggregate(last=Max("number"))["last"] or 0
    half = change.kind == "half"
    row = CalendarDay.objects.create(
        jurisdiction=jurisdiction,
        number=last + 1,
        day=change.day,
        kind=change.kind,
        opens=change.opens if half else None,
        closes=change.closes if half else None,
        reason=reason.strip()[:200],
        source=source.strip()[:300],
        by_ref=by,
        at=at,
    )
    fields: dict[str, str | int] = {"version": row.number, "day": row.day.isoformat(), "kind": row.kind}
    ledger.record(
        tree=jurisdiction.code,
        kind="places.calendar_changed",
        subject=f"jurisdiction:{jurisdiction.pk}",
        by=by,
        at=at,
        fields=fields,
        texts={"reason": row.reason, "source": row.source},
    )
    events.publish(CalendarChanged(jurisdiction=jurisdiction.code, at=at, number=row.number))
    transaction.on_commit(forget_kept)
    forget_kept()
    return row
