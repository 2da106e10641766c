"""Set-up: what an office consists of, and who may do what in it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongzhi.apps.actors import public as actors
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places.public import areas
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import clock
from gongzhi.kernel.calendar import Promise
from gongzhi.scenarios.loader import scenario_for
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.pages.admin.forms import PersonForm, PowerItemForm, UnitForm, area_of


@needs("manage_setup")
def setup(request: PageRequest) -> HttpResponse:
    """What can be set up, with how much of each there is."""
    j = request.jurisdiction
    context = {
        "counts": {
            "areas": len(areas(j)),
            "units": actors.units(j).count(),
            "people": actors.grants(j, clock.now()).values("user").distinct().count(),
            "power": dispatch.power_items(j).count(),
            "packs": len(j.packs),
        }
    }
    return render(request, "admin/setup.html", context)


@needs("manage_setup")
def setup_areas(request: PageRequest) -> HttpResponse:
    """The tree of areas."""
    by_parent: dict[int | None, list[Any]] = {}
    for area in areas(request.jurisdiction):
        by_parent.setdefault(area.parent_id, []).append(area)
    rows: list[tuple[int, Any]] = []

    def walk(parent: int | None, depth: int) -> None:
        for area in by_parent.get(parent, []):
            rows.append((depth, area))
            walk(area.pk, depth + 1)

    walk(None, 0)
    return render(request, "admin/areas.html", {"rows": rows})


@needs("manage_setup")
def setup_units(request: PageRequest) -> HttpResponse:
    """All units of all kinds, and a form for a new or changed one."""
    j = request.jurisdiction
    form = UnitForm(j, request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        known = actors.units(j, active_only=False).filter(code=values["code"]).first()
        names = {**(known.names if known else {}), j.default_language: values["name"]}
        area = area_of(j, values["area"])
        actors.save_unit(
            jurisdiction=j,
            code=values["code"],
            kind=values["kind"],
            names=names,
            parent=values["parent"],
            areas=[area] if area else [],
            convening=values["convening"],
            phone=values["phone"],
            by=request.actor.ref,
            at=clock.now(),
        )
        messages.success(request, _("The unit was saved."))
        return redirect("setup_units", j=j.code)
    rows = actors.units(j, active_only=False).select_related("parent").prefetch_related("areas")
    return render(
        request, "admin/units.html", {"units": rows, "form": form}, status=400 if form.errors else 200
    )


@needs("manage_setup")
def setup_people(request: PageRequest) -> HttpResponse:
    """Who holds which role for which unit and area, and a form to give one."""
    j, now = request.jurisdiction, clock.now()
    form = PersonForm(j, request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        by = request.actor.ref
        user = actors.save_user(
            username=values["username"],
            display_name=values["display_name"],
            password=values["password"] or None,
            by=by,
            at=now,
        )
        actors.grant_role(
            user=user,
            jurisdiction=j,
            role=values["role"],
            unit=values["unit"],
            area=area_of(j, values["area"]),
            by=by,
            at=now,
        )
        messages.success(request, _("The role was given."))
        return redirect("setup_people", j=j.code)
    context = {"grants": actors.grants(j, now)[:500], "form": form, "roles": actors.ROLE_PERMISSIONS}
    return render(request, "admin/people.html", context, status=400 if form.errors else 200)


@needs("manage_setup")
@require_POST
def end_role(request: PageRequest, grant_id: int) -> HttpResponse:
    """End a role now."""
    now = clock.now()
    grant = actors.grants(request.jurisdiction, now).filter(pk=grant_id).first()
    if grant is None:
        raise Http404(str(grant_id))
    actors.end_grant(grant=grant, by=request.actor.ref, at=now)
    messages.success(request, _("The role has ended. What was done under it stays in the history."))
    return redirect("setup_people", j=request.jurisdiction.code)


@needs("manage_setup")
def setup_power(request: PageRequest) -> HttpResponse:
    """The power list, and a form for a new or changed line."""
    j = request.jurisdiction
    form = PowerItemForm(j, request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        dispatch.save_power_item(
            jurisdiction=j,
            code=values["code"],
            category=values["category"],
            area=area_of(j, values["area"]),
            lead_unit=values["lead_unit"],
            helpers=list(values["helpers"]),
            basis=values["basis"],
            promise=Promise(amount=values["amount"], unit=values["time_unit"]),
            source=values["source"],
            by=request.actor.ref,
            at=clock.now(),
        )
        messages.success(request, _("The line was saved. It holds for cases from now on."))
        return redirect("setup_power", j=j.code)
    items = list(dispatch.power_items(j)[:500])
    covered = {item.category for item in items} | {
        item.category.split(".")[0] for item in items if "." not in item.category
    }
    tree = understanding.categories(j)
    uncovered = [
        k
        for k in tree.leaves()
        if k not in covered and k.split(".")[0] not in covered and k != "other.unclear"
    ]
    context = {"items": items, "form": form, "tree": tree, "uncovered": uncovered}
    return render(request, "admin/power.html", context, status=400 if form.errors else 200)


@needs("manage_setup")
def setup_packs(request: PageRequest) -> HttpResponse:
    """The packs in use, and the reading models with their figures; an older model can be put back."""
    j = request.jurisdiction
    if request.method == "POST":
        version = understanding.model_versions(j).filter(version=request.POST.get("version", "")).first()
        if version is None:
            raise Http404("version")
        understanding.activate_model(version=version, by=request.actor, at=clock.now())
        messages.success(request, _("This model reads from now on."))
        return redirect("setup_packs", j=j.code)
    scenario = scenario_for(tuple(j.packs))
    context = {
        "scenario": scenario,
        "tree": understanding.categories(j),
        "models": understanding.model_versions(j)[:20],
    }
    return render(request, "admin/packs.html", context)
