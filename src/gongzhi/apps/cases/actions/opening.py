"""Opening cases: one, or all that a batch of reports brings, with few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases.actions.moving import make_step, write_steps
from gongzhi.apps.cases.models import Case, Membership, Suggestion
from gongzhi.apps.channels.public import Report


@dataclass(frozen=True)
class Opening:
    """What a new case begins with. `lon` and `lat` (degrees) count where the report has no point of its own."""

    report: Report
    category: str
    at: datetime
    urgent: bool = False
    waits_for: str = ""
    lon: float | None = None
    lat: float | None = None

    def as_case(self) -> Case:
        """The case, not yet stored."""
        report = self.report
        return Case(
            jurisdiction=report.jurisdiction,
            category=self.category,
            urgent=self.urgent,
            waits_for=self.waits_for,
            area_id=report.area_id,
            lon=report.lon if report.lon is not None else self.lon,
            lat=report.lat if report.lat is not None else self.lat,
            opened_at=self.at,
            last_step_at=self.at,
        )


@transaction.atomic
def open_cases(*, openings: Sequence[Opening], by: Actor) -> list[Case]:
    """Open a case for each report, in order. A report that already has one keeps it and brings no second."""
    ids = [opening.report.pk for opening in openings]
    members = Membership.objects.filter(report_id__in=ids, until=None)
    known = {m.report_id: m.case for m in members.select_related("case__jurisdiction")}
    fresh = {o.report.pk: o for o in openings if o.report.pk not in known}
    made = Case.objects.bulk_create([opening.as_case() for opening in fresh.values()])
    pairs = list(zip(fresh.values(), made, strict=True))
    Membership.objects.bulk_create(
        [Membership(case=case, report=o.report, since=o.at, by_ref=by.ref) for o, case in pairs]
    )
    write_steps(
        [
            make_step(case=case, kind="opened", by=by, at=o.at, detail={"channel": o.report.channel})
            for o, case in pairs
        ]
    )
    cases = known | {o.report.pk: case for o, case in pairs}
    return [cases[pk] for pk in ids]


def open_case(
    *,
    report: Report,
    category: str,
    by: Actor,
    at: datetime,
    urgent: bool = False,
    waits_for: str = "",
    lon: float | None = None,
    lat: float | None = None,
) -> Case:
    """Open a case for a report. A report that already has one gets no second: the one it has is returned."""
    opening = Opening(report, category, at, urgent=urgent, waits_for=waits_for, lon=lon, lat=lat)
    return open_cases(openings=[opening], by=by)[0]


@dataclass(frozen=True)
class Alike:
    """That a case is perhaps the same as another one: how probably (0–1) and why ([{key, value}])."""

    case_id: int
    other_id: int
    score: float
    reasons: Sequence[Mapping[str, Any]]
    at: datetime


def suggest_same(*, alike: Sequence[Alike]) -> int:
    """Note which cases are perhaps the same. Known pairs stay as they are. Returns how many were given."""
    rows = [
        Suggestion(case_id=a.case_id, other_id=a.other_id, score=a.score, reasons=list(a.reasons), at=a.at)
        for a in alike
        if a.case_id != a.other_id
    ]
    Suggestion.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
