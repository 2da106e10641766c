"""My report: the code opens it; what happened, by when, the answer; add, rate, say that it is not solved."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.apps.actors.public import RESIDENT, Actor, take_token
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, State, Step
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import ContactView, Report
from gongzhi.apps.dispatch.clocks import public as clocks
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.access import PageRequest, public_page
from gongzhi.site.labels import clock_reasons
from gongzhi.site.pages.media import REPORT_SESSION_KEY
from gongzhi.site.pages.resident import sentences
from gongzhi.site.pages.resident.forms import AddForm, CodeForm, ComplainForm, RateForm
from gongzhi.site.pages.resident.say import open_report
from gongzhi.site.pages.resident.usual import usual_hours

TRIES: Final = 30  # codes from one address in a quarter of an hour; many phones share one address
TRY_SECONDS: Final = 900
KEPT_KEY: Final = "gz_kept"  # the key of a device that this session has proved
RATEABLE: Final = frozenset({State.ANSWERED, State.CLOSED, State.SOLVED})

ReportPage = Callable[[PageRequest, Report], HttpResponse]


@public_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my(request: PageRequest) -> HttpResponse:
    """Enter the code. It is posted, never part of an address, and exchanged for a session."""
    if request.method != "POST":
        opened = request.session.get(REPORT_SESSION_KEY)
        known = channels.report_by_id(request.jurisdiction, opened) if opened else None
        return render(request, "resident/my.html", {"form": CodeForm(label_suffix=""), "known": known})
    form = CodeForm(request.POST, label_suffix="")
    if not form.is_valid():
        return render(request, "resident/my.html", {"form": form}, status=400)
    key = f"code:{request.META['REMOTE_ADDR']}"
    if not take_token(key, limit=TRIES, window_seconds=TRY_SECONDS, at=clock.now()):
        form.add_error(
            "code", _("Too many codes were tried from this connection. Please wait a quarter of an hour.")
        )
        return render(request, "resident/my.html", {"form": form}, status=429)
    report = channels.report_by_code(request.jurisdiction, form.cleaned_data["code"])
    if report is None:
        form.add_error(
            "code",
            _("We find no report with this code. Please compare it with your receipt, letter by letter."),
        )
        return render(request, "resident/my.html", {"form": form}, status=404)
    open_report(request, report)
    return redirect("my_report", j=request.jurisdiction.code)


def with_report(page: ReportPage) -> Callable[[PageRequest], HttpResponse]:
    """Give the page the report that this session has opened, else ask for the code."""

    @wraps(page)
    def opened(request: PageRequest) -> HttpResponse:
        report_id = request.session.get(REPORT_SESSION_KEY)
        report = channels.report_by_id(request.jurisdiction, report_id) if report_id else None
        if report is None:
            return redirect("my", j=request.jurisdiction.code)
        request.session.modified = True  # the four hours begin anew
        return page(request, report)

    return opened


def author_of(report: Report) -> Actor:
    """The reporter as an actor: the number tells reporters of a joined case apart, not who they are."""
    return Actor("resident", report.pk, RESIDENT.label)


def report_page(
    request: PageRequest,
    report: Report,
    *,
    add: AddForm | None = None,
    rate_form: RateForm | None = None,
    complain: ComplainForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a report; a form that could not be taken stands in it with what was typed."""
    now, lang = clock.now(), get_language() or "zh-hans"
    case = cases.case_of(report)
    promise = channels.latest_promise(report)
    given = cases.answers_of(case) if case else []
    answers = [answer for answer in given if answer.withdrawn is None]
    rating = cases.latest_rating(report)
    rated_last = rating is not None and bool(answers) and rating.answer_id == answers[0].pk
    context: dict[str, Any] = {
        "report": report,
        "case": case,
        "sentence": sentences.status_sentence(case, lang, withdrawn=bool(given) and not answers),
        "promise": promise,
        "may_move": sentences.moving_day(promise) if promise and not answers else "",
        "left": sentences.time_left(case, promise, now) if promise else "",
        "reasons": sentences.promise_reasons(promise, lang) + _clock(case) if promise else [],
        "usual": usual_hours(request.jurisdiction, case.category, now) if case else None,
        "steps": _steps(case, report) if case else [],
        "answers": answers,
        "withdrawn": [answer for answer in given if answer.withdrawn is not None],
        "rating": rating if rated_last else None,
        "photos": channels.photos_of([report.pk]).get(report.pk, []),
        "others": len(cases.reports_of(case, visible_to=request.actor)) - 1 if case else 0,
        "looks": ContactView.objects.filter(contact__report=report).order_by("-at")[:20],
        "mail": channels.mail_state(report) if report.has_contact else None,
        "may_rate": case is not None and bool(answers) and case.phase in RATEABLE,
        "add_form": add or AddForm(label_suffix=""),
        "rate_form": rate_form or RateForm(label_suffix=""),
        "complain_form": complain or ComplainForm.fresh(),
        "keeping": {"kept": channels.keeping.is_kept(report), "key": bool(request.session.get(KEPT_KEY))},
        "failed": next((f for f in (add, rate_form, complain) if f is not None and f.errors), None),
    }
    return render(request, "resident/my_report.html", context, status=status)


