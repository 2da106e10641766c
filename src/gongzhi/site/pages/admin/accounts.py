"""Set-up of accounts: the way back for who is shut out, and what the office asks of the sign-in. All is logged."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import Grant, User, codes, duty, links, lockout, passkeys, passwords, sessions
from gongzhi.kernel import clock
from gongzhi.site import session_rules
from gongzhi.site.access import PageRequest, ask_again, needs
from gongzhi.site.pages.account.own import key_rows
from gongzhi.site.qr import qr_of
from gongzhi.site.setup_words import PERMISSION_NAMES, ROLE_NAMES


def _grant(request: PageRequest, grant_id: int) -> Grant:
    """A role held now in this office; its person is the account that the page is about."""
    found = actors.grants(request.jurisdiction, clock.now()).filter(pk=grant_id).first()
    if found is None:
        raise Http404(str(grant_id))
    return found


def works_elsewhere(request: PageRequest, user: User) -> bool:
    """Whether the person holds a role in another office now: then that office answers for the account as well."""
    offices = actors.jurisdictions_of(user=user, at=clock.now())
    return any(office.pk != request.jurisdiction.pk for office in offices)


@needs("manage_setup")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person_account(request: PageRequest, grant_id: int) -> HttpResponseBase:
    """How the account of somebody who holds a role here is opened, and what an administrator may do about it."""
    grant = _grant(request, grant_id)
    if request.method != "POST":
        return person_page(request, grant)
    if not session_rules.is_fresh(request):
        return ask_again(request, request.path)
    action = ACTIONS.get(request.POST.get("do", ""))
    if action is None:
        return redirect("person_account", j=request.jurisdiction.code, grant_id=grant_id)
    if works_elsewhere(request, grant.user):
        messages.error(
            request,
            _("This account also works for another office. Only whoever runs the server can open it."),
        )
        return redirect("person_account", j=request.jurisdiction.code, grant_id=grant_id)
    answer = action(request, grant)
    return answer or redirect("person_account", j=request.jurisdiction.code, grant_id=grant_id)


def person_page(request: PageRequest, grant: Grant, *, code: str = "") -> HttpResponse:
    """The page of an account; with the code of a link that was just given, shown this once."""
    user, now = grant.user, clock.now()
    address = link_address(request, code) if code else ""
    context: dict[str, Any] = {
        "grant": grant,
        "person": user,
        "passkeys": key_rows(passkeys.passkeys_of(user), request.jurisdiction.zone),
        "has_password": user.has_usable_password(),
        "has_code_app": codes.has_code_app(user),
        "waits": lockout.must_wait(user, now),
        "devices": len(sessions.sessions_of(user, now)),
        "elsewhere": works_elsewhere(request, user),
        "own": user.pk == request.actor.id,
        "code": code,
        "address": address,
        "qr": qr_of(address) if address else "",
    }
    return render(request, "admin/person.html", context)


def link_address(request: HttpRequest, code: str) -> str:
    """The link with its code behind “#”, which browsers keep to themselves."""
    return request.build_absolute_uri(reverse("link")) + "#" + code


def _give_link(request: PageRequest, grant: Grant) -> HttpResponse | None:
    if grant.user_id == request.actor.id:
        messages.error(request, _("For your own account, use your account page."))
        return None
    code = links.give_link(user=grant.user, by=request.actor.ref, at=clock.now())
    return person_page(request, grant, code=code)


def _unlock(request: PageRequest, grant: Grant) -> None:
    lockout.unlock(user=grant.user, jurisdiction=request.jurisdiction, by=request.actor.ref, at=clock.now())
    messages.success(request, _("The person can try again at once."))


def _remove_passkey(request: PageRequest, grant: Grant) -> None:
    value = request.POST.get("id", "")
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0
    if passwords.take_passkey_away(user=grant.user, passkey_id=number, by=request.actor.ref, at=clock.now()):
        messages.success(request, _("The passkey was removed, and the person is signed out everywhere."))


def _remove_password(request: PageRequest, grant: Grant) -> None:
    passwords.remove_password(user=grant.user, by=request.actor.ref, at=clock.now())
    messages.success(request, _("The password counts no more, and the person is signed out everywhere."))


def _end_sessions(request: PageRequest, grant: Grant) -> None:
    sessions.sign_out_everywhere(user=grant.user, by=request.actor.ref, at=clock.now())
    messages.success(request, _("The person is signed out everywhere."))


ACTIONS: Final[Mapping[str, Callable[[PageRequest, Grant], HttpResponse | None]]] = {
    "link": _give_link,
    "unlock": _unlock,
    "remove_passkey": _remove_passkey,
    "remove_password": _remove_password,
    "end_sessions": _end_sessions,
}


class RuleForm(forms.Form):
    """What the office asks of the sign-in, and from when on it insists."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles that need a passkey or a code app"),
        required=False,
        choices=list(ROLE_NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days until then"),
        min_value=0,
        max_value=duty.DAYS_MOST,
        help_text=gettext_lazy("They begin when a person is asked for the first time. 0: at once."),
    )


@needs("manage_setup")
@require_http_methods(["GET", "HEAD", "POST"])
def setup_roles(request: PageRequest) -> HttpResponseBase:
    """What each role may do, as the program itself looks it up; and who must sign in by more than a password."""
    j, now = request.jurisdiction, clock.now()
    rule = duty.rule_of(j)
    form = RuleForm(request.POST or None, initial={"roles": rule.roles, "days": rule.days}, label_suffix="")
    if request.method == "POST":
        if not session_rules.is_fresh(request):
            return ask_again(request, request.path)
        if form.is_valid():
            values = form.cleaned_data
            duty.set_rule(
                jurisdiction=j, roles=values["roles"], days=values["days"], by=request.actor.ref, at=now
            )
            messages.success(request, _("The rule was saved. It holds from each person's next sign-in."))
            return redirect("setup_roles", j=j.code)
    roles = list(ROLE_NAMES.items())
    matrix = [
        (words, [key in actors.ROLE_PERMISSIONS[role] for role, _name in roles])
        for key, words in PERMISSION_NAMES.items()
    ]
    context = {
        "roles": [name for _role, name in roles],
        "matrix": matrix,
        "form": form,
        "lacking": duty.lacking(j, now),
    }
    return render(request, "admin/roles.html", context, status=400 if form.errors else 200)
