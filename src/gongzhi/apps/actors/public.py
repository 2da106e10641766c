"""All that other apps may use of actors."""

from gongzhi.apps.actors.actions import (
    delete_rate_counters,
    end_grant,
    grant_role,
    save_unit,
    save_user,
    take_token,
)
from gongzhi.apps.actors.models import Grant, Unit, User
from gongzhi.apps.actors.queries import (
    actor_of,
    convening_unit,
    grants,
    jurisdictions_of,
    rate_counters,
    units,
)
from gongzhi.apps.actors.rules import RESIDENT, ROLE_PERMISSIONS, SYSTEM, Actor, Permission, Role

__all__ = [
    "RESIDENT",
    "ROLE_PERMISSIONS",
    "SYSTEM",
    "Actor",
    "Grant",
    "Permission",
    "Role",
    "Unit",
    "User",
    "actor_of",
    "convening_unit",
    "delete_rate_counters",
    "end_grant",
    "grant_role",
    "grants",
    "jurisdictions_of",
    "rate_counters",
    "save_unit",
    "save_user",
    "take_token",
    "units",
]
