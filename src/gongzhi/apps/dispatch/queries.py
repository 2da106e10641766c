"""Reads: the rule that holds, tasks of a case, the work list."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import F, QuerySet

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases.kinds.complaints.public import hidden_from
from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch import rules
from gongzhi.apps.dispatch.models import PowerItem, Task
from gongzhi.apps.places.public import Jurisdiction, area_line, local_day

KEEP_SECONDS = 30.0
WORK_LIMIT = 100
_lines: dict[tuple[str, int], tuple[float, list[rules.Line]]] = {}


@dataclass(frozen=True)
class RuleMatch:
    """The line of the power list that holds, or None and the nearest lines there are."""

    item: PowerItem | None
    nearest: list[PowerItem]


def forget_lines() -> None:
    """Drop the kept power list: it has changed."""
    _lines.clear()


def _lines_of(jurisdiction: Jurisdiction) -> list[rules.Line]:
    key = (str(connection.settings_dict["NAME"]), jurisdiction.pk)
    kept = _lines.get(key)
    now = time.monotonic()
    if kept is None or now - kept[0] > KEEP_SECONDS:
        # A unit that was closed handles nothing more: its lines do not hold.
        rows = PowerItem.objects.filter(jurisdiction=jurisdiction, lead_unit__active=True).order_by("pk")
        lines = [
            rules.Line(*row)
            for row in rows.values_list("pk", "category", "area_id", "rank", "valid_from", "valid_to")
        ]
        kept = _lines[key] = (now, lines)
    return kept[1]


def find_rule(*, jurisdiction: Jurisdiction, category: str, area_id: int | None, on: date) -> RuleMatch:
    """Which line holds for the category in the area on the day."""
    lines = _lines_of(jurisdiction)
    line = rules.match_line(lines, category, area_line(jurisdiction, area_id), on)
    rows = PowerItem.objects.select_related("lead_unit", "area", "jurisdiction")
    if line is not None:
        return RuleMatch(rows.get(pk=line.item_id), [])
    near = [near_line.item_id for near_line in rules.nearest_lines(lines, category)]
    by_id = rows.in_bulk(near)
    return RuleMatch(None, [by_id[pk] for pk in near])


def rule_for(case: Case, at: datetime) -> RuleMatch:
    """Which line holds for a case as it stands, on the office's day of the moment."""
    office = case.jurisdiction
    return find_rule(
        jurisdiction=office, category=case.category, area_id=case.area_id, on=local_day(office, at)
    )


@dataclass(frozen=True)
class Looked:
    """What a line of the power list is looked for: a category in an area of an office on a day."""

    jurisdiction: Jurisdiction
    category: str
    area_id: int | None
    day: date


def lines_for(wanted: Sequence[Looked]) -> list[PowerItem | None]:
    """The line that holds for each, None where none does; two statements whatever their number."""
    found: dict[Looked, int | None] = {}
    for w in wanted:
        if w not in found:
            line = rules.match_line(
                _lines_of(w.jurisdiction), w.category, area_line(w.jurisdiction, w.area_id), w.day
            )
            found[w] = line.item_id if line else None
    rows = PowerItem.objects.select_related("lead_unit").prefetch_related("helpers")
    items = rows.in_bulk({pk for pk in found.values() if pk is not None})
    return [items.get(pk) if (pk := found[w]) is not None else None for w in wanted]


def power_items(jurisdiction: Jurisdiction) -> QuerySet[PowerItem]:
    """The power list by category."""
    rows = PowerItem.objects.filter(jurisdiction=jurisdiction).select_related("lead_unit", "area")
    return rows.prefetch_related("helpers").order_by("category", "rank", "code")


def tasks_of(case: Case) -> list[Task]:
    """The tasks of a case, lead first, oldest first."""
    rows = Task.objects.filter(case=case).select_related("unit", "power_item").prefetch_related("steps")
    return sorted(rows, key=lambda t: (t.role != "lead", t.pk))


def open_tasks(case_ids: Iterable[int]) -> dict[int, list[Task]]:
    """The open tasks of each case."""
    found: dict[int, list[Task]] = {}
    rows = Task.objects.filter(case_id__in=list(case_ids), state__in=rules.OPEN_TASKS).select_related("unit")
    for task in rows.order_by("pk"):
        found.setdefault(task.case_id, []).append(task)
    return found


def work_list(
    *, visible_to: Actor, jurisdiction: Jurisdiction, at: datetime, limit: int = WORK_LIMIT
) -> list[Task]:
    """What this person's units have to do, in the published order; at most `limit`, the most pressing."""
    rows = Task.objects.filter(
        unit_id__in=visible_to.unit_ids, state__in=rules.OPEN_TASKS, case__jurisdiction=jurisdiction
    ).select_related("case__jurisdiction", "case__area", "unit", "power_item")
    # Who works for two units sees no complaint about the one with the other.
    rows = rows.exclude(case__in=hidden_from(visible_to))
    # The database cuts by the same order that the rule gives, so that nothing pressing is left out of the cut.
    rows = rows.order_by("-case__urgent", F("due_at").asc(nulls_last=True), "case__opened_at", "pk")[:limit]
    return sorted(
        rows, key=lambda t: (*rules.work_order(t.case.urgent, t.due_at, t.case.opened_at, at), t.pk)
    )


def task_by_id(*, visible_to: Actor, jurisdiction: Jurisdiction, task_id: int) -> Task | None:
    """A task of one of this person's units (any unit for one who decides cases)."""
    rows = Task.objects.filter(case__jurisdiction=jurisdiction, pk=task_id)
    if not visible_to.may("decide_case"):
        rows = rows.filter(unit_id__in=visible_to.unit_ids)
    if visible_to.unit_ids:
        rows = rows.exclude(case__in=hidden_from(visible_to))
    return rows.select_related(
        "case__jurisdiction", "case__area", "case__lead_unit", "unit", "power_item"
    ).first()
