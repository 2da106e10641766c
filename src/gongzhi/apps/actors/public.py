"""All that other apps may use of actors."""

from gongzhi.apps.actors.actions import (
    delete_rate_counters,
    end_grant,
    grant_role,
    save_unit,
    save_user,
    take_token,
)
from gongzhi.apps.actors.changes import (
    UnitError,
    close_unit,
    finish_closing,
    keep_unit,
    move_person,
    roles_in,
    someone_else_decides,
    standing_unit,
    successors_of,
    units_to_close,
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
    "UnitError",
    "User",
    "actor_of",
    "close_unit",
    "convening_unit",
    "delete_rate_counters",
    "end_grant",
    "finish_closing",
    "grant_role",
    "grants",
    "jurisdictions_of",
    "keep_unit",
    "move_person",
    "roles_in",
    "rate_counters",
    "save_unit",
    "save_user",
    "someone_else_decides",
    "standing_unit",
    "successors_of",
    "take_token",
    "units",
    "units_to_close",
]
