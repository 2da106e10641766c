"""What units lend each other: what there is, who is near and free now, who has it when, booking it."""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gongzhi.apps.actors.public import Unit, units
from gongzhi.apps.dispatch.resources import public as resources
from gongzhi.apps.dispatch.resources.public import Entry, Near, Resource
from gongzhi.apps.places.public import Place
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.pages.sharing.forms import KIND_NAMES, WEEKDAYS, BookingForm, ResourceForm

PAST_SHOWN: Final = timedelta(days=1)


def _near(request: PageRequest, now: datetime) -> tuple[Place | None, list[Near]]:
    text = request.GET.get("place", "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        return None, []
    place = Place.objects.filter(jurisdiction=request.jurisdiction, pk=int(text)).first()
    if place is None:
        return None, []
    found = resources.can_help_now(
        visible_to=request.actor,
        jurisdiction=request.jurisdiction,
        lon=place.lon,
        lat=place.lat,
        at=now,
        skill=request.GET.get("skill", "")[:40],
    )
    return place, found


def _list_context(request: PageRequest) -> dict[str, Any]:
    place, near = _near(request, clock.now())
    found = list(resources.resources(visible_to=request.actor, jurisdiction=request.jurisdiction))
    return {
        "found": [(KIND_NAMES[r.kind], r) for r in found],
        "near": near,
        "place": place,
        "skill": request.GET.get("skill", ""),
        "skills": sorted({skill.skill for r in found for skill in r.skills.all()}),
        "places": Place.objects.filter(jurisdiction=request.jurisdiction).order_by("code"),
        "form": ResourceForm(jurisdiction=request.jurisdiction)
        if request.actor.may("manage_setup")
        else None,
    }


@needs("handle_task", "decide_case", "manage_setup")
@require_GET
def lending(request: PageRequest) -> HttpResponse:
    """All that is lent, and what can help near a place now."""
    return render(request, "sharing/lending.html", _list_context(request))


@needs("manage_setup")
@require_POST
def lending_add(request: PageRequest) -> HttpResponse:
    """Add something that a unit lends, or change it by its code."""
    form = ResourceForm(request.POST, jurisdiction=request.jurisdiction)
    if form.is_valid():
        data = form.cleaned_data
        place = data["place"]
        resources.save_resource(
            jurisdiction=request.jurisdiction,
            code=data["code"],
            kind=data["kind"],
            unit=data["unit"],
            names=dict.fromkeys(request.jurisdiction.languages, data["name"]),
            lon=place.lon if place else None,
            lat=place.lat if place else None,
            hours=form.hours(),
            phone_share=data["phone_share"],
            skills=data["skills"],
            by=request.actor.ref,
            at=clock.now(),
        )
        messages.success(request, _("Saved."))
        return redirect("lending", j=request.jurisdiction.code)
    return render(request, "sharing/lending.html", _list_context(request) | {"form": form}, status=409)


def _resource(request: PageRequest, code: str) -> Resource:
    rows = resources.resources(visible_to=request.actor, jurisdiction=request.jurisdiction)
    found = rows.filter(code=code).select_related("jurisdiction").first()
    if found is None:
        raise Http404(code)
    return found


def _for_units(request: PageRequest) -> list[Unit]:
    """For which units this person books: the own ones, any for who decides cases."""
    rows = units(request.jurisdiction)
    return list(rows if request.actor.may("decide_case") else rows.filter(pk__in=request.actor.unit_ids))


def _one(request: PageRequest, resource: Resource, **more: Any) -> dict[str, Any]:
    now = clock.now()
    choices = _for_units(request)
    first = {"unit": choices[0].pk} if choices else {}
    hours = [(name, resource.hours.get(key, [])) for key, name in WEEKDAYS] if resource.hours else []
    return {
        "resource": resource,
        "kind": KIND_NAMES[resource.kind],
        "hours": hours,
        "bookings": resources.bookings_of(resource, since=now - PAST_SHOWN),
        "form": BookingForm(units=choices, initial=first) if choices else None,
        "may_cancel_all": request.actor.may("decide_case"),
        "own": request.actor.unit_ids,
        "takes_calls": request.actor.may("file_for_others"),
        **more,
    }


@needs("handle_task", "decide_case", "manage_setup")
@require_GET
def lending_one(request: PageRequest, resource: str) -> HttpResponse:
    """One thing that is lent: where, when it is open, who has it when."""
    return render(request, "sharing/one.html", _one(request, _resource(request, resource)))


@needs("handle_task", "decide_case")
@require_POST
def lending_book(request: PageRequest, resource: str) -> HttpResponse:
    """Book it. A refusal shows the page again with what was typed."""
    found = _resource(request, resource)
    form = BookingForm(request.POST, units=_for_units(request))
    if not form.is_valid():
        return render(request, "sharing/one.html", _one(request, found, form=form), status=409)
    starts, ends = form.span(ZoneInfo(request.jurisdiction.zone))
    data = form.cleaned_data
    try:
        made = resources.book(
            resource=found,
            unit=data["unit"],
            starts=starts,
            ends=ends,
            purpose=data["purpose"],
            by_phone=data["by_phone"],
            every=data["every"] or 0,
            until=data["until"],
            by=request.actor,
            at=clock.now(),
        )
    except GongzhiError as error:
        more = {"form": form, "error": error, "error_hint": error.what_to_do()}
        return render(request, "sharing/one.html", _one(request, found, **more), status=409)
    messages.success(request, _("Booked: %(n)d times.") % {"n": len(made)} if len(made) > 1 else _("Booked."))
    return redirect("lending_one", j=request.jurisdiction.code, resource=found.code)


@needs("handle_task", "decide_case")
@require_POST
def lending_cancel(request: PageRequest, resource: str) -> HttpResponse:
    """Give up a booking, or all of its series that are still to come."""
    found, now = _resource(request, resource), clock.now()
    text = request.POST.get("booking", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    booking = resources.booking_by_id(found, number)
    try:
        if booking is None:
            raise resources.BookingError(
                _("There is no such booking any more."), hint=_("Perhaps somebody has cancelled it.")
            )
        chosen = resources.of_series(booking, now) if request.POST.get("series") else [booking]
        resources.cancel(bookings=chosen, by=request.actor, at=now)
        messages.success(request, _("Cancelled."))
    except GongzhiError as error:
        messages.error(request, f"{error} {error.what_to_do()}")
    return redirect("lending_one", j=request.jurisdiction.code, resource=found.code)


@needs("handle_task", "decide_case", "manage_setup")
@require_GET
def lending_calendar(request: PageRequest, resource: str) -> HttpResponse:
    """The bookings as a calendar file: which unit has it when. No purpose is in it."""
    found, lang = _resource(request, resource), get_language() or "zh-hans"
    entries = [
        Entry(
            key=f"booking-{booking.pk}@{request.jurisdiction.code}.gongzhi",
            starts=booking.starts_at,
            ends=booking.ends_at,
            title=f"{found.name_in(lang)}: {booking.unit.name_in(lang)}",
            stamped=booking.at,
        )
        for booking in resources.bookings_of(found, since=clock.now() - PAST_SHOWN)
    ]
    text = resources.calendar_file(found.name_in(lang), entries)
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{found.code}.ics"'
    return answer