def _clock(case: Case | None) -> list[str]:
    """What moved the day of the case, in words."""
    if case is None:
        return []
    return clock_reasons(clocks.pauses_of(case), clocks.approved_of(case), case.jurisdiction.zone)


def _steps(case: Case, report: Report) -> list[Step]:
    """The public steps, and what this very reporter added."""
    mine = author_of(report).ref
    steps = cases.timeline(case, public_only=False)
    return [s for s in steps if s.public or (s.kind == "added" and s.by_ref == mine)]


@public_page
@never_cache
@require_GET
@with_report
def my_report(request: PageRequest, report: Report) -> HttpResponse:
    """The report's page. Opening it marks what is new as seen."""
    response = report_page(request, report)
    channels.mark_seen(report=report, by=author_of(report), at=clock.now())
    return response


@public_page
@require_POST
@with_report
def add_words(request: PageRequest, report: Report) -> HttpResponse:
    """Add something: it goes to the file, where the unit reads it."""
    form = AddForm(request.POST, label_suffix="")
    case = cases.case_of(report)
    if case is None:
        form.is_valid()
        form.add_error(None, _("Your report is still being read. Please send this again in a minute."))
    if not form.is_valid() or case is None:
        return report_page(request, report, add=form, status=400)
    cases.add_note(
        case=case, text=form.cleaned_data["words"], kind="added", by=author_of(report), at=clock.now()
    )
    messages.success(request, _("Your words were added. Whoever handles it reads them."))
    return redirect("my_report", j=request.jurisdiction.code)


@public_page
@require_POST
@with_report
def rate(request: PageRequest, report: Report) -> HttpResponse:
    """The reporter's word on the answer; “not solved” opens the case again."""
    form = RateForm(request.POST, label_suffix="")
    if not form.is_valid():
        return report_page(request, report, rate_form=form, status=400)
    try:
        rating = cases.rate_case(
            report=report,
            contacted=form.said("contacted"),
            solved=form.said("solved"),
            satisfaction=form.stars,
            comment=form.cleaned_data["comment"],
            by=author_of(report),
            at=clock.now(),
        )
    except GongzhiError as error:
        form.add_error(None, f"{error} {error.what_to_do()}")
        return report_page(request, report, rate_form=form, status=409)
    if rating.solved:
        messages.success(request, _("Thank you. It is noted as solved."))
    else:
        messages.success(
            request, _("Thank you. It is open again; the unit hears of it and you get a new day here.")
        )
    return redirect("my_report", j=request.jurisdiction.code)


@public_page
@require_POST
def leave(request: PageRequest) -> HttpResponse:
    """Close the report on this device: whoever comes next needs the code, or the device's lock."""
    request.session.pop(REPORT_SESSION_KEY, None)
    request.session.pop(KEPT_KEY, None)
    response = redirect("home", j=request.jurisdiction.code)
    messages.success(request, _("Your report is closed on this device."))
    return response
