"""How long staff stay signed in, what needs a fresh proof, and how an installation's first account is opened."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from cast import MONDAY, PASSWORD, Cast, make_cast
from django.test import Client

from gongzhi.apps.actors.public import User, duty, links
from gongzhi.kernel import clock
from gongzhi.site import installing

pytestmark = pytest.mark.django_db


class Hands:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now: datetime = MONDAY

    def later(self, **span: float) -> None:
        """Let so much time pass."""
        self.now += timedelta(**span)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hands]:
    """The clock of the site."""
    hands = Hands()
    monkeypatch.setattr(clock, "now", lambda: hands.now)
    yield hands


@pytest.fixture
def cast(hands: Hands) -> Cast:
    """The office and its people."""
    return make_cast()


def signed_in(user: User) -> Client:
    """Somebody who has signed in with the password."""
    client = Client()
    answer = client.post("/sign-in/", {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    """Whether the person is still signed in."""
    return bool(client.get("/account/").status_code == 200)


def test_a_session_ends_when_nobody_was_there_for_half_a_day(cast: Cast, hands: Hands) -> None:
    client = signed_in(cast.handler)
    for _ in range(3):
        hands.later(hours=11)
        assert is_in(client), "each page begins the hours anew"
    hands.later(hours=12, minutes=6)
    assert not is_in(client)


def test_a_session_ends_after_a_week_however_busy(cast: Cast, hands: Hands) -> None:
    client = signed_in(cast.handler)
    for _ in range(16):
        hands.later(hours=10)
        assert is_in(client)
    hands.later(hours=9)
    assert not is_in(client)


def test_who_may_change_the_set_up_signs_in_each_working_day(cast: Cast, hands: Hands) -> None:
    client = signed_in(cast.admin)
    hands.later(hours=7, minutes=50)
    assert client.get("/river/setup/people/").status_code == 200
    hands.later(minutes=20)
    assert client.get("/river/setup/people/").status_code == 302


def test_the_session_gets_a_new_key_at_sign_in(cast: Cast) -> None:
    client = Client()
    client.get("/river/")
    client.session.save()
    before = client.session.session_key
    client.post("/sign-in/", {"username": "leader", "password": PASSWORD})
    assert client.session.session_key != before


def test_a_change_of_the_password_asks_again_who_is_there(cast: Cast, hands: Hands) -> None:
    client = signed_in(cast.handler)
    assert client.get("/account/password/").status_code == 200
    hands.later(minutes=11)
    asked = client.get("/account/password/")
    assert asked.status_code == 302 and asked["Location"].startswith("/account/confirm/")
    wrong = client.post("/account/confirm/", {"password": "wrong", "next": "/account/password/"})
    assert wrong.status_code == 400
    right = client.post("/account/confirm/", {"password": PASSWORD, "next": "/account/password/"})
    assert right["Location"] == "/account/password/"
    assert client.get("/account/password/").status_code == 200


def test_nobody_is_led_to_another_site(cast: Cast) -> None:
    client = Client()
    sent = {"username": "leader", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/sign-in/", sent)["Location"].startswith("/river/")


def test_a_role_of_which_more_is_asked_works_until_the_days_are_over(cast: Cast, hands: Hands) -> None:
    duty.set_rule(jurisdiction=cast.office, roles=["handler"], days=3, by="system", at=MONDAY)
    client = signed_in(cast.handler)
    assert client.get("/river/today/").status_code == 200
    hands.later(days=3, minutes=1)
    client = signed_in(cast.handler)
    led = client.get("/river/today/")
    assert led.status_code == 302 and led["Location"].startswith("/account/")
    assert client.get("/account/").status_code == 200
    other = signed_in(cast.coordinator)
    assert other.get("/river/desk/").status_code == 200


def test_the_first_administrator_gets_a_link_and_no_password(cast: Cast, hands: Hands) -> None:
    code = installing.first_admin(jurisdiction=cast.office, username="first", at=MONDAY)
    assert code is not None and re.fullmatch(r"(?:[0-9A-Z]{5}-){4}[0-9A-Z]{5}", code)
    user = User.objects.get(username="first")
    assert not user.has_usable_password()
    client = Client()
    assert client.post("/link/", {"code": code})["Location"] == "/link/set/"
    chosen = "a-long-password-of-mine"
    assert client.post("/link/set/", {"password": chosen, "again": chosen}).status_code == 302
    assert client.get("/river/setup/people/").status_code == 200
    assert links.account_of(code, MONDAY) is None
    assert installing.first_admin(jurisdiction=cast.office, username="first", at=MONDAY) is None


def test_the_server_gives_a_way_back_to_whom_there_is(cast: Cast) -> None:
    code = installing.link_for(username="leader", at=MONDAY)
    assert links.account_of(code, MONDAY) == cast.leader
    assert installing.link_address(code).endswith(f"/link/#{code}")
    cast.handler.is_demo = True
    cast.handler.save()
    for name in ("nobody-here", cast.handler.username):
        with pytest.raises(installing.NoAccountError, match=name):
            installing.link_for(username=name, at=MONDAY)
