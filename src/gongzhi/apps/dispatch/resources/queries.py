"""Reads: what is lent, who is near and free now, who has it when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.dispatch.resources import rules
from gongzhi.apps.dispatch.resources.models import BookedQuarter, Booking, Resource
from gongzhi.apps.places.public import Jurisdiction, box_around, metres_between

NEAR_METRES = 2_000
MOST_NEAR = 50
MOST_BOOKINGS = 500
_STAFF = ("handle_task", "decide_case", "manage_setup")


def resources(*, visible_to: Actor, jurisdiction: Jurisdiction) -> QuerySet[Resource]:
    """What is lent in the office, by kind and code; for its staff."""
    rows = Resource.objects.filter(jurisdiction=jurisdiction, active=True)
    if not visible_to.works_in(jurisdiction.pk) or not any(visible_to.may(p) for p in _STAFF):  # type: ignore[arg-type]
        return rows.none()
    return rows.select_related("unit").prefetch_related("skills").order_by("kind", "code")


@dataclass(frozen=True)
class Near:
    """Something that is open and free now, and how far it is in metres."""

    resource: Resource
    metres: float


def can_help_now(
    *,
    visible_to: Actor,
    jurisdiction: Jurisdiction,
    lon: float,
    lat: float,
    at: datetime,
    metres: float = NEAR_METRES,
    skill: str = "",
) -> list[Near]:
    """What is open and not booked at the moment within `metres` of a point (degrees), the nearest first.

    Two statements and those of the skills, whatever there is.
    """
    box = box_around(lon, lat, metres)
    rows = resources(visible_to=visible_to, jurisdiction=jurisdiction).filter(
        lon__gte=box.min_lon, lon__lte=box.max_lon, lat__gte=box.min_lat, lat__lte=box.max_lat
    )
    rows = rows.filter(skills__skill=skill) if skill else rows
    quarter = rules.quarters(at, at + rules.QUARTER).start
    taken = set(
        BookedQuarter.objects.filter(resource__in=rows.order_by(), quarter=quarter).values_list(
            "resource_id", flat=True
        )
    )
    zone = ZoneInfo(jurisdiction.zone)
    found = [
        Near(resource, metres_between(lon, lat, resource.lon, resource.lat))
        for resource in rows
        if resource.pk not in taken
        and resource.lon is not None
        and resource.lat is not None
        and rules.is_open(resource.hours, at, at + timedelta(minutes=1), zone)
    ]
    near = sorted((n for n in found if n.metres <= metres), key=lambda n: (n.metres, n.resource.pk))
    return near[:MOST_NEAR]


def bookings_of(resource: Resource, *, since: datetime, until: datetime | None = None) -> list[Booking]:
    """Who has it from when to when, cancelled ones left out; by time, 500 at the most."""
    rows = Booking.objects.filter(resource=resource, cancelled_at=None, ends_at__gt=since)
    rows = rows.filter(starts_at__lt=until) if until is not None else rows
    return list(rows.select_related("unit").order_by("starts_at", "pk")[:MOST_BOOKINGS])


def booking_by_id(resource: Resource, booking_id: int) -> Booking | None:
    """A booking of it that still stands."""
    return Booking.objects.filter(resource=resource, pk=booking_id, cancelled_at=None).first()


def of_series(booking: Booking, since: datetime) -> Sequence[Booking]:
    """The bookings of the same series that are still to come, this one included."""
    if booking.series is None:
        return [booking]
    rows = Booking.objects.filter(series=booking.series, cancelled_at=None, starts_at__gte=since)
    return list(rows.order_by("starts_at"))
