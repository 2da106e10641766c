"""One connection to the mail server. What it says is boiled down to a class: its words repeat addresses."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gongzhi.kernel.mailserver import MailServer, Security

SECONDS: Final = 20.0
_ENHANCED: Final = re.compile(rb"^\s*([245]\.\d{1,3}\.\d{1,3})\b")
_CLOSING: Final = 421


class Trouble(Exception):
    """The server as a whole does not work with us: no connection, no TLS, no sign-in, our sender refused."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class Verdict(StrEnum):
    """What became of a message."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"
    NO_SUCH_ADDRESS = "no such address"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """The verdict, and the class of the reason, such as `SMTP 550 5.1.1`."""

    verdict: Verdict
    error: str = ""


def error_of(code: int, said: bytes) -> str:
    """A reply without its words."""
    enhanced = _ENHANCED.match(said)
    return f"SMTP {code} {enhanced[1].decode()}" if enhanced else f"SMTP {code}"


def _class_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return error_of(error.smtp_code, said if isinstance(said, bytes) else said.encode())
    return type(error).__name__


def _tls(server: MailServer) -> ssl.SSLContext:
    """Certificate and name are checked, by the system's authorities or by the one that the setting names."""
    return ssl.create_default_context(cafile=server.ca_file or None)


class Line:
    """An open connection."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        self._notifies = smtp.has_extn("dsn")

    def offer(self, sender: str, recipient: str, mark: str) -> Outcome | None:
        """Name sender and recipient; None where the server wants the message. Nothing of it has left yet.

        `mark` comes back with a report of non-delivery, where the server knows how. Trouble as for `connect`.
        """
        try:
            return self._offer(sender, recipient, mark)
        except (smtplib.SMTPException, OSError) as error:
            raise Trouble(_class_of(error)) from None

    def _offer(self, sender: str, recipient: str, mark: str) -> Outcome | None:
        code, said = self._smtp.mail(sender, ["RET=HDRS", f"ENVID={mark}"] if self._notifies else [])
        if code != 250:
            raise Trouble(error_of(code, said))
        code, said = self._smtp.rcpt(recipient, ["NOTIFY=FAILURE,DELAY"] if self._notifies else [])
        if code in {250, 251}:
            return None
        if code == _CLOSING:
            raise Trouble(error_of(code, said))
        with suppress(smtplib.SMTPException, OSError):
            self._smtp.rset()
        return Outcome(_verdict_on_recipient(code, said), error_of(code, said))

    def hand_over(self, content: bytes) -> Outcome:
        """Send the message that was offered. Where the line breaks, nobody knows."""
        try:
            code, said = self._smtp.data(content)
        except smtplib.SMTPDataError as error:  # refused before the first byte
            code, said = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
        except (smtplib.SMTPException, OSError) as error:
            self._smtp.close()
            return Outcome(Verdict.UNKNOWN, _class_of(error))
        if code == 250:
            return Outcome(Verdict.TAKEN)
        with suppress(smtplib.SMTPException, OSError):
            self._smtp.rset()
        return Outcome(Verdict.LATER if 400 <= code < 500 else Verdict.REFUSED, error_of(code, said))


def _verdict_on_recipient(code: int, said: bytes) -> Verdict:
    """A refusal of policy (5.7.x: relaying, blocked) says nothing about the address."""
    if 400 <= code < 500:
        return Verdict.LATER
    enhanced = _ENHANCED.match(said)
    policy = enhanced is not None and enhanced[1].startswith(b"5.7.")
    return Verdict.REFUSED if policy else Verdict.NO_SUCH_ADDRESS


@contextmanager
def connect(server: MailServer, name: str, seconds: float = SECONDS) -> Iterator[Line]:
    """A connection, signed in where the server has a user. `name` is what we call ourselves.

    Trouble where that fails; `seconds` is how long one reply may take.
    """
    try:
        smtp = _open(server, name, seconds)
    except (smtplib.SMTPException, OSError) as error:
        raise Trouble(_class_of(error)) from None
    try:
        yield Line(smtp)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


def _open(server: MailServer, name: str, seconds: float) -> smtplib.SMTP:
    if server.security is Security.TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=name, timeout=seconds, context=_tls(server)
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=seconds)
    try:
        if server.security is Security.STARTTLS:
            smtp.starttls(context=_tls(server))
        smtp.ehlo_or_helo_if_needed()
        if server.user:
            _sign_in(smtp, server)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _sign_in(smtp: smtplib.SMTP, server: MailServer) -> None:
    """By one way only: `login` tries all, so that a refusal ends as a closed line and nobody learns why."""
    smtp.user, smtp.password = server.user, server.password
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    ways = {"PLAIN": smtp.auth_plain, "LOGIN": smtp.auth_login}
    name = next((name for name in ways if name in offered), "")
    if name:
        smtp.auth(name, ways[name])
    else:
        smtp.login(server.user, server.password)


def check_server(server: MailServer, name: str, seconds: float = SECONDS) -> None:
    """Open a connection, sign in, close it. Trouble says what went wrong."""
    with connect(server, name, seconds):
        pass
