"""One-time links: the first way into an account, and the way back when all others are lost."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gongzhi.apps.actors.public import User, links, lockout, passkeys, sessions
from gongzhi.kernel import clock
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.access import open_page
from gongzhi.site.pages.account import signing
from gongzhi.site.pages.account.forms import LinkForm, NewPasswordForm
from gongzhi.site.setup_words import DEVICE_NAMES

LINK_CODE: Final = "gz_link"


@open_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """Enter the code. A link brings it behind “#”, where no server and no log sees it; a script posts it."""
    form = LinkForm(request.POST or None, label_suffix="")
    if request.method != "POST" or not form.is_valid():
        return render(request, "account/link.html", {"form": form}, status=400 if form.errors else 200)
    now, address, code = clock.now(), signing.address_of(request), form.cleaned_data["code"]
    if not lockout.begin_address_try(address=address, at=now):
        return render(request, "account/link.html", {"form": form, "error": signing.too_many()}, status=429)
    if links.account_of(code, now) is None:
        refused = links.LinkError()
        form.add_error("code", f"{refused} {refused.what_to_do()}")
        return render(request, "account/link.html", {"form": form}, status=404)
    lockout.end_address_try(address=address, at=now)
    request.session.cycle_key()
    request.session[LINK_CODE] = code
    return redirect("link_set")


def _owner(request: HttpRequest) -> User | None:
    code = request.session.get(LINK_CODE, "")
    return links.account_of(code, clock.now()) if code else None


def _set_page(
    request: HttpRequest, user: User, form: NewPasswordForm, *, status: int = 200, **said: Any
) -> HttpResponse:
    return render(request, "account/link_set.html", {"person": user, "form": form, **said}, status=status)


@open_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link_set(request: HttpRequest) -> HttpResponseBase:
    """Choose the new way in: a passkey, or a password. Only then is the link used up."""
    user = _owner(request)
    if user is None:
        return _over(request)
    form = NewPasswordForm(user, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _set_page(request, user, form, status=400 if form.errors else 200)
    code = request.session[LINK_CODE]
    try:
        user = links.use_with_password(code=code, password=form.cleaned_data["password"], at=clock.now())
    except links.LinkError:
        return _over(request)
    return _in(request, user)


@open_page
@require_POST
@never_cache
def link_passkey_ask(request: HttpRequest) -> HttpResponse:
    """What the browser needs to make the account's new passkey."""
    user = _owner(request)
    if user is None:
        return HttpResponse(status=404)
    site = signing.site_of(request)
    return signing.options_or_wait(
        request, lambda: passkeys.ask_for_new(user=user, site=site, at=clock.now(), anew=True)
    )


@open_page
@require_POST
def link_passkey(request: HttpRequest) -> HttpResponseBase:
    """Keep the new passkey; the link is used up."""
    user = _owner(request)
    if user is None:
        return _over(request)
    device = sessions.device_of(request.headers.get("User-Agent", ""))
    try:
        user = links.use_with_passkey(
            code=request.session[LINK_CODE],
            site=signing.site_of(request),
            answer=request.POST.get("answer", ""),
            name=str(DEVICE_NAMES[device]),
            at=clock.now(),
        )
    except links.LinkError:
        return _over(request)
    except GongzhiError as error:
        said = {"error": str(error), "error_hint": error.what_to_do()}
        return _set_page(request, user, NewPasswordForm(user), status=400, **said)
    return _in(request, user)


def _in(request: HttpRequest, user: User) -> HttpResponse:
    request.session.pop(LINK_CODE, None)
    response = signing.enter(request, user, "/account/")
    messages.success(
        request, _("Your account is open. The link is used up; every former way into the account has ended.")
    )
    return response


def _over(request: HttpRequest) -> HttpResponseBase:
    request.session.pop(LINK_CODE, None)
    refused = links.LinkError()
    messages.error(request, f"{refused} {refused.what_to_do()}")
    return redirect("link")
