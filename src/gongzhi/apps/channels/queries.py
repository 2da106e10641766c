"""Reads: a report by its code, what its reporter was told and promised."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.channels import rules
from gongzhi.apps.channels.models import (
    Contact,
    ContactView,
    Message,
    MessageState,
    Notice,
    Photo,
    Report,
    ReportPromise,
)
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


@dataclass(frozen=True)
class Told:
    """What a reporter was told, when, whether the page was opened since, and what became of the e-mail.

    `mail` is a MessageState, "" where none was to go out; `perhaps` where nobody knows whether it was taken.
    """

    kind: str
    at: datetime
    seen_at: datetime | None
    mail: str = ""
    perhaps: bool = False

    @property
    def lost(self) -> bool:
        """Whether an e-mail did not arrive and the page was not opened since: somebody should phone."""
        return self.seen_at is None and self.mail in LOST


LOST = (MessageState.FAILED, MessageState.BOUNCED)


def told_of(report_ids: Iterable[int]) -> dict[int, list[Told]]:
    """What each of these reporters was told and how, oldest first; never to which address."""
    ids = list(report_ids)
    mails = {m.notice_id: m for m in Message.objects.filter(notice__report_id__in=ids)}
    found: dict[int, list[Told]] = {}
    for notice in Notice.objects.filter(report_id__in=ids).order_by("created_at", "pk"):
        mail = mails.get(notice.pk)
        told = Told(
            kind=rules.kind_of(notice.about),
            at=notice.created_at,
            seen_at=notice.seen_at,
            mail=mail.state if mail else "",
            perhaps=mail is not None and mail.last_error == rules.UNKNOWN,
        )
        found.setdefault(notice.report_id, []).append(told)
    return found


def unreached(*, jurisdiction: Jurisdiction, since: datetime, limit: int) -> list[int]:
    """The ids of reports whose e-mail did not arrive since then, and about whom nobody has done anything yet.

    Done is: the reporter has opened the page, or somebody has looked at the contact after it had come back.
    """
    looked = ContactView.objects.filter(
        contact__report=OuterRef("notice__report"), at__gte=OuterRef("ended_at")
    )
    lost = Message.objects.filter(state__in=LOST, ended_at__gte=since, notice__seen_at=None)
    lost = lost.filter(notice__report__jurisdiction=jurisdiction, notice__report__has_contact=True)
    ids = lost.exclude(Exists(looked)).order_by("ended_at").values_list("notice__report_id", flat=True)
    return list(dict.fromkeys(ids[: limit * 3]))[:limit]


def mail_state(report: Report) -> Contact | None:
    """The contact of a report if it has an e-mail address: for its reporter's own page only."""
    return Contact.objects.filter(report=report).exclude(email="").first()
