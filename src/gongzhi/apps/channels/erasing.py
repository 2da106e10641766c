"""Taking away for good what a person said and how to reach them. The report stays as a row with a mark."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max, QuerySet

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.channels.models import Contact, ContactView, ImportRun, KeptReport, Photo, Report
from gongzhi.apps.ledger import public as ledger

# A file that no row names is left alone for a day: its report may just be on its way into the database.
FRESH: Final = timedelta(days=1)
# Ids of reports whose case has ended: as a query, so that no list of them is ever made.
Ended = QuerySet[Any, Any]


@transaction.atomic
def erase_report(*, report: Report, by: Actor, at: datetime, why: str, erasure: str = "") -> bool:
    """Erase the words, the place, the contact and the photos of a report. False where that was done before.

    Number, channel, time, area and category stay, so that figures and the case's history stay true; the number
    at the source stays too, so that a second import does not bring the words back. `erasure` is the id under
    which the erasure journal knows it. Photo files go once the transaction is safe.
    """
    locked = Report.objects.select_for_update().get(pk=report.pk)
    if locked.erased_at is not None:
        return False
    had_contact, photos = locked.has_contact, list(Photo.objects.filter(report=locked))
    locked.title = locked.text = locked.place_words = ""
    locked.lon = locked.lat = None
    locked.has_contact, locked.erased_at = False, at
    locked.save(update_fields=["title", "text", "place_words", "lon", "lat", "has_contact", "erased_at"])
    _blank_contact(locked)
    Photo.objects.filter(report=locked).delete()
    KeptReport.objects.filter(report=locked).delete()
    ledger.erase_salt(f"report:{locked.pk}", by=by.ref, at=at)
    fields: dict[str, str | int] = {"photos": len(photos), "contact": had_contact, "erasure": erasure}
    _record("channels.report_erased", locked, fields, by, at, why)
    names = sorted({photo.file.name or "" for photo in photos})
    transaction.on_commit(lambda: remove_unused_photos(names))
    report.refresh_from_db()
    return True


@transaction.atomic
def erase_contact(*, report: Report, by: Actor, at: datetime, why: str) -> bool:
    """Erase how to reach the reporter; the words stay. False where there is no contact any more."""
    locked = Report.objects.select_for_update().get(pk=report.pk)
    if not locked.has_contact:
        return False
    locked.has_contact = False
    locked.save(update_fields=["has_contact"])
    _blank_contact(locked)
    _record("channels.contact_erased", locked, {}, by, at, why)
    return True


def _record(
    kind: str, report: Report, fields: dict[str, str | int], by: Actor, at: datetime, why: str
) -> None:
    ledger.record(
        tree=report.jurisdiction.code,
        kind=kind,
        subject=f"report:{report.pk}",
        by=by.ref,
        at=at,
        fields=fields,
        texts={"why": why},
    )


def _blank_contact(report: Report) -> None:
    """Empty the contact; who had looked at it stays on record for as long as its label says."""
    contact = Contact.objects.filter(report=report)
    if ContactView.objects.filter(contact__report=report).exists():
        contact.update(name="", phone="", email="")
    else:
        contact.delete()


def remove_unused_photos(names: Iterable[str]) -> int:
    """Delete these photo files unless a photo still uses them: equal photos share a file. Returns how many went."""
    gone = 0
    for name in names:
        if name and not Photo.objects.filter(file=name).exists() and default_storage.exists(name):
            default_storage.delete(name)
            gone += 1
    return gone


def remove_lost_photos(*, at: datetime) -> int:
    """Delete photo files that no photo names: what a crash between an erasure and its files left behind."""
    root = Path(settings.MEDIA_ROOT)
    old = (at - FRESH).timestamp()
    files = [p for p in (root / "photos").glob("*/*") if p.is_file() and p.stat().st_mtime < old]
    return remove_unused_photos(path.relative_to(root).as_posix() for path in files)


def reports_with_words(ended: Ended, limit: int) -> list[Report]:
    """Which of these reports still hold words, oldest first, at most `limit`."""
    rows = Report.objects.filter(pk__in=ended, erased_at=None)
    return list(rows.select_related("jurisdiction").order_by("pk")[:limit])


def reports_with_contact(ended: Ended, limit: int) -> list[Report]:
    """Which of these reports still hold a contact, oldest first, at most `limit`."""
    rows = Report.objects.filter(pk__in=ended, has_contact=True)
    return list(rows.select_related("jurisdiction").order_by("pk")[:limit])


def emptied_contacts(before: datetime, limit: int) -> list[Contact]:
    """Emptied contacts at which nobody has looked since the moment: their list of looks may go with them."""
    rows = Contact.objects.filter(name="", phone="", email="").annotate(last=Max("views__at"))
    rows = rows.exclude(last__gte=before).select_related("report__jurisdiction")
    return list(rows.order_by("pk")[:limit])


def delete_contacts(contacts: Collection[Contact]) -> None:
    """Delete emptied contacts and who looked at them."""
    Contact.objects.filter(pk__in=[contact.pk for contact in contacts]).delete()


def imports_before(before: datetime, limit: int) -> list[ImportRun]:
    """Imports begun before the moment, oldest first."""
    rows = ImportRun.objects.filter(started_at__lt=before).select_related("jurisdiction")
    return list(rows.order_by("pk")[:limit])


def delete_imports(runs: Collection[ImportRun]) -> None:
    """Delete imports and the files of the rows they refused, where those lie in the data folder."""
    inside = Path(settings.DATA_ROOT).resolve()
    for run in runs:
        file = Path(run.errors_file).resolve() if run.errors_file else None
        if file is not None and file.is_relative_to(inside) and file.is_file():
            file.unlink()
    ImportRun.objects.filter(pk__in=[run.pk for run in runs]).delete()
