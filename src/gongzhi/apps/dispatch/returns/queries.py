"""Reads: what waits for a decision and whose it is, what was asked of a case, the figures."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongzhi.apps.actors.public import Actor, Unit, units
from gongzhi.apps.cases.kinds.complaints.public import hidden_from
from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch.models import PowerItem, Task
from gongzhi.apps.dispatch.pack import RULE, ReturnEntry
from gongzhi.apps.dispatch.returns import rules
from gongzhi.apps.dispatch.returns.models import Arbiter, HandBack
from gongzhi.apps.dispatch.rules import OPEN_TASKS
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.scenarios.loader import scenario_for

MOST_WAITING = 100
MOST_LINES = 60


def reasons(jurisdiction: Jurisdiction, lang: str) -> list[tuple[str, str]]:
    """The closed list: key and words of each reason."""
    scenario = scenario_for(tuple(jurisdiction.packs))
    keys = [entry.key for entry in scenario.entries("returns.toml") if entry.key != RULE]
    return [(key, scenario.words(f"return.{key}", lang)) for key in keys]


def rule_of(jurisdiction: Jurisdiction) -> ReturnEntry:
    """How handing back goes in this office; without an entry in the pack there are no times for it."""
    entries = scenario_for(tuple(jurisdiction.packs)).entries("returns.toml")
    found: ReturnEntry = next((entry for entry in entries if entry.key == RULE), ReturnEntry(key=RULE))
    return found


def arbiter_of(jurisdiction: Jurisdiction) -> Unit | None:
    """The unit whose people decide what was handed back twice: the one named, else the convening unit."""
    named = Exists(Arbiter.objects.filter(jurisdiction=jurisdiction, unit=OuterRef("pk")))
    rows = units(jurisdiction).annotate(named=named).filter(Q(named=True) | Q(convening=True))
    return rows.order_by("-named", "code").first()


def may_decide(actor: Actor, hand_back: HandBack, arbiter: Unit | None) -> bool:
    """Whether this person's word it is. Nobody decides on the own asking; without an arbiter the desk decides all."""
    if actor.ref == hand_back.asked_by:
        return False
    if hand_back.decider == rules.ARBITER and arbiter is not None:
        return arbiter.pk in actor.unit_ids
    return actor.may("decide_case")


def _rows() -> QuerySet[HandBack]:
    return HandBack.objects.select_related(
        "case__jurisdiction", "case__area", "unit", "item__lead_unit", "task__power_item", "given_to"
    )


def open_asking(case: Case) -> HandBack | None:
    """The asking of a case that waits for a decision, while the unit that asked still has the case."""
    return _rows().filter(case=case, state=rules.ASKED, task__state__in=OPEN_TASKS).first()


def askings_of(case: Case) -> list[HandBack]:
    """All askings of a case, oldest first."""
    return list(_rows().filter(case=case).order_by("pk"))


def waiting(*, visible_to: Actor, jurisdiction: Jurisdiction) -> list[HandBack]:
    """What waits for this person's decision, the earliest day first; the 100 most pressing."""
    rows = (
        _rows()
        .filter(state=rules.ASKED, task__state__in=OPEN_TASKS, case__jurisdiction=jurisdiction)
        .exclude(asked_by=visible_to.ref)
    )
    if visible_to.unit_ids:
        rows = rows.exclude(case__in=hidden_from(visible_to))
    arbiter = arbiter_of(jurisdiction)
    is_arbiter = arbiter is not None and arbiter.pk in visible_to.unit_ids
    if not visible_to.may("decide_case"):
        if not is_arbiter:
            return []
        rows = rows.filter(decider=rules.ARBITER)
    elif not is_arbiter and arbiter is not None:
        rows = rows.exclude(decider=rules.ARBITER)
    return list(rows.order_by("decide_by", "pk")[:MOST_WAITING])


def lines_to_name(task: Task) -> list[PowerItem]:
    """The lines of other units that a unit may name as the right one: same branch of the tree first, at most 60."""
    case = task.case
    rows = PowerItem.objects.filter(jurisdiction=case.jurisdiction, lead_unit__active=True, valid_to=None)
    rows = rows.exclude(lead_unit_id=task.unit_id).select_related("lead_unit", "area")
    branch = case.category.split(".")[0]
    near = list(rows.filter(category__startswith=branch).order_by("category", "rank", "code")[:MOST_LINES])
    rest = MOST_LINES - len(near)
    far = (
        rows.exclude(category__startswith=branch).order_by("category", "rank", "code")[:rest] if rest else []
    )
    return [*near, *far]


def hops(
    *, visible_to: Actor, jurisdiction: Jurisdiction, since: datetime, until: datetime, by: str
) -> list[rules.Hops]:
    """How often cases were handed back, asked from `since` until before `until`, by `category` (first level) or `unit`.

    Figures of matters and units, for everybody who works in the office; there are none of people.
    """
    if not visible_to.works_in(jurisdiction.pk):
        return []
    return rules.hops(_asked(jurisdiction, since, until, by))


def _asked(jurisdiction: Jurisdiction, since: datetime, until: datetime, by: str) -> Iterator[rules.Asked]:
    rows = HandBack.objects.filter(case__jurisdiction=jurisdiction, asked_at__gte=since, asked_at__lt=until)
    fields = ("case__category", "unit_id", "case_id", "state", "asked_at", "decided_at")
    for category, unit_id, case_id, state, asked, decided in rows.values_list(*fields).iterator(
        chunk_size=2000
    ):
        group = str(unit_id) if by == "unit" else category.split(".")[0]
        yield rules.Asked(group, case_id, state, asked, decided)
