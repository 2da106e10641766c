"""A resident has spoken: understand it, open a case, look for the same matter, hand it over, say so."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Alike, Case, Opening
from gongzhi.apps.channels.public import Report, ReportReceived
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import Handing
from gongzhi.apps.places.public import local_day
from gongzhi.apps.understanding import public as understanding
from gongzhi.apps.understanding.public import Reading, Wanted
from gongzhi.kernel.events import on_many

# From this score on a case waits for a person to say whether it is the same as another before it is handed over.
HOLD_SCORE: Final = 0.6


@on_many(ReportReceived, name="gongzhi.journeys.report.handle_report")
def handle_reports(received: Sequence[tuple[ReportReceived, uuid.UUID]]) -> None:
    """Read the reports, open their cases and hand them over or put them on the desk. Doing it twice changes nothing."""
    moments = {event.report_id: event.at for event, _ in received}
    known = cases.cases_of(moments)
    rows = Report.objects.select_related("jurisdiction").in_bulk(moments.keys() - known.keys())
    reports = [rows[pk] for pk in moments if pk in rows]
    if not reports:
        return
    readings = understanding.read_reports(reports=[(r, moments[r.pk]) for r in reports])
    openings = [_opening(r, reading) for r, reading in zip(reports, readings, strict=True)]
    opened = cases.open_cases(openings=openings, by=SYSTEM)
    best = suggest_same_cases(list(zip(opened, reports, strict=True)), moments)
    decide_next(
        [
            Opened(case, report, reading, best.get(case.pk, 0.0), moments[report.pk])
            for case, report, reading in zip(opened, reports, readings, strict=True)
        ]
    )


@dataclass(frozen=True)
class Opened:
    """A case just opened for a report, what was read, and how likely another case is the same (0–1)."""

    case: Case
    report: Report
    reading: Reading
    best_score: float
    at: datetime


def _opening(report: Report, reading: Reading) -> Opening:
    lon, lat = place_of(report, reading)
    return Opening(report, reading.category, reading.at, urgent=bool(reading.hazards), lon=lon, lat=lat)


def place_of(report: Report, reading: Reading) -> tuple[float | None, float | None]:
    """Where it is: the reporter's own point, else the named place that the reading is sure of."""
    if report.lon is not None and report.lat is not None:
        return report.lon, report.lat
    sure = [p for p in reading.places if p.get("place_id") and p.get("score", 0) >= 0.9]
    return (sure[0]["lon"], sure[0]["lat"]) if sure else (None, None)


def suggest_same_cases(
    opened: Sequence[tuple[Case, Report]], moments: Mapping[int, datetime]
) -> dict[int, float]:
    """Note which open or recently closed cases are perhaps the same; returns each case's best score."""
    # Looked for around the report's own time: a file of tickets may bring what was said long ago.
    alike = understanding.similar_to_each(
        [Wanted(report, case.category, report.received_at) for case, report in opened]
    )
    where = cases.cases_of(similar.report_id for line in alike for similar in line)
    best: dict[tuple[int, int], Alike] = {}
    for (case, report), line in zip(opened, alike, strict=True):
        for similar in line:
            other = where.get(similar.report_id)
            if other is None or other.pk == case.pk:
                continue
            pair = Alike(case.pk, other.pk, similar.score, similar.reasons, moments[report.pk])
            known = best.get((case.pk, other.pk))
            if known is None or known.score < pair.score:
                best[case.pk, other.pk] = pair
    cases.suggest_same(alike=list(best.values()))
    scores: dict[int, float] = {}
    for pair in best.values():
        scores[pair.case_id] = max(scores.get(pair.case_id, 0.0), pair.score)
    return scores


def decide_next(opened: Sequence[Opened]) -> None:
    """Hand each case over by the power list, or say what it waits for at the desk."""
    labels = {j.pk: understanding.confirmed_labels(j) for j in {o.case.jurisdiction for o in opened}}
    waits = {o.case.pk: _waits_for(o, labels[o.case.jurisdiction_id]) for o in opened}
    free = [o for o in opened if not waits[o.case.pk]]
    items = dispatch.lines_for([o.case for o in free], [local_day(o.case.jurisdiction, o.at) for o in free])
    handings = []
    for o, item in zip(free, items, strict=True):
        if item is None:
            waits[o.case.pk] = "no_rule"
        else:
            handings.append(Handing(o.case, o.report, item, o.at))
    cases.put_on_desk(waiting=[(o.case, waits[o.case.pk]) for o in opened if waits[o.case.pk]])
    dispatch.dispatch_opened(handings=handings, by=SYSTEM)


def _waits_for(opened: Opened, labels: int) -> str:
    """What a person must look at first. Danger always goes to a person; the machine never lowers it."""
    if opened.reading.hazards:
        return "safety"
    if not understanding.may_route(reading=opened.reading, jurisdiction=opened.case.jurisdiction, labels=labels):
        return "unsure"
    return "maybe_same" if opened.best_score >= HOLD_SCORE else ""


def hand_over(case: Case, at: datetime) -> bool:
    """Dispatch by the line of the power list that holds; without one the coordinator decides. True if handed over."""
    match = dispatch.rule_for(case, at)
    if match.item is None:
        cases.ask_desk(case=case, waits_for="no_rule", by=SYSTEM, at=at)
        return False
    dispatch.dispatch_case(case=case, item=match.item, by=SYSTEM, at=at)
    return True
