"""The own account: how it is opened, where it is open now, and what its roles allow."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import Passkey, User, codes, passkeys, passwords, sessions
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site import session_rules
from gongzhi.site.access import ask_again, fresh, signed_in_page
from gongzhi.site.labels import day_words
from gongzhi.site.pages.account import signing
from gongzhi.site.pages.account.forms import AppCodeForm, LanguageForm, NewPasswordForm
from gongzhi.site.qr import qr_of
from gongzhi.site.setup_words import DEVICE_NAMES, PERMISSION_NAMES, ROLE_NAMES


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # signed_in_page lets nobody else in
    return request.user


@signed_in_page
@never_cache
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """All about the own account on one page."""
    return _page(request)


def _page(request: HttpRequest, *, status: int = 200, **said: str) -> HttpResponse:
    user, now = _person(request), clock.now()
    session_rules.look_again(request, user)
    offices = actors.jurisdictions_of(user=user, at=now)
    zone = offices[0].zone if offices else settings.TIME_ZONE
    until = session_rules.asked_until(request)
    context: dict[str, Any] = {
        "person": user,
        "languages_form": LanguageForm(
            initial={"language": user.language or get_language()}, label_suffix="", auto_id="account_%s"
        ),
        "passkeys": key_rows(passkeys.passkeys_of(user), zone),
        "has_password": user.has_usable_password(),
        "has_code_app": codes.has_code_app(user),
        "paper_codes": codes.paper_codes_left(user),
        "sessions": _session_rows(request, user, zone),
        "roles": [(office, _roles_in(office, user)) for office in offices],
        "asked_until": day_words(until, zone, with_time=False, now=now) if until else "",
        "insists": session_rules.insists(request),
        "work": signing.landing_url(user) if offices else "",
        **said,
    }
    return render(request, "account/account.html", context, status=status)


def key_rows(keys: list[Passkey], zone: str) -> list[dict[str, Any]]:
    """Each passkey with the day it was added and, as a day only, when it was last used."""
    now = clock.now()
    rows = []
    for key in keys:
        used = datetime.combine(key.last_used_on, time(12), UTC) if key.last_used_on else None
        words = day_words(used, zone, with_time=False, now=now) if used else ""
        rows.append(
            {"key": key, "added": day_words(key.created_at, zone, with_time=False, now=now), "used": words}
        )
    return rows


def _session_rows(request: HttpRequest, user: User, zone: str) -> list[dict[str, Any]]:
    """Where the person is signed in: the kind of device, since when, used last when, whether it is this one."""
    now = clock.now()
    return [
        {
            "id": one.pk,
            "device": DEVICE_NAMES[one.device],
            "since": day_words(one.started_at, zone, now=now),
            "used": day_words(one.seen_at, zone, now=now),
            "here": one.session_key == request.session.session_key,
        }
        for one in sessions.sessions_of(user, now)
    ]


def _roles_in(office: Any, user: User) -> list[dict[str, Any]]:
    """Each role that the person holds in an office: its name, unit and area, and what it allows, in words."""
    found = []
    for grant in actors.grants(office, clock.now()).filter(user=user):
        role = next((key for key in ROLE_NAMES if key == grant.role), None)
        if role is not None:
            allowed = actors.ROLE_PERMISSIONS[role]
            rights = [str(words) for key, words in PERMISSION_NAMES.items() if key in allowed]
            found.append({"name": ROLE_NAMES[role], "grant": grant, "rights": rights})
    return found


# ---- passkeys ----


@signed_in_page
@require_POST
@never_cache
def passkey_ask(request: HttpRequest) -> HttpResponseBase:
    """What the browser needs to make a passkey for the account."""
    if not session_rules.is_fresh(request):
        return signing.options_or_wait(request, lambda: {"again": True})
    return signing.options_or_wait(
        request,
        lambda: passkeys.ask_for_new(user=_person(request), site=signing.site_of(request), at=clock.now()),
    )


@signed_in_page
@require_POST
@fresh
def passkey_add(request: HttpRequest) -> HttpResponseBase:
    """Keep the passkey that the device has made."""
    device = sessions.device_of(request.headers.get("User-Agent", ""))
    name = request.POST.get("name", "").strip() or str(DEVICE_NAMES[device])
    try:
        passkeys.add(
            user=_person(request),
            site=signing.site_of(request),
            answer=request.POST.get("answer", ""),
            name=name,
            at=clock.now(),
        )
    except GongzhiError as error:
        return _page(request, status=400, error=str(error), error_hint=error.what_to_do())
    messages.success(request, _("The passkey was added. You can sign in with it from now on."))
    return redirect("account")


# ---- password ----


@signed_in_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fresh
def password(request: HttpRequest) -> HttpResponseBase:
    """Set a new password. All other sessions end."""
    user = _person(request)
    if user.is_demo:
        return _demo(request)
    form = NewPasswordForm(user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "account/password.html", {"form": form}, status=400 if form.errors else 200)
    passwords.set_password(user=user, password=form.cleaned_data["password"], at=clock.now())
    session_rules.stay(request, user)
    messages.success(request, _("The new password is set. On other devices you are signed out."))
    return redirect("account")


def _demo(request: HttpRequest) -> HttpResponse:
    messages.error(
        request,
        _("This is an account of the demonstration. Others use it too, so its password stays as it is."),
    )
    return redirect("account")


# ---- code app ----


@signed_in_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fresh
def code_app(request: HttpRequest) -> HttpResponseBase:
    """Set up a code app: scan, type the first code, get codes for paper."""
    user = _person(request)
    if user.is_demo:
        return _demo(request)
    if not user.has_usable_password():
        messages.error(request, _("A code app is the second step after a password. Set a password first."))
        return redirect("account")
    form = AppCodeForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        if not codes.confirm_code_app(user=user, typed=form.cleaned_data["code"], at=clock.now()):
            form.add_error(
                "code",
                _("This code is not right. Look whether the clock of your phone is, and try the next one."),
            )
        else:
            session_rules.look_again(request, user)
            return _paper(request, user)
    secret = codes.pending_secret(user)
    context = {
        "form": form,
        "secret": " ".join(secret[n : n + 4] for n in range(0, len(secret), 4)),
        "qr": qr_of(codes.app_address(user, secret, request.get_host())),
    }
    return render(request, "account/code_app.html", context, status=400 if form.errors else 200)


def _paper(request: HttpRequest, user: User) -> HttpResponse:
    """Ten new codes, shown this once."""
    made = codes.new_paper_codes(user=user, at=clock.now())
    return render(request, "account/paper_codes.html", {"codes": made})


@signed_in_page
@never_cache
@require_POST
@fresh
def paper_codes(request: HttpRequest) -> HttpResponseBase:
    """New codes on paper in place of the former ones."""
    user = _person(request)
    return _paper(request, user) if codes.has_code_app(user) else redirect("account")


# ---- small things, by one button each ----


def _remove_passkey(request: HttpRequest, user: User) -> None:
    if len(passkeys.passkeys_of(user)) == 1 and not user.has_usable_password():
        messages.error(
            request, _("This is the only way into your account. Add another passkey or a password first.")
        )
    elif passkeys.remove(user=user, passkey_id=_number(request), by=_ref(user), at=clock.now()):
        messages.success(request, _("The passkey was removed. It opens nothing here any more."))


def _remove_code_app(request: HttpRequest, user: User) -> None:
    if codes.remove_code_app(user=user, by=_ref(user), at=clock.now()):
        messages.success(request, _("The code app was removed. Its codes and those on paper count no more."))


def _end_session(request: HttpRequest, user: User) -> None:
    if sessions.end_session(user=user, session_id=_number(request)):
        messages.success(request, _("That device is signed out."))


def _end_others(request: HttpRequest, user: User) -> None:
    sessions.sign_out_everywhere(user=user, by=_ref(user), at=clock.now())
    session_rules.stay(request, user)
    messages.success(request, _("You are signed out everywhere but here."))


def _language(request: HttpRequest, user: User) -> None:
    form = LanguageForm(request.POST)
    if form.is_valid():
        user.language = form.cleaned_data["language"]
        user.save(update_fields=["language"])
        messages.success(
            request, _("The language was saved. Other devices follow unless you chose one there.")
        )


def _number(request: HttpRequest) -> int:
    value = request.POST.get("id", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0


def _ref(user: User) -> str:
    return f"user:{user.pk}"


ACTIONS: Final[Mapping[str, Callable[[HttpRequest, User], None]]] = {
    "remove_passkey": _remove_passkey,
    "remove_code_app": _remove_code_app,
    "end_session": _end_session,
    "end_others": _end_others,
    "language": _language,
}
# Making the account easier to open needs a fresh proof; closing something does not.
NEEDS_PROOF: Final = frozenset({"remove_passkey", "remove_code_app"})


@signed_in_page
@require_POST
def account_do(request: HttpRequest) -> HttpResponseBase:
    """One of the buttons of the account page."""
    wanted = request.POST.get("do", "")
    action = ACTIONS.get(wanted)
    if action is None:
        return redirect("account")
    if wanted in NEEDS_PROOF and not session_rules.is_fresh(request):
        return ask_again(request, "/account/")
    user = _person(request)
    action(request, user)
    response = redirect("account")
    if wanted == "language" and user.language:
        signing.keep_language(response, user.language)
    return response
