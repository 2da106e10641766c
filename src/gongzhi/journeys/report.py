"""A resident has spoken: understand it, open a case, look for the same matter, hand it over, say so."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.kinds.complaints import public as complaints
from gongzhi.apps.cases.kinds.complaints.public import Complaint
from gongzhi.apps.cases.public import Alike, Case, Opening
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Report, ReportReceived
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import Looked, PowerItem
from gongzhi.apps.places.public import Jurisdiction, area_at, local_day
from gongzhi.apps.understanding import public as understanding
from gongzhi.apps.understanding.public import Reading, SimilarReport, Wanted
from gongzhi.kernel.events import on_many

# From this score on a case waits for a person to say whether it is the same as another before it is handed over.
HOLD_SCORE: Final = 0.6


@dataclass(frozen=True)
class Read:
    """A report without a case yet, what was read of it, and other reports that are perhaps about the same matter."""

    report: Report
    reading: Reading
    alike: Sequence[SimilarReport]
    at: datetime
    # How another case was handled is what it complains about; only the desk decides on it.
    complaint: Complaint | None = None

    @property
    def office(self) -> Jurisdiction:
        """Where it arrived."""
        return self.report.jurisdiction

    @property
    def where(self) -> tuple[float | None, float | None, int | None]:
        """Longitude, latitude (degrees) and area."""
        return place_of(self.report, self.reading)


@on_many(ReportReceived, name="gongzhi.journeys.report.handle_report")
def handle_reports(received: Sequence[tuple[ReportReceived, uuid.UUID]]) -> None:
    """Read the reports, open their cases and hand them over or put them on the desk. Doing it twice changes nothing."""
    moments = {event.report_id: event.at for event, _ in received}
    known = cases.cases_of(moments)
    rows = Report.objects.select_related("jurisdiction").in_bulk(moments.keys() - known.keys())
    arrived = [(rows[pk], at) for pk, at in moments.items() if pk in rows]
    readings = understanding.read_reports(reports=arrived)
    # Looked for around the report's own time: a file of tickets may bring what was said long ago.
    alike = understanding.similar_to_each(
        [
            Wanted(report, r.category, report.received_at)
            for (report, _at), r in zip(arrived, readings, strict=True)
        ]
    )
    others = [s.report_id for similar in alike for s in similar]
    complained = complaints.complaints_by_report([*(report.pk for report, _at in arrived), *others])
    read = [
        Read(report, reading, _joinable(report, similar, complained), at, complained.get(report.pk))
        for (report, at), reading, similar in zip(arrived, readings, alike, strict=True)
    ]
    decisions = decide_next(read)
    openings = [_opening(r, waits_for, item) for r, (waits_for, item) in zip(read, decisions, strict=True)]
    opened = cases.open_cases(openings=openings, by=SYSTEM)
    dispatch.open_tasks_of(
        opened=[
            (case, opening, item)
            for case, opening, (_, item) in zip(opened, openings, decisions, strict=True)
            if item is not None
        ],
        by=SYSTEM,
    )
    suggest_same_cases(list(zip(opened, read, strict=True)))
    for case, r in zip(opened, read, strict=True):
        if r.complaint is not None:
            complaints.take_case(complaint=r.complaint, case=case)
    _tell_received(list(zip(opened, read, strict=True)))


def _tell_received(opened: Sequence[tuple[Case, Read]]) -> None:
    """The number, and the day where one is promised already, to those who wished to hear of each step."""
    for urgent in (True, False):
        group = [r for case, r in opened if case.urgent is urgent]
        if group:
            reports, at = [r.report for r in group], max(r.at for r in group)
            channels.tell_step(reports=reports, about="received", by=SYSTEM, at=at, urgent=urgent)


def _joinable(
    report: Report, similar: Sequence[SimilarReport], complained: Mapping[int, Complaint]
) -> Sequence[SimilarReport]:
    """A complaint about handling is the same as no other: joined to another case its unit could read it."""
    return () if report.pk in complained else [s for s in similar if s.report_id not in complained]


def place_of(report: Report, reading: Reading) -> tuple[float | None, float | None, int | None]:
    """Where it is (lon, lat, area): the reporter's own point, else the named place that the reading is sure of."""
    if report.lon is not None and report.lat is not None:
        return report.lon, report.lat, report.area_id
    sure = [p for p in reading.places if p.get("place_id") and p.get("score", 0) >= 0.9]
    if not sure:
        return None, None, report.area_id
    lon, lat = sure[0]["lon"], sure[0]["lat"]
    if report.area_id is not None:
        return lon, lat, report.area_id
    area = area_at(report.jurisdiction, lon, lat)
    return lon, lat, area.pk if area else None


