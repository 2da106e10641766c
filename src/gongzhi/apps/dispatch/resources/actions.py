"""Writes: what is lent, and who has it when. One transaction each, with the ledger entry inside."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.dispatch.resources import rules
from gongzhi.apps.dispatch.resources.models import BookedQuarter, Booking, Resource, TeamSkill
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel.errors import GongzhiError


class BookingError(GongzhiError):
    """Something that cannot be booked."""


@transaction.atomic
def save_resource(
    *,
    jurisdiction: Jurisdiction,
    code: str,
    kind: str,
    unit: Unit,
    names: Mapping[str, str],
    by: str,
    at: datetime,
    lon: float | None = None,
    lat: float | None = None,
    hours: rules.Hours | None = None,
    phone_share: int = 0,
    skills: Mapping[str, int] | None = None,
    active: bool = True,
) -> Resource:
    """Create or change what a unit lends. `phone_share`: percent; `skills`: people who offered each, 3 or more."""
    few = [skill for skill, people in (skills or {}).items() if people < rules.FEWEST_SHOWN]
    if few:
        raise BookingError(
            _("A skill of fewer than %(n)d people would say who they are.") % {"n": rules.FEWEST_SHOWN},
            hint=_("Leave it out, or put several skills together."),
        )
    if kind not in rules.KINDS or not 0 <= phone_share <= 100:
        raise BookingError(
            _("The kind or the share is not possible."), hint=_("Choose a kind; a share is from 0 to 100.")
        )
    values = {"kind": kind, "unit": unit, "names": dict(names), "lon": lon, "lat": lat}
    values |= {"hours": dict(hours or {}), "phone_share": phone_share, "active": active}
    found, _made = Resource.objects.update_or_create(jurisdiction=jurisdiction, code=code, defaults=values)
    found.skills.all().delete()
    TeamSkill.objects.bulk_create(
        TeamSkill(resource=found, skill=skill, people=people) for skill, people in (skills or {}).items()
    )
    _record(found, "dispatch.resource_saved", by, at, {"code": code, "kind": kind, "unit": unit.pk})
    return found


def _record(resource: Resource, kind: str, by: str, at: datetime, fields: dict[str, str | int]) -> None:
    tree, subject = resource.jurisdiction.code, f"resource:{resource.pk}"
    ledger.record(tree=tree, kind=kind, subject=subject, by=by, at=at, fields=fields)


@transaction.atomic
def book(
    *,
    resource: Resource,
    unit: Unit,
    starts: datetime,
    ends: datetime,
    purpose: str,
    by: Actor,
    at: datetime,
    by_phone: bool = False,
    every: int = 0,
    until: date | None = None,
) -> list[Booking]:
    """Book it for a unit, `every` so many weeks until a day; all of the series or nothing.

    BookingError where it is taken, closed, past, or where the week's share for the pages is used up: what is kept for
    the telephone is booked only `by_phone`, by who may file for others.
    """
    # Held until the end, so that the share is counted by one booking at a time.
    held = Resource.objects.select_for_update(of=("self",)).select_related("jurisdiction").get(pk=resource.pk)
    zone = ZoneInfo(held.jurisdiction.zone)
    _check(held, starts, ends, purpose, zone, at)
    if by_phone and not by.may("file_for_others"):
        raise BookingError(
            _("Only who takes calls books by telephone."), hint=_("Book without it, or ask a coordinator.")
        )
    spans = rules.weekly(starts, ends, every, until, zone) if every and until else [(starts, ends)]
    series = uuid.uuid4() if len(spans) > 1 else None
    channel = "phone" if by_phone else "page"
    made = []
    for start, stop in spans:
        _check_open(held, start, stop, zone)
        values = {"resource": held, "unit": unit, "starts_at": start, "ends_at": stop, "at": at}
        booking = Booking.objects.create(
            **values, purpose=purpose.strip()[:120], channel=channel, series=series, by_ref=by.ref
        )
        _take(held, booking, zone)
        made.append(booking)
    if not by_phone:
        for week in sorted({rules.week_of(start, zone) for start, _stop in spans}):
            _check_share(held, week, zone)
    fields: dict[str, str | int] = {"unit": unit.pk, "first": made[0].pk, "bookings": len(made)}
    _record(held, "dispatch.resource_booked", by.ref, at, fields | {"channel": channel})
    return made


def _check(
    resource: Resource, starts: datetime, ends: datetime, purpose: str, zone: ZoneInfo, at: datetime
) -> None:
    if not resource.active:
        raise BookingError(_("This is not lent any more."), hint=_("Choose another one."))
    if not purpose.strip():
        raise BookingError(_("The purpose is missing."), hint=_("Say in a few words what for. No names."))
    if not (rules.on_quarter(starts) and rules.on_quarter(ends) and starts < ends <= starts + rules.LONGEST):
        raise BookingError(
            _("This time cannot be booked."),
            hint=_("From an earlier to a later quarter of an hour, one day at the longest."),
        )
    if starts < at:
        raise BookingError(_("This time is past."), hint=_("Choose a time from now on."))


def _check_open(resource: Resource, starts: datetime, ends: datetime, zone: ZoneInfo) -> None:
    if not rules.is_open(resource.hours, starts, ends, zone):
        raise BookingError(
            _("It is not open at this time: %(when)s.") % {"when": _when(starts, zone)},
            hint=_("Choose a time within the opening hours."),
        )


def _when(moment: datetime, zone: ZoneInfo) -> str:
    return date_format(moment.astimezone(zone), "DATETIME_FORMAT")


def _take(resource: Resource, booking: Booking, zone: ZoneInfo) -> None:
    wanted = rules.quarters(booking.starts_at, booking.ends_at)
    try:
        with transaction.atomic():
            BookedQuarter.objects.bulk_create(
                BookedQuarter(resource=resource, quarter=n, booking=booking) for n in wanted
            )
    except IntegrityError as error:
        raise BookingError(
            _("It is taken at this time: %(when)s.") % {"when": _when(booking.starts_at, zone)},
            hint=_("Choose another time or another one. Nothing of it was booked."),
        ) from error


def _check_share(resource: Resource, week: date, zone: ZoneInfo) -> None:
    """By quarters, in the week from that Monday, this booking included."""
    start, stop = (datetime.combine(day, time(0), tzinfo=zone) for day in (week, week + timedelta(days=7)))
    span = rules.quarters(start, stop)
    taken = BookedQuarter.objects.filter(
        resource=resource, quarter__gte=span.start, quarter__lt=span.stop, booking__channel="page"
    )
    free = rules.free_for_pages(rules.open_quarters(resource.hours, week, zone), resource.phone_share)
    if taken.count() > free:
        raise BookingError(
            _("What is left of this week is kept for those who call: %(share)d %%.")
            % {"share": resource.phone_share},
            hint=_("Choose another week, or book it by telephone."),
        )


@transaction.atomic
def cancel(*, bookings: Sequence[Booking], by: Actor, at: datetime) -> int:
    """Give up bookings of one's own unit or of what it lends, or any for who decides cases. Returns how many."""
    ids = [booking.pk for booking in bookings]
    rows = Booking.objects.select_for_update(of=("self",)).select_related("resource__jurisdiction")
    held = list(rows.filter(pk__in=ids, cancelled_at=None).order_by("pk"))
    for booking in held:
        own = {booking.unit_id, booking.resource.unit_id} & set(by.unit_ids)
        if not own and not by.may("decide_case"):
            raise BookingError(_("This booking is another unit's."), hint=_("Ask that unit to cancel it."))
        _record(booking.resource, "dispatch.booking_cancelled", by.ref, at, {"booking": booking.pk})
    BookedQuarter.objects.filter(booking__in=held).delete()
    return Booking.objects.filter(pk__in=[b.pk for b in held]).update(cancelled_at=at)
