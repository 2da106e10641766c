"""Set-up of people: who holds which role for which unit and area. Roles are given and ended, never rewritten."""

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import Grant, User
from gongzhi.apps.places.public import has_ended, local_day
from gongzhi.kernel import clock
from gongzhi.site import session_rules
from gongzhi.site.access import PageRequest, ask_again, needs
from gongzhi.site.pages.admin.accounts import person_page
from gongzhi.site.pages.admin.forms import PersonForm, area_of
from gongzhi.site.setup_words import PERMISSION_NAMES, ROLE_NAMES

ROLES_SHOWN: Final = 500
UNSENT: Final = "gz_role_form"  # what was typed when the person had to show first that it is the person


@needs("manage_setup")
def setup_people(request: PageRequest) -> HttpResponseBase:
    """Who holds which role for which unit and area, and a form to give one."""
    j, now = request.jurisdiction, clock.now()
    if request.method == "POST" and not session_rules.is_fresh(request):
        request.session[UNSENT] = {name: request.POST.get(name, "") for name in PersonForm.base_fields}
        return ask_again(request, request.path)
    form = PersonForm(j, request.POST or None, request.session.pop(UNSENT, None))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        grant = actors.grant_role(
            user=_account(request, form),
            jurisdiction=j,
            role=values["role"],
            unit=values["unit"],
            area=area_of(j, values["area"]),
            by=request.actor.ref,
            at=now,
        )
        messages.success(request, _("The role was given."))
        if form.known is not None:
            return redirect("setup_people", j=j.code)
        code = actors.links.give_link(user=grant.user, by=request.actor.ref, at=now)
        return person_page(request, grant, code=code)
    today = local_day(j, now)
    held = list(actors.grants(j, now)[:ROLES_SHOWN])
    q = request.GET.get("q", "").strip()
    context = {
        "people": by_person([grant for grant in held if _fits(grant, q.casefold())]),
        "q": q,
        "shown": ROLES_SHOWN if len(held) == ROLES_SHOWN else 0,
        "form": form,
        "roles": role_table(),
        "ended_areas": {grant.pk for grant in held if has_ended(grant.area, today)},
    }
    return render(request, "admin/people.html", context, status=400 if form.errors else 200)


def by_person(held: list[Grant]) -> list[tuple[User, list[Grant]]]:
    """Each person once, with all roles held; in the order given."""
    people: dict[int, tuple[User, list[Grant]]] = {}
    for grant in held:
        people.setdefault(grant.user_id, (grant.user, []))[1].append(grant)
    return list(people.values())


def _fits(grant: Grant, words: str) -> bool:
    """Whether the words stand in the person's names, the unit's names or the role's."""
    names = [grant.user.username, grant.user.display_name]
    names += [str(name) for role, name in ROLE_NAMES.items() if role == grant.role]
    names += grant.unit.names.values() if grant.unit is not None else []
    return any(words in name.casefold() for name in names)


def role_table() -> list[tuple[str, list[str]]]:
    """Each role in words and what it may do, in words."""
    return [
        (str(name), [str(words) for key, words in PERMISSION_NAMES.items() if key in allowed])
        for role, name in ROLE_NAMES.items()
        if (allowed := actors.ROLE_PERMISSIONS[role])
    ]


def _account(request: PageRequest, form: PersonForm) -> User:
    """The account the form names, made or changed. One that works for another office too is left as it is."""
    known, values = form.known, form.cleaned_data
    if known is not None and form.works_elsewhere:
        return known
    return actors.save_user(
        username=values["username"],
        display_name=values["display_name"],
        password=None,
        language=known.language if known else "",
        is_demo=known.is_demo if known else False,
        by=request.actor.ref,
        at=clock.now(),
    )


@needs("manage_setup")
@require_POST
def end_role(request: PageRequest, grant_id: int) -> HttpResponseBase:
    """End a role now. Nobody ends the own right to run the set-up: the office would be locked out."""
    now = clock.now()
    grant = actors.grants(request.jurisdiction, now).filter(pk=grant_id).first()
    if grant is None:
        raise Http404(str(grant_id))
    if grant.role == "admin" and grant.user_id == request.actor.id:
        messages.error(
            request, _("You cannot end your own role as administrator. Ask another administrator.")
        )
    elif not session_rules.is_fresh(request):
        return ask_again(request, reverse("setup_people", args=[request.jurisdiction.code]))
    else:
        actors.end_grant(grant=grant, by=request.actor.ref, at=now)
        if grant.user_id == request.actor.id:
            session_rules.stay(request, grant.user)
        messages.success(request, _("The role has ended. What was done under it stays in the history."))
    return redirect("setup_people", j=request.jurisdiction.code)
