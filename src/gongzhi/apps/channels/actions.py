"""Writes: a report is received, a contact is seen."""

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
    MailWish,
    Photo,
    Report,
    TrackingCode,
)
from gongzhi.apps.channels.photos import CleanPhoto
from gongzhi.apps.channels.queries import code_key
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.ledger.public import Act
from gongzhi.apps.places.public import Area, Jurisdiction, area_by_id, areas_at
from gongzhi.kernel import events, ids
from gongzhi.kernel.errors import GongzhiError

# How often a bulk is tried again because somebody else brought in some of the same reports at the same moment.
BULK_TRIES = 5


class ReportError(GongzhiError):
    """A report that cannot be taken as it is."""


@dataclass(frozen=True)
class NewReport:
    """What a channel knows of a report. Coordinates are degrees, already checked to lie in the jurisdiction.

    `received_at` is when the office received it, where that was before it came here (a hotline's own time);
    None means now. The case opens and the promise counts from it.
    """

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
    # Of what the reporter agreed to hear by e-mail, a MailWish; and the language to write in.
    mail_wish: str = MailWish.NOTHING
    contact_language: str = ""
    received_at: datetime | None = None
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


def check_text(raw: str, limit: int = rules.MAX_TEXT) -> str:
    """The cleaned words; ReportError says what is wrong with them and what to do. `limit` in characters."""
    fault = rules.fault_of_text(raw, limit)
    if fault == "empty":
        raise ReportError(_("Please say in a few words what it is about."), hint=_("One sentence is enough."))
    if fault == "binary":
        raise ReportError(
            _("This looks like the content of a file."), hint=_("Please type or paste plain words.")
        )
    if fault == "too_long":
        raise ReportError(
            _("The text is longer than %(max)d characters.") % {"max": limit},
            hint=_("Please shorten it; you can add more to your report later."),
        )
    return rules.clean_text(raw)


def _key(new: NewReport) -> tuple[str, str] | None:
    """What the same report is known by when it comes again: its own number, else its form."""
    if new.external_key:
        return "external_key", new.external_key
    return ("form_key", new.form_key) if new.form_key else None


def _known(
    jurisdiction: Jurisdiction, channel: str, news: Iterable[NewReport]
) -> dict[tuple[str, str], Report]:
    """The reports that are here already, by key: one query a kind of key, however many are asked for."""
    wanted: dict[str, set[str]] = {}
    for key in filter(None, map(_key, news)):
        wanted.setdefault(key[0], set()).add(key[1])
    found: dict[tuple[str, str], Report] = {}
    for name, values in wanted.items():
        rows = Report.objects.filter(**{"jurisdiction": jurisdiction, f"{name}__in": values})
        if name == "external_key":
            rows = rows.filter(channel=channel)
        found.update({(name, getattr(row, name)): row for row in rows})
    return found


def receive_report(
    *, jurisdiction: Jurisdiction, channel: str, new: NewReport, by: Actor, at: datetime
) -> ReceivedReport:
    """Store a report, its contact and photos, announce it. The same report twice is stored once.

    Raises ReportError where the words cannot be taken.
    """
    return receive_reports(jurisdiction=jurisdiction, channel=channel, news=[new], by=by, at=at)[0]


def receive_reports(
    *,
    jurisdiction: Jurisdiction,
    channel: str,
    news: Sequence[NewReport],
    by: Actor,
    at: datetime,
    max_text: int = rules.MAX_TEXT,
    as_history: bool = False,
) -> list[ReceivedReport]:
    """As `receive_report`, for many with few statements and in one transaction; the answers in the same order.

    `as_history`: what follows is dated when each report was received, not now; for a register of past years.

    Raises ReportError, and stores nothing, where the words of one cannot be taken.
    """
    texts = [check_text(new.text, max_text) for new in news]
    for tries_left in reversed(range(BULK_TRIES)):
        known = _known(jurisdiction, channel, news)
        try:
            with transaction.atomic():
                pairs = list(zip(news, texts, strict=True))
                return _store_all(jurisdiction, channel, pairs, known, by, at, as_history)
        except IntegrityError:  # the same was sent twice at the same moment: now it is known
            if not tries_left or not any(map(_key, news)):
                raise
    raise AssertionError("the last try returns or raises")


