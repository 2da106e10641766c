"""Reads: what a case's clock is counted by, what waits for approval, the published list of pauses."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases.kinds.complaints.public import hidden_from
from gongzhi.apps.cases.public import OPEN_STATES, Case
from gongzhi.apps.dispatch.clocks import rules
from gongzhi.apps.dispatch.clocks.models import CasePause, Extension
from gongzhi.apps.dispatch.models import Task
from gongzhi.apps.dispatch.pack import RULE, ExtensionEntry, PauseEntry
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel.calendar import Promise, WorkCalendar, unpublished_years
from gongzhi.scenarios.loader import scenario_for

MOST_WAITING = 100
AT_ONCE = 500
GROUPINGS = ("reason", "unit", "category")


def pause_reasons(jurisdiction: Jurisdiction) -> list[PauseEntry]:
    """The closed list of lawful reasons."""
    return list(scenario_for(tuple(jurisdiction.packs)).entries("pauses.toml"))


def extension_rule(jurisdiction: Jurisdiction) -> ExtensionEntry | None:
    """How much more time may be given; None where the packs allow none."""
    entries = scenario_for(tuple(jurisdiction.packs)).entries("extensions.toml")
    return next((entry for entry in entries if entry.key == RULE), None)


@dataclass(frozen=True)
class Counted:
    """What the day of a case is counted by, and the day that follows on a calendar."""

    case_id: int
    task: Task
    promise: Promise
    since: datetime
    due_at: datetime

    def may_move(self, calendar: WorkCalendar) -> bool:
        """Whether a year within has no published holidays yet. Clock hours run through holidays as well."""
        return self.promise.unit != "hour" and bool(unpublished_years(self.since, self.due_at, calendar))


def counted(case_ids: Iterable[int], calendar: WorkCalendar) -> dict[int, Counted]:
    """By case its day as it is counted now, with pauses and extension; three statements whatever their number.

    Cases whose day follows from no line of the power list are left out.
    """
    ids = list(case_ids)
    tasks: dict[int, Task] = {}
    rows = Task.objects.filter(case_id__in=ids, role="lead", counted_from__isnull=False)
    for task in rows.select_related("power_item", "day_item").order_by("pk"):
        if task.day_line is not None:
            tasks[task.case_id] = task
    pauses: dict[int, list[tuple[datetime, datetime | None]]] = {}
    for pause in CasePause.objects.filter(case_id__in=tasks):
        pauses.setdefault(pause.case_id, []).append((pause.starts_at, pause.stop))
    extended: dict[int, rules.Extended] = {}
    approved = Extension.objects.filter(case_id__in=tasks, state=rules.APPROVED, decided_at__isnull=False)
    for row in approved.order_by("decided_at", "pk"):
        if row.decided_at is not None:
            extended[row.case_id] = rules.Extended(row.new_due, row.decided_at)
    return {
        pk: counted_by(task, calendar, pauses.get(pk, []), extended.get(pk)) for pk, task in tasks.items()
    }


def counted_by(
    task: Task,
    calendar: WorkCalendar,
    pauses: list[tuple[datetime, datetime | None]],
    extended: rules.Extended | None,
) -> Counted:
    """The day that the line of a task gives, on a calendar."""
    line, since = task.day_line, task.counted_from
    if line is None or since is None:
        raise ValueError(f"task {task.pk} is counted by no line")
    promise = Promise(amount=line.amount, unit=line.time_unit)  # type: ignore[arg-type]
    due = rules.due_with(since, promise, calendar, pauses, extended)
    return Counted(task.case_id, task, promise, since, due)


def moves(
    jurisdiction: Jurisdiction, calendar: WorkCalendar, at: datetime
) -> Iterator[tuple[int, datetime, datetime]]:
    """The open cases whose day would be another one on this calendar: id, day now, day then. None moves into the past.

    A few statements for each 500 cases.
    """
    rows = Case.objects.filter(jurisdiction=jurisdiction, state__in=OPEN_STATES, due_at__gt=at)
    known, last = True, 0
    while known:
        page = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", "due_at")[:AT_ONCE])
        found = counted([pk for pk, _due in page], calendar)
        for pk, due in page:
            if pk in found and due is not None and found[pk].due_at != due and found[pk].due_at > at:
                yield pk, due, found[pk].due_at
        known, last = len(page) == AT_ONCE, page[-1][0] if page else last


def open_pause(case: Case, at: datetime) -> CasePause | None:
    """The pause in which the time of a case stands still at the moment."""
    return CasePause.objects.filter(case=case, ended_at=None, until__gt=at).select_related("unit").first()


def pauses_of(case: Case) -> list[CasePause]:
    """All pauses of a case, oldest first."""
    return list(CasePause.objects.filter(case=case).order_by("starts_at", "pk"))


def approved_of(case: Case) -> Extension | None:
    """The latest extension of a case that was approved."""
    return Extension.objects.filter(case=case, state=rules.APPROVED).order_by("decided_at", "pk").last()


def open_extension(case: Case) -> Extension | None:
    """The extension of a case that waits for a decision."""
    return Extension.objects.filter(case=case, state=rules.ASKED).first()


def may_approve(actor: Actor, extension: Extension) -> bool:
    """Whether this person's word it is: a coordinator's or a leader's, not that of who asked."""
    leads = actor.may("see_all_cases") and actor.may("see_figures")
    return actor.ref != extension.asked_by and (actor.may("decide_case") or leads)


def extensions_waiting(*, visible_to: Actor, jurisdiction: Jurisdiction) -> list[Extension]:
    """What waits for this person's approval, the oldest first; the 100 oldest."""
    if not (
        visible_to.may("decide_case") or (visible_to.may("see_all_cases") and visible_to.may("see_figures"))
    ):
        return []
    rows = Extension.objects.filter(
        state=rules.ASKED, case__jurisdiction=jurisdiction, case__state__in=OPEN_STATES
    ).exclude(asked_by=visible_to.ref)
    if visible_to.unit_ids:
        rows = rows.exclude(case__in=hidden_from(visible_to))
    return list(rows.select_related("case__jurisdiction", "unit").order_by("asked_at", "pk")[:MOST_WAITING])


def pause_sums(jurisdiction: Jurisdiction, since: datetime, until: datetime, by: str) -> list[rules.PauseSum]:
    """The pauses that began from `since` until before `until`, by `reason`, `unit` or first level of `category`.

    Published: it says nothing of a person or of a single case's words.
    """
    return rules.sums(_paused(jurisdiction, since, until, by))


def _paused(jurisdiction: Jurisdiction, since: datetime, until: datetime, by: str) -> Iterator[rules.Paused]:
    rows = CasePause.objects.filter(
        case__jurisdiction=jurisdiction, starts_at__gte=since, starts_at__lt=until
    )
    fields = ("reason", "unit_id", "case__category", "case_id", "starts_at", "until", "ended_at")
    for reason, unit_id, category, case_id, start, latest, ended in rows.values_list(*fields).iterator(
        chunk_size=2000
    ):
        group = {"reason": reason, "unit": str(unit_id), "category": category.split(".")[0]}[by]
        yield rules.Paused(group, case_id, start, ended or latest)
