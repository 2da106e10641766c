"""Set-up of what changes over time: closing a unit, ending an area, moving a person to another unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import Unit
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import PowerItem
from gongzhi.apps.places.public import area_by_id, local_day, split_area
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site import session_rules
from gongzhi.site.access import PageRequest, ask_again, needs
from gongzhi.site.pages.admin.change_forms import CloseUnitForm, SplitAreaForm


@dataclass(frozen=True)
class LyingWith:
    """What lies with a unit that is to close."""

    leads: int
    helps: int
    leading_lines: Sequence[PowerItem]
    helping_lines: Sequence[PowerItem]
    roles: Sequence[actors.Grant]
    below: Sequence[Unit]


def lying_with(unit: Unit, on: date, at: datetime) -> LyingWith:
    """Its open tasks, the lines of the power list that name it on the day or later, its people, units below it."""
    tasks = list(dispatch.tasks_with(unit).values_list("role", flat=True))
    lines = list(dispatch.lines_with(unit, on))
    return LyingWith(
        leads=tasks.count("lead"),
        helps=len(tasks) - tasks.count("lead"),
        leading_lines=[line for line in lines if line.lead_unit_id == unit.pk],
        helping_lines=[line for line in lines if line.lead_unit_id != unit.pk],
        roles=list(actors.roles_in(unit, at)),
        below=list(actors.units(unit.jurisdiction).filter(parent=unit)),
    )


def _unit(request: PageRequest, code: str) -> Unit:
    rows = actors.units(request.jurisdiction).filter(code=code)
    unit = rows.select_related("jurisdiction", "successor", "parent").first()
    if unit is None:
        raise Http404(code)
    return unit


@needs("manage_setup")
def close_unit(request: PageRequest) -> HttpResponse:
    """What lies with a unit, and the day from which it is no longer at work (`?unit=code`)."""
    unit = _unit(request, request.GET.get("unit", ""))
    now = clock.now()
    today = local_day(request.jurisdiction, now)
    form = CloseUnitForm(unit, request.POST or None, today.isoformat())
    if request.method == "POST" and form.is_valid() and _closed(request, unit, form):
        return redirect("setup_units", j=request.jurisdiction.code)
    context = {"unit": unit, "form": form, "lying": lying_with(unit, today, now)}
    return render(request, "admin/close_unit.html", context, status=400 if form.errors else 200)


def _closed(request: PageRequest, unit: Unit, form: CloseUnitForm) -> bool:
    values = form.cleaned_data
    try:
        actors.close_unit(
            unit=unit,
            on=values["closed_on"],
            successor=values["successor"],
            reason=values["reason"],
            by=request.actor.ref,
            at=clock.now(),
        )
    except GongzhiError as error:
        form.add_error(None, f"{error} {error.what_to_do()}")
        return False
    messages.success(request, _("The day was set. On it the unit closes, within a few minutes."))
    return True


@needs("manage_setup")
@require_POST
def keep_unit(request: PageRequest) -> HttpResponse:
    """Call off a closing whose day has not come."""
    unit = _unit(request, request.POST.get("unit", ""))
    try:
        actors.keep_unit(unit=unit, by=request.actor.ref, at=clock.now())
    except GongzhiError as error:
        messages.error(request, f"{error} {error.what_to_do()}")
    else:
        messages.success(request, _("The unit stays at work."))
    return redirect("setup_units", j=request.jurisdiction.code)


@needs("manage_setup")
def end_area(request: PageRequest) -> HttpResponse:
    """An area ends on a day, and the areas of a file begin (`?area=id` chooses it)."""
    j, now = request.jurisdiction, clock.now()
    initial = {"area": request.GET.get("area", ""), "first_day": local_day(j, now)}
    form = SplitAreaForm(j, request.POST or None, request.FILES, initial)
    if request.method == "POST" and form.is_valid() and _split(request, form):
        return redirect("setup_areas", j=j.code)
    return render(request, "admin/end_area.html", {"form": form}, status=400 if form.errors else 200)


def _split(request: PageRequest, form: SplitAreaForm) -> bool:
    values: dict[str, Any] = form.cleaned_data
    area = area_by_id(request.jurisdiction, int(values["area"]))
    if area is None:
        raise Http404(values["area"])
    try:
        begun = split_area(
            area=area,
            first_day=values["first_day"],
            new=values["file"],
            by=request.actor.ref,
            at=clock.now(),
        )
    except GongzhiError as error:
        form.add_error(None, f"{error} {error.what_to_do()}")
        return False
    said = ngettext(
        "The area ends, and %(n)d new one begins on that day. Open cases move by their place.",
        "The area ends, and %(n)d new ones begin on that day. Open cases move by their place.",
        len(begun),
    )
    messages.success(request, said % {"n": len(begun)})
    return True


@needs("manage_setup")
def move_role(request: PageRequest, grant_id: int) -> HttpResponseBase:
    """Give a person the same role in another unit, from this moment on."""
    now = clock.now()
    grant = actors.grants(request.jurisdiction, now).filter(pk=grant_id, unit__isnull=False).first()
    if grant is None or grant.unit_id is None:
        raise Http404(str(grant_id))
    if request.method == "POST" and not session_rules.is_fresh(request):
        return ask_again(request, request.path)
    others = actors.units(request.jurisdiction).exclude(pk=grant.unit_id)
    context: dict[str, Any] = {"grant": grant, "units": others}
    if request.method == "POST":
        chosen = request.POST.get("unit", "")
        to = others.filter(pk=int(chosen)).first() if chosen.isdigit() else None
        try:
            if to is None:
                raise actors.UnitError(
                    _("Please choose a unit."), hint=_("The unit that the person works for now.")
                )
            actors.move_person(grant=grant, to=to, by=request.actor.ref, at=now)
            if grant.user_id == request.actor.id:
                session_rules.stay(request, actors.User.objects.get(pk=grant.user_id))
        except GongzhiError as error:
            context |= {"error": error, "error_hint": error.what_to_do()}
        else:
            messages.success(
                request,
                _("The person works for the other unit now. What was done before stays with the old one."),
            )
            return redirect("setup_people", j=request.jurisdiction.code)
    return render(request, "admin/move_role.html", context, status=400 if "error" in context else 200)
