"""The office of the corner cases on its Monday noon; time goes on only when a test says so."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from gongzhi.apps.actors.public import User
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places import public as places
from tests.cast import Cast, make_cast
from tests.corner.story import NOON


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
def client_of() -> object:
    """A test client that is signed in as somebody and reads English."""

    def signed_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(User.objects.get(pk=user.pk))  # as it is now: a session may end with a role
        return client

    return signed_in
