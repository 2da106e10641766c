"""One line of a list of cases, with all that the line shows; two queries whatever the number of cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.site.access import PageRequest

EXCERPT = 90


@dataclass(frozen=True)
class CaseRow:
    """A case as a list shows it: first words, how many said so, whether it is late."""

    case: Case
    excerpt: str
    place: str
    reports: int
    late: bool


def excerpt_of(text: str, length: int = EXCERPT) -> str:
    """The beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def case_rows(request: PageRequest, found: Sequence[Case], now: datetime) -> list[CaseRow]:
    """The lines for these cases in their order."""
    first = cases.first_reports(found, visible_to=request.actor)
    rows = []
    for case in found:
        report, count = first.get(case.pk, (None, 0))
        rows.append(
            CaseRow(
                case=case,
                excerpt=excerpt_of(report.title or report.text) if report else "",
                place=report.place_words if report else "",
                reports=count,
                late=cases.is_late(case.phase, case.due_at, now),
            )
        )
    return rows
