"""Writes: a report is received, a contact is seen, a reporter is told, a promise is made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.channels import rules
from gongzhi.apps.channels.events import ReportReceived
from gongzhi.apps.channels.models import (
    Contact,
    ContactView,
    Notice,
    Photo,
    Report,
    ReportPromise,
    TrackingCode,
)
from gongzhi.apps.channels.photos import CleanPhoto
from gongzhi.apps.channels.queries import code_key
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import Area, Jurisdiction, area_at, area_by_id
from gongzhi.kernel import events, ids
from gongzhi.kernel.errors import GongzhiError


class ReportError(GongzhiError):
    """A report that cannot be taken as it is."""


@dataclass(frozen=True)
class NewReport:
    """What a channel knows of a report. Coordinates are degrees, already checked to lie in the jurisdiction."""

    text: str
    title: str = ""
    request_type: str = ""
    language: str = ""
    place_words: str = ""
    lon: float | None = None
    lat: float | None = None
    area_id: int | None = None
    category_hint: str = ""
    external_key: str | None = None
    form_key: str | None = None
    # Set by a channel that must be able to show the same code twice; otherwise a new one is drawn.
    code: str = field(default="", repr=False)
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    photos: tuple[CleanPhoto, ...] = ()

    @property
    def has_contact(self) -> bool:
        """Whether any way to reach the reporter was given."""
        return bool(self.contact_name or self.contact_phone or self.contact_email)


@dataclass(frozen=True)
class ReceivedReport:
    """The stored report and its tracking code, which is shown once and kept only as a hash.

    `code` is None where this very report had been received before (double submit, second import).
    """

    report: Report
    code: str | None

    @property
    def is_new(self) -> bool:
        """Whether this call stored it."""
        return self.code is not None


def check_text(raw: str) -> str:
    """The cleaned words; ReportError says what is wrong with them and what to do."""
    fault = rules.fault_of_text(raw)
    if fault == "empty":
        raise ReportError(_("Please say in a few words what it is about."), hint=_("One sentence is enough."))
    if fault == "binary":
        raise ReportError(
            _("This looks like the content of a file."), hint=_("Please type or paste plain words.")
        )
    if fault == "too_long":
        raise ReportError(
            _("The text is longer than %(max)d characters.") % {"max": rules.MAX_TEXT},
            hint=_("Please shorten it; you can add more to your report later."),
        )
    return rules.clean_text(raw)


def _known(jurisdiction: Jurisdiction, channel: str, new: NewReport) -> Report | None:
    rows = Report.objects.filter(jurisdiction=jurisdiction)
    if new.external_key is not None:
        return rows.filter(channel=channel, external_key=new.external_key).first()
    return rows.filter(form_key=new.form_key).first() if new.form_key else None


def _area_of(jurisdiction: Jurisdiction, new: NewReport) -> Area | None:
    if new.lon is not None and new.lat is not None:
        found = area_at(jurisdiction, new.lon, new.lat)
        if found is not None:
            return found
    return area_by_id(jurisdiction, new.area_id)


def receive_report(
    *, jurisdiction: Jurisdiction, channel: str, new: NewReport, by: Actor, at: datetime
) -> ReceivedReport:
    """Store a report, its contact and photos, announce it. The same report twice is stored once.

    Raises ReportError where the words cannot be taken.
    """
    text = check_text(new.text)
    known = _known(jurisdiction, channel, new)
    if known is not None:
        return ReceivedReport(known, None)
    try:
        with transaction.atomic():
            return _store(jurisdiction, channel, new, text, by, at)
    except IntegrityError:  # the same form was sent twice at the same moment
        known = _known(jurisdiction, channel, new)
        if known is None:
            raise
        return ReceivedReport(known, None)


def _store(
    jurisdiction: Jurisdiction, channel: str, new: NewReport, text: str, by: Actor, at: datetime
) -> ReceivedReport:
    report = Report.objects.create(
        jurisdiction=jurisdiction,
        channel=channel,
        external_key=new.external_key,
        form_key=new.form_key,
        request_type=new.request_type,
        title=rules.clean_text(new.title)[: rules.MAX_TITLE],
        text=text,
        language=new.language,
        place_words=rules.clean_text(new.place_words)[:200],
        lon=new.lon,
        lat=new.lat,
        area=_area_of(jurisdiction, new),
        category_hint=new.category_hint,
        received_at=at,
        filed_by=by.ref,
        has_contact=new.has_contact,
    )
    code = new.code or ids.new_tracking_code()
    TrackingCode.objects.create(report=report, code_hash=ids.code_hash(code, code_key()))
    if new.has_contact:
        Contact.objects.create(
            report=report,
            name=rules.clean_text(new.contact_name)[:80],
            phone=rules.clean_text(new.contact_phone)[:40],
            email=new.contact_email[:254],
        )
    _store_photos(report, new.photos)
    ledger.record(
        tree=jurisdiction.code,
        kind="channels.report_received",
        subject=f"report:{report.pk}",
        by=by.ref,
        at=at,
        fields={"channel": channel, "photos": len(new.photos)},
        texts={"text": text},
    )
    events.publish(
        ReportReceived(jurisdiction=jurisdiction.code, at=at, report_id=report.pk, channel=channel)
    )
    return ReceivedReport(report, code)


def _store_photos(report: Report, photos: Iterable[CleanPhoto]) -> None:
    for clean in {p.sha256: p for p in photos}.values():
        photo = Photo(report=report, sha256=clean.sha256, width=clean.width, height=clean.height)
        name = f"{clean.sha256}.jpg"
        storage = photo.file.storage
        path = f"photos/{clean.sha256[:2]}/{name}"
        if not storage.exists(path):
            storage.save(path, ContentFile(clean.content))
        photo.file.name = path
        photo.save()


@transaction.atomic
def view_contact(*, report: Report, why: str, by: Actor, at: datetime) -> Contact | None:
    """Read the reporter's contact; who looked, when and why is written down. None where there is no contact."""
    contact = Contact.objects.filter(report=report).first()
    if contact is None:
        return None
    ContactView.objects.create(contact=contact, by_ref=by.ref, by_label=by.label[:80], at=at, why=why[:200])
    ledger.record(
        tree=report.jurisdiction.code,
        kind="channels.contact_viewed",
        subject=f"report:{report.pk}",
        by=by.ref,
        at=at,
        texts={"why": why},
    )
    return contact


def notify(*, reports: Sequence[Report], about: str, by: Actor, at: datetime) -> int:
    """Tell the reporters of something, each once: a second call about the same adds nothing. Returns how many are new.

    `by` is kept by the caller's own ledger entry; a notice is its consequence.
    """
    known = set(Notice.objects.filter(report__in=reports, about=about).values_list("report_id", flat=True))
    fresh = [Notice(report=r, about=about, created_at=at) for r in reports if r.pk not in known]
    Notice.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def mark_seen(*, report: Report, by: Actor, at: datetime) -> int:
    """The reporter has opened the page: all waiting notices are seen. Returns how many were new to them."""
    return Notice.objects.filter(report=report, seen_at=None).update(seen_at=at)


def promise_answer(
    *, reports: Sequence[Report], due_at: datetime, rule: str, calendar_version: str, by: Actor, at: datetime
) -> None:
    """Promise the reporters an answer by `due_at`, by this rule and calendar. Earlier promises stay as history."""
    ReportPromise.objects.bulk_create(
        [
            ReportPromise(
                report=r, due_at=due_at, rule=rule[:80], calendar_version=calendar_version[:60], set_at=at
            )
            for r in reports
        ]
    )
