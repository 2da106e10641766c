"""Who may open which page. Every view says so with one decorator; a house test walks the URL table."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language

from gongzhi.apps.actors.public import RESIDENT, Actor, Permission, User, actor_of
from gongzhi.apps.places.public import Jurisdiction, jurisdiction_by_code
from gongzhi.kernel import clock
from gongzhi.site import session_rules

View = Callable[..., HttpResponseBase]
ELDER_COOKIE: Final = "gz_display"


class PageRequest(HttpRequest):
    """A request whose jurisdiction and actor are known. Only the decorators below make one."""

    jurisdiction: Jurisdiction
    actor: Actor


def _prepare(request: Any, j: str) -> None:
    jurisdiction = jurisdiction_by_code(j)
    if jurisdiction is None:
        raise Http404(j)
    request.jurisdiction = jurisdiction
    request.actor = RESIDENT
    if isinstance(request.user, User):
        request.actor = actor_of(user=request.user, jurisdiction=jurisdiction, at=clock.now())


def open_page(view: View) -> View:
    """A page outside any jurisdiction that everybody may open: start, sign-in, health."""
    view.access = "open"  # type: ignore[attr-defined]
    return view


def public_page(view: View) -> View:
    """A page of a jurisdiction that everybody may open."""

    @wraps(view)
    def opened(request: Any, j: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _prepare(request, j)
        return view(request, *args, **kwargs)

    opened.access = "public"  # type: ignore[attr-defined]
    return opened


def needs(*permissions: Permission) -> Callable[[View], View]:
    """A page for staff who hold any of the permissions in this jurisdiction; others sign in first or are refused."""

    def guard(view: View) -> View:
        @wraps(view)
        def opened(request: Any, j: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            _prepare(request, j)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not any(request.actor.may(p) for p in permissions):
                raise PermissionDenied
            if request.actor.may(session_rules.STRICT) and session_rules.is_over_for_admins(request):
                session_rules.sign_out(request)
                return redirect_to_login(request.get_full_path())
            if session_rules.insists(request):
                return redirect("account")
            return view(request, *args, **kwargs)

        opened.access = permissions  # type: ignore[attr-defined]
        return opened

    return guard


def signed_in_page(view: View) -> View:
    """A page outside any office for everybody who is signed in: the own account."""

    @wraps(view)
    def opened(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    opened.access = "signed in"  # type: ignore[attr-defined]
    return opened


def fresh(view: View) -> View:
    """What is done only by who showed within ten minutes that it is the person; stands below `needs` and the like.

    A form that was sent is not lost without a word: the page that asks says that it must be sent again.
    """

    @wraps(view)
    def opened(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if session_rules.is_fresh(request) else ask_again(request)

    return opened


def ask_again(request: HttpRequest, back: str = "") -> HttpResponseBase:
    """Lead to the page that asks who is there, and from it to `back`, the page itself or the one with the form."""
    if not back:
        back = request.get_full_path() if request.method == "GET" else request.POST.get("back", "")
    asked = {"next": back} if back.startswith("/") else {}
    if request.method == "POST":
        asked["again"] = "1"
    return redirect(f"{reverse('account_confirm')}?{urlencode(asked)}")


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What every template may use: jurisdiction, actor, language, display mode."""
    return {
        "jurisdiction": getattr(request, "jurisdiction", None),
        "actor": getattr(request, "actor", RESIDENT),
        "lang": get_language() or "zh-hans",
        "elder": request.COOKIES.get(ELDER_COOKIE) == "elder",
        "now": clock.now(),
    }
