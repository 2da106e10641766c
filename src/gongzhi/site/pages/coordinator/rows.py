"""One line of a list of cases, with all that the line shows; two queries whatever the number of cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.places.public import calendar_of
from gongzhi.kernel.calendar import WorkCalendar
from gongzhi.site.access import PageRequest
from gongzhi.site.labels import ago_words, deadline_words

EXCERPT = 90


@dataclass(frozen=True)
class CaseRow:
    """A case as a list shows it: first words, how many said so, since when, how long there is still, whether late."""

    case: Case
    excerpt: str
    place: str
    reports: int
    late: bool
    age: str
    deadline: str
    report_id: int | None


def excerpt_of(text: str, length: int = EXCERPT) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def deadline_of_case(case: Case, now: datetime, calendar: WorkCalendar) -> str:
    """How long an open case has still, in words; empty where there is no deadline or the case is answered."""
    if case.due_at is None or case.phase not in cases.OPEN_STATES:
        return ""
    return deadline_words(case.due_at, now, calendar)


def case_rows(
    request: PageRequest, found: Sequence[Case], now: datetime, length: int = EXCERPT
) -> list[CaseRow]:
    """The lines for these cases in their order; `length` is how many characters of the first words."""
    first = cases.first_reports(found, visible_to=request.actor)
    calendar = calendar_of(request.jurisdiction)
    rows = []
    for case in found:
        report, count = first.get(case.pk, (None, 0))
        rows.append(
            CaseRow(
                case=case,
                excerpt=excerpt_of(report.title or report.text, length) if report else "",
                place=report.place_words if report else "",
                reports=count,
                late=cases.is_late(case.phase, case.due_at, now),
                age=ago_words(case.opened_at, now, case.jurisdiction.zone),
                deadline=deadline_of_case(case, now, calendar),
                report_id=report.pk if report else None,
            )
        )
    return rows
