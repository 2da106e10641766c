"""Reads: runs over many cases, and how far they are."""

import uuid
from dataclasses import dataclass

from django.db.models import Count

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases.public import visible_cases
from gongzhi.apps.dispatch.bulk.models import BulkItem, BulkRun
from gongzhi.apps.places.public import Jurisdiction

RUNS_SHOWN = 20


@dataclass(frozen=True)
class Progress:
    """How many cases of a run are in which state."""

    waiting: int = 0
    done: int = 0
    refused: int = 0
    undone: int = 0
    kept: int = 0

    @property
    def all(self) -> int:
        """All cases of the run."""
        return self.waiting + self.done + self.refused + self.undone + self.kept


def runs(*, visible_to: Actor, jurisdiction: Jurisdiction) -> list[BulkRun]:
    """The newest runs of the office, for who decides cases there."""
    if not (visible_to.may("decide_case") and visible_to.works_in(jurisdiction.pk)):
        return []
    rows = BulkRun.objects.filter(jurisdiction=jurisdiction).select_related("unit")
    return list(rows.order_by("-pk")[:RUNS_SHOWN])


def run_by_key(*, visible_to: Actor, jurisdiction: Jurisdiction, key: uuid.UUID) -> BulkRun | None:
    """The run that a preview with this key led to, for who decides cases there."""
    if not (visible_to.may("decide_case") and visible_to.works_in(jurisdiction.pk)):
        return None
    rows = BulkRun.objects.select_related("jurisdiction", "unit", "into__jurisdiction")
    return rows.filter(jurisdiction=jurisdiction, key=key).first()


def progress_of(run: BulkRun) -> Progress:
    """How far the run is."""
    counts = run.items.order_by().values_list("state").annotate(n=Count("pk"))
    return Progress(**dict(counts))


def items_of(run: BulkRun, *, visible_to: Actor) -> list[BulkItem]:
    """The cases of a run that this person may see, with what came of each."""
    seen = visible_cases(visible_to=visible_to, jurisdiction=run.jurisdiction)
    rows = run.items.filter(case__in=seen.values("pk")).select_related("case__area", "case__lead_unit")
    found = list(rows.order_by("pk"))
    for item in found:
        item.case.jurisdiction = run.jurisdiction
    return found
