"""A resident has spoken: understand it, open a case, look for the same matter, hand it over, say so."""

import uuid
from datetime import datetime
from typing import Final

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels.public import Report, ReportReceived
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places.public import jurisdiction_by_code
from gongzhi.apps.understanding import public as understanding
from gongzhi.apps.understanding.public import Reading
from gongzhi.kernel.events import on

# From this score on a case waits for a person to say whether it is the same as another before it is handed over.
HOLD_SCORE: Final = 0.6


@on(ReportReceived)
def handle_report(event: ReportReceived, *, event_id: uuid.UUID) -> None:
    """Read the report, open its case and hand it over or put it on the desk. Doing it twice changes nothing."""
    jurisdiction = jurisdiction_by_code(event.jurisdiction)
    report = Report.objects.select_related("jurisdiction").filter(pk=event.report_id).first()
    if jurisdiction is None or report is None or cases.case_of(report) is not None:
        return
    reading = understanding.read_report(report=report, at=event.at)
    lon, lat = place_of(report, reading)
    case = cases.open_case(
        report=report,
        category=reading.category,
        urgent=bool(reading.hazards),
        lon=lon,
        lat=lat,
        by=SYSTEM,
        at=event.at,
    )
    best = suggest_same_cases(case, report, event.at)
    decide_next(case, reading, best, event.at)


def place_of(report: Report, reading: Reading) -> tuple[float | None, float | None]:
    """Where it is: the reporter's own point, else the named place that the reading is sure of."""
    if report.lon is not None and report.lat is not None:
        return report.lon, report.lat
    sure = [p for p in reading.places if p.get("place_id") and p.get("score", 0) >= 0.9]
    return (sure[0]["lon"], sure[0]["lat"]) if sure else (None, None)


def suggest_same_cases(case: Case, report: Report, at: datetime) -> float:
    """Note which open or recently closed cases are perhaps the same; returns the best score."""
    alike = understanding.similar_reports(report=report, category=case.category, at=at)
    where = cases.cases_of([s.report_id for s in alike])
    best: dict[int, understanding.SimilarReport] = {}
    for similar in alike:
        other = where.get(similar.report_id)
        if other is not None and other.pk != case.pk:
            known = best.get(other.pk)
            if known is None or known.score < similar.score:
                best[other.pk] = similar
    if best:
        cases.suggest_same(
            case=case, others=[(pk, s.score, s.reasons) for pk, s in best.items()], by=SYSTEM, at=at
        )
    return max((s.score for s in best.values()), default=0.0)


def decide_next(case: Case, reading: Reading, best_score: float, at: datetime) -> None:
    """Hand the case over by the power list, or say what it waits for at the desk.

    Danger always goes to a person first; the machine never lowers it.
    """
    if reading.hazards:
        cases.ask_desk(case=case, waits_for="safety", by=SYSTEM, at=at)
        return
    if not understanding.may_route(reading=reading, jurisdiction=case.jurisdiction):
        cases.ask_desk(case=case, waits_for="unsure", by=SYSTEM, at=at)
        return
    if best_score >= HOLD_SCORE:
        cases.ask_desk(case=case, waits_for="maybe_same", by=SYSTEM, at=at)
        return
    hand_over(case, at)


def hand_over(case: Case, at: datetime) -> bool:
    """Dispatch by the line of the power list that holds; without one the coordinator decides. True if handed over."""
    match = dispatch.find_rule(
        jurisdiction=case.jurisdiction, category=case.category, area_id=case.area_id, on=at.date()
    )
    if match.item is None:
        cases.ask_desk(case=case, waits_for="no_rule", by=SYSTEM, at=at)
        return False
    dispatch.dispatch_case(case=case, item=match.item, by=SYSTEM, at=at)
    return True
