"""Who decides what was handed back twice."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gongzhi.apps.actors.public import convening_unit, units
from gongzhi.apps.dispatch.returns import public as returns
from gongzhi.kernel import clock
from gongzhi.scenarios.loader import scenario_for
from gongzhi.site.access import PageRequest, needs


@needs("manage_setup")
@require_http_methods(["GET", "POST"])
def setup_arbiter(request: PageRequest) -> HttpResponse:
    """Name a unit, or nobody: then it is the convening unit."""
    j = request.jurisdiction
    if request.method == "POST":
        chosen = request.POST.get("unit", "")
        unit = units(j).filter(pk=int(chosen)).first() if chosen.isdigit() else None
        returns.name_arbiter(jurisdiction=j, unit=unit, by=request.actor, at=clock.now())
        messages.success(request, _("Saved."))
        return redirect("setup_arbiter", j=j.code)
    named = returns.Arbiter.objects.filter(jurisdiction=j).first()
    context = {
        "units": units(j),
        "chosen": named.unit_id if named is not None else None,
        "convening": convening_unit(j),
        "source": scenario_for(tuple(j.packs)).words("return.rule", get_language() or "zh-hans"),
    }
    return render(request, "admin/arbiter.html", context)
