"""The reporter complains about how the report was handled: a report of its own that goes to the desk."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongzhi.apps.actors.public import RESIDENT, take_token
from gongzhi.apps.cases import public as cases
from gongzhi.apps.channels.public import NewReport, Report
from gongzhi.journeys.complaining import complain_about_handling
from gongzhi.kernel import clock
from gongzhi.site.access import PageRequest, public_page
from gongzhi.site.pages.resident import filing
from gongzhi.site.pages.resident.forms import ComplainForm
from gongzhi.site.pages.resident.mine import report_page, with_report
from gongzhi.site.pages.resident.say import REPORTS_AN_HOUR, receipt_for


@public_page
@never_cache
@require_POST
@with_report
def complain(request: PageRequest, report: Report) -> HttpResponse:
    """Take the complaint and show its own tracking code; the report that was open here stays open."""
    case, now = cases.case_of(report), clock.now()
    token = request.POST.get("form_token", "")
    seed = filing.seed_of(token)
    posted = {
        "complaint": request.POST.get("complaint", ""),
        "form_token": token if seed else filing.new_form_token(),
    }
    form = ComplainForm(posted, label_suffix="")
    if case is None or seed is None:
        form.add_error(None, _("This form was open for very long. Please send it once more."))
    elif not take_token(
        f"say:{request.META['REMOTE_ADDR']}", limit=REPORTS_AN_HOUR, window_seconds=3600, at=now
    ):
        form.add_error(
            None, _("Very many reports came from this connection. Please wait a little, or call the office.")
        )
    if not form.is_valid() or case is None or seed is None:
        return report_page(request, report, complain=form, status=400)
    code = filing.code_of(seed)
    new = NewReport(
        text=form.cleaned_data["complaint"],
        area_id=report.area_id,
        form_key=filing.form_key(seed),
        code=code,
    )
    received = complain_about_handling(case=case, new=new, by=RESIDENT, at=now)
    return receipt_for(request, received, code)
