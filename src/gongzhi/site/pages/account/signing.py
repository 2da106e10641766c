"""Signing in: by passkey, or by password and, where the person has set one up, the code of an app. And once more."""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gongzhi.apps.actors.public import User, codes, jurisdictions_of, lockout, passkeys, take_token
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site import session_rules
from gongzhi.site.access import open_page, signed_in_page
from gongzhi.site.labels import day_words
from gongzhi.site.pages.account.forms import ConfirmForm, SecondStepForm

HALF: Final = "gz_half"  # who has given the right password and owes the second step, since when, going where
HALF_SECONDS: Final = 300
ASKS: Final = 300  # challenges for one address in a quarter of an hour; an office stands behind one
YEAR: Final = 365 * 24 * 3600


def site_of(request: HttpRequest) -> passkeys.Site:
    """The site that passkeys are for: as the browser addresses it."""
    return passkeys.Site(host=request.get_host(), name=str(settings.PRODUCT_NAME))


def address_of(request: HttpRequest) -> str:
    """Where the request comes from; used to count tries, never kept in clear."""
    return str(request.META["REMOTE_ADDR"])


def may_ask(request: HttpRequest) -> bool:
    """Whether the address may have another challenge. Counted, so that nobody fills the table."""
    key = f"passkey-ask:{address_of(request)}"
    return take_token(key, limit=ASKS, window_seconds=lockout.QUARTER, at=clock.now())


def options_or_wait(request: HttpRequest, make: Callable[[], dict[str, Any]]) -> JsonResponse:
    """What the browser needs to ask the device, or words that it must wait."""
    if not may_ask(request):
        return JsonResponse({"error": too_many()}, status=429)
    return JsonResponse(make())


def too_many() -> str:
    """What is said when too much was tried."""
    return _("Too many tries. Please wait a quarter of an hour.")


def safe_next(request: HttpRequest, wanted: str) -> str:
    """Where the person was going, if that lies on this site; else ""."""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and safe else ""


def landing_url(user: User) -> str:
    """The page where a person's work begins; the account of who has no role now."""
    offices = jurisdictions_of(user=user, at=clock.now())
    return f"/{offices[0].code}/work/" if offices else "/account/"


def enter(request: HttpRequest, user: User, wanted: str = "") -> HttpResponse:
    """Sign the person in and lead on: to what is still lacking, to where the person was going, or to the work."""
    session_rules.begin(request, user)
    until = session_rules.asked_until(request)
    if session_rules.insists(request):
        return _with_language(request, user, redirect("account"))
    if until is not None:
        zone = next((j.zone for j in jurisdictions_of(user=user, at=clock.now())), settings.TIME_ZONE)
        said = _(
            "Please set up a passkey or a code app on your account page. From %(day)s on you need one to work."
        )
        messages.warning(request, said % {"day": day_words(until, zone, with_time=False, now=clock.now())})
    return _with_language(request, user, redirect(safe_next(request, wanted) or landing_url(user)))


def _with_language(request: HttpRequest, user: User, response: HttpResponse) -> HttpResponse:
    """The person's own language on a device where none was chosen. Demo accounts leave it as it is."""
    name = settings.LANGUAGE_COOKIE_NAME
    if user.language in dict(settings.LANGUAGES) and name not in request.COOKIES and not user.is_demo:
        keep_language(response, user.language)
    return response


