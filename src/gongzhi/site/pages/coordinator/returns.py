"""Hand-backs that wait for a decision: for the desk, and for the arbiter's people after the second one."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gongzhi.apps.actors.public import SYSTEM, Unit, units
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch.returns import public as returns
from gongzhi.apps.dispatch.returns.public import HandBack
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.access import PageRequest, needs
from gongzhi.site.pages.coordinator.rows import excerpt_of


@dataclass(frozen=True)
class AskingRow:
    """An asking as the pages show it: its reason in words, whose word it is, whether the day of deciding has passed."""

    asking: HandBack
    reason: str
    late: bool
    may: bool
    chosen: str
    excerpt: str = ""


def asking_row(request: PageRequest, asking: HandBack, arbiter: Unit | None, excerpt: str = "") -> AskingRow:
    """The asking for a page. The unit of the line that was named as the right one is chosen beforehand."""
    named = dict(returns.reasons(request.jurisdiction, get_language() or "zh-hans"))
    right = asking.item.lead_unit_id if asking.item is not None and asking.claim == "right" else None
    return AskingRow(
        asking=asking,
        reason=named.get(asking.reason, ""),
        late=asking.decide_by is not None and asking.decide_by < clock.now(),
        may=returns.may_decide(request.actor, asking, arbiter),
        chosen=str(right or ""),
        excerpt=excerpt,
    )


def asking_of(request: PageRequest, case: Case) -> AskingRow | None:
    """The open asking of a case, for its page."""
    found = returns.open_asking(case)
    return asking_row(request, found, returns.arbiter_of(request.jurisdiction)) if found is not None else None


def _context(request: PageRequest) -> dict[str, Any]:
    waiting = returns.waiting(visible_to=request.actor, jurisdiction=request.jurisdiction)
    # Who has to decide about a case reads what it is about, also where the role does not show all cases.
    first = cases.first_reports([row.case for row in waiting], visible_to=SYSTEM)
    arbiter = returns.arbiter_of(request.jurisdiction)
    excerpts = {pk: excerpt_of(report.title or report.text) for pk, (report, _count) in first.items()}
    rows = [asking_row(request, row, arbiter, excerpts.get(row.case_id, "")) for row in waiting]
    return {"rows": rows, "units": units(request.jurisdiction), "arbiter": arbiter, "kept": {}}


@needs("decide_case", "handle_task")
@require_GET
def hand_backs(request: PageRequest) -> HttpResponse:
    """What waits for this person's decision, the earliest day first."""
    return render(request, "coordinator/returns.html", _context(request))


@needs("decide_case", "handle_task")
@require_POST
def hand_back_decide(request: PageRequest) -> HttpResponse:
    """Accept or refuse one. A refusal of the decision shows the page again with what was typed."""
    waiting = returns.waiting(visible_to=request.actor, jurisdiction=request.jurisdiction)
    found = next((row for row in waiting if str(row.pk) == request.POST.get("asking", "")), None)
    if found is None:
        messages.error(request, _("This hand-back is already decided."))
        return redirect("hand_backs", j=request.jurisdiction.code)
    accept = request.POST.get("decision") == "accept"
    chosen = request.POST.get("unit", "")
    unit = units(request.jurisdiction).filter(pk=int(chosen)).first() if chosen.isdigit() else None
    try:
        returns.decide_return(
            hand_back=found,
            accept=accept,
            words=request.POST.get("words", ""),
            unit=unit if accept else None,
            by=request.actor,
            at=clock.now(),
        )
    except GongzhiError as error:
        failed = {
            "errors": [{"target": f"words-{found.pk}", "message": f"{error} {error.what_to_do()}"}],
            "kept": request.POST.dict() | {"asking": found.pk},
        }
        return render(request, "coordinator/returns.html", _context(request) | failed, status=409)
    messages.success(
        request, _accepted_words(found, unit) if accept else _("Refused. The case stays where it is.")
    )
    return redirect("hand_backs", j=request.jurisdiction.code)


def _accepted_words(found: HandBack, unit: Unit | None) -> str:
    if unit is None:
        return _("Accepted. Choose a unit for it in the inbox.")
    return _("Accepted and handed over. The promised day stays.")
