"""Reads: a report by its code, what its reporter was told and promised."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.channels.models import Notice, Photo, Report, ReportPromise
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel import ids


def code_key() -> bytes:
    """The key under which new tracking codes are hashed."""
    return bytes.fromhex(settings.CODE_KEYS[0])


def report_by_code(jurisdiction: Jurisdiction, code: str) -> Report | None:
    """The report that this tracking code opens (case, spaces, hyphens, O/0 and I/1 do not matter), or None."""
    plain = ids.normalise_code(code)
    # Codes given out under a former key still open; they cannot be hashed anew, since nobody keeps them.
    hashed = [ids.code_hash(plain, bytes.fromhex(key)) for key in settings.CODE_KEYS]
    return Report.objects.filter(jurisdiction=jurisdiction, tracking__code_hash__in=hashed).first()


def report_by_id(jurisdiction: Jurisdiction, report_id: int) -> Report | None:
    """The report with this id in this jurisdiction, or None. The caller has proven the right to see it."""
    return Report.objects.filter(jurisdiction=jurisdiction, pk=report_id).first()


def known_keys(jurisdiction: Jurisdiction, channel: str, keys: Iterable[str]) -> set[str]:
    """Which of these external keys the office has from this channel already; one query."""
    rows = Report.objects.filter(jurisdiction=jurisdiction, channel=channel, external_key__in=set(keys))
    return {key for key in rows.values_list("external_key", flat=True) if key is not None}


def latest_promise(report: Report) -> ReportPromise | None:
    """The promise that holds now."""
    return ReportPromise.objects.filter(report=report).order_by("-set_at", "-pk").first()


def notices_of(report: Report) -> QuerySet[Notice]:
    """What the reporter was told, newest first."""
    return Notice.objects.filter(report=report).order_by("-created_at", "-pk")


def photos_of(report_ids: Iterable[int]) -> dict[int, list[Photo]]:
    """The photos of each report."""
    found: dict[int, list[Photo]] = {}
    for photo in Photo.objects.filter(report_id__in=list(report_ids)).order_by("pk"):
        found.setdefault(photo.report_id, []).append(photo)
    return found


def photo_by_id(jurisdiction: Jurisdiction, photo_id: int, *, visible_to: Actor | None) -> Photo | None:
    """A photo with its report, None for staff of another office; the page decides by the report who may see it."""
    if visible_to is not None and not visible_to.works_in(jurisdiction.pk):
        return None
    return (
        Photo.objects.filter(report__jurisdiction=jurisdiction, pk=photo_id).select_related("report").first()
    )


def reports_by_key(jurisdiction: Jurisdiction, channel: str, keys: Iterable[str]) -> dict[str, Report]:
    """The reports that came by this channel under these numbers of another system, by number."""
    rows = Report.objects.filter(jurisdiction=jurisdiction, channel=channel, external_key__in=list(keys))
    return {str(report.external_key): report for report in rows}
