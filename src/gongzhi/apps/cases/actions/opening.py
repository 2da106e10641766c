"""Opening cases: one, or all that a batch of reports brings, with few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from gongzhi.apps.actors.public import Actor, Unit
from gongzhi.apps.cases.actions.moving import check_move, make_step, write_steps
from gongzhi.apps.cases.events import CaseMoved
from gongzhi.apps.cases.models import Case, Holding, Membership, Suggestion
from gongzhi.apps.cases.rules import State
from gongzhi.apps.channels.public import Report
from gongzhi.kernel import events

CHANGED_BY_HANDING: Final = ("state", "waits_for", "lead_unit", "due_at", "version", "last_step_at")


@dataclass(frozen=True)
class Opening:
    """What a new case begins with. `lon` and `lat` (degrees) count where the report has no point of its own.

    The case opens when its report was received, which a file of tickets may date long before `at`: promises count
    from there. What is done here is dated `at`.
    """

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
            opened_at=report.received_at,
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
class HandingOut:
    """That a case just opened goes to a unit that leads it, with helpers, until `due_at`; `detail` names the rule."""

    case: Case
    lead: Unit
    at: datetime
    due_at: datetime | None = None
    helpers: Sequence[Unit] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def hand_out(*, handings: Sequence[HandingOut], by: Actor) -> None:
    """Give cases opened in this very transaction to their units. MoveError for one that cannot be handed out.

    Nobody else has seen them yet, so they need no lock; `move_case` and `hold_case` are for all others.
    """
    for h in handings:
        check_move(h.case.phase, State.DISPATCHED)
        h.case.state, h.case.waits_for = State.DISPATCHED, ""
        h.case.lead_unit, h.case.due_at = h.lead, h.due_at
        h.case.version, h.case.last_step_at = h.case.version + 1, h.at
    Case.objects.bulk_update([h.case for h in handings], CHANGED_BY_HANDING)
    Holding.objects.bulk_create(
        Holding(case=h.case, unit=unit, role=role, since=h.at)
        for h in handings
        for unit, role in ((h.lead, "lead"), *((helper, "helper") for helper in h.helpers))
    )
    write_steps(
        [
            make_step(
                case=h.case,
                kind="dispatched",
                by=by,
                at=h.at,
                from_state=State.NEW,
                unit=h.lead,
                detail=h.detail,
            )
            for h in handings
        ]
    )
    events.publish_all(
        CaseMoved(
            jurisdiction=h.case.jurisdiction.code,
            at=h.at,
            case_id=h.case.pk,
            from_state=State.NEW,
            to_state=State.DISPATCHED,
        )
        for h in handings
    )


@transaction.atomic
def put_on_desk(*, waiting: Sequence[tuple[Case, str]]) -> None:
    """Say what cases opened in this very transaction wait for at the coordinator's desk."""
    for case, waits_for in waiting:
        case.waits_for = waits_for
        case.version += 1
    Case.objects.bulk_update([case for case, _ in waiting], ["waits_for", "version"])


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
