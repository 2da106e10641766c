"""Forgetting the words of a report that is erased: its place in the index, its example, the words that were read."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.understanding.models import Band, Example, Reading


@transaction.atomic
def forget_reports(*, report_ids: Collection[int], by: Actor, at: datetime) -> None:
    """Take erased reports out of the duplicate index, the examples and the readings' words.

    Categories and dangers that were read stay: they are codes. A model learned from them goes with the next
    training; it holds hashed features only. The erasure itself is recorded by who erases (`by`, `at`).
    """
    Band.objects.filter(report_id__in=report_ids).delete()
    Example.objects.filter(report_id__in=report_ids).delete()
    Reading.objects.filter(report_id__in=report_ids).update(words=[], places=[])


def bands_before(before: datetime, limit: int) -> list[int]:
    """The ids of what in the duplicate index came before the moment, at most `limit`."""
    return list(Band.objects.filter(at__lt=before).order_by("pk").values_list("pk", flat=True)[:limit])


def delete_bands(ids: Collection[int]) -> None:
    """Take these out of the duplicate index."""
    Band.objects.filter(pk__in=ids).delete()
