"""Forgetting what an erased reporter wrote to the file. The steps stay as steps; only those words go."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases import rules
from gongzhi.apps.cases.models import Case, Membership, Rating, Step
from gongzhi.apps.channels.public import Report
from gongzhi.apps.ledger import public as ledger


@transaction.atomic
def forget_reporter(*, report: Report, by: Actor, at: datetime) -> int:
    """Empty the words that this reporter added to cases and said of answers. Returns how many texts went.

    What staff wrote stays: it was written for the file, without contacts.
    """
    author = f"resident:{report.pk}"
    case_ids = set(Membership.objects.filter(report=report).values_list("case_id", flat=True))
    gone = Rating.objects.filter(report=report).exclude(comment="").update(comment="")
    gone += Step.objects.filter(case_id__in=case_ids, by_ref=author).exclude(text="").update(text="")
    for case_id in sorted(case_ids):
        ledger.erase_salt(f"case:{case_id}", by=by.ref, at=at, written_by=author)
    return gone


def reports_ended_before(moment: datetime) -> QuerySet[Membership, Any]:
    """The ids of all reports whose case was closed or confirmed solved before the moment and has stayed so."""
    ended = Case.objects.filter(state__in=rules.ENDED_STATES).exclude(closed_at=None, solved_at=None)
    ended = ended.exclude(closed_at__gte=moment).exclude(solved_at__gte=moment)
    return Membership.objects.filter(case__in=ended, until=None).values("report_id")
