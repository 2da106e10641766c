"""What stands behind a sign-in: codes of apps, codes on paper, one-time links, tries that are counted."""

import base64
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from cast import MONDAY, PASSWORD, Cast
from crowd import at_once, errors_of
from django.test import Client

from gongzhi.apps.actors.models import CodeApp, OneTimeSecret, RecoveryCode
from gongzhi.apps.actors.public import SYSTEM, codes, links, lockout, passwords, sessions
from gongzhi.apps.actors.signin.codes import code_at, step_of
from gongzhi.apps.ledger import public as ledger

CROWD = 64


def kinds(user: Any) -> list[str]:
    """What the ledger says of the account."""
    return [entry.kind for entry in ledger.entries_about(f"user:{user.pk}")]


def with_app(cast: Cast) -> bytes:
    """The handler has a code app in use since Monday; its shared secret."""
    secret = base64.b32decode(codes.pending_secret(cast.handler))
    assert codes.confirm_code_app(user=cast.handler, typed=code_at(secret, step_of(MONDAY)), at=MONDAY)
    return secret


# ---- codes of an app ----

# Appendix B of RFC 6238: eight digits, time in seconds, one secret for each digest.
SECRETS = {
    "sha1": b"12345678901234567890",
    "sha256": b"12345678901234567890123456789012",
    "sha512": b"1234567890123456789012345678901234567890123456789012345678901234",
}
VECTORS = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]


@pytest.mark.parametrize("seconds, sha1, sha256, sha512", VECTORS)
def test_codes_are_those_of_the_standard(seconds: int, sha1: str, sha256: str, sha512: str) -> None:
    step = step_of(datetime.fromtimestamp(seconds, UTC))
    for digest, code in (("sha1", sha1), ("sha256", sha256), ("sha512", sha512)):
        assert code_at(SECRETS[digest], step, digits=8, digest=digest) == code


@pytest.mark.django_db
def test_a_code_counts_once_and_a_phone_may_be_half_a_minute_off(cast: Cast) -> None:
    secret = with_app(cast)
    later = MONDAY + timedelta(minutes=5)
    check = partial(codes.check_code, user=cast.handler, at=later)
    assert not check(typed=code_at(secret, step_of(later) + 2))
    assert not check(typed=code_at(secret, step_of(later) - 2))
    ahead = code_at(secret, step_of(later) + 1)
    assert check(typed=f"{ahead[:3]} {ahead[3:]}")
    assert not check(typed=ahead)
    assert not check(typed=code_at(secret, step_of(later)))  # older than one that was used


@pytest.mark.django_db
def test_the_secret_of_an_app_is_not_stored_in_clear(cast: Cast) -> None:
    secret = with_app(cast)
    row = CodeApp.objects.get()
    assert secret not in row.sealed.encode() and base64.b32encode(secret) not in row.sealed.encode()
    assert row.pending == ""


@pytest.mark.django_db(transaction=True)
def test_of_64_who_send_the_same_code_one_is_let_in(cast: Cast) -> None:
    secret = with_app(cast)
    later = MONDAY + timedelta(minutes=5)
    code = code_at(secret, step_of(later))
    found = at_once([partial(codes.check_code, user=cast.handler, typed=code, at=later)] * CROWD)
    assert errors_of(found) == []
    assert found.count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_a_code_on_paper_opens_once_however_many_try(cast: Cast) -> None:
    with_app(cast)
    made = codes.new_paper_codes(user=cast.handler, at=MONDAY)
    assert len(set(made)) == 10
    assert not set(made) & set(RecoveryCode.objects.values_list("digest", flat=True))
    typed = made[0].lower().replace("-", " ")
    found = at_once([partial(codes.use_paper_code, user=cast.handler, typed=typed, at=MONDAY)] * CROWD)
    assert errors_of(found) == []
    assert found.count(True) == 1
    assert codes.paper_codes_left(cast.handler) == 9
    assert kinds(cast.handler).count("actors.paper_code_used") == 1
    assert not codes.use_paper_code(user=cast.leader, typed=made[1], at=MONDAY)


# ---- one-time links ----


@pytest.mark.django_db(transaction=True)
def test_a_link_opens_once_however_many_follow_it(cast: Cast) -> None:
    code = links.give_link(user=cast.handler, by=SYSTEM.ref, at=MONDAY)

    def follow(number: int) -> str | None:
        try:
            links.use_with_password(code=code, password=f"long-password-{number}", at=MONDAY)
        except links.LinkError:
            return None
        return f"long-password-{number}"

    found = at_once([partial(follow, n) for n in range(CROWD)])
    assert errors_of(found) == []
    chosen = [word for word in found if isinstance(word, str)]
    assert len(chosen) == 1
    cast.handler.refresh_from_db()
    assert cast.handler.check_password(chosen[0])


