"""A message as it travels: headers, the words as plain text and as HTML."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.encoding import punycode

# 7 bit: every server takes it.
POLICY: Final = SMTP.clone(cte_type="7bit")
MARK: Final = re.compile(r"\bgz\.([0-9a-f]{32})\b")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Letter:
    """What a message says, without to whom: subject, the words twice, the language, who writes, how to stop it."""

    subject: str
    text: str
    html: str
    language: str
    from_name: str
    stop_url: str = ""


@dataclass(frozen=True)
class Envelope:
    """From which to which address, under which number, when."""

    sender: str
    recipient: str
    message_id: uuid.UUID
    at: datetime


def mark_of(message_id: uuid.UUID) -> str:
    """What a message is known by outside: it tells nothing, and whoever was not sent it cannot guess it."""
    return f"gz.{message_id.hex}"


def one_line(words: str, limit: int = 120) -> str:
    """Words for a header: whatever could begin another header, or turn the line round, becomes a space."""
    return " ".join(_UNSEEN.sub(" ", words).split())[:limit]


def usable_address(address: str) -> str:
    """The address as servers write it, or "" where there can be no such address. Never guess a mended one."""
    try:
        validate_email(address)
        local, _at, domain = address.rpartition("@")
        plain = f"{local}@{punycode(domain)}"
    except (ValidationError, UnicodeError):
        return ""
    return plain if plain.isascii() and not _UNSEEN.search(plain) and " " not in plain else ""


def build(letter: Letter, envelope: Envelope) -> bytes:
    """The whole message in bytes. The same letter and envelope make the same Message-ID."""
    sent = EmailMessage(policy=POLICY)
    domain = envelope.sender.rpartition("@")[2]
    sent["From"] = Address(one_line(letter.from_name), addr_spec=envelope.sender)
    sent["To"] = Address(addr_spec=envelope.recipient)
    sent["Subject"] = one_line(letter.subject)
    sent["Date"] = format_datetime(envelope.at)
    sent["Message-ID"] = f"<{mark_of(envelope.message_id)}@{domain}>"
    # No holiday notice comes back to it (RFC 3834).
    sent["Auto-Submitted"] = "auto-generated"
    sent["Content-Language"] = letter.language
    if letter.stop_url:
        sent["List-Unsubscribe"] = f"<{letter.stop_url}>"
        if letter.stop_url.startswith("https://"):  # RFC 8058 allows it with TLS only
            sent["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    sent.set_content(letter.text)
    sent.add_alternative(letter.html, subtype="html")
    return sent.as_bytes()
