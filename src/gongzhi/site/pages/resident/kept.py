"""Reports kept with the lock of a phone or computer: no name, no account, no code to remember.

The device makes a key for this office; we keep its public half and the reports that it opens.
"""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.apps.actors.public import ResidentKey, lockout, passkeys
from gongzhi.apps.cases import public as cases
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Report
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.access import PageRequest, public_page
from gongzhi.site.pages.account import signing
from gongzhi.site.pages.resident import sentences
from gongzhi.site.pages.resident.mine import KEPT_KEY, report_page, with_report
from gongzhi.site.pages.resident.say import open_report

SHOWN: Final = 50  # reports on the page; nobody keeps more for long


def proved_key(request: PageRequest) -> ResidentKey | None:
    """The key that this session has proved, if it is still kept."""
    key_id = request.session.get(KEPT_KEY)
    return passkeys.resident_key(request.jurisdiction, key_id) if isinstance(key_id, int) else None


@public_page
@require_POST
@never_cache
@with_report
def keep_ask(request: PageRequest, report: Report) -> HttpResponse:
    """What the browser needs to make a key for the reports of this office."""
    shown = request.jurisdiction.name_in(get_language() or "zh-hans")
    return signing.options_or_wait(
        request,
        lambda: passkeys.ask_for_resident_key(
            jurisdiction=request.jurisdiction, site=signing.site_of(request), shown=shown, at=clock.now()
        ),
    )


@public_page
@require_POST
@with_report
def keep(request: PageRequest, report: Report) -> HttpResponse:
    """Keep the report with the key that the device has made, or with the one that this session has proved."""
    key = proved_key(request)
    if key is None:
        try:
            key = passkeys.add_resident_key(
                jurisdiction=request.jurisdiction,
                site=signing.site_of(request),
                answer=request.POST.get("answer", ""),
                at=clock.now(),
            )
        except GongzhiError as error:
            messages.error(request, f"{error} {error.what_to_do()}")
            return report_page(request, report, status=400)
        request.session[KEPT_KEY] = key.pk
    channels.keeping.keep_report(report=report, key=key)
    messages.success(
        request, _("Kept. Next time the lock of this device opens your reports, without the code.")
    )
    return redirect("my_report", j=request.jurisdiction.code)


@public_page
@require_POST
@with_report
def stop_keeping(request: PageRequest, report: Report) -> HttpResponse:
    """Let no device open the report any more; its code still does."""
    channels.keeping.stop_keeping(report)
    messages.success(request, _("No device keeps this report any more. From now on only its code opens it."))
    return redirect("my_report", j=request.jurisdiction.code)


@public_page
@require_POST
@never_cache
def open_ask(request: PageRequest) -> HttpResponse:
    """What the browser needs to ask the device for a key of this office."""
    purpose = f"open {request.jurisdiction.pk}"
    return signing.options_or_wait(
        request,
        lambda: passkeys.ask_for_proof(site=signing.site_of(request), purpose=purpose, at=clock.now()),
    )


@public_page
@require_POST
def open_kept(request: PageRequest) -> HttpResponse:
    """The device has proved its key: its reports are open on this device until the session ends."""
    address, now = signing.address_of(request), clock.now()
    if not lockout.begin_address_try(address=address, at=now):
        messages.error(request, signing.too_many())
        return redirect("my", j=request.jurisdiction.code)
    try:
        key = passkeys.prove_resident_key(
            jurisdiction=request.jurisdiction,
            site=signing.site_of(request),
            answer=request.POST.get("answer", ""),
            at=now,
        )
    except GongzhiError as error:
        messages.error(request, f"{error} {error.what_to_do()}")
        return redirect("my", j=request.jurisdiction.code)
    lockout.end_address_try(address=address, at=now)
    request.session.cycle_key()
    request.session[KEPT_KEY] = key.pk
    return redirect("my_kept", j=request.jurisdiction.code)


@public_page
@never_cache
@require_GET
def kept(request: PageRequest) -> HttpResponse:
    """The reports that the device's key opens, each with where it stands."""
    key = proved_key(request)
    if key is None:
        return redirect("my", j=request.jurisdiction.code)
    lang = get_language() or "zh-hans"
    reports = channels.keeping.kept_reports(key)[:SHOWN]
    case_of = cases.cases_of(report.pk for report in reports)
    rows = [
        {
            "report": report,
            "case": case_of.get(report.pk),
            "sentence": sentences.status_sentence(case_of.get(report.pk), lang),
        }
        for report in reports
    ]
    return render(request, "resident/kept.html", {"rows": rows})


@public_page
@require_POST
def pick(request: PageRequest) -> HttpResponse:
    """Open one of the kept reports."""
    key, wanted = proved_key(request), request.POST.get("report", "")
    found = [r for r in channels.keeping.kept_reports(key) if str(r.pk) == wanted] if key is not None else []
    if not found:
        return redirect("my", j=request.jurisdiction.code)
    open_report(request, found[0])
    return redirect("my_report", j=request.jurisdiction.code)
