"""What comes back: reports of non-delivery (RFC 3464), read with care, for anybody can write one."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import compat32
from typing import Final

from gongzhi.apps.channels import messages
from gongzhi.apps.channels.kinds.email.letters import MARK
from gongzhi.apps.channels.models import Message

MAX_BYTES: Final = 1024 * 1024
MAX_PARTS: Final = 100
_STATUS: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_HEADERS: Final = ("Message-ID", "Original-Envelope-Id", "In-Reply-To", "References")


@dataclass(frozen=True)
class Noted:
    """What a mail was: `hard` and `soft` bounces, `delayed`, `known` before, or `other`: none of ours."""

    kind: str


@dataclass(frozen=True)
class _Report:
    action: str
    status: str


def note_bounce(raw: bytes, *, at: datetime) -> Noted:
    """Read one mail; where it reports that a message of ours did not arrive, note it. Twice changes nothing.

    A hard bounce (5.x.x) ends e-mail to that contact. A message that was given up after many tries (4.x.x) did not
    arrive either, but the address may be good. A delay is noted only.
    """
    try:
        mail = message_from_bytes(raw[:MAX_BYTES], policy=compat32)
        report, ours = _report_in(mail), _ours_in(mail)
    except (ValueError, LookupError, RecursionError):  # nothing that a mail server wrote
        return Noted("other")
    if report is None or ours is None:
        return Noted("other")
    message = Message.objects.select_related("notice").filter(message_id=ours).first()
    if message is None:
        return Noted("other")
    if report.action == "delayed":
        return Noted("delayed" if messages.note_delay(message, report.status) else "known")
    hard = report.status.startswith("5")
    changed = messages.bounce(message, report.status, hard=hard, at=at)
    return Noted(("hard" if hard else "soft") if changed else "known")


def _parts(mail: Mail) -> Iterator[Mail]:
    for number, part in enumerate(mail.walk()):
        if number >= MAX_PARTS:
            return
        yield part


def _report_in(mail: Mail) -> _Report | None:
    """The worst that a report of delivery says; we write to one recipient a message."""
    if mail.get_content_type() != "multipart/report":
        return None
    found = [
        report
        for part in _parts(mail)
        if part.get_content_type() == "message/delivery-status"
        for block in _blocks(part)
        if (report := _of_recipient(block)) is not None
    ]
    return next((report for report in found if report.action == "failed"), found[0] if found else None)


def _blocks(part: Mail) -> list[Mail]:
    """The groups of fields in a part; the parser keeps each as a mail of its own."""
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Mail)] if isinstance(payload, list) else []


def _of_recipient(block: Mail) -> _Report | None:
    action = str(block.get("Action", "")).strip().lower()
    status = _STATUS.search(str(block.get("Status", "")))
    if action not in {"failed", "delayed"} or status is None:
        return None
    if status[1] == "2":  # says that it failed and that it went well
        return None
    return _Report(action, ".".join(str(int(number)) for number in status.groups()))


def _ours_in(mail: Mail) -> uuid.UUID | None:
    """Which message of ours it is about: the one that came back, else the mark that the report itself names."""
    for part in (*(p for p in _parts(mail) if p is not mail), mail):
        for name in _HEADERS:
            if found := MARK.search(str(part.get(name, ""))):
                return uuid.UUID(found[1])
        if part.get_content_type() == "text/rfc822-headers" and (back := _mark_in_headers(part)):
            return back
    return None


def _mark_in_headers(part: Mail) -> uuid.UUID | None:
    """The Message-ID in headers that came back as text."""
    payload = part.get_payload(decode=True)
    headers = message_from_bytes(payload if isinstance(payload, bytes) else b"", policy=compat32)
    found = MARK.search(str(headers.get("Message-ID", "")))
    return uuid.UUID(found[1]) if found else None
