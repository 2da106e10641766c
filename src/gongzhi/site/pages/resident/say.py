"""Say something: the form, danger words as one types, the receipt."""

from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.apps.actors.public import RESIDENT, take_token
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import NewReport, ReceivedReport, Report
from gongzhi.apps.places.public import Jurisdiction, areas
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import clock
from gongzhi.scenarios.loader import scenario_for
from gongzhi.site import maps
from gongzhi.site.access import PageRequest, public_page
from gongzhi.site.pages.media import REPORT_SESSION_KEY
from gongzhi.site.pages.resident import filing
from gongzhi.site.pages.resident.forms import SayForm
from gongzhi.site.pages.resident.sentences import moving_day
from gongzhi.site.qr import qr_of

REPORTS_AN_HOUR: Final = 60  # from one address; an estate's shared address must still get through
CHECKS_A_MINUTE: Final = 60
MAX_POLLS: Final = 8
CONTACT: Final = ("contact_name", "contact_phone", "contact_email")
site_settings: Any = settings  # our own settings are not in the types of Django's


@csrf_exempt  # csrf_protect stands on the inner view: the size is looked at before the form is read at all
@public_page
@cache_control(
    private=True, no_cache=True
)  # not no-store: “back” must find the words and the same form again
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: PageRequest) -> HttpResponse:
    """The form, and its sending. What is far too large is refused before it is read."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > site_settings.REQUEST_MAX_BYTES:
        return _refused(request)
    photo_limit = filing.PhotoLimit(request, site_settings.PHOTO_MAX_BYTES)
    request.upload_handlers.insert(0, photo_limit)
    try:
        checked: HttpResponse = _say(request, photo_limit)
    except RequestDataTooBig:
        return _refused(request)
    return checked


def _refused(request: PageRequest) -> HttpResponse:
    error = _("This is too much at once: the words and photos together are larger than we can take.")
    hint = _("Go back: your words are still there. Leave out photos or choose smaller ones.")
    return render(request, "resident/refused.html", {"error": error, "error_hint": hint}, status=413)


@csrf_protect
def _say(request: PageRequest, photo_limit: filing.PhotoLimit) -> HttpResponse:
    if request.method != "POST":
        return _form_page(request, SayForm(request.jurisdiction), filing.new_form_token())
    token = request.POST.get("form_token", "")  # reading the form fills photo_limit
    seed = filing.seed_of(token)
    form = SayForm(request.jurisdiction, request.POST, request.FILES, photo_limit.too_large)
    if seed is None:
        token = filing.new_form_token()
        form.add_error(None, _("This form was open for very long. Please send it once more."))
    if not form.is_valid() or seed is None:
        return _form_page(request, form, token, status=400)
    now = clock.now()
    if not take_token(
        f"say:{request.META['REMOTE_ADDR']}", limit=REPORTS_AN_HOUR, window_seconds=3600, at=now
    ):
        form.add_error(
            None, _("Very many reports came from this connection. Please wait a little, or call the office.")
        )
        return _form_page(request, form, token, status=429)
    return _receive(request, form, seed)


def _form_page(request: PageRequest, form: SayForm, token: str, status: int = 200) -> HttpResponse:
    j = request.jurisdiction
    lang = get_language() or "zh-hans"
    frame = maps.frame_of(j)
    context = {
        "form": form,
        "form_token": token,
        "map": maps.MapView(frame, maps.area_shapes(areas(j), frame, lang)),
        "photos_lost": bool(request.FILES) and bool(form.errors),
        "sends_mail": bool(site_settings.GONGZHI_SMTP_URL),
        "contact_open": any(form[n].value() or form[n].errors for n in CONTACT),
        "photo_max_bytes": site_settings.PHOTO_MAX_BYTES,
        "photo_max_mb": site_settings.PHOTO_MAX_BYTES // (1024 * 1024),
        "max_photos": channels.MAX_PHOTOS,
        "hazards": hazard_words(j, str(form["text"].value() or "")) if form.is_bound else [],
    }
    return render(request, "resident/say.html", context, status=status)


def _receive(request: PageRequest, form: SayForm, seed: str) -> HttpResponse:
    values = form.cleaned_data
    code = filing.code_of(seed)
    new = NewReport(
        text=values["text"],
        place_words=values["place_words"],
        lon=values["lon"],
        lat=values["lat"],
        area_id=int(values["area"]) if values["area"] else None,
        form_key=filing.form_key(seed),
        code=code,
        contact_name=values["contact_name"],
        contact_phone=values["contact_phone"],
        contact_email=values["contact_email"],
        mail_wish=values["mail_wish"],
        contact_language=get_language() or "",
        photos=values["photos"],
    )
    received = channels.receive_report(
        jurisdiction=request.jurisdiction, channel="web", new=new, by=RESIDENT, at=clock.now()
    )
    open_report(request, received.report)
    return receipt_for(request, received, code)


def receipt_for(request: PageRequest, received: ReceivedReport, code: str) -> HttpResponse:
    """Lead to the receipt; what it needs lies in a cookie of the reporter's own browser for an hour."""
    response = redirect("say_done", j=request.jurisdiction.code)
    response.set_cookie(
        filing.RECEIPT_COOKIE,
        filing.pack_receipt(received.report.pk, code, received.is_new),
        max_age=filing.RECEIPT_SECONDS,
        path=reverse("say_done", args=[request.jurisdiction.code]),
        httponly=True,
        samesite="Lax",
        secure=site_settings.HTTPS,
    )
    return response


