"""What a mail server may answer: later, never, no such person, nothing at all. And how the way to it is closed."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import time_machine

from gongzhi.apps.channels import messages, rules
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.kinds.email import sending
from gongzhi.apps.channels.kinds.email.public import Trouble, check_server
from gongzhi.apps.channels.models import Contact, Message
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import worker
from gongzhi.kernel.mailserver import server_from
from gongzhi.site.doctor import safety
from gongzhi.site.mail.sending import sender
from tests.cast import Cast, say
from tests.corner.story import NOON
from tests.mail.post_office import PASSWORD, USER, PostOffice, make_authority, open_office
from tests.mail.story import MARCIA, answer, later, row, send, told

SetUp = Callable[[str], None]
QUOTED = quote(PASSWORD, safe="")


def test_not_now_is_tried_again_and_arrives(
    cast: Cast, office: PostOffice, at: time_machine.Traveller
) -> None:
    case, _ = told(cast)
    answer(cast, case)
    office.to_content[:] = ["451 4.3.0 no room", "250 OK"]
    office.to_recipient[:] = ["450 4.2.1 wait", "250 OK"]
    send()
    message = row()
    assert (message.state, message.attempts, message.last_error) == ("waiting", 1, "SMTP 450 4.2.1")
    assert message.next_try_at == NOON + timedelta(minutes=2)
    assert send().tried == 0, "not before its time"
    later(at, message)
    send()
    message.refresh_from_db()
    assert (message.attempts, message.last_error) == (2, "SMTP 451 4.3.0")
    assert message.next_try_at == NOON + timedelta(minutes=2 + 6)
    later(at, message)
    send()
    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == ("sent", 3, "")
    assert office.recipients() == [MARCIA]


def test_after_the_eighth_try_it_is_given_up(
    cast: Cast, office: PostOffice, at: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "is_quiet", lambda *_when: False)
    case, report = told(cast)
    answer(cast, case)
    office.to_recipient[:] = ["450 4.2.1 wait"]
    waited = []
    for _ in range(rules.MAX_ATTEMPTS):
        later(at, row())
        send()
        waited.append(row().next_try_at)
    assert len(set(waited)) == rules.MAX_ATTEMPTS - 1
    assert waited[-1] - NOON < rules.STALE
    assert (row().state, row().attempts) == ("failed", 8)
    at.shift(timedelta(days=2))
    assert send().tried == 0
    assert channels.told_of([report.pk])[report.pk][-1].lost
    assert Contact.objects.get().mail_end == "", "the address may be good"


@pytest.mark.parametrize(
    ("to_recipient", "to_content", "state", "error", "ended"),
    [
        ("250 OK", "554 5.6.0 no", "failed", "SMTP 554 5.6.0", ""),
        ("550 5.1.1 <marcia.marked@example.net> unknown", "", "bounced", "SMTP 550 5.1.1", "bounced"),
        ("553 no such mailbox", "", "bounced", "SMTP 553", "bounced"),
        ("550 5.7.1 relaying denied for marcia.marked@example.net", "", "failed", "SMTP 550 5.7.1", ""),
    ],
)
def test_never_ends_it_and_only_a_bad_address_ends_all_mail(
    cast: Cast, office: PostOffice, to_recipient: str, to_content: str, state: str, error: str, ended: str
) -> None:
    case, report = told(cast)
    answer(cast, case)
    office.to_recipient[:], office.to_content[:] = [to_recipient], [to_content or "250 OK"]
    send()
    assert (row().state, row().last_error) == (state, error)
    assert Contact.objects.get().mail_end == ended
    kinds = list(ledger.entries_about(f"report:{report.pk}").values_list("kind", flat=True))
    assert ("channels.mail_ended" in kinds) is bool(ended)
    answer(cast, case, "And again.")
    assert Message.objects.count() == (1 if ended else 2)


def test_one_refused_reporter_does_not_hold_up_the_others(cast: Cast, office: PostOffice) -> None:
    for number in range(3):
        report, _ = say(cast, f"第{number}件", contact_email=f"r{number}@example.net", mail_wish="answer")
        worker.drain()
        channels.notify(reports=[report], about=f"answer:{number}", by=cast.actor(cast.handler), at=NOON)
    office.to_recipient[:] = ["550 5.1.1 no", "250 OK"]
    send()
    assert office.recipients() == ["r1@example.net", "r2@example.net"]
    assert office.connections == 1


@pytest.mark.parametrize(
    "address", ["a b@example.net", "x@", "jo@exam ple.net", "jo@example.net\r\nBcc: x@y.z"]
)
def test_what_is_no_address_is_never_tried(cast: Cast, office: PostOffice, address: str) -> None:
    case, _ = told(cast)
    Contact.objects.update(email=address)
    answer(cast, case)
    send()
    assert (row().state, row().last_error, office.named) == ("bounced", "AddressInvalid", [])


def test_trouble_with_the_server_costs_no_message_a_try(
    cast: Cast, set_up: SetUp, at: time_machine.Traveller
) -> None:
    with open_office() as closed:
        url = f"smtp://127.0.0.1:{closed.port}"
    set_up(url)
    case, _ = told(cast)
    answer(cast, case)
    counts = send()
    assert (counts.taken, counts.put_off, counts.trouble) == (0, 1, "ConnectionRefusedError")
    message = row()
    assert (message.state, message.attempts, message.last_error) == ("waiting", 0, "ConnectionRefusedError")
    assert message.next_try_at == NOON + sending.PAUSE


@pytest.mark.parametrize("said", ["421 4.3.2 closing", "421 closing"])
def test_a_server_that_closes_is_left_alone_for_a_while(cast: Cast, office: PostOffice, said: str) -> None:
    case, _ = told(cast)
    answer(cast, case)
    office.to_recipient[:] = [said]
    assert send().trouble.startswith("SMTP 421")
    assert (row().state, row().attempts) == ("waiting", 0)


def test_a_line_that_breaks_after_the_message_has_left_is_tried_once_more_and_not_again(
    cast: Cast, office: PostOffice, at: time_machine.Traveller
) -> None:
    case, report = told(cast)
    answer(cast, case)
    office.then = lambda server: server.transport.abort()
    assert send().trouble == "LineBroken"
    assert (row().state, row().unsure, row().last_error) == ("waiting", 1, "OutcomeUnknown")
    assert send().tried == 0
    later(at, row())
    send()
    assert (row().state, row().last_error) == ("failed", "OutcomeUnknown")
    first, second = (str(letter["Message-ID"]) for letter in office.letters())
    assert first == second, "mail programs show it once"
    at.shift(timedelta(days=1))
    assert send().tried == 0
    assert channels.told_of([report.pk])[report.pk][-1].perhaps


def test_a_line_that_breaks_once_ends_well(
    cast: Cast, office: PostOffice, at: time_machine.Traveller
) -> None:
    case, report = told(cast)
    answer(cast, case)
    office.then = lambda server: server.transport.abort()
    send()
    office.then = lambda _server: None
    later(at, row())
    assert send().taken == 1
    assert channels.told_of([report.pk])[report.pk][-1].perhaps is False


def test_a_sender_that_was_thought_dead_changes_nothing_any_more(
    cast: Cast, office: PostOffice, at: time_machine.Traveller
) -> None:
    case, _ = told(cast)
    answer(cast, case)
    slow = messages.claim(1, at=NOON)[0]
    after = NOON + messages.LEASE + timedelta(seconds=1)
    assert messages.reclaim(at=after) == 1
    (fresh,) = messages.claim(1, at=after)
    assert not messages.begin(slow, at=after)
    messages.fail(slow, "x", at=after)
    messages.sent(slow, at=after)
    assert row().state == "sending"
    assert messages.begin(fresh, at=after)
    assert not messages.begin(fresh, at=after), "it leaves once"


def test_a_letter_that_cannot_be_written_holds_up_no_other(
    cast: Cast, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _ = told(cast)
    answer(cast, case)
    report, _ = say(cast, "没有事项", contact_email="jo@example.net", mail_wish="answer")
    channels.notify(reports=[report], about="answer:99", by=cast.actor(cast.handler), at=NOON)
    send()
    assert office.recipients() == [MARCIA]
    assert Message.objects.get(notice__report=report).last_error == "KeyError"


@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_mail_goes_over_tls_and_the_certificate_is_checked(
    cast: Cast, set_up: SetUp, settings: Any, tmp_path: Path, way: str
) -> None:
    authority, context = make_authority(tmp_path)
    more = {way: context, "signed_in": way == "starttls"}
    account = f"{USER}:{QUOTED}@" if more["signed_in"] else ""
    scheme, wish = ("smtps", "") if way == "tls" else ("smtp", "tls=1&")
    with open_office(**more) as office:  # type: ignore[arg-type]
        address = f"{scheme}://{account}localhost:{office.port}/?{wish}"
        set_up(f"{address}ca={authority}")
        case, _ = told(cast)
        answer(cast, case)
        assert send().taken == 1
        assert office.recipients() == [MARCIA]
        settings.GONGZHI_SMTP_URL = address.rstrip("&?")
        assert _trouble() == "SSLCertVerificationError", "an authority that nobody has named"
        settings.GONGZHI_SMTP_URL = f"{address}ca={authority}".replace("localhost", "127.0.0.1")
        assert _trouble() == "SSLCertVerificationError", "another name than that of the certificate"


def _trouble() -> str:
    who = sender()
    assert who is not None
    with pytest.raises(Trouble) as found:
        check_server(who.server, who.name)
    return found.value.error


def test_a_server_without_tls_gets_no_password(set_up: SetUp) -> None:
    with open_office() as office:
        set_up(f"smtp://{USER}:x@127.0.0.1:{office.port}/?tls=1")
        assert _trouble() == "SMTPNotSupportedError"


def test_a_wrong_password_is_trouble_with_the_server(cast: Cast, set_up: SetUp, tmp_path: Path) -> None:
    authority, context = make_authority(tmp_path)
    with open_office(starttls=context, signed_in=True) as office:
        set_up(f"smtp://{USER}:wrong@localhost:{office.port}/?tls=1&ca={authority}")
        case, _ = told(cast)
        answer(cast, case)
        assert send().trouble == "SMTP 535 5.7.8"
        assert row().attempts == 0
        (finding,) = safety.look_at_mail(NOON)
        assert "SMTP 535" in finding.said and PASSWORD not in finding.said


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("imap://host", "smtp://"),
        ("smtp://", "no host"),
        ("smtp://[::1", "cannot be read"),
        ("smtp://mail.example.org", "need TLS"),
        ("smtp://u:secret-one@127.0.0.1", "need TLS"),
        ("smtp://127.0.0.1:99999", "port"),
        ("smtp://127.0.0.1/?tls=maybe", "tls"),
        ("smtp://127.0.0.1/?ssl=1", "only tls="),
        ("smtp://u:secret#one@h/?tls=1", "no host|%23"),
        ("smtps://h/?ca=/nowhere.pem", "not there"),
        ("smtps://h/inbox", "nothing but"),
    ],
)
def test_a_wrong_mail_address_is_refused_without_repeating_it(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        server_from(url)
    assert "secret" not in str(refused.value)


def test_a_mail_address_is_read_with_all_that_it_says() -> None:
    server = server_from(f"smtp://office:{QUOTED}@mail.example.org:587/?tls=1")
    assert (server.host, server.port, server.security) == ("mail.example.org", 587, "starttls")
    assert (server.user, server.password) == (USER, PASSWORD)
    assert PASSWORD not in repr(server)
    assert server_from("smtps://h").port == 465
    assert server_from("smtp://localhost").port == 25
