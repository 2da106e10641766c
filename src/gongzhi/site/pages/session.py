"""Pages outside any office: sign-in, language, display mode."""

from typing import Any, Final

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import translate_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongzhi.apps.actors.public import User, jurisdictions_of, take_token
from gongzhi.kernel import clock
from gongzhi.site.access import ELDER_COOKIE, open_page

TRIES: Final = 10
TRY_SECONDS: Final = 900
YEAR: Final = 365 * 24 * 3600


class SignInForm(AuthenticationForm):
    """Django's form; its refusal names the fields as the page does."""

    def get_invalid_login_error(self) -> ValidationError:
        """The words for a wrong name or password."""
        name = _("User name").lower()
        return ValidationError(self.error_messages["invalid_login"], "invalid_login", {"username": name})


class SignIn(LoginView):
    """Sign-in with name and password; ten tries a quarter of an hour for a name and for an address."""

    template_name = "session/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse without looking at the password once too many tries were made."""
        now = clock.now()
        keys = (
            f"sign-in:{request.POST.get('username', '').lower()}",
            f"sign-in-from:{request.META['REMOTE_ADDR']}",
        )
        if not all(
            take_token(k, limit=TRIES * n, window_seconds=TRY_SECONDS, at=now) for n, k in enumerate(keys, 1)
        ):
            error = _("Too many tries. Please wait a quarter of an hour.")
            form = AuthenticationForm(request)
            return self.render_to_response(self.get_context_data(form=form, error=error), status=429)
        return super().post(request, *args, **kwargs)

    def get_success_url(self) -> str:
        """Where the person was going, else the first page that the person's role opens."""
        return self.get_redirect_url() or landing_url(self.request)


def landing_url(request: HttpRequest) -> str:
    """The page where a person's work begins."""
    from_user = request.user
    offices = jurisdictions_of(user=from_user, at=clock.now()) if isinstance(from_user, User) else []
    return f"/{offices[0].code}/work/" if offices else "/"


sign_in = open_page(SignIn.as_view())
sign_out = open_page(LogoutView.as_view())


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and safe else "/"


@open_page
@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Choose the language; kept in a cookie for a year."""
    chosen = request.POST.get("language", "")
    url = _back(request)
    if chosen not in dict(settings.LANGUAGES):
        return redirect(url)
    response = redirect(translate_url(url, chosen))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=settings.HTTPS
    )
    return response


@open_page
@require_POST
def display(request: HttpRequest) -> HttpResponseBase:
    """Choose large type or the usual one; kept in a cookie for a year."""
    response = redirect(_back(request))
    mode = "elder" if request.POST.get("display") == "elder" else "usual"
    response.set_cookie(
        ELDER_COOKIE, mode, max_age=YEAR, samesite="Lax", secure=settings.HTTPS, httponly=True
    )
    return response