def open_report(request: PageRequest, report: Report) -> None:
    """From now on this browser may see the report, for four hours after the last visit."""
    request.session.cycle_key()
    request.session[REPORT_SESSION_KEY] = report.pk
    if not request.user.is_authenticated:
        request.session.set_expiry(4 * 3600)


def hazard_words(jurisdiction: Jurisdiction, text: str) -> list[dict[str, str]]:
    """What to do at once about the dangers named in the text, each with the number to call."""
    lang = get_language() or "zh-hans"
    scenario = scenario_for(tuple(jurisdiction.packs))
    found = []
    for hit in understanding.hazards_in(text, lang, jurisdiction):
        found.append(
            {
                "label": scenario.words(f"hazard.{hit.key}.label", lang),
                "words": scenario.words(f"hazard.{hit.key}", lang),
                "number": emergency_number(jurisdiction, hit.emergency),
            }
        )
    return found


def emergency_number(jurisdiction: Jurisdiction, wanted: str) -> str:
    """The number to call here. A pack may name a kind (`fire`) or a number of another country."""
    numbers: dict[str, str] = jurisdiction.emergency
    if wanted in numbers:
        return numbers[wanted]
    if wanted in numbers.values() or not numbers:
        return wanted if wanted.isdigit() else ""
    return numbers.get("all") or next(iter(numbers.values()))


@public_page
@require_POST
def say_danger(request: PageRequest) -> HttpResponse:
    """The danger box for the words typed so far; nothing where there is no danger. Nothing is kept."""
    key = f"danger:{request.META['REMOTE_ADDR']}"
    if not take_token(key, limit=CHECKS_A_MINUTE, window_seconds=60, at=clock.now()):
        return HttpResponse(status=204)
    text = request.POST.get("text", "")[: channels.MAX_TEXT]
    return render(request, "components/danger.html", {"hazards": hazard_words(request.jurisdiction, text)})


@public_page
@never_cache
@require_GET
def say_done(request: PageRequest) -> HttpResponse:
    """The receipt: the code, danger words, what happens next. As a fragment: the promised day once known."""
    j = request.jurisdiction
    receipt = filing.read_receipt(request)
    report = channels.report_by_id(j, int(receipt["report"])) if receipt else None
    if receipt is None or report is None:
        return redirect("say", j=j.code)
    polls = request.GET.get("n", "0")
    promise = channels.latest_promise(report)
    context: dict[str, Any] = {
        "report": report,
        "promise": promise,
        "may_move": moving_day(promise) if promise else "",
        "next_poll": int(polls) + 1 if polls.isdigit() and int(polls) < MAX_POLLS else 0,
    }
    if request.headers.get("HX-Request"):
        return render(request, "resident/promise.html", context)
    context |= {
        "code": receipt["code"],
        "is_new": receipt["new"],
        "qr": qr_of(request.build_absolute_uri(reverse("my", args=[j.code])) + "#" + str(receipt["code"])),
        "hazards": hazard_words(j, report.text),
        "photos": channels.photos_of([report.pk]).get(report.pk, []),
    }
    return render(request, "resident/say_done.html", context)
