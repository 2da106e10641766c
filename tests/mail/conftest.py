"""The office of the mail tests on its Monday noon, with a mail server of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places import public as places
from tests.cast import Cast, make_cast
from tests.corner.conftest import client_of
from tests.corner.story import NOON
from tests.mail.post_office import PostOffice, open_office

__all__ = ["client_of"]
SITE = "https://gongzhi.example.org"


def _forget() -> None:
    places.forget_kept()
    dispatch.forget_lines()
    cache.clear()


@pytest.fixture
def at(transactional_db: None) -> Iterator[time_machine.Traveller]:
    """The clock: `at.move_to(…)`."""
    _forget()
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
    _forget()


@pytest.fixture
def cast(at: time_machine.Traveller) -> Cast:
    """The office, its units and people."""
    return make_cast()


@pytest.fixture
def set_up(settings: Any) -> Callable[[str], None]:
    """Set the installation's mail up with this server."""

    def with_server(url: str) -> None:
        settings.GONGZHI_SMTP_URL = url
        settings.GONGZHI_MAIL_FROM = "answers@gongzhi.example.org"
        settings.GONGZHI_SITE_URL = SITE

    return with_server


@pytest.fixture
def office(set_up: Callable[[str], None]) -> Iterator[PostOffice]:
    """A mail server without TLS, on this machine, and the installation set up to use it."""
    with open_office() as running:
        set_up(f"smtp://127.0.0.1:{running.port}")
        yield running
