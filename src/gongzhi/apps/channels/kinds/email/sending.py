"""What is due goes out: small batches, one connection each, each message claimed, marked, handed over, noted."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count

from gongzhi.apps.channels import messages, rules
from gongzhi.apps.channels.kinds.email import smtp
from gongzhi.apps.channels.kinds.email.letters import Envelope, Letter, build, mark_of, usable_address
from gongzhi.apps.channels.kinds.email.smtp import Line, Outcome, Trouble, Verdict
from gongzhi.apps.channels.models import Contact, MailEnd, Message, MessageState
from gongzhi.kernel import clock
from gongzhi.kernel.mailserver import MailServer

log = logging.getLogger(__name__)

BATCH: Final = 20
# After trouble with the server as a whole.
PAUSE: Final = timedelta(minutes=5)
Compose = Callable[[Message, Contact], Letter]


@dataclass(frozen=True)
class Sender:
    """The mail server, and the address that mail comes from."""

    server: MailServer
    address: str

    @property
    def name(self) -> str:
        """What we call ourselves to the server."""
        return self.address.rpartition("@")[2]


@dataclass
class Counts:
    """How many messages went which way in one run."""

    taken: int = 0
    put_off: int = 0
    ended: int = 0
    trouble: str = ""
    tried: int = field(default=0, repr=False)


def counts_by_state() -> dict[str, int]:
    """How many messages are in each state, over all offices."""
    rows = Message.objects.order_by().values_list("state").annotate(n=Count("pk"))
    return {state.value: 0 for state in MessageState} | dict(rows)


def send_due(*, sender: Sender, compose: Compose, limit: int) -> Counts:
    """Send what is due, at most about `limit` messages. Stops at trouble with the server; the rest waits."""
    counts = Counts()
    messages.reclaim(at=clock.now())
    while counts.tried < limit and not counts.trouble:
        batch = messages.claim(BATCH, at=clock.now())
        if not batch:
            break
        counts.tried += len(batch)
        _Batch(sender, compose, counts).run(batch)
    if counts.tried:
        log.info("Mail: %d taken, %d put off, %d ended.", counts.taken, counts.put_off, counts.ended)
    if counts.trouble:
        log.warning("The mail server: %s", counts.trouble)
    return counts


@dataclass(frozen=True)
class _Ready:
    """A message with its contact: nothing speaks against sending it now."""

    message: Message
    contact: Contact
    address: str


class _Batch:
    """Some claimed messages on one connection."""

    def __init__(self, sender: Sender, compose: Compose, counts: Counts) -> None:
        self.sender, self.compose, self.counts = sender, compose, counts

    def run(self, batch: list[Message]) -> None:
        """Send them; on trouble with the server give back what is left."""
        waiting = [ready for message in batch if (ready := self._look(message)) is not None]
        if not waiting:
            return
        try:
            with smtp.connect(self.sender.server, self.sender.name) as line:
                while waiting:
                    usable = self._send(line, waiting[0])
                    waiting.pop(0)
                    if not usable:
                        raise Trouble("LineBroken")
        except Trouble as trouble:
            self.counts.trouble = trouble.error
            for ready in waiting:
                self._put_off(ready.message, clock.now() + PAUSE, trouble.error)

    def _look(self, message: Message) -> _Ready | None:
        """Whether it is to go out now; else it is put off or ended, and why is noted."""
        now = clock.now()
        contact = Contact.objects.filter(report_id=message.notice.report_id).first()
        why = _why_not(message, contact)
        if why or contact is None:
            messages.stop(message, why or "ContactGone", at=now)
            self.counts.ended += 1
            return None
        if now - message.created_at > rules.STALE:
            messages.fail(message, message.last_error or "TooOld", at=now)
            self.counts.ended += 1
            return None
        zone = message.notice.report.jurisdiction.zone
        if not message.urgent and rules.is_quiet(now, zone):
            self._put_off(message, rules.after_quiet(now, zone), message.last_error)
            return None
        address = usable_address(contact.email)
        if not address:
            messages.refuse(message, "AddressInvalid", at=now)
            self.counts.ended += 1
            return None
        return _Ready(message, contact, address)

    def _put_off(self, message: Message, until: datetime, error: str) -> None:
        messages.later(message, until, error)
        self.counts.put_off += 1

    def _send(self, line: Line, ready: _Ready) -> bool:
        """Send one. False where the line is of no use any more."""
        message = ready.message
        if _told_before(message, ready.contact):
            messages.stop(message, "ToldBefore", at=clock.now())
            self.counts.ended += 1
            return True
        try:
            content = self._content(ready)
        except Exception as error:  # one letter that cannot be written holds up no other
            messages.again(message, type(error).__name__, at=clock.now())
            log.error("Message %s cannot be written.", message.pk, exc_info=error)
            self.counts.put_off += 1
            return True
        if not messages.keep(message, at=clock.now()):
            return True  # another sender has it
        refused = line.offer(self.sender.address, ready.address, mark_of(message.message_id))
        if refused is not None:
            return self._note(message, refused)
        if not messages.begin(message, at=clock.now()):
            raise Trouble("LeaseLost")  # a recipient was named: only a new connection is clean
        return self._note(message, line.hand_over(content))

    def _content(self, ready: _Ready) -> bytes:
        message = ready.message
        envelope = Envelope(self.sender.address, ready.address, message.message_id, clock.now())
        return build(self.compose(message, ready.contact), envelope)

    def _note(self, message: Message, outcome: Outcome) -> bool:
        now = clock.now()
        match outcome.verdict:
            case Verdict.TAKEN:
                messages.sent(message, at=now)
                self.counts.taken += 1
            case Verdict.LATER:
                messages.again(message, outcome.error, at=now)
                self.counts.put_off += 1
            case Verdict.REFUSED:
                messages.fail(message, outcome.error, at=now)
                self.counts.ended += 1
            case Verdict.NO_SUCH_ADDRESS:
                messages.refuse(message, outcome.error, at=now)
                self.counts.ended += 1
            case Verdict.UNKNOWN:
                messages.unknown(message, at=now)
                self.counts.put_off += 1
        return outcome.verdict is not Verdict.UNKNOWN


def _why_not(message: Message, contact: Contact | None) -> str:
    """Why nothing is to be sent, as a class; "" where nothing speaks against it."""
    if contact is None or not contact.email:
        return "ContactGone"
    if contact.mail_end:
        return "Stopped" if contact.mail_end == MailEnd.ASKED else "AddressBounced"
    if contact.mail_wish not in rules.wishes_for(message.notice.about):
        return "NotWished"
    return ""


def _told_before(message: Message, contact: Contact) -> bool:
    """Whether the same address has been told the same: who reported a matter twice hears of its answer once."""
    notice = message.notice
    if ":" not in notice.about:  # names nothing that two reports could share
        return False
    others = Message.objects.filter(way=message.way, notice__about=notice.about, sent_at__isnull=False)
    others = others.filter(
        notice__report__jurisdiction=notice.report.jurisdiction,
        notice__report__contact__email__iexact=contact.email,
    )
    return others.exclude(pk=message.pk).exists()


def send_test(*, sender: Sender, letter: Letter, message: Envelope) -> Outcome:
    """Send one letter now, past the outbox. Trouble where the server does not work with us."""
    with smtp.connect(sender.server, sender.name) as line:
        refused = line.offer(sender.address, message.recipient, mark_of(message.message_id))
        return refused or line.hand_over(build(letter, message))
