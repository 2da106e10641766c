"""When a message may go out, by the clock of the office, also where that clock is changed twice a year."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from gongzhi.apps.channels import rules
from gongzhi.apps.channels.models import Contact
from gongzhi.site import settings as site_settings
from tests.cast import Cast, say


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "goes_out"),
    [
        ("Asia/Shanghai", "2026-11-16T12:59", "2026-11-16T12:59"),  # 20:59
        ("Asia/Shanghai", "2026-11-16T13:00", "2026-11-16T23:30"),  # 21:00
        ("Asia/Shanghai", "2026-11-16T23:29", "2026-11-16T23:30"),  # 7:29 on the next day
        ("Asia/Shanghai", "2026-11-16T23:30", "2026-11-16T23:30"),
        ("Europe/Berlin", "2026-10-24T20:00", "2026-10-25T06:30"),  # the clock goes back that night
        ("Europe/Berlin", "2026-03-28T21:00", "2026-03-29T05:30"),  # and forward that night
        ("America/New_York", "2026-11-17T03:00", "2026-11-17T12:30"),
    ],
)
def test_nothing_goes_out_from_21_to_7_30_in_the_office(zone: str, at: str, goes_out: str) -> None:
    assert rules.after_quiet(utc(at), zone) == utc(goes_out)
    assert rules.is_quiet(utc(at), zone) is (at != goes_out)


def test_eight_tries_reach_over_a_day_and_end_before_the_news_is_stale() -> None:
    waits = [rules.delay_after(n) for n in range(1, rules.MAX_ATTEMPTS)]
    assert waits == sorted(waits)
    assert timedelta(days=1) < sum(waits, timedelta()) < rules.STALE


def test_the_answer_is_for_all_who_left_an_address_and_the_steps_for_those_who_want_them() -> None:
    assert rules.wishes_for("answer:1") == rules.wishes_for("retracted:1") == ("answer", "steps")
    for about in ("received", "promise:1:2", "due:1:2", "closed:1:0"):
        assert rules.wishes_for(about) == ("steps",)


@pytest.mark.django_db
def test_who_left_an_address_in_the_form_before_is_told_of_answers_as_it_promised(cast: Cast) -> None:
    say(cast, contact_email="jo@example.net")
    say(cast, contact_phone="010 0000 0000")
    migration = import_module("gongzhi.apps.channels.migrations.0005_messages")
    migration.keep_what_the_form_promised(apps, None)
    assert sorted(Contact.objects.values_list("email", "mail_wish")) == [
        ("", ""),
        ("jo@example.net", "answer"),
    ]


def test_a_half_mail_set_up_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGZHI_SMTP_URL", "smtp://u:secret-one@mail.example.org")
    with pytest.raises(ImproperlyConfigured, match="TLS") as refused:
        site_settings._smtp_url()
    assert "secret-one" not in str(refused.value)
    for address in ("", "no address", "Office <a@example.org>"):
        monkeypatch.setenv("GONGZHI_MAIL_FROM", address)
        with pytest.raises(ImproperlyConfigured, match="GONGZHI_MAIL_FROM"):
            site_settings._mail_from(True)


@pytest.mark.parametrize(
    ("given", "hosts", "https", "url"),
    [
        ("https://a.example.org/", [], False, "https://a.example.org"),
        ("", ["a.example.org", "b.example.org"], True, "https://a.example.org"),
        ("", ["*", ".example.org", "b.example.org"], False, "http://b.example.org"),
        ("https://a.example.org/path", [], True, None),
        ("a.example.org", ["a.example.org"], True, None),
        ("", ["*"], True, None),
    ],
)
def test_the_links_in_mail_begin_where_people_open_the_site(
    monkeypatch: pytest.MonkeyPatch, given: str, hosts: list[str], https: bool, url: Any
) -> None:
    monkeypatch.setenv("GONGZHI_SITE_URL", given)
    if url is None:
        with pytest.raises(ImproperlyConfigured, match="GONGZHI_SITE_URL"):
            site_settings._site_url(True, hosts, https)
    else:
        assert site_settings._site_url(True, hosts, https) == url
