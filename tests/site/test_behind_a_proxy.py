"""Behind the TLS proxy of the same machine the site knows who asks and how; from elsewhere nobody can pretend."""

import importlib
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from gongzhi.site import wsgi

pytestmark = pytest.mark.django_db  # the end of a request closes connections
VISITOR = "203.0.113.7"
PAGE, REACHED = "/language/", "405"  # it takes posts only, and says so without asking the database


def _ask(settings: Any, asked_from: str, **headers: str) -> tuple[str, str]:
    """(status, the address that counts) of a request to an installation with HTTPS."""
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["gongzhi.example.org"], True
    application = importlib.reload(wsgi).application  # the middleware reads the settings once
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {"HTTP_HOST": "gongzhi.example.org", "REMOTE_ADDR": asked_from, "PATH_INFO": PAGE}
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    said: list[str] = []
    application(environ, lambda status, _headers, _error=None: said.append(status)).close()
    return said[0], environ["REMOTE_ADDR"]


@pytest.mark.parametrize("proxy", ["127.0.0.1", "::1"])
def test_what_came_over_tls_is_answered_and_counted_for_who_asked(settings: Any, proxy: str) -> None:
    status, address = _ask(settings, proxy, x_forwarded_for=VISITOR, x_forwarded_proto="https")
    assert status.startswith(REACHED)
    assert address == VISITOR


def test_what_came_without_tls_is_sent_to_https(settings: Any) -> None:
    status, _ = _ask(settings, "127.0.0.1", x_forwarded_for=VISITOR, x_forwarded_proto="http")
    assert status.startswith("301")


def test_an_address_that_the_visitor_made_up_does_not_count(settings: Any) -> None:
    told = f"198.51.100.1, {VISITOR}"  # a proxy that only adds the address it sees
    _, address = _ask(settings, "127.0.0.1", x_forwarded_for=told, x_forwarded_proto="https")
    assert address == VISITOR


def test_who_asks_from_elsewhere_is_not_believed(settings: Any) -> None:
    status, address = _ask(settings, VISITOR, x_forwarded_for="198.51.100.1", x_forwarded_proto="https")
    assert status.startswith("301")
    assert address == VISITOR
