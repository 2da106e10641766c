"""Pure decisions: whose word it is, what counts as an asking, how often a case went to and fro."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

DESK: Final = "desk"
ARBITER: Final = "arbiter"
ASKED: Final = "asked"
ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
# The unit took the case on after all: as if it had never asked.
WITHDRAWN: Final = "withdrawn"
# Somebody moved the case before anybody decided.
LAPSED: Final = "lapsed"
CLAIMS: Final = ("wrong", "right", "missing")
# Fewer decided ones give no middle time: it would be one case's.
FEWEST: Final = 5


def number_of(states_before: Iterable[str]) -> int:
    """Which asking of its case the next one is, counted from 1; those that the unit itself took back do not count."""
    return 1 + sum(state != WITHDRAWN for state in states_before)


def decider(number: int, arbiter_from: int) -> str:
    """Who decides the asking with this number."""
    return ARBITER if number >= arbiter_from else DESK


@dataclass(frozen=True)
class Asked:
    """One asking as the figures need it: by what it is grouped, whose case, how it ended and when."""

    group: str
    case_id: int
    state: str
    asked_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True)
class Hops:
    """How often cases of a group were handed back. `hours`: the middle time until decided, None for fewer than 5."""

    group: str
    asked: int
    cases: int
    accepted: int
    refused: int
    hours: float | None
    decided: int


def hops(rows: Iterable[Asked]) -> list[Hops]:
    """The figures by group, most askings first."""
    by_group: dict[str, list[Asked]] = {}
    for row in rows:
        if row.state != WITHDRAWN:
            by_group.setdefault(row.group, []).append(row)
    return sorted(
        (_hops(group, found) for group, found in by_group.items()), key=lambda h: (-h.asked, h.group)
    )


def _hops(group: str, rows: list[Asked]) -> Hops:
    spans = [
        (row.decided_at - row.asked_at).total_seconds() / 3600
        for row in rows
        if row.decided_at is not None and row.state in (ACCEPTED, REFUSED)
    ]
    return Hops(
        group=group,
        asked=len(rows),
        cases=len({row.case_id for row in rows}),
        accepted=sum(row.state == ACCEPTED for row in rows),
        refused=sum(row.state == REFUSED for row in rows),
        hours=median(spans) if len(spans) >= FEWEST else None,
        decided=len(spans),
    )
