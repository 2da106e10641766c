"""No address and no words leave the contact but in the letter itself: not into logs, ledger, tables or commands."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.core.serializers import serialize
from django.test import Client

from gongzhi.apps.channels.kinds.email.letters import one_line, usable_address
from gongzhi.apps.channels.kinds.email.public import note_bounce
from gongzhi.apps.channels.models import Contact
from gongzhi.kernel.silence import SilentFormatter
from gongzhi.site import cli
from tests.cast import Cast
from tests.corner.story import NOON
from tests.mail.post_office import PostOffice
from tests.mail.story import MARCIA, answer, row, send, told
from tests.mail.test_bounces import dsn

NAME, PHONE = "Marcia Marked", "13900001234"
MARKS = (MARCIA, MARCIA.upper(), NAME, PHONE)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, on the lowest level."""
    root, lines = logging.getLogger(), io.StringIO()
    handler, level = logging.StreamHandler(lines), root.level
    handler.setFormatter(SilentFormatter("%(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    quiet = [logging.getLogger(name) for name in ("django.db.backends", "mail.log", "asyncio", "mail.debug")]
    before = [one.level for one in quiet]
    for one in quiet:  # the statements, and the test's own mail server
        one.setLevel(logging.CRITICAL)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)
    for one, was in zip(quiet, before, strict=True):
        one.setLevel(was)


def rows_without_contacts() -> str:
    """Every row of every table but the contacts, as JSON."""
    models = [m for m in apps.get_models() if m.__module__.startswith("gongzhi.") and m is not Contact]
    return "".join(serialize("json", m.objects.all()) for m in models)


@pytest.mark.parametrize(
    "said",
    [
        "250 OK",
        "550 5.1.1 <marcia.marked@example.net> Marcia Marked unknown",
        "451 4.3.0 marcia.marked@example.net",
    ],
)
def test_no_address_is_written_down(cast: Cast, office: PostOffice, log: io.StringIO, said: str) -> None:
    case, _ = told(cast, contact_name=NAME, contact_phone=PHONE)
    answer(cast, case)
    office.to_recipient[:] = [said]
    send()
    note_bounce(dsn(row()), at=NOON)
    written = log.getvalue() + rows_without_contacts()
    assert "Mail: " in log.getvalue()
    assert not [mark for mark in MARKS if mark in written]


def test_a_server_that_quotes_the_address_in_its_trouble_is_not_repeated(
    cast: Cast, office: PostOffice, log: io.StringIO
) -> None:
    case, _ = told(cast)
    answer(cast, case)
    office.to_recipient[:] = [f"421 4.7.0 {MARCIA} is too much for me"]
    assert send().trouble == "SMTP 421 4.7.0"
    assert MARCIA not in log.getvalue() + rows_without_contacts()


def test_staff_see_how_a_reporter_was_told_but_not_where(
    cast: Cast, office: PostOffice, client_of: Any
) -> None:
    case, report = told(cast, contact_phone=PHONE)
    answer(cast, case)
    send()
    desk, page = client_of(cast.coordinator), f"/river/desk/cases/{case.number}/"
    said = desk.get(page).content.decode()
    assert "What the reporter was told" in said
    assert "on the page, not opened since" in said and "e-mail sent" in said
    assert "did not arrive" not in desk.get("/river/desk/").content.decode()
    note_bounce(dsn(row()), at=NOON)
    said = desk.get(page).content.decode()
    assert "An e-mail to this reporter did not arrive" in said and "e-mail came back" in said
    assert case.number in desk.get("/river/desk/").content.decode()
    assert "did not arrive" in desk.get("/river/desk/").content.decode()
    assert not [mark for mark in MARKS if mark in said]
    desk.post(f"{page}contact/", {"report": report.pk, "why": "to phone"})
    assert "did not arrive" not in desk.get("/river/desk/").content.decode(), (
        "somebody has looked at the number"
    )


def test_whoever_opens_the_page_need_not_be_phoned(cast: Cast, office: PostOffice, client_of: Any) -> None:
    (
        case,
        report,
    ) = told(cast)
    answer(cast, case)
    send()
    note_bounce(dsn(row()), at=NOON)
    client = Client(headers={"accept-language": "en"})
    session = client.session
    session["report"] = report.pk
    session.save()
    report.notices.update(seen_at=NOON)
    assert "did not arrive" not in client_of(cast.coordinator).get("/river/desk/").content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "Riverside\r\nBcc: all@example.net",
        "Riverside\nSubject: other",
        "Riverside\u2028Bcc: x@y.z",
        'River"side <boss@example.net>',
        "\x07\x1b[31mRiverside",
        "",
        "河边街道" * 60,
    ],
)
def test_no_name_of_an_office_begins_another_header(cast: Cast, office: PostOffice, name: str) -> None:
    cast.office.names = {"en": name, "zh-hans": name}
    cast.office.save()
    case, _ = told(cast)
    answer(cast, case)
    send()
    (letter,) = office.letters()
    assert office.recipients() == [MARCIA]
    assert letter["Bcc"] is None
    assert len(letter.get_all("Subject")) == 1 and str(letter["Subject"]) == f"{case.number}: answered"
    (writer,) = letter["From"].addresses
    assert writer.addr_spec == "answers@gongzhi.example.org"
    assert len(max(office.taken[0][2].split(b"\r\n"), key=len)) <= 998


def test_header_words_are_one_line() -> None:
    assert one_line("a\r\n\tb\u202ec") == "a b c"
    assert len(one_line("x" * 500)) == 120
    assert usable_address("jo@例子.example") == "jo@xn--fsqu00a.example"
    for bad in (
        "jo",
        "jo@",
        "@x.org",
        "jo@x.org,mo@x.org",
        "<jo@x.org>",
        "jo@x.org\nx",
        "jö@x.org",
        "jo@x..org",
    ):
        assert usable_address(bad) == "", bad


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.main, ["mail", *words])
    return done.exit_code, done.output


def test_mail_test_sends_one_message_and_says_how_it_went(cast: Cast, office: PostOffice) -> None:
    code, said = run("test", "operator@example.org")
    assert (code, office.recipients()) == (0, ["operator@example.org"])
    assert "has taken it" in said
    (letter,) = office.letters()
    assert letter["Subject"] == "gongzhi: a test message"
    office.to_recipient[:] = ["550 5.1.1 operator@example.org who?"]
    code, said = run("test", "operator@example.org")
    assert code == 1 and "SMTP 550 5.1.1" in said and "who?" not in said
    assert run("test", "no address")[0] == 2
    assert json.dumps(run("status")[1]).count("0 waiting") == 1


def test_mail_test_says_what_is_not_set_up(cast: Cast, settings: Any) -> None:
    settings.GONGZHI_SMTP_URL = ""
    code, said = run("test", "operator@example.org")
    assert code == 1 and "No mail server is set up" in said
    settings.GONGZHI_SMTP_URL, settings.GONGZHI_MAIL_FROM = "smtp://127.0.0.1:1", "answers@example.org"
    code, said = run("test", "operator@example.org")
    assert code == 1 and "ConnectionRefusedError" in said
