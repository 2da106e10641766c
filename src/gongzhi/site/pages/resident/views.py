"""The first pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gongzhi.apps.places.public import jurisdictions
from gongzhi.kernel import clock
from gongzhi.site.access import PageRequest, open_page, public_page
from gongzhi.site.pages.media import REPORT_SESSION_KEY
from gongzhi.site.pages.resident.usual import DAYS, SHOWN, usual_times


@open_page
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The offices of this installation."""
    return render(request, "resident/start.html", {"offices": jurisdictions()})


@public_page
@require_safe
def home(request: PageRequest) -> HttpResponse:
    """What a resident can do here, and how long things usually take."""
    context = {
        "usual": usual_times(request.jurisdiction, clock.now())[:SHOWN],
        "days": DAYS,
        "has_report": bool(request.session.get(REPORT_SESSION_KEY)),
    }
    return render(request, "resident/home.html", context)
