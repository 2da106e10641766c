"""Opening cases: one, or all that a batch of reports brings, with few statements."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.cases.actions.moving import make_step, write_steps
from gongzhi.apps.cases.events import CaseMoved
from gongzhi.apps.cases.models import Case, Holding, Membership, Step, Suggestion
from gongzhi.apps.cases.rules import State
from gongzhi.apps.channels.public import Report
from gongzhi.kernel import events


@dataclass(frozen=True)
class HandingOut:
    """To which unit a new case goes at once, with which helpers, until `due_at`; `detail` names the rule."""

    lead: Unit
    due_at: datetime | None = None
    helpers: Sequence[Unit] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    def roles(self) -> list[tuple[Unit, str]]:
        """Each unit with its role."""
        return [(self.lead, "lead"), *((unit, "helper") for unit in self.helpers)]


@dataclass(frozen=True)
class Opening:
    """What a new case begins with. Place and area count where the report has none of its own; degrees."""

    report: Report
    category: str
    at: datetime
    urgent: bool = False
    waits_for: str = ""
    lon: float | None = None
    lat: float | None = None
    area_id: int | None = None
    handing: HandingOut | None = None

    def as_case(self) -> Case:
        """The case, not yet stored; its history is that it was opened, then handed out."""
        report, handing = self.report, self.handing
        return Case(
            jurisdiction=report.jurisdiction,
            category=self.category,
            state=State.DISPATCHED if handing else State.NEW,
            urgent=self.urgent,
            waits_for=self.waits_for,
            area_id=report.area_id or self.area_id,
            lon=report.lon if report.lon is not None else self.lon,
            lat=report.lat if report.lat is not None else self.lat,
            lead_unit=handing.lead if handing else None,
            due_at=handing.due_at if handing else None,
            opened_at=report.received_at,
            last_step_at=self.at,
        )

    def steps(self, case: Case, by: Actor) -> Iterator[Step]:
        """The steps with which the case begins."""
        opened = make_step(
            case=case, kind="opened", by=by, at=self.at, detail={"channel": self.report.channel}
        )
        opened.to_state = State.NEW
        yield opened
        if self.handing is not None:
            yield make_step(
                case=case,
                kind="dispatched",
                by=by,
                at=self.at,
                from_state=State.NEW,
                unit=self.handing.lead,
                detail=self.handing.detail,
            )


@transaction.atomic
def open_cases(*, openings: Sequence[Opening], by: Actor) -> list[Case]:
    """Open a case for each report, in order, and hand it out where that is decided.

    A report that already has a case keeps it and brings no second.
    """
    ids = [opening.report.pk for opening in openings]
    members = Membership.objects.filter(report_id__in=ids, until=None)
    known = {m.report_id: m.case for m in members.select_related("case__jurisdiction")}
    fresh = [o for o in openings if o.report.pk not in known]
    made = Case.objects.bulk_create([opening.as_case() for opening in fresh])
    pairs = list(zip(fresh, made, strict=True))
    Membership.objects.bulk_create(
        [Membership(case=case, report=o.report, since=o.at, by_ref=by.ref) for o, case in pairs]
    )
    Holding.objects.bulk_create(
        Holding(case=case, unit=unit, role=role, since=o.at)
        for o, case in pairs
        if o.handing is not None
        for unit, role in o.handing.roles()
    )
    write_steps([step for o, case in pairs for step in o.steps(case, by)])
    events.publish_all(
        CaseMoved(
            jurisdiction=case.jurisdiction.code,
            at=o.at,
            case_id=case.pk,
            from_state=State.NEW,
            to_state=State.DISPATCHED,
        )
        for o, case in pairs
        if o.handing is not None
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
