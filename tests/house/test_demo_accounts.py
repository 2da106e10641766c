"""Accounts whose password everybody knows do not outlive the demonstration."""

import re
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM, User, grants, links
from gongzhi.apps.places.public import jurisdiction_by_code
from gongzhi.kernel import clock
from gongzhi.site import cli, installing
from tests.cast import MONDAY, Cast
from tests.house.plan import ROOT

TERRITORY = ROOT / "demo" / "xingfu"


@pytest.fixture
def demo_person(cast: Cast) -> User:
    """A coordinator with the password that the demonstration prints."""
    user = actors.save_user(
        username="shown",
        display_name="shown",
        password=installing.DEMO_PASSWORD,
        is_demo=True,
        by=SYSTEM.ref,
        at=MONDAY,
    )
    actors.grant_role(user=user, jurisdiction=cast.office, role="coordinator", by=SYSTEM.ref, at=MONDAY)
    return user


def _init(*words: str) -> str:
    ran = CliRunner().invoke(cli.main, ["init", *words])
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.fixture(autouse=True)
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting up is looked at here, not the reading model."""
    monkeypatch.setattr(installing, "ensure_base_model", lambda: None)


def _may_sign_in(name: str, password: str) -> bool:
    answer: Any = Client().post("/sign-in/", {"username": name, "password": password})
    return bool(answer.status_code == 302)


def test_setting_up_closes_every_demo_account(demo_person: User) -> None:
    assert _may_sign_in("shown", installing.DEMO_PASSWORD)
    assert "1 demo accounts were closed" in _init()
    assert not _may_sign_in("shown", installing.DEMO_PASSWORD)
    assert not User.objects.filter(is_demo=True, is_active=True).exists()


def test_who_was_signed_in_as_a_demo_person_is_signed_out(demo_person: User, cast: Cast) -> None:
    client = Client()
    assert client.login(username="shown", password=installing.DEMO_PASSWORD)
    assert client.get(f"/{cast.office.code}/desk/").status_code == 200
    installing.remove_demo_accounts()
    assert client.get(f"/{cast.office.code}/desk/")["Location"].startswith("/sign-in/")


def test_real_accounts_stay_as_they_are(demo_person: User, cast: Cast) -> None:
    before = User.objects.get(pk=cast.coordinator.pk).password
    _init()
    after = User.objects.get(pk=cast.coordinator.pk)
    assert after.is_active
    assert after.password == before


def test_an_office_set_up_from_the_demo_folder_is_real_and_has_no_demo_person(cast: Cast) -> None:
    said = _init("--territory", str(TERRITORY), "--admin", "chief")
    office = jurisdiction_by_code("xingfu")
    assert office is not None
    assert office.demo is False
    assert not User.objects.filter(is_demo=True).exists()
    assert [g.user.username for g in grants(office, clock.now())] == ["chief"]
    link = re.search(r"/link/#(\S+)", said)
    assert link is not None
    opened = links.account_of(link.group(1), clock.now())
    assert opened is not None
    assert opened.username == "chief"
    assert not opened.has_usable_password()


def test_setting_up_again_makes_no_second_administrator_and_no_new_password(cast: Cast) -> None:
    _init("--territory", str(TERRITORY), "--admin", "chief")
    before = User.objects.get(username="chief").password
    said = _init("--territory", str(TERRITORY), "--admin", "chief")
    assert "/link/" not in said
    assert User.objects.get(username="chief").password == before