def decide_next(read: Sequence[Read]) -> list[tuple[str, PowerItem | None]]:
    """For each report what its case waits for at the desk, or by which line of the power list it is handed over."""
    labels = {office.pk: understanding.confirmed_labels(office) for office in {r.office for r in read}}
    waits = [_waits_for(r, labels[r.office.pk]) for r in read]
    free = [
        Looked(r.office, r.reading.category, r.where[2], local_day(r.office, r.at))
        for r, waits_for in zip(read, waits, strict=True)
        if not waits_for
    ]
    items = iter(dispatch.lines_for(free))
    found = [None if waits_for else next(items) for waits_for in waits]
    return [(w or ("" if item else "no_rule"), item) for w, item in zip(waits, found, strict=True)]


def _waits_for(read: Read, labels: int) -> str:
    """What a person must look at first. Danger always goes to a person; the machine never lowers it."""
    if read.reading.hazards:
        return "safety"
    if read.complaint is not None:
        return "complaint"
    if not understanding.may_route(reading=read.reading, jurisdiction=read.office, labels=labels):
        return "unsure"
    best = max((similar.score for similar in read.alike), default=0.0)
    return "maybe_same" if best >= HOLD_SCORE else ""


def _category(read: Read) -> str:
    """What was read, or for a complaint about handling the category of such complaints if the office has it."""
    has_it = understanding.categories(read.office).is_current(complaints.CATEGORY)
    return complaints.CATEGORY if read.complaint is not None and has_it else read.reading.category


def _opening(read: Read, waits_for: str, item: PowerItem | None) -> Opening:
    lon, lat, area_id = read.where
    return Opening(
        report=read.report,
        category=_category(read),
        at=read.at,
        urgent=bool(read.reading.hazards),
        waits_for=waits_for,
        lon=lon,
        lat=lat,
        area_id=area_id,
        handing=dispatch.handing_by(item, read.office, read.report.received_at) if item else None,
    )


def suggest_same_cases(opened: Sequence[tuple[Case, Read]]) -> None:
    """Note which open or recently closed cases are perhaps the same."""
    where = cases.cases_of(similar.report_id for _, read in opened for similar in read.alike)
    best: dict[tuple[int, int], Alike] = {}
    for case, read in opened:
        for similar in read.alike:
            other = where.get(similar.report_id)
            if other is None or other.pk == case.pk:
                continue
            known = best.get((case.pk, other.pk))
            if known is None or known.score < similar.score:
                best[case.pk, other.pk] = Alike(case.pk, other.pk, similar.score, similar.reasons, read.at)
    cases.suggest_same(alike=list(best.values()))


def hand_over(case: Case, at: datetime) -> bool:
    """Dispatch by the line of the power list that holds; without one the coordinator decides. True if handed over."""
    match = dispatch.rule_for(case, at)
    if match.item is None:
        cases.ask_desk(case=case, waits_for="no_rule", by=SYSTEM, at=at)
        return False
    if match.item.lead_unit_id in complaints.barred_units(case):
        cases.ask_desk(case=case, waits_for="complaint", by=SYSTEM, at=at)
        return False
    dispatch.dispatch_case(case=case, item=match.item, by=SYSTEM, at=at)
    return True
