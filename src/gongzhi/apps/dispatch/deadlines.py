"""By when an answer is due: counted from a moment, by a line of the power list, on the office's calendar."""

from dataclasses import dataclass
from datetime import datetime

from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch.models import PowerItem, Task
from gongzhi.apps.places.public import Jurisdiction, calendar_of
from gongzhi.kernel.calendar import Promise, due_at, unpublished_years


@dataclass(frozen=True)
class Deadline:
    """A moment, from when it was counted, and whether it may move: a year within has no published holidays yet."""

    due_at: datetime | None
    counted_from: datetime | None = None
    may_move: bool = False
    line: PowerItem | None = None


def due_by(item: PowerItem, jurisdiction: Jurisdiction, since: datetime) -> datetime:
    """By when a line of the power list wants the answer, counted from `since` on the office's calendar."""
    promise = Promise(amount=item.amount, unit=item.time_unit)  # type: ignore[arg-type]
    return due_at(since, promise, calendar_of(jurisdiction))


def deadline_of(case: Case, item: PowerItem, since: datetime) -> datetime:
    """As `due_by`, for a case."""
    return due_by(item, case.jurisdiction, since)


def deadline_by(item: PowerItem, jurisdiction: Jurisdiction, since: datetime) -> Deadline:
    """As `due_by`, with from when it counts and whether it may move."""
    due = due_by(item, jurisdiction, since)
    return Deadline(due, since, may_move(item, jurisdiction, since, due), item)


def may_move(item: PowerItem, jurisdiction: Jurisdiction, since: datetime, due: datetime) -> bool:
    """Whether the day may still move: holidays within are not published. Hours run through holidays as well."""
    return item.time_unit != "hour" and bool(unpublished_years(since, due, calendar_of(jurisdiction)))


def deadline_in(task: Task) -> Deadline:
    """The deadline that a task has."""
    return Deadline(task.due_at, task.counted_from, task.day_may_move, task.day_line)
