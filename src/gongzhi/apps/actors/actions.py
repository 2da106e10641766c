"""Writes: accounts, units, grants."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.apps.actors.models import Grant, Unit, User
from gongzhi.apps.actors.rules import Role
from gongzhi.apps.actors.signin.sessions import end_sessions
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import Area, Jurisdiction


@transaction.atomic
def save_unit(
    *,
    jurisdiction: Jurisdiction,
    code: str,
    kind: str,
    names: Mapping[str, str],
    by: str,
    at: datetime,
    parent: Unit | None = None,
    areas: Sequence[Area] = (),
    convening: bool = False,
    phone: str = "",
    active: bool | None = None,
) -> Unit:
    """Create or change a unit. Only one unit of a jurisdiction convenes: the role moves to the one saved last.

    `active` None leaves it at work or closed as it is; a new one is at work. A closed one that is put back to work
    (True) has no closing day any more.
    """
    if convening:
        Unit.objects.filter(jurisdiction=jurisdiction, convening=True).exclude(code=code).update(
            convening=False
        )
    unit, _ = Unit.objects.update_or_create(
        jurisdiction=jurisdiction,
        code=code,
        defaults={
            "kind": kind,
            "names": dict(names),
            "parent": parent,
            "convening": convening,
            "phone": phone,
            **_at_work(jurisdiction, code, active),
        },
    )
    unit.areas.set(areas)
    fields: dict[str, str | bool] = {"code": code, "kind": kind, "active": unit.active}
    ledger.record(
        tree=jurisdiction.code,
        kind="actors.unit_saved",
        subject=f"unit:{unit.pk}",
        by=by,
        at=at,
        fields=fields,
    )
    return unit


def _at_work(jurisdiction: Jurisdiction, code: str, active: bool | None) -> dict[str, Any]:
    if active is None:
        return {}
    if active and Unit.objects.filter(jurisdiction=jurisdiction, code=code, active=False).exists():
        return {"active": True, "closed_on": None, "successor": None, "closing_reason": ""}
    return {"active": active}


@transaction.atomic
def save_user(
    *,
    username: str,
    display_name: str,
    password: str | None,
    by: str,
    at: datetime,
    language: str = "",
    is_demo: bool = False,
    encoded: str = "",
) -> User:
    """Create or change an account; without a password it cannot sign in until one is set.

    `encoded` is a password that was hashed before: the demonstration's accounts share one.
    """
    user, created = User.objects.get_or_create(username=username, defaults={"date_joined": at})
    user.display_name, user.language, user.is_demo = display_name, language, is_demo
    if encoded:
        user.password = encoded
    elif password is not None:
        user.set_password(password)
    elif created:
        user.set_unusable_password()
    user.save()
    return user


@transaction.atomic
def grant_role(
    *,
    user: User,
    jurisdiction: Jurisdiction,
    role: Role,
    by: str,
    at: datetime,
    unit: Unit | None = None,
    area: Area | None = None,
) -> Grant:
    """Give a person a role for a unit and an area, from now on. Giving it twice changes nothing."""
    same = {
        "user": user,
        "jurisdiction": jurisdiction,
        "role": role,
        "unit": unit,
        "area": area,
        "until": None,
    }
    found = Grant.objects.filter(**same).first()
    if found is not None:
        return found
    grant = Grant.objects.create(**same, since=at)
    fields = {"user": user.pk, "role": role, "unit": unit.pk if unit else None}
    ledger.record(
        tree=jurisdiction.code,
        kind="actors.role_granted",
        subject=f"user:{user.pk}",
        by=by,
        at=at,
        fields=fields,
    )
    return grant


@transaction.atomic
def end_grant(*, grant: Grant, by: str, at: datetime) -> Grant:
    """End a role now; the row stays as history. A role that has ended stays ended when it did.

    The person is signed out everywhere: whoever still looks at a page of that role loses it at once.
    """
    if grant.until is not None and grant.until <= at:
        return grant
    grant.until = at
    grant.save(update_fields=["until"])
    ledger.record(
        tree=grant.jurisdiction.code,
        kind="actors.role_ended",
        subject=f"user:{grant.user_id}",
        by=by,
        at=at,
        fields={"role": grant.role},
    )
    end_sessions(grant.user)
    return grant