@pytest.mark.django_db
def test_a_link_ends_every_former_way_and_every_session(cast: Cast) -> None:
    with_app(cast)
    codes.new_paper_codes(user=cast.handler, at=MONDAY)
    client = Client()
    assert (
        client.post("/sign-in/", {"username": cast.leader.username, "password": PASSWORD}).status_code == 302
    )
    code = links.give_link(user=cast.leader, by=SYSTEM.ref, at=MONDAY)
    assert links.account_of(code.lower().replace("-", ""), MONDAY) == cast.leader
    links.use_with_password(code=code, password="another-long-password", at=MONDAY)
    assert client.get("/account/").status_code == 302
    code = links.give_link(user=cast.handler, by=SYSTEM.ref, at=MONDAY)
    links.use_with_password(code=code, password="another-long-password", at=MONDAY)
    assert not codes.has_code_app(cast.handler) and codes.paper_codes_left(cast.handler) == 0
    assert kinds(cast.handler)[-2:] == ["actors.link_given", "actors.link_used"]


@pytest.mark.django_db
def test_a_link_is_over_after_a_day_and_when_a_new_one_is_given(cast: Cast) -> None:
    first = links.give_link(user=cast.handler, by=SYSTEM.ref, at=MONDAY)
    second = links.give_link(user=cast.handler, by=SYSTEM.ref, at=MONDAY)
    assert links.account_of(first, MONDAY) is None
    assert links.account_of(second, MONDAY + timedelta(hours=23)) == cast.handler
    assert links.account_of(second, MONDAY + timedelta(hours=24)) is None
    assert second.replace("-", "") not in str(OneTimeSecret.objects.values())
    cast.handler.is_active = False
    cast.handler.save()
    assert links.account_of(second, MONDAY) is None


# ---- wrong tries ----


@pytest.mark.django_db(transaction=True)
def test_of_64_tries_at_once_ten_look_at_the_password(cast: Cast) -> None:
    tries = [
        partial(lockout.begin_try, name="leader", address=f"10.0.0.{n}", at=MONDAY) for n in range(CROWD)
    ]
    found = at_once(tries)
    assert errors_of(found) == []
    assert found.count(True) == 10
    assert lockout.must_wait(cast.leader, MONDAY)
    assert not lockout.must_wait(cast.leader, MONDAY + timedelta(minutes=15))


@pytest.mark.django_db
def test_right_sign_ins_use_up_no_tries(cast: Cast) -> None:
    for _ in range(50):
        assert lockout.begin_try(name="Leader", address="10.0.0.1", at=MONDAY)
        lockout.end_try(name="leader", address="10.0.0.1", at=MONDAY)
    assert not lockout.must_wait(cast.leader, MONDAY)


@pytest.mark.django_db
def test_an_administrator_lets_a_person_try_again_and_the_ledger_says_so(cast: Cast) -> None:
    for _ in range(10):
        lockout.begin_try(name="leader", address="10.0.0.1", at=MONDAY)
    assert not lockout.begin_try(name="leader", address="10.0.0.2", at=MONDAY)
    lockout.unlock(user=cast.leader, jurisdiction=cast.office, by=f"user:{cast.admin.pk}", at=MONDAY)
    assert lockout.begin_try(name="leader", address="10.0.0.2", at=MONDAY)
    assert kinds(cast.leader)[-1] == "actors.sign_in_unlocked"


@pytest.mark.django_db
def test_a_name_that_is_not_there_is_answered_like_one_that_is(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    really = passwords_hasher().encode

    def counted(self: Any, password: str, *args: Any, **kwargs: Any) -> str:
        hashed.append(password)
        return really(self, password, *args, **kwargs)

    monkeypatch.setattr(passwords_hasher(), "encode", counted)
    pages, work = [], []
    for name in (cast.leader.username, "nobody-of-that-name"):
        hashed.clear()
        answer = Client().post("/sign-in/", {"username": name, "password": "wrong-password"})
        pages.append(answer.content.decode().replace(name, "NAME"))
        work.append(len(hashed))
        assert answer.status_code == 200
    assert work == [1, 1]  # the same work, so the same time
    assert without_tokens(pages[0]) == without_tokens(pages[1])


def passwords_hasher() -> Any:
    """The class that hashes passwords here."""
    from django.contrib.auth.hashers import get_hasher

    return type(get_hasher())


def without_tokens(page: str) -> str:
    """The page without what is made anew for each visitor."""
    import re

    return re.sub(r'(?:csrfmiddlewaretoken" value|nonce)="[^"]+"', "", page)


# ---- passwords and sessions ----


@pytest.mark.django_db
def test_a_new_password_signs_out_all_other_devices(cast: Cast) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/sign-in/", {"username": cast.leader.username, "password": PASSWORD})
        assert client.get("/account/").status_code == 200
    passwords.set_password(user=cast.leader, password="another-long-password", at=MONDAY)
    assert there.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "agent, kind",
    [
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120", "android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)", "ios"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) HarmonyOS", "harmony"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "windows"),
        ("", "other"),
    ],
)
def test_only_the_kind_of_device_is_kept(agent: str, kind: str) -> None:
    assert sessions.device_of(agent) == kind
