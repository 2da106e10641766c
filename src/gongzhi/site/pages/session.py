"""Pages outside any office: sign-in with a password, signing out, language, display mode."""

from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import translate_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongzhi.apps.actors.public import User, lockout
from gongzhi.kernel import clock
from gongzhi.site import session_rules
from gongzhi.site.access import ELDER_COOKIE, open_page
from gongzhi.site.pages.account import signing


class SignInForm(AuthenticationForm):
    """Django's form; its refusal names the fields as the page does."""

    def get_invalid_login_error(self) -> ValidationError:
        """The words for a wrong name or password."""
        name = _("User name").lower()
        return ValidationError(self.error_messages["invalid_login"], "invalid_login", {"username": name})


class SignIn(LoginView):
    """Sign-in with name and password. Wrong tries are counted for a name and for an address."""

    template_name = "session/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse without looking at the password once too many wrong tries were made.

        A name that does not exist is answered with the same words and after the same work as one that does: Django's
        backend hashes the password either way.
        """
        name, address, now = request.POST.get("username", ""), signing.address_of(request), clock.now()
        if not name or not request.POST.get("password"):
            return self.form_invalid(self.get_form())
        if not lockout.begin_try(name=name, address=address, at=now):
            context = self.get_context_data(form=SignInForm(request), error=signing.too_many())
            return self.render_to_response(context, status=429)
        form: AuthenticationForm = self.get_form()
        if not form.is_valid():
            return self.form_invalid(form)
        lockout.end_try(name=name, address=address, at=now)
        user = form.get_user()
        assert isinstance(user, User)
        return signing.after_password(request, user, self.get_redirect_url())

    def get_success_url(self) -> str:
        """Where who is signed in already goes: where the person was going, else the first page of the work."""
        user = self.request.user
        return self.get_redirect_url() or (signing.landing_url(user) if isinstance(user, User) else "/")


sign_in = open_page(SignIn.as_view())


@open_page
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session on this device."""
    session_rules.sign_out(request)
    return redirect("start")


def _back(request: HttpRequest) -> str:
    return signing.safe_next(request, request.POST.get("next", "")) or "/"


@open_page
@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Choose the language; kept in a cookie for a year."""
    chosen = request.POST.get("language", "")
    url = _back(request)
    if chosen not in dict(settings.LANGUAGES):
        return redirect(url)
    response = redirect(translate_url(url, chosen))
    signing.keep_language(response, chosen)
    return response


@open_page
@require_POST
def display(request: HttpRequest) -> HttpResponseBase:
    """Choose large type or the usual one; kept in a cookie for a year."""
    response = redirect(_back(request))
    mode = "elder" if request.POST.get("display") == "elder" else "usual"
    response.set_cookie(
        ELDER_COOKIE,
        mode,
        max_age=signing.YEAR,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
    )
    return response
