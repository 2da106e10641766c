"""Writes: jurisdictions, areas, named places. Each change leaves a ledger entry."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from shapely.geometry import shape

from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.models import Area, Jurisdiction, Place
from gongzhi.apps.places.queries import forget_kept


@transaction.atomic
def save_jurisdiction(*, code: str, values: Mapping[str, Any], by: str, at: datetime) -> Jurisdiction:
    """Create or change a jurisdiction; `values` are its fields by name."""
    jurisdiction, _ = Jurisdiction.objects.update_or_create(code=code, defaults=dict(values))
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
    area, _ = Area.objects.update_or_create(
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
    place, _ = Place.objects.update_or_create(
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
