"""Who may do what: one table from role to permissions, and what an actor is. No ORM, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Permission = Literal[
    "see_inbox",
    "decide_case",
    "see_all_cases",
    "handle_task",
    "see_contact",
    "see_figures",
    "manage_setup",
    "import_file",
    "see_ledger",
    "file_for_others",
]
Role = Literal["worker", "handler", "coordinator", "leader", "admin", "auditor"]

ROLE_PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    # The grid worker sees and handles what lies with the unit, and files what residents say at the door.
    "worker": frozenset({"handle_task", "see_contact", "file_for_others"}),
    "handler": frozenset({"handle_task", "see_contact"}),
    "coordinator": frozenset(
        {
            "see_inbox",
            "decide_case",
            "see_all_cases",
            "handle_task",
            "see_contact",
            "see_figures",
            "import_file",
            "file_for_others",
        }
    ),
    # A leader sees matters and figures, not the residents' contacts.
    "leader": frozenset({"see_all_cases", "see_figures"}),
    # Who runs the set-up does not thereby see cases: separation of duties (三员分立).
    "admin": frozenset({"manage_setup", "import_file"}),
    "auditor": frozenset({"see_ledger", "see_figures"}),
}

ActorKind = Literal["user", "resident", "system"]


@dataclass(frozen=True)
class Actor:
    """Who does something: a signed-in person acting for a unit, a resident without account, or the program.

    `unit_ids` are the units whose tasks the person handles; `area_ids` narrows what `see_all_cases` shows, empty
    means everywhere in the jurisdiction.
    """

    kind: ActorKind
    id: int | None
    label: str
    unit_ids: frozenset[int] = frozenset()
    area_ids: frozenset[int] = frozenset()
    jurisdiction_id: int | None = None
    permissions: frozenset[Permission] = field(default=frozenset())

    @property
    def ref(self) -> str:
        """How steps and the ledger name the actor: `user:3`, `resident` or `system`."""
        return f"{self.kind}:{self.id}" if self.id is not None else self.kind

    @property
    def unit_id(self) -> int | None:
        """The unit the actor acts for where there is just one or one first (the lowest id)."""
        return min(self.unit_ids) if self.unit_ids else None

    def works_in(self, jurisdiction_id: int) -> bool:
        """Whether the actor was made for this jurisdiction; residents and the program belong to none."""
        return self.jurisdiction_id in {None, jurisdiction_id}

    def may(self, permission: Permission) -> bool:
        """Whether the actor holds the permission in this jurisdiction."""
        return permission in self.permissions


SYSTEM: Final = Actor("system", None, "system", permissions=frozenset({"see_all_cases", "decide_case"}))
RESIDENT: Final = Actor("resident", None, "resident")


def permissions_of_role(role: str) -> frozenset[Permission]:
    """What one role may do; nothing for a role that does not exist any more."""
    return ROLE_PERMISSIONS.get(role, frozenset())  # type: ignore[call-overload, no-any-return]


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """All permissions that the roles bring together."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles)) if roles else frozenset()
