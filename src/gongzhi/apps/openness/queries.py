"""Reads: the table of figures. The lake comes later; until then one pass over the period's cases, nothing kept."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases.public import OPEN_STATES, Case, State, is_late
from gongzhi.apps.openness import rules
from gongzhi.apps.openness.rules import CaseTimes, FigureRow
from gongzhi.apps.places.public import Jurisdiction

GROUPINGS = ("category", "area", "unit", "week")
FIELDS = (
    "category", "area_id", "first_area_id", "lead_unit_id", "state", "opened_at", "contacted_at", "answered_at",
    "closed_at", "solved_at", "reopened_count", "due_at",
)  # fmt: skip


def figures(
    *, visible_to: Actor, jurisdiction: Jurisdiction, since: datetime, until: datetime, by: str, at: datetime
) -> list[FigureRow]:
    """The table of cases opened from `since` until before `until`, one line a group, largest first (weeks in order).

    Counts and durations are for everybody; staff get those of their own office.

    Groups: `category` (first level), `area` and `unit` (ids as text, "" for none), `week` (Monday's date).
    ValueError for another grouping.
    """
    if by not in GROUPINGS:
        raise ValueError(f"by must be one of {GROUPINGS}")
    if not visible_to.works_in(jurisdiction.pk):
        return []
    groups: dict[str, list[CaseTimes]] = {}
    for times in _read(jurisdiction, since, until, by, at):
        groups.setdefault(times.group, []).append(times)
    open_states = frozenset(str(s) for s in OPEN_STATES)
    rows = [rules.figure_row(group, cases, open_states) for group, cases in groups.items()]
    return sorted(rows, key=(lambda r: r.group) if by == "week" else (lambda r: (-r.cases, r.group)))


def _read(
    jurisdiction: Jurisdiction, since: datetime, until: datetime, by: str, at: datetime
) -> Iterator[CaseTimes]:
    rows = Case.objects.filter(jurisdiction=jurisdiction, opened_at__gte=since, opened_at__lt=until)
    zone = ZoneInfo(jurisdiction.zone)
    for row in rows.exclude(state=State.MERGED).values_list(*FIELDS).iterator(chunk_size=2000):
        category, area_id, first_area_id, unit_id, state, *times, reopened, due = row
        opened, contacted, answered, closed, solved = times
        monday = opened.astimezone(zone).date()
        group = {
            "category": category.split(".")[0],
            # An area that ended keeps what was opened in it.
            "area": str(first_area_id or area_id or ""),
            "unit": str(unit_id or ""),
            "week": monday.fromordinal(monday.toordinal() - monday.weekday()).isoformat(),
        }[by]
        ended = [t for t in (closed, solved) if t is not None]
        yield CaseTimes(
            group=group,
            state=state,
            opened_at=opened,
            contacted_at=contacted,
            answered_at=answered,
            ended_at=min(ended) if ended else None,
            reopened=reopened,
            late=is_late(State(state), due, at),
        )
