"""More time that waits for approval, and the published list of pauses."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gongzhi.apps.actors.public import units
from gongzhi.apps.dispatch.clocks import public as clocks
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.scenarios.loader import scenario_for
from gongzhi.site.access import PageRequest, needs, public_page

PUBLISHED_DAYS = 365


def _context(request: PageRequest) -> dict[str, Any]:
    lang = get_language() or "zh-hans"
    rows = clocks.extensions_waiting(visible_to=request.actor, jurisdiction=request.jurisdiction)
    basis = scenario_for(tuple(request.jurisdiction.packs)).words("extension.rule", lang)
    rule = clocks.extension_rule(request.jurisdiction)
    return {"rows": rows, "basis": basis if rule is not None else "", "kept": {}}


@needs("decide_case", "see_figures")
@require_GET
def more_time(request: PageRequest) -> HttpResponse:
    """What units ask more time for, the oldest asking first."""
    return render(request, "coordinator/more_time.html", _context(request))


@needs("decide_case", "see_figures")
@require_POST
def more_time_decide(request: PageRequest) -> HttpResponse:
    """Approve or refuse one."""
    waiting = clocks.extensions_waiting(visible_to=request.actor, jurisdiction=request.jurisdiction)
    found = next((row for row in waiting if str(row.pk) == request.POST.get("asking", "")), None)
    if found is None:
        messages.error(request, _("This is already decided, or another person decides about it."))
        return redirect("more_time", j=request.jurisdiction.code)
    approve = request.POST.get("decision") == "approve"
    words = request.POST.get("words", "")
    try:
        clocks.decide_extension(
            extension=found, approve=approve, words=words, by=request.actor, at=clock.now()
        )
    except GongzhiError as error:
        failed = {
            "errors": [{"target": f"words-{found.pk}", "message": f"{error} {error.what_to_do()}"}],
            "kept": {"asking": found.pk, "words": words},
        }
        return render(request, "coordinator/more_time.html", _context(request) | failed, status=409)
    done = _("Approved. The reporters are told of the new day.")
    messages.success(request, done if approve else _("Refused. The promised day stays."))
    return redirect("more_time", j=request.jurisdiction.code)


def _names(j: Jurisdiction, lang: str) -> dict[str, dict[str, str]]:
    scenario, tree = scenario_for(tuple(j.packs)), understanding.categories(j)
    return {
        "reason": {e.key: scenario.words(f"pause.{e.key}", lang) for e in clocks.pause_reasons(j)},
        "unit": {str(unit.pk): unit.name_in(lang) for unit in units(j, active_only=False)},
        "category": {key: tree.label(key, lang) for key in (*tree, *tree.retired())},
    }


@public_page
@require_GET
def pauses(request: PageRequest) -> HttpResponse:
    """For how long the time of cases stood still in the last twelve months: by reason, unit and kind of matter."""
    now, j = clock.now(), request.jurisdiction
    lang = get_language() or "zh-hans"
    names, scenario = _names(j, lang), scenario_for(tuple(j.packs))
    titles = {"reason": _("Reason"), "unit": _("Unit"), "category": _("Kind of matter")}
    tables = []
    for by in clocks.GROUPINGS:
        rows = clocks.pause_sums(j, now - timedelta(days=PUBLISHED_DAYS), now + timedelta(seconds=1), by)
        tables.append((titles[by], [(names[by].get(row.group) or _("Other"), row) for row in rows]))
    reasons = [(words, scenario.words(f"pause.{key}.basis", lang)) for key, words in names["reason"].items()]
    context = {
        "tables": tables,
        "any": any(rows for _title, rows in tables),
        "reasons": reasons,
        "made_at": now,
    }
    return render(request, "resident/pauses.html", context)
