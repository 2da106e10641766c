"""An area ends on a day and new ones begin: old cases lie in old areas, new ones in new areas."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from shapely.errors import ShapelyError
from shapely.geometry import shape

from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.actions import save_area
from gongzhi.apps.places.events import AreaEnded
from gongzhi.apps.places.models import Area, Jurisdiction, Place
from gongzhi.apps.places.queries import area_at, forget_kept, local_day
from gongzhi.kernel import events
from gongzhi.kernel.errors import GongzhiError

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_NEW: Final = 200
CODE_LENGTH: Final = 60


class AreaError(GongzhiError):
    """Areas that cannot be changed in this way, or a file of outlines that cannot be read."""


@dataclass(frozen=True)
class NewArea:
    """An area that begins: short code, kind, names by language, outline as GeoJSON in degrees."""

    code: str
    kind: str
    names: Mapping[str, str]
    geometry: Mapping[str, Any]


def read_new_areas(content: bytes) -> list[NewArea]:
    """The areas of a GeoJSON file: each feature with `code`, `kind` and `names`. AreaError says what is wrong."""
    try:
        features = json.loads(content.decode("utf-8-sig"))["features"]
        found = [_new_area(number, feature) for number, feature in enumerate(features, 1)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AreaError(
            _("This is no file of outlines."), hint=_("Choose a GeoJSON file with a list of features.")
        ) from error
    if not 1 <= len(found) <= MAX_NEW:
        raise AreaError(
            ngettext("The file holds %(n)d area.", "The file holds %(n)d areas.", len(found))
            % {"n": len(found)},
            hint=_("It must hold the areas that begin, at least one and at most %(max)d.") % {"max": MAX_NEW},
        )
    if len({new.code for new in found}) < len(found):
        raise AreaError(
            _("Two areas of the file have the same short code."), hint=_("Give each a code of its own.")
        )
    return found


def _new_area(number: int, feature: Mapping[str, Any]) -> NewArea:
    about, geometry = feature["properties"], feature["geometry"]
    code, kind, names = about["code"], about["kind"], about["names"]
    right = isinstance(code, str) and isinstance(kind, str) and isinstance(names, dict) and names
    if (
        not right
        or not 0 < len(code) <= CODE_LENGTH
        or len(kind) > 30
        or not all(map(_is_name, names.values()))
    ):
        raise AreaError(
            _("Feature %(n)d lacks its code, kind or names.") % {"n": number},
            hint=_("Write them into its properties, as in demo/xingfu/areas.geojson."),
        )
    try:
        outline = shape(dict(geometry))
        good = outline.geom_type in {"Polygon", "MultiPolygon"} and outline.is_valid and not outline.is_empty
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        good = False
    if not good:
        raise AreaError(
            _("The outline of feature %(n)d is not a sound polygon.") % {"n": number},
            hint=_("Mend it in the program that made the file: no line may cross another."),
        )
    return NewArea(code, kind, names, geometry)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 80


def _check(area: Area, first_day: date, new: Sequence[NewArea]) -> None:
    if area.valid_to is not None and area.valid_to < first_day:
        raise AreaError(_("This area has ended already."), hint=_("Choose an area that is valid."))
    if area.valid_from is not None and area.valid_from >= first_day:
        raise AreaError(
            _("The area itself begins on that day or later."), hint=_("Choose a later first day.")
        )
    taken = Area.objects.filter(jurisdiction=area.jurisdiction, code__in=[n.code for n in new])
    taken = taken.exclude(code=area.code)
    if (other := taken.first()) is not None:
        raise AreaError(
            _("There is an area with the code %(code)s already.") % {"code": other.code},
            hint=_("Give the new area another code."),
        )
    if area.geometry:
        old = shape(json.loads(area.geometry))
        if any(not shape(dict(n.geometry)).intersects(old) for n in new):
            raise AreaError(
                _("A new area does not touch the one that ends."),
                hint=_("Check that the file holds longitude and latitude in degrees, longitude first."),
            )


@transaction.atomic
def split_area(*, area: Area, first_day: date, new: Sequence[NewArea], by: str, at: datetime) -> list[Area]:
    """End an area the day before `first_day` and begin new ones; areas below it go on below the one they lie in.

    Raises AreaError where the days or codes do not fit. Cases are placed anew by whoever hears of AreaEnded.
    """
    _check(area, first_day, new)
    office = area.jurisdiction
    last_day = first_day - timedelta(days=1)
    below = {area.pk: list(Area.objects.filter(parent=area))}
    Area.objects.filter(pk=area.pk).update(valid_to=last_day)
    ledger.record(
        tree=office.code,
        kind="places.area_ended",
        subject=f"area:{area.pk}",
        by=by,
        at=at,
        fields={"last_day": last_day.isoformat(), "followed_by": len(new)},
    )
    begun = [
        save_area(
            jurisdiction=office,
            code=n.code,
            kind=n.kind,
            names=n.names,
            parent=area.parent,
            geometry=n.geometry,
            valid_from=first_day,
            by=by,
            at=at,
        )
        for n in new
    ]
    _renew_below(below[area.pk], begun, first_day, by, at)
    forget_kept()
    events.publish(AreaEnded(jurisdiction=office.code, at=at, area_id=area.pk))
    return begun


def _renew_below(
    children: Sequence[Area], parents: Sequence[Area], first_day: date, by: str, at: datetime
) -> None:
    """The same areas again, from the first day on, below the new area that each lies in; then those below them."""
    for child in children:
        if not child.geometry or (child.valid_to is not None and child.valid_to < first_day):
            continue
        middle = shape(json.loads(child.geometry)).representative_point()
        parent = next((p for p in parents if shape(json.loads(p.geometry)).intersects(middle)), None)
        if parent is None:
            continue
        grandchildren = list(Area.objects.filter(parent=child))
        again = save_area(
            jurisdiction=child.jurisdiction,
            code=child.code,
            kind=child.kind,
            names=child.names,
            parent=parent,
            geometry=json.loads(child.geometry),
            valid_from=first_day,
            by=by,
            at=at,
        )
        _renew_below(grandchildren, [again], first_day, by, at)


def areas_after(area: Area) -> list[Area]:
    """The areas that began on the day after an ended one, beside it."""
    if area.valid_to is None:
        return []
    rows = Area.objects.filter(
        jurisdiction=area.jurisdiction, parent=area.parent, valid_from=area.valid_to + timedelta(days=1)
    )
    return list(rows.order_by("code"))


def has_ended(area: Area | None, on: date) -> bool:
    """Whether the area's last day lies before `on`."""
    return area is not None and area.valid_to is not None and area.valid_to < on


def replace_places(*, jurisdiction: Jurisdiction, at: datetime) -> int:
    """Named places of areas that have ended lie in the area that holds their point now. Returns how many moved."""
    today, moved = local_day(jurisdiction, at), 0
    for place in Place.objects.filter(jurisdiction=jurisdiction, area__valid_to__lt=today).order_by("pk"):
        area = area_at(jurisdiction, place.lon, place.lat, on=today)
        if area is not None and area.pk != place.area_id:
            Place.objects.filter(pk=place.pk).update(area=area)
            moved += 1
    if moved:
        forget_kept()
    return moved
