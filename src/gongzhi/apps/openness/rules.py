"""What a figure is made of: counts and medians with their base. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

MIN_FOR_MEDIAN = 5  # below it a middle value says more about one case than about the office


@dataclass(frozen=True)
class CaseTimes:
    """What a figure needs of one case."""

    group: str
    state: str
    opened_at: datetime
    contacted_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    reopened: int
    late: bool


@dataclass(frozen=True)
class FigureRow:
    """One line of the table. Durations are median hours; None where fewer than five cases have one."""

    group: str
    cases: int
    open: int
    answered: int
    closed: int
    solved: int
    reopened: int
    late: int
    hours_to_contact: float | None
    contact_base: int
    hours_to_resolution: float | None
    resolution_base: int


def median_hours(spans: Sequence[tuple[datetime, datetime]]) -> float | None:
    """The median of the spans in hours, or None where there are too few."""
    if len(spans) < MIN_FOR_MEDIAN:
        return None
    return median((b - a).total_seconds() / 3600 for a, b in spans)


def figure_row(group: str, cases: Sequence[CaseTimes], open_states: frozenset[str]) -> FigureRow:
    """One line from the cases of one group."""
    contacts = [(c.opened_at, c.contacted_at) for c in cases if c.contacted_at is not None]
    ends = [(c.opened_at, c.ended_at) for c in cases if c.ended_at is not None]
    return FigureRow(
        group=group,
        cases=len(cases),
        open=sum(c.state in open_states for c in cases),
        answered=sum(c.answered_at is not None for c in cases),
        closed=sum(c.state == "closed" for c in cases),
        solved=sum(c.state == "solved" for c in cases),
        reopened=sum(c.reopened > 0 for c in cases),
        late=sum(c.late for c in cases),
        hours_to_contact=median_hours(contacts),
        contact_base=len(contacts),
        hours_to_resolution=median_hours(ends),
        resolution_base=len(ends),
    )
