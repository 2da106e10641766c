"""The mail server of the installation, read from one address. Knows no settings and sends nothing."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS: Final = {"smtp": 25, "smtps": 465}
_SWITCH: Final = {"1": True, "0": False}


class Security(StrEnum):
    """How the way to the server is closed: from the first byte, after STARTTLS, or not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, and as whom. `ca_file` is a certificate to trust in place of the system's."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""


def server_from(url: str) -> MailServer:
    """The server that `smtp://USER:PASSWORD@HOST:PORT/?tls=1` or `smtps://…` names.

    `tls=1` insists on STARTTLS; `ca=FILE` names a certificate of one's own. ValueError says what is wrong and never
    repeats the address, which holds a password. A password, and any way off this machine, needs TLS.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # its words quote the address
        raise ValueError("it cannot be read as an address") from None
    if parts.scheme not in PORTS:
        raise ValueError("it must start with smtp:// or smtps://")
    if not parts.hostname:
        raise ValueError("it names no host")
    wishes = _wishes(parts)
    security = _security(parts, wishes)
    if security is Security.NONE and (parts.hostname not in LOOPBACK or parts.password):
        raise ValueError("a server elsewhere, and a password, need TLS: add ?tls=1 or use smtps://")
    ca_file = wishes.get("ca", "")
    if ca_file and not Path(ca_file).is_file():
        raise ValueError("the file named by ca= is not there")
    return MailServer(
        host=parts.hostname,
        port=_port(parts),
        security=security,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca_file=ca_file,
    )


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or PORTS[parts.scheme]
    except ValueError:
        raise ValueError("the port is no number from 1 to 65535") from None


def _wishes(parts: SplitResult) -> dict[str, str]:
    if parts.path not in {"", "/"} or parts.fragment:
        raise ValueError("after the host comes nothing but ?tls=1 and ca=FILE; write # in a password as %23")
    given = parse_qs(parts.query, keep_blank_values=True)
    unknown = sorted(given.keys() - {"tls", "ca"})
    if unknown:
        raise ValueError("only tls= and ca= are known")
    return {name: values[-1] for name, values in given.items()}


def _security(parts: SplitResult, wishes: dict[str, str]) -> Security:
    if parts.scheme == "smtps":
        return Security.TLS
    if wishes.get("tls", "0") not in _SWITCH:
        raise ValueError("tls must be 1 or 0")
    return Security.STARTTLS if _SWITCH[wishes.get("tls", "0")] else Security.NONE