def keep_language(response: HttpResponseBase, language: str) -> None:
    """Remember the chosen language on this device for a year."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )


# ---- password, then the code of the app where there is one ----


def after_password(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    """The password was right: sign in, or ask for the second step."""
    if not codes.has_code_app(user):
        return enter(request, user, wanted)
    request.session.cycle_key()
    request.session[HALF] = {
        "user": user.pk,
        "at": int(clock.now().timestamp()),
        "password": user.get_session_auth_hash(),
        "next": wanted,
    }
    return redirect("sign_in_code")


def _half(request: HttpRequest) -> tuple[User, str] | None:
    """Who owes the second step, and where the person was going; None where nobody does, or not any more."""
    half = request.session.get(HALF)
    if not half or clock.now().timestamp() - half["at"] > HALF_SECONDS:
        return None
    user = User.objects.filter(pk=half["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != half["password"]:
        return None
    return user, half["next"]


@open_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """The code of the app after the password."""
    half = _half(request)
    if half is None:
        request.session.pop(HALF, None)
        return redirect("sign_in")
    form = SecondStepForm(request.POST or None, label_suffix="")
    if request.method != "POST" or not form.is_valid():
        return render(request, "session/second.html", {"form": form}, status=400 if form.errors else 200)
    user, wanted = half
    if not lockout.begin_code_try(user=user, at=clock.now()):
        context = {"form": SecondStepForm(label_suffix=""), "error": too_many()}
        return render(request, "session/second.html", context, status=429)
    if not _right_code(user, form.cleaned_data["code"]):
        form.add_error(
            "code",
            _("This code is not right, or was used already. The app shows a new one every half minute."),
        )
        return render(request, "session/second.html", {"form": form}, status=400)
    lockout.end_code_try(user=user, at=clock.now())
    request.session.pop(HALF, None)
    return enter(request, user, wanted)


def _right_code(user: User, typed: str) -> bool:
    now = clock.now()
    return codes.check_code(user=user, typed=typed, at=now) or codes.use_paper_code(
        user=user, typed=typed, at=now
    )


# ---- passkey ----


@open_page
@require_POST
@never_cache
def passkey_ask(request: HttpRequest) -> HttpResponse:
    """What the browser needs to ask the device for any passkey of this site."""
    return options_or_wait(
        request, lambda: passkeys.ask_for_proof(site=site_of(request), purpose="open", at=clock.now())
    )


@open_page
@require_POST
def passkey_enter(request: HttpRequest) -> HttpResponse:
    """Sign in by passkey: no name is typed, the device knows it."""
    wanted, now = request.POST.get("next", ""), clock.now()
    context = {"next": wanted}
    if not lockout.begin_address_try(address=address_of(request), at=now):
        return render(request, "session/sign_in.html", context | {"error": too_many()}, status=429)
    try:
        answer = request.POST.get("answer", "")
        user = passkeys.prove(site=site_of(request), purpose="open", answer=answer, at=now)
    except GongzhiError as error:
        said = {"error": str(error), "error_hint": error.what_to_do()}
        return render(request, "session/sign_in.html", context | said, status=400)
    lockout.end_address_try(address=address_of(request), at=now)
    return enter(request, user, wanted)


# ---- once more, before something that matters ----


@signed_in_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Show once more that it is you: by password here, by passkey below."""
    form = ConfirmForm(request.POST or None, label_suffix="")
    if request.method != "POST" or not form.is_valid():
        return _confirm_page(request, form, status=400 if form.errors else 200)
    user, now = _person(request), clock.now()
    if not lockout.begin_try(name=user.username, address=address_of(request), at=now):
        return _confirm_page(request, ConfirmForm(label_suffix=""), error=too_many(), status=429)
    if authenticate(request, username=user.username, password=form.cleaned_data["password"]) != user:
        form.add_error("password", _("This is not your password."))
        return _confirm_page(request, form, status=400)
    lockout.end_try(name=user.username, address=address_of(request), at=now)
    return _confirmed(request)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # signed_in_page lets nobody else in
    return request.user


def _confirm_page(request: HttpRequest, form: ConfirmForm, *, status: int, **said: str) -> HttpResponse:
    user = _person(request)
    context: dict[str, Any] = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "again": request.GET.get("again", ""),
        "has_password": user.has_usable_password(),
        "has_passkey": bool(passkeys.passkeys_of(user)),
        **said,
    }
    return render(request, "session/confirm.html", context, status=status)


def _confirmed(request: HttpRequest) -> HttpResponse:
    session_rules.prove(request)
    return redirect(safe_next(request, request.POST.get("next", "")) or "account")


@signed_in_page
@require_POST
@never_cache
def confirm_ask(request: HttpRequest) -> HttpResponse:
    """What the browser needs to ask the device for a passkey of this account."""
    user = _person(request)
    purpose = f"confirm {user.pk}"
    return options_or_wait(
        request,
        lambda: passkeys.ask_for_proof(site=site_of(request), purpose=purpose, at=clock.now(), of=user),
    )


@signed_in_page
@require_POST
def confirm_passkey(request: HttpRequest) -> HttpResponse:
    """Show by passkey that it is still the same person."""
    user, form = _person(request), ConfirmForm(label_suffix="")
    try:
        proved = passkeys.prove(
            site=site_of(request),
            purpose=f"confirm {user.pk}",
            answer=request.POST.get("answer", ""),
            at=clock.now(),
        )
    except GongzhiError as error:
        said = {"error": str(error), "error_hint": error.what_to_do()}
        return _confirm_page(request, form, status=400, **said)
    if proved != user:
        return _confirm_page(request, form, status=400, error=_("This passkey belongs to another account."))
    return _confirmed(request)
