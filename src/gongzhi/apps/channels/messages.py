"""Every write to a message on its way: claimed under a lease, handed over, sent, tried again, given up.

Whoever holds a message proves it by the claim: a sender that was thought dead changes nothing any more. Before the
first byte leaves, that is written down; so after a kill it is known whether the message can have arrived. What can
have arrived is sent once more with the same Message-ID, never twice more (docs/decisions/0006).
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, QuerySet

from gongzhi.apps.channels import rules
from gongzhi.apps.channels.models import Contact, MailEnd, Message, MessageState, Way
from gongzhi.apps.ledger import public as ledger

# Longer than the slowest server may take for one message; begun anew before each.
LEASE: Final = timedelta(minutes=10)


def _locked(rows: QuerySet[Message]) -> QuerySet[Message]:
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True)
    return rows


@transaction.atomic
def claim(limit: int, *, at: datetime, way: str = Way.EMAIL) -> list[Message]:
    """Take up to `limit` messages that are due, the longest waiting first, urgent ones before them."""
    due = Message.objects.filter(state=MessageState.WAITING, way=way, next_try_at__lte=at)
    ids = list(_locked(due.order_by("-urgent", "next_try_at", "pk")).values_list("pk", flat=True)[:limit])
    token = uuid.uuid4().hex
    Message.objects.filter(pk__in=ids).update(
        state=MessageState.SENDING, claim=token, lease_until=at + LEASE, handed_at=None
    )
    rows = Message.objects.filter(pk__in=ids).select_related("notice__report__jurisdiction")
    return list(rows.order_by("-urgent", "next_try_at", "pk"))


@transaction.atomic
def reclaim(*, at: datetime) -> int:
    """Take back what senders held that are gone: free again, or its outcome is unknown. Returns how many."""
    lost = Message.objects.filter(state=MessageState.SENDING, lease_until__lt=at)
    if not lost.exists():
        return 0
    ids = list(_locked(lost).values_list("pk", flat=True))
    rows = Message.objects.filter(pk__in=ids)
    _give_back(rows.filter(handed_at=None), at, "SenderLost")
    _doubt(rows.filter(handed_at__isnull=False), at)
    return len(ids)


def _held(message: Message) -> QuerySet[Message]:
    """The message, if this sender still holds it."""
    return Message.objects.filter(pk=message.pk, state=MessageState.SENDING, claim=message.claim)


def _end(rows: QuerySet[Message], state: MessageState, at: datetime, error: str, **more: Any) -> int:
    end = {"claim": "", "lease_until": None, "ended_at": at, "last_error": error[:60]}
    return rows.update(state=state, **end, **more)


def _give_back(rows: QuerySet[Message], at: datetime, error: str, **more: Any) -> int:
    free = {"claim": "", "lease_until": None, "handed_at": None, "last_error": error[:60]}
    return rows.update(state=MessageState.WAITING, next_try_at=at, **free, **more)


def _doubt(rows: QuerySet[Message], at: datetime) -> None:
    """Once more where it is the first time that nobody knows; after that it is given up as perhaps sent."""
    ids = list(rows.values_list("pk", flat=True))
    mine = Message.objects.filter(pk__in=ids)
    _end(mine.filter(unsure__gte=1), MessageState.FAILED, at, rules.UNKNOWN)
    sending = mine.filter(state=MessageState.SENDING)
    _give_back(sending, at + rules.FIRST_DELAY, rules.UNKNOWN, unsure=F("unsure") + 1)


def begin(message: Message, *, at: datetime) -> bool:
    """Write down that the message leaves now. False where another sender has it: then it must not leave."""
    return bool(_held(message).filter(handed_at=None).update(handed_at=at, lease_until=at + LEASE))


def keep(message: Message, *, at: datetime) -> bool:
    """Begin the lease anew. False where another sender has the message."""
    return bool(_held(message).update(lease_until=at + LEASE))


def sent(message: Message, *, at: datetime) -> None:
    """The server has taken it."""
    _end(_held(message), MessageState.SENT, at, "", sent_at=at, attempts=F("attempts") + 1)


def again(message: Message, error: str, *, at: datetime) -> None:
    """The server would not take it now: try later, or give up after the eighth time."""
    attempts = message.attempts + 1
    if attempts >= rules.MAX_ATTEMPTS:
        _end(_held(message), MessageState.FAILED, at, error, attempts=attempts)
    else:
        _give_back(_held(message), at + rules.delay_after(attempts), error, attempts=attempts)


def later(message: Message, until: datetime, error: str = "") -> None:
    """Not now, for a reason that is not the message's: it does not count as a try."""
    _give_back(_held(message), until, error)


def unknown(message: Message, *, at: datetime) -> None:
    """The line broke after the message had left."""
    _doubt(_held(message), at)


def fail(message: Message, error: str, *, at: datetime) -> None:
    """It will never be taken."""
    _end(_held(message), MessageState.FAILED, at, error)


def stop(message: Message, why: str, *, at: datetime) -> None:
    """It is not wanted any more, or there is no address any more."""
    _end(_held(message), MessageState.STOPPED, at, why)


@transaction.atomic
def refuse(message: Message, error: str, *, at: datetime) -> None:
    """There is no such address: nothing more is sent to this contact."""
    if _end(_held(message), MessageState.BOUNCED, at, error):
        end_mail(message.notice.report_id, MailEnd.BOUNCED, by="system", at=at)


@transaction.atomic
def bounce(message: Message, status: str, *, hard: bool, at: datetime) -> bool:
    """A message that had been taken came back. False where that is known. `hard`: the address itself is bad."""
    error = f"DSN {status}"
    # Perhaps it is known as failed, because nobody knew whether it had been taken.
    rows = Message.objects.filter(pk=message.pk).exclude(state=MessageState.BOUNCED)
    if not _end(rows, MessageState.BOUNCED, at, error):
        return False
    if hard:
        end_mail(message.notice.report_id, MailEnd.BOUNCED, by="system", at=at)
    return True


def note_delay(message: Message, status: str) -> bool:
    """A server on the way says that it still tries. False where the message has another end already."""
    return bool(
        Message.objects.filter(pk=message.pk, state=MessageState.SENT).update(
            last_error=f"Delayed {status}"[:60]
        )
    )


@transaction.atomic
def end_mail(report_id: int, why: MailEnd, *, by: str, at: datetime) -> bool:
    """Send no more e-mail about this report. False where nothing was sent anyway, or there is no contact."""
    contact = Contact.objects.filter(report_id=report_id, mail_end=MailEnd.NOT).exclude(mail_wish="")
    if not contact.update(mail_end=why, mail_end_at=at):
        return False
    _record("channels.mail_ended", report_id, str(why), by, at)
    return True


@transaction.atomic
def resume_mail(report_id: int, *, by: str, at: datetime) -> bool:
    """Take back that the reporter stopped e-mail. False where that is not why none is sent."""
    contact = Contact.objects.filter(report_id=report_id, mail_end=MailEnd.ASKED)
    if not contact.update(mail_end=MailEnd.NOT, mail_end_at=None):
        return False
    _record("channels.mail_resumed", report_id, "", by, at)
    return True


def _record(kind: str, report_id: int, why: str, by: str, at: datetime) -> None:
    contact = Contact.objects.select_related("report__jurisdiction").get(report_id=report_id)
    ledger.record(
        tree=contact.report.jurisdiction.code,
        kind=kind,
        subject=f"report:{report_id}",
        by=by,
        at=at,
        fields={"why": why} if why else {},
    )
