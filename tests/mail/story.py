"""What the mail tests share: reports with an e-mail address, the sending of what is due."""

import re
from datetime import datetime
from typing import Any

import time_machine

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Answer, Case
from gongzhi.apps.channels.kinds.email.public import Counts, send_due
from gongzhi.apps.channels.models import Message
from gongzhi.apps.channels.public import Report
from gongzhi.kernel import worker
from gongzhi.site.mail.letters import compose
from gongzhi.site.mail.sending import sender
from tests.cast import Cast
from tests.corner.story import HOUR, NOON, POTHOLE, filed

MARCIA = "marcia.marked@example.net"


def told(cast: Cast, address: str = MARCIA, wish: str = "answer", **more: Any) -> tuple[Case, Report]:
    """A report whose reporter left an address; read and handed to the roads unit."""
    values = {"contact_email": address, "mail_wish": wish, "contact_language": "en", "category_hint": POTHOLE}
    case, report, _code = filed(cast, **(values | more))
    return case, report


def answer(cast: Cast, case: Case, text: str = "已修补。", at: datetime = NOON + HOUR) -> Answer:
    """The roads unit answers; everybody's notice is written."""
    given = cases.answer_case(case=case, text=text, by=cast.actor(cast.handler), at=at, unit=cast.roads_unit)
    worker.drain()
    return given


def send(limit: int = 100) -> Counts:
    """Send what is due, as the worker does once a minute."""
    who = sender()
    assert who is not None
    return send_due(sender=who, compose=compose, limit=limit)


def later(at: time_machine.Traveller, message: Message) -> None:
    """Move the clock to the message's next try."""
    message.refresh_from_db()
    at.move_to(message.next_try_at, tick=False)


def row() -> Message:
    """The only message."""
    return Message.objects.get()


def stop_address(text: str) -> str:
    """The path of the link that stops e-mail."""
    found = re.search(r"https://gongzhi\.example\.org(/\S+/mail/stop/\S+/)", text)
    assert found is not None
    return found[1]


def close(cast: Cast, case: Case, at: datetime = NOON + 2 * HOUR) -> None:
    """The desk closes the case."""
    cases.close_case(case=case, by=SYSTEM, at=at)
    worker.drain()
