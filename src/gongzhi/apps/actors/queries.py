"""Reads: the actor behind a sign-in, units and their names."""

from datetime import datetime

from django.db.models import Q, QuerySet

from gongzhi.apps.actors import rules
from gongzhi.apps.actors.models import Grant, RateCounter, Unit, User
from gongzhi.apps.actors.rules import Actor, Role
from gongzhi.apps.places.public import Jurisdiction, descend


def current_grants(user: User, jurisdiction: Jurisdiction, at: datetime) -> list[Grant]:
    """The grants of the person that hold at this moment in this jurisdiction."""
    return list(
        Grant.objects.filter(user=user, jurisdiction=jurisdiction, since__lte=at)
        .filter(Q(until=None) | Q(until__gt=at))
        .order_by("pk")
    )


def actor_of(*, user: User, jurisdiction: Jurisdiction, at: datetime) -> Actor:
    """The person as an actor in one jurisdiction, with all that the grants valid at this moment allow."""
    grants = current_grants(user, jurisdiction, at)
    held = {grant.role for grant in grants}
    roles: frozenset[Role] = frozenset(role for role in rules.ROLE_PERMISSIONS if role in held)
    return Actor(
        kind="user",
        id=user.pk,
        label=user.display_name or user.username,
        unit_ids=frozenset(
            g.unit_id
            for g in grants
            if g.unit_id is not None and "handle_task" in rules.permissions_of_role(g.role)
        ),
        area_ids=_areas_overseen(jurisdiction, grants),
        jurisdiction_id=jurisdiction.pk,
        permissions=rules.permissions_of(roles),
    )


def _areas_overseen(jurisdiction: Jurisdiction, grants: list[Grant]) -> frozenset[int]:
    """The areas whose cases the person sees by role, with all below them; empty where a role reaches everywhere.

    The area of a role that oversees nothing (a handler's, a grid worker's) neither widens nor narrows it.
    """
    seeing = [g for g in grants if "see_all_cases" in rules.permissions_of_role(g.role)]
    if any(grant.area_id is None for grant in seeing):
        return frozenset()
    return frozenset(
        pk for grant in seeing if grant.area_id is not None for pk in descend(jurisdiction, grant.area_id)
    )


def jurisdictions_of(*, user: User, at: datetime) -> list[Jurisdiction]:
    """Where the person holds any role now."""
    grants = Grant.objects.filter(user=user, since__lte=at).filter(Q(until=None) | Q(until__gt=at))
    return list(Jurisdiction.objects.filter(pk__in=grants.values("jurisdiction_id")).order_by("code"))


def units(jurisdiction: Jurisdiction, *, active_only: bool = True) -> QuerySet[Unit]:
    """The units of the jurisdiction by code."""
    rows = Unit.objects.filter(jurisdiction=jurisdiction).order_by("code")
    return rows.filter(active=True) if active_only else rows


def convening_unit(jurisdiction: Jurisdiction) -> Unit | None:
    """The one unit that holds the convening role."""
    return units(jurisdiction).filter(convening=True).first()


def grants(jurisdiction: Jurisdiction, at: datetime) -> QuerySet[Grant]:
    """All grants valid now, with person, unit and area; for the set-up pages."""
    return (
        Grant.objects.filter(jurisdiction=jurisdiction, since__lte=at)
        .filter(Q(until=None) | Q(until__gt=at))
        .select_related("user", "unit", "area")
        .order_by("user__username", "pk")
    )


def rate_counters(limit: int) -> list[str]:
    """The hashed keys of which uses are counted, at most `limit`."""
    return list(RateCounter.objects.order_by("pk").values_list("pk", flat=True)[:limit])
