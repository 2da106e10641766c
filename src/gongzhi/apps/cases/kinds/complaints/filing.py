"""Writes: that a report is a complaint about handling, and which case it became."""

from datetime import datetime
from typing import Final

from django.db import transaction

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.cases.models import Case, Complaint
from gongzhi.apps.channels.public import Report
from gongzhi.apps.ledger import public as ledger

# What a complaint about handling is about, in the packs' tree of categories.
CATEGORY: Final = "governance.service_attitude"


@transaction.atomic
def note_complaint(
    *, report: Report, about: Case, unit: Unit | None, desk_may_see: bool, by: str, at: datetime
) -> Complaint:
    """Note that a report complains about how `about` was handled, by which unit. Noting it twice changes nothing."""
    complaint, created = Complaint.objects.get_or_create(
        report=report, defaults={"about": about, "unit": unit, "desk_may_see": desk_may_see, "at": at}
    )
    if created:
        # Not a word on the timeline of the case complained about: its unit reads that.
        ledger.record(
            tree=about.jurisdiction.code,
            kind="cases.handling_complained_of",
            subject=f"report:{report.pk}",
            by=by,
            at=at,
            fields={"unit": unit.pk if unit else None},
        )
    return complaint


def take_case(*, complaint: Complaint, case: Case) -> None:
    """The complaint's own case is open."""
    Complaint.objects.filter(pk=complaint.pk, case=None).update(case=case)