def _store_all(
    jurisdiction: Jurisdiction,
    channel: str,
    news: Sequence[tuple[NewReport, str]],
    known: dict[tuple[str, str], Report],
    by: Actor,
    at: datetime,
    as_history: bool,
) -> list[ReceivedReport]:
    received: list[ReceivedReport] = []
    fresh: list[tuple[NewReport, ReceivedReport]] = []
    for (new, text), area in zip(news, _areas_of(jurisdiction, [new for new, _text in news]), strict=True):
        key = _key(new)
        if key is not None and key in known:
            received.append(ReceivedReport(known[key], None))
            continue
        report = _report_row(jurisdiction, channel, new, text, area, by, at)
        received.append(ReceivedReport(report, new.code or ids.new_tracking_code()))
        fresh.append((new, received[-1]))
        if key is not None:
            known[key] = report
    if fresh:
        _write(jurisdiction, channel, fresh, by, at, as_history)
    return received


def _write(
    jurisdiction: Jurisdiction,
    channel: str,
    fresh: Sequence[tuple[NewReport, ReceivedReport]],
    by: Actor,
    at: datetime,
    as_history: bool,
) -> None:
    """Write new reports, their codes, contacts, photos and ledger entries, and announce them."""
    Report.objects.bulk_create([one.report for _new, one in fresh])
    TrackingCode.objects.bulk_create(
        TrackingCode(report=one.report, code_hash=ids.code_hash(one.code or "", code_key()))
        for _new, one in fresh
    )
    Contact.objects.bulk_create(_contact_row(one.report, new) for new, one in fresh if new.has_contact)
    for new, one in fresh:
        _store_photos(one.report, new.photos)
    ledger.record_all(_act(jurisdiction, one.report, new, by, at) for new, one in fresh)
    events.publish_all(
        ReportReceived(
            jurisdiction=jurisdiction.code,
            at=one.report.received_at if as_history else at,
            report_id=one.report.pk,
            channel=channel,
        )
        for _new, one in fresh
    )


def _areas_of(jurisdiction: Jurisdiction, news: Sequence[NewReport]) -> list[Area | None]:
    """The area of each: the one that holds its point, else the one it names."""
    points = [(new.lon, new.lat) for new in news if new.lon is not None and new.lat is not None]
    held = iter(areas_at(jurisdiction, points))
    ids_found = [(next(held) if new.lon is not None and new.lat is not None else None) for new in news]
    return [area_by_id(jurisdiction, pk or new.area_id) for pk, new in zip(ids_found, news, strict=True)]


def _report_row(
    jurisdiction: Jurisdiction,
    channel: str,
    new: NewReport,
    text: str,
    area: Area | None,
    by: Actor,
    at: datetime,
) -> Report:
    return Report(
        jurisdiction=jurisdiction,
        channel=channel,
        external_key=new.external_key or None,
        form_key=new.form_key or None,
        request_type=new.request_type,
        title=rules.clean_text(new.title)[: rules.MAX_TITLE],
        text=text,
        language=new.language,
        place_words=rules.clean_text(new.place_words)[:200],
        lon=new.lon,
        lat=new.lat,
        area=area,
        category_hint=new.category_hint,
        received_at=new.received_at or at,
        filed_by=by.ref,
        has_contact=new.has_contact,
    )


def _contact_row(report: Report, new: NewReport) -> Contact:
    return Contact(
        report=report,
        name=rules.clean_text(new.contact_name)[:80],
        phone=rules.clean_text(new.contact_phone)[:40],
        email=new.contact_email[:254],
        mail_wish=new.mail_wish if new.contact_email else MailWish.NOTHING,
        language=new.contact_language[:10],
    )


def _act(jurisdiction: Jurisdiction, report: Report, new: NewReport, by: Actor, at: datetime) -> Act:
    fields: dict[str, str | int] = {"channel": report.channel, "photos": len(new.photos)}
    if new.received_at is not None:
        fields["received_at"] = new.received_at.isoformat()
    return Act(
        tree=jurisdiction.code,
        kind="channels.report_received",
        subject=f"report:{report.pk}",
        by=by.ref,
        at=at,
        fields=fields,
        texts={"text": report.text},
    )


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
