"""The page behind the link in every e-mail: it stops the e-mails about one report, and takes that back."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from gongzhi.apps.actors.public import RESIDENT
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import MailEnd
from gongzhi.kernel import clock
from gongzhi.site.access import PageRequest, public_page
from gongzhi.site.mail.stop_links import report_of


@csrf_exempt  # a mail program sends this form (RFC 8058); the signed link is what proves the right to it
@public_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: PageRequest, token: str) -> HttpResponse:
    """Looking changes nothing, for programs open links too; a form that is sent stops or resumes."""
    report = report_of(request.jurisdiction, token)
    if report is None:
        return render(request, "resident/mail_stop.html", {"state": "unknown"}, status=404)
    if request.method == "POST" and request.POST.get("do") == "resume":
        channels.resume_mail(report.pk, by=RESIDENT.ref, at=clock.now())
    elif request.method == "POST":
        channels.end_mail(report.pk, MailEnd.ASKED, by=RESIDENT.ref, at=clock.now())
    contact = channels.mail_state(report)
    state = "none" if contact is None or not contact.mail_wish else (contact.mail_end or "on")
    return render(request, "resident/mail_stop.html", {"state": state, "token": token})
