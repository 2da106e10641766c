"""Set-up: what an office consists of, and who may do what in it. People have a module of their own."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import Unit
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import PowerItem
from gongzhi.apps.places.public import Area, Jurisdiction, all_areas, areas
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import clock
from gongzhi.kernel.calendar import Promise
from gongzhi.kernel.errors import GongzhiError
from gongzhi.scenarios.loader import scenario_for
from gongzhi.scenarios.model import Scenario
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.maps import MapView, area_shapes, frame_of
from gongzhi.site.pages.admin.forms import PowerItemForm, UnitForm, area_of, copy_of
from gongzhi.site.pages.admin.gaps import coverage, gaps, holds_on, local_day
from gongzhi.site.pages.admin.model_rows import SHOWN, model_rows
from gongzhi.site.pages.admin.undecided import (
    retired_rows,
    roles_in_ended_areas,
    undecided_lines,
    units_in_ended_areas,
)
from gongzhi.site.setup_words import PACK_NAMES, UNIT_KINDS

LINES_SHOWN: Final = 500
# What of a pack is worth counting on its page; anything else in it follows from these.
PACK_CONTENTS: Final = {
    "categories.toml": gettext_lazy("categories"),
    "examples.jsonl": gettext_lazy("example sentences"),
    "hazards.toml": gettext_lazy("dangers"),
    "calendars.toml": gettext_lazy("calendars"),
    "mappings/*.toml": gettext_lazy("kinds of hotline files"),
}


@needs("manage_setup")
def setup(request: PageRequest) -> HttpResponse:
    """What can be set up, with how much of each there is and what is still lacking."""
    j, now = request.jurisdiction, clock.now()
    context = {
        "counts": {
            "areas": len(areas(j)),
            "units": actors.units(j).count(),
            "people": actors.grants(j, now).order_by().values("user").distinct().count(),
            "power": dispatch.power_items(j).count(),
            "packs": len(j.packs),
        },
        "gaps": gaps(j, now),
    }
    return render(request, "admin/setup.html", context)


@dataclass
class Branch:
    """An area with the areas below it."""

    area: Area
    below: list["Branch"] = field(default_factory=list)


def area_tree(found: list[Area]) -> list[Branch]:
    """The areas as a tree; one whose parent is no longer valid stands at the top."""
    branches = {area.pk: Branch(area) for area in found}
    roots: list[Branch] = []
    for area in found:
        above = branches.get(area.parent_id) if area.parent_id is not None else None
        (above.below if above is not None else roots).append(branches[area.pk])
    return roots


@needs("manage_setup")
def setup_areas(request: PageRequest) -> HttpResponse:
    """The tree of areas and their map."""
    j = request.jurisdiction
    found = areas(j)
    frame = frame_of(j)
    drawn = MapView(frame, area_shapes(found, frame, get_language() or "zh-hans"))
    context = {"branches": area_tree(found), "map": drawn if drawn.areas else None, "count": len(found)}
    context |= _ending_areas(request)
    return render(request, "admin/areas.html", context)


def _ending_areas(request: PageRequest) -> dict[str, Any]:
    """The areas with a last day or a first one to come, and what still names one that has ended."""
    j, now = request.jurisdiction, clock.now()
    today = local_day(j, now)
    return {
        "ending": [a for a in all_areas(j) if a.valid_to or (a.valid_from and a.valid_from > today)],
        "undecided": len(undecided_lines(j, list(dispatch.power_items(j)), today)),
        "units_left": len(units_in_ended_areas(j, today)),
        "roles_left": len(roles_in_ended_areas(j, now)),
    }


@needs("manage_setup")
def setup_units(request: PageRequest) -> HttpResponse:
    """All units of all kinds, and a form for a new one or, with `?edit=code`, a changed one."""
    j = request.jurisdiction
    everyone = actors.units(j, active_only=False)
    editing = everyone.filter(code=request.GET.get("edit", "")).prefetch_related("areas").first()
    form = UnitForm(j, request.POST or None, editing)
    if request.method == "POST" and form.is_valid():
        _save_unit(request, form)
        messages.success(request, _("The unit was saved."))
        return redirect("setup_units", j=j.code)
    rows = list(everyone.select_related("parent").prefetch_related("areas"))
    context = {"kinds": by_kind(rows), "count": len(rows), "form": form, "editing": editing}
    return render(request, "admin/units.html", context, status=400 if form.errors else 200)


def by_kind(rows: list[Unit]) -> list[tuple[str, list[Unit]]]:
    """The units of each kind, kinds in the order of the table of kinds, unknown ones last."""
    order = list(UNIT_KINDS)
    groups: dict[str, list[Unit]] = {}
    for unit in sorted(rows, key=lambda u: (order.index(u.kind) if u.kind in order else len(order), u.code)):
        groups.setdefault(unit.kind, []).append(unit)
    return list(groups.items())


def _save_unit(request: PageRequest, form: UnitForm) -> None:
    values = form.cleaned_data
    actors.save_unit(
        jurisdiction=request.jurisdiction,
        code=values["code"],
        kind=values["kind"],
        names=form.names(),
        parent=values["parent"],
        areas=form.chosen_areas(),
        convening=values["convening"],
        phone=values["phone"],
        active=values.get("active"),
        by=request.actor.ref,
        at=clock.now(),
    )


@needs("manage_setup")
def setup_power(request: PageRequest) -> HttpResponse:
    """The power list, and a form for a new line (`?category=…` begins one) or, with `?edit=code`, a changed one."""
    j = request.jurisdiction
    items = list(dispatch.power_items(j))
    today = local_day(j, clock.now())
    editing = next((item for item in items if item.code == request.GET.get("edit")), None)
    form = PowerItemForm(j, request.POST or None, editing, _new_line(request, items))
    if request.method == "POST" and form.is_valid():
        _save_line(request, form)
        messages.success(request, _("The line was saved. It holds for cases from now on."))
        return redirect("setup_power", j=j.code)
    context = {
        "branches": by_branch(items[:LINES_SHOWN], today),
        "undecided": undecided_lines(j, items, today),
        "count": len(items),
        "form": form,
        "editing": editing,
        "left_out": coverage(j, items, today),
    }
    return render(request, "admin/power.html", context, status=400 if form.errors else 200)


def by_branch(items: list[PowerItem], day: date) -> list[tuple[str, list[tuple[PowerItem, bool]]]]:
    """The lines under the top of each branch of the tree, each with whether it holds on the day."""
    groups: dict[str, list[tuple[PowerItem, bool]]] = {}
    for item in items:
        groups.setdefault(item.category.split(".")[0], []).append((item, holds_on(item, day)))
    return list(groups.items())


def _new_line(request: PageRequest, items: list[PowerItem]) -> dict[str, Any]:
    """What a new line begins with: the category it was asked for or the line that is copied, the usual kind of days."""
    category = request.GET.get("category", "")
    copied = next((item for item in items if item.code == request.GET.get("copy")), None)
    if copied is not None:
        return copy_of(copied, area_of(request.jurisdiction, request.GET.get("area", "")))
    if category not in understanding.categories(request.jurisdiction):
        return {"time_unit": "workday"}
    code = category.replace(".", "-").replace("_", "-")
    return {"category": category, "code": code, "time_unit": "workday"}


def _save_line(request: PageRequest, form: PowerItemForm) -> PowerItem:
    values = form.cleaned_data
    known = form.editing
    return dispatch.save_power_item(
        jurisdiction=request.jurisdiction,
        code=values["code"],
        category=values["category"],
        area=area_of(request.jurisdiction, values["area"], known.area if known else None),
        lead_unit=values["lead_unit"],
        helpers=list(values["helpers"]),
        basis=values["basis"],
        promise=Promise(amount=values["amount"], unit=values["time_unit"]),
        source=values["source"],
        verified=values["verified"],
        valid_from=values["valid_from"],
        valid_to=values["valid_to"],
        by=request.actor.ref,
        at=clock.now(),
        **({"rank": known.rank} if known else {}),
    )


@dataclass(frozen=True)
class PackRow:
    """A pack: its name in words, version, licence, and how much of what it brings."""

    key: str
    name: str
    version: str
    licence: str
    needs: list[str]
    contents: list[tuple[str, int]]


def pack_rows(scenario: Scenario, lang: str) -> list[PackRow]:
    """The packs in use with what they bring."""
    shown = {head.key: _pack_name(scenario, head.key, lang) for head in scenario.packs}
    return [
        PackRow(
            key=head.key,
            name=shown[head.key],
            version=head.version,
            licence=head.licence,
            needs=[shown.get(key, key) for key in head.needs],
            contents=[(str(words), n) for words, n in _contents(scenario, head.key)],
        )
        for head in scenario.packs
    ]


def _pack_name(scenario: Scenario, key: str, lang: str) -> str:
    """The pack's own words for itself; else the site's, else its key."""
    own = scenario.words(f"pack.{key}", lang)
    return own if own != f"pack.{key}" else str(PACK_NAMES.get(key, key))


def _contents(scenario: Scenario, pack: str) -> list[tuple[str, int]]:
    counted = [
        (str(words), sum(owner == pack for owner, _entry in scenario.sections.get(file, ())))
        for file, words in PACK_CONTENTS.items()
    ]
    return [(words, n) for words, n in counted if n]


@needs("manage_setup")
def setup_packs(request: PageRequest) -> HttpResponse:
    """The packs in use, and the reading models with their figures; an older model can be put back."""
    j = request.jurisdiction
    refused: dict[str, Any] = {}
    if request.method == "POST":
        try:
            _choose_model(request)
        except GongzhiError as error:
            refused = {"error": error, "error_hint": error.what_to_do()}
        else:
            messages.success(request, _("This model reads from now on."))
            return redirect("setup_packs", j=j.code)
    return render(request, "admin/packs.html", _packs_context(j) | refused, status=409 if refused else 200)


def _choose_model(request: PageRequest) -> None:
    wanted = understanding.model_versions(request.jurisdiction).filter(
        version=request.POST.get("version", "")
    )
    version = wanted.first()
    if version is None:
        raise Http404("version")
    understanding.activate_model(version=version, by=request.actor, at=clock.now())


def _packs_context(jurisdiction: Jurisdiction) -> dict[str, Any]:
    scenario = scenario_for(tuple(jurisdiction.packs))
    versions = list(understanding.model_versions(jurisdiction)[:SHOWN])
    return {
        "packs": pack_rows(scenario, get_language() or "zh-hans"),
        "digest": scenario.digest,
        "models": model_rows(jurisdiction, versions),
        "labels": understanding.confirmed_labels(jurisdiction),
        "labels_needed": understanding.LABELS_TO_ROUTE,
        "retired": retired_rows(jurisdiction, get_language() or "zh-hans"),
    }
