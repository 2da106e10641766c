"""Whom an office asks for a passkey or a second step, and from when on it insists."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from gongzhi.apps.actors.models import Grant, Passkey, SignInRule, User
from gongzhi.apps.actors.queries import current_grants, jurisdictions_of
from gongzhi.apps.actors.rules import ROLE_PERMISSIONS, Role
from gongzhi.apps.actors.signin.codes import has_code_app
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import Jurisdiction

ROLES: Final[tuple[Role, ...]] = ("coordinator", "admin", "auditor")
DAYS: Final = 14
DAYS_MOST: Final = 365


def rule_of(jurisdiction: Jurisdiction) -> SignInRule:
    """What the office asks; unless it has said so itself, coordinators, administrators and auditors within 14 days."""
    rule = SignInRule.objects.filter(jurisdiction=jurisdiction).first()
    return rule or SignInRule(jurisdiction=jurisdiction, roles=list(ROLES), days=DAYS)


@transaction.atomic
def set_rule(
    *, jurisdiction: Jurisdiction, roles: Collection[str], days: int, by: str, at: datetime
) -> SignInRule:
    """Change what the office asks. `days` is how long people may still sign in without it, from their next sign-in."""
    known = [role for role in ROLE_PERMISSIONS if role in roles]
    rule, _made = SignInRule.objects.update_or_create(
        jurisdiction=jurisdiction, defaults={"roles": known, "days": min(max(days, 0), DAYS_MOST)}
    )
    ledger.record(
        tree=jurisdiction.code,
        kind="actors.sign_in_rule_set",
        subject=f"jurisdiction:{jurisdiction.pk}",
        by=by,
        at=at,
        fields={"roles": " ".join(known), "days": rule.days},
    )
    return rule


def is_strong(user: User) -> bool:
    """Whether the account has a passkey, or a code app beside its password."""
    return Passkey.objects.filter(user=user).exists() or has_code_app(user)


def _days_left_by_rule(user: User, at: datetime) -> int | None:
    days = []
    for jurisdiction in jurisdictions_of(user=user, at=at):
        rule = rule_of(jurisdiction)
        held = {grant.role for grant in current_grants(user, jurisdiction, at)}
        if held & set(rule.roles):
            days.append(rule.days)
    return min(days, default=None)


def insist_from(user: User, at: datetime) -> datetime | None:
    """From when on the person may not work without a passkey or a second step; None where nothing is asked.

    The days begin when the person is asked for the first time: so nobody is shut out by surprise, neither by an
    upgrade nor by a new role. Accounts of the demonstration are never asked.
    """
    days = None if user.is_demo or is_strong(user) else _days_left_by_rule(user, at)
    if days is None:
        User.objects.filter(pk=user.pk).exclude(asked_since=None).update(asked_since=None)
        return None
    if user.asked_since is None:
        User.objects.filter(pk=user.pk, asked_since=None).update(asked_since=at)
        user.refresh_from_db(fields=["asked_since"])
    return (user.asked_since or at) + timedelta(days=days)


def lacking(jurisdiction: Jurisdiction, at: datetime) -> int:
    """How many people hold a role of which the office asks more, and have neither passkey nor code app."""
    held = Grant.objects.filter(
        jurisdiction=jurisdiction, role__in=rule_of(jurisdiction).roles, since__lte=at
    )
    held = held.exclude(until__lte=at)
    people = User.objects.filter(pk__in=held.values("user_id"), is_active=True, is_demo=False)
    return people.filter(passkeys=None).exclude(code_app__confirmed_at__isnull=False).distinct().count()
