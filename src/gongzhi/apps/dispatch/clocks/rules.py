"""Pure decisions: when a case is due with its pauses and its extension, what the published list of pauses says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gongzhi.kernel.calendar import Pause, Promise, WorkCalendar, due_at, moved_end

ASKED: Final = "asked"
APPROVED: Final = "approved"
REFUSED: Final = "refused"
LAPSED: Final = "lapsed"


@dataclass(frozen=True)
class Extended:
    """A new day that was approved, and when."""

    new_due: datetime
    decided_at: datetime


def due_with(
    since: datetime,
    promise: Promise,
    calendar: WorkCalendar,
    pauses: Sequence[Pause],
    extended: Extended | None = None,
) -> datetime:
    """When the promise counted from `since` is due: by the approved day where there is one, pushed by the pauses.

    An extension that was approved before `since` belongs to an earlier promise and does not count.
    """
    if extended is None or extended.decided_at < since:
        return due_at(since, promise, calendar, pauses)
    return moved_end(extended.new_due, extended.decided_at, promise.unit, calendar, pauses)


@dataclass(frozen=True)
class Paused:
    """One pause as the published list needs it: by what it is grouped, from when until when."""

    group: str
    case_id: int
    start: datetime
    stop: datetime


@dataclass(frozen=True)
class PauseSum:
    """The pauses of a group: how many, of how many cases, how many hours in all (by the clock)."""

    group: str
    pauses: int
    cases: int
    hours: float


def sums(rows: Iterable[Paused]) -> list[PauseSum]:
    """The pauses by group, the longest together first."""
    by_group: dict[str, list[Paused]] = {}
    for row in rows:
        by_group.setdefault(row.group, []).append(row)
    found = [
        PauseSum(
            group=group,
            pauses=len(rows_of),
            cases=len({row.case_id for row in rows_of}),
            hours=sum((row.stop - row.start).total_seconds() for row in rows_of) / 3600,
        )
        for group, rows_of in by_group.items()
    ]
    return sorted(found, key=lambda s: (-s.hours, s.group))
