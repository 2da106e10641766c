"""Writes: a reporter is told of something on the page, and by e-mail where wished; a promise is made."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from gongzhi.apps.actors.public import SYSTEM, Actor
from gongzhi.apps.channels import rules
from gongzhi.apps.channels.models import Contact, MailEnd, Message, Notice, Report, ReportPromise
from gongzhi.kernel import clock

PROMISE: Final = "promise"


@transaction.atomic
def notify(*, reports: Sequence[Report], about: str, by: Actor, at: datetime, urgent: bool = False) -> int:
    """Tell the reporters of something, each once: a second call about the same adds nothing. Returns how many are new.

    It stands on their page; those who wished it get an e-mail as well, at night only where it is `urgent`.
    `by` is kept by the caller's own ledger entry; a notice is its consequence.
    """
    known = set(Notice.objects.filter(report__in=reports, about=about).values_list("report_id", flat=True))
    fresh = [r for r in reports if r.pk not in known]
    Notice.objects.bulk_create(
        [Notice(report=r, about=about, created_at=at) for r in fresh], ignore_conflicts=True
    )
    _post(_wanting_mail(fresh, about), about, urgent)
    return len(fresh)


@transaction.atomic
def tell_step(*, reports: Sequence[Report], about: str, by: Actor, at: datetime, urgent: bool = False) -> int:
    """As `notify`, but only for those who wished to hear of each step by e-mail: the page shows the steps anyway."""
    wanted = {contact.report_id for contact in _wanting_mail(reports, about)}
    told = [report for report in reports if report.pk in wanted]
    return notify(reports=told, about=about, by=by, at=at, urgent=urgent) if told else 0


def _wanting_mail(reports: Collection[Report], about: str) -> list[Contact]:
    """The contacts to which an e-mail about this goes; none where the installation sends no mail."""
    if not settings.GONGZHI_SMTP_URL or not reports:
        return []
    rows = Contact.objects.filter(report__in=reports, mail_wish__in=rules.wishes_for(about))
    rows = rows.filter(mail_end=MailEnd.NOT).exclude(email="")
    return list(rows.select_related("report__jurisdiction"))


def _post(contacts: Sequence[Contact], about: str, urgent: bool) -> None:
    """Write down that the notices are to go out; a notice that is on its way already stays as it is.

    Their time counts from now, not from when it happened: a worker that stood still for a week makes no news stale.
    """
    if not contacts:
        return
    now = clock.now()
    zones = {contact.report_id: contact.report.jurisdiction.zone for contact in contacts}
    notices = Notice.objects.filter(report_id__in=zones, about=about)
    Message.objects.bulk_create(
        [
            Message(
                notice=notice,
                urgent=urgent,
                next_try_at=now if urgent else rules.after_quiet(now, zones[notice.report_id]),
                created_at=now,
            )
            for notice in notices
        ],
        ignore_conflicts=True,
    )


def mark_seen(*, report: Report, by: Actor, at: datetime) -> int:
    """The reporter has opened the page: all waiting notices are seen. Returns how many were new to them."""
    return Notice.objects.filter(report=report, seen_at=None).update(seen_at=at)


@dataclass(frozen=True)
class Promised:
    """A promise to a reporter: an answer by `due_at`, by this rule and calendar, made at a moment."""

    report: Report
    due_at: datetime
    rule: str
    calendar_version: str
    at: datetime


@transaction.atomic
def keep_promises(promises: Iterable[Promised], *, tell: bool = False, urgent: bool = False) -> None:
    """Write down what reporters are promised. Earlier promises stay as history; the case's step is the record.

    `tell`: those who wished to hear of each step get the day by e-mail, the same day once only.
    """
    made = list(promises)
    ReportPromise.objects.bulk_create(
        ReportPromise(
            report=p.report,
            due_at=p.due_at,
            rule=p.rule[:80],
            calendar_version=p.calendar_version[:60],
            set_at=p.at,
        )
        for p in made
    )
    wanted = {c.report_id for c in _wanting_mail([p.report for p in made], PROMISE)} if tell else set()
    for p in made:
        if p.report.pk in wanted:
            about = f"{PROMISE}:{p.report.pk}:{p.due_at:%Y%m%dT%H%M}"
            notify(reports=[p.report], about=about, by=SYSTEM, at=p.at, urgent=urgent)
