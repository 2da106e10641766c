"""A real mail server on the loopback: it keeps what it takes and answers as a test tells it to."""

import datetime as dt
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "office", "a p@ss/word?"


@dataclass
class PostOffice:
    """What arrived, what is answered; each answer is used once, the last one for ever."""

    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    to_recipient: list[str] = field(default_factory=list)
    to_content: list[str] = field(default_factory=list)
    connections: int = 0
    named: list[str] = field(default_factory=list)
    # What happens at the moment at which the content has arrived, before the answer.
    then: Callable[[Any], object] = lambda _server: None
    at_recipient: Callable[[], object] = lambda: None
    port: int = 0

    def letters(self) -> list[EmailMessage]:
        """What was taken, read as mail."""
        return [message_from_bytes(raw, policy=default) for _sender, _to, raw in self.taken]  # type: ignore[misc]

    def recipients(self) -> list[str]:
        """To whom, in order."""
        return [name for _sender, to, _raw in self.taken for name in to]

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any
    ) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.named.append(address)
        self.at_recipient()
        said = _next(self.to_recipient)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        said = _next(self.to_content)
        if said.startswith("250"):
            self.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        self.then(server)
        return said


def _next(answers: list[str]) -> str:
    if not answers:
        return "250 2.0.0 OK"
    return answers.pop(0) if len(answers) > 1 else answers[0]


class _Plain(Controller):
    """Knows its own port once it has one."""

    def __init__(self, office: PostOffice, **more: Any) -> None:
        super().__init__(office, hostname="127.0.0.1", port=0, **more)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


def _sign_in(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=good, handled=False)


@contextmanager
def open_office(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, signed_in: bool = False
) -> Iterator[PostOffice]:
    """A server that runs until the block ends."""
    office = PostOffice()
    more: dict[str, Any] = {}
    if signed_in:
        more |= {"authenticator": _sign_in, "auth_required": True, "auth_require_tls": True}
    if starttls is not None:
        more |= {"tls_context": starttls, "require_starttls": True}
    controller = _Plain(office, ssl_context=tls, **more)
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()


def make_authority(folder: Path, name: str = "localhost") -> tuple[Path, ssl.SSLContext]:
    """A certificate authority of one's own (its file) and a server's context with a certificate of it."""
    now = dt.datetime.now(dt.UTC)
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])

    def certificate(subject: x509.Name, key: Any, *extensions: tuple[Any, bool]) -> x509.Certificate:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(authority)
        made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - dt.timedelta(days=400))
        made = made.not_valid_after(now + dt.timedelta(days=400))
        for extension, critical in extensions:
            made = made.add_extension(extension, critical=critical)
        return made.sign(authority_key, hashes.SHA256())

    root = certificate(authority, authority_key, (x509.BasicConstraints(ca=True, path_length=0), True))
    server = certificate(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
        server_key,
        (x509.SubjectAlternativeName([x509.DNSName(name)]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
    )
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(root.public_bytes(pem))
    (folder / "server.pem").write_bytes(server.public_bytes(pem))
    (folder / "server.key").write_bytes(
        server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return folder / "authority.pem", context
