"""Reads: which case is a complaint, about what, and who may neither handle nor see it."""

from collections.abc import Iterable

from gongzhi.apps.actors.public import Actor, successors_of
from gongzhi.apps.cases.models import Case, Complaint
from gongzhi.apps.cases.queries import visible_cases


def complaint_of(case: Case) -> Complaint | None:
    """The complaint that this case is; None for any other case."""
    rows = Complaint.objects.filter(case=case)
    return rows.select_related("unit__parent", "about__jurisdiction", "about__lead_unit").first()


def complaints_by_report(report_ids: Iterable[int]) -> dict[int, Complaint]:
    """Which of these reports complain about how a case was handled, by report id; one query."""
    rows = Complaint.objects.filter(report_id__in=list(report_ids)).select_related("about")
    return {row.report_id: row for row in rows}


def complaints_about(case: Case, *, visible_to: Actor) -> list[Case]:
    """The cases that complain about how this one was handled, of those that the person may see."""
    rows = visible_cases(visible_to=visible_to, jurisdiction=case.jurisdiction)
    return list(rows.filter(complaint__about=case).select_related("jurisdiction").order_by("pk"))


def barred_units(case: Case) -> frozenset[int]:
    """The units that must not get this case: the one complained about, and whoever took over from it."""
    complaint = complaint_of(case)
    if complaint is None or complaint.unit is None:
        return frozenset()
    return frozenset({complaint.unit.pk, *(unit.pk for unit in successors_of(complaint.unit))})
