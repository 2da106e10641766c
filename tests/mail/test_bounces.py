"""What comes back is read with care: whoever knows a message's number may end its mail, nobody else; nothing breaks."""

import mailbox
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.kinds.email.public import note_bounce
from gongzhi.apps.channels.models import Contact, Message
from gongzhi.apps.ledger import public as ledger
from gongzhi.site import cli
from tests.cast import Cast
from tests.corner.story import HOUR, NOON
from tests.mail.post_office import PostOffice
from tests.mail.story import MARCIA, answer, row, send, told

STATUS = """Reporting-MTA: dns; mx.example.net
{envelope}
Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <{to}>: no such person
"""


def dsn(message: Message, action: str = "failed", status: str = "5.1.1", **more: Any) -> bytes:
    """A report of non-delivery as Postfix writes it; `whole`, `headers` or `envelope` says how it names the message."""
    mark, names = f"gz.{message.message_id.hex}", more.get("names", "whole")
    envelope = f"Original-Envelope-Id: {mark}\n" if names == "envelope" else ""
    status_words = STATUS.format(envelope=envelope, to=MARCIA, action=action, status=status)
    headers = f"From: answers@gongzhi.example.org\nTo: {MARCIA}\nMessage-ID: <{mark}@gongzhi.example.org>\n"
    third = {
        "whole": f"Content-Type: message/rfc822\n\n{headers}\nThe words.\n",
        "headers": f"Content-Type: text/rfc822-headers\n\n{headers}",
        "envelope": "Content-Type: text/plain\n\nnothing\n",
    }[names]
    head = (
        "From: MAILER-DAEMON@mx.example.net\nTo: answers@gongzhi.example.org\n"
        "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"\n\n'
    )
    body = (
        "--b1\nContent-Type: text/plain\n\nI am sorry.\n"
        f"--b1\nContent-Type: message/delivery-status\n\n{status_words}\n--b1\n{third}\n--b1--\n"
    )
    return (head + body).replace("\r\n", "\n").replace("\n", "\r\n").encode()


@pytest.fixture
def sent(cast: Cast, office: PostOffice) -> Message:
    """A message that the server has taken."""
    case, _ = told(cast)
    answer(cast, case)
    send()
    assert row().state == "sent"
    return row()


@pytest.mark.parametrize("names", ["whole", "headers", "envelope"])
def test_a_hard_bounce_marks_the_message_and_ends_the_mail(sent: Message, names: str) -> None:
    raw = dsn(sent, names=names)
    assert note_bounce(raw, at=NOON + HOUR).kind == "hard"
    assert (row().state, row().last_error) == ("bounced", "DSN 5.1.1")
    assert Contact.objects.get().mail_end == "bounced"
    entries = ledger.entries_about(f"report:{sent.notice.report_id}").filter(kind="channels.mail_ended")
    assert note_bounce(raw, at=NOON + 2 * HOUR).kind == "known"
    assert entries.count() == 1
    assert channels.told_of([sent.notice.report_id])[sent.notice.report_id][-1].lost


def test_after_a_hard_bounce_no_letter_goes_out(cast: Cast, office: PostOffice, sent: Message) -> None:
    note_bounce(dsn(sent), at=NOON)
    answer(cast, sent.notice.report.memberships.get().case, "And again.")
    assert Message.objects.count() == 1
    assert send().tried == 0


def test_what_was_given_up_after_many_tries_did_not_arrive_but_the_address_may_be_good(sent: Message) -> None:
    assert note_bounce(dsn(sent, status="4.4.7"), at=NOON).kind == "soft"
    assert (row().state, row().last_error) == ("bounced", "DSN 4.4.7")
    assert Contact.objects.get().mail_end == ""


def test_a_delay_is_noted_only(sent: Message) -> None:
    assert note_bounce(dsn(sent, action="delayed", status="4.4.1"), at=NOON).kind == "delayed"
    assert (row().state, row().last_error) == ("sent", "Delayed 4.4.1")
    assert note_bounce(dsn(sent), at=NOON).kind == "hard"
    assert note_bounce(dsn(sent, action="delayed", status="4.4.1"), at=NOON).kind == "known"


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "", "FAILED\r\nX: y"])
def test_good_news_changes_nothing(sent: Message, action: str) -> None:
    status = "5.1.1" if "FAILED" not in action else "2.0.0"
    assert note_bounce(dsn(sent, action=action, status=status), at=NOON).kind == "other"
    assert row().state == "sent"


def malformed(good: bytes) -> dict[str, bytes]:
    """Mail that is nearly a report, or none at all."""
    return {
        "empty": b"",
        "no headers": b"\r\n\r\n",
        "binary": bytes(range(256)) * 50,
        "holiday": good.replace(b"multipart/report", b"multipart/mixed"),
        "no status": good.replace(b"Status: 5.1.1", b"Status: bad"),
        "no such class": good.replace(b"Status: 5.1.1", b"Status: 9.9.9"),
        "half": good[: len(good) // 2],
        "no boundary": good.replace(b'boundary="b1"', b""),
        "another message": good.replace(b"gz.", b"zg."),
        "unknown number": good.replace(b"gz.", b"gz.0").replace(b"@gongzhi", b"0@gongzhi"),
        "deep": b"Content-Type: multipart/report; boundary=x\r\n\r\n"
        + b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" * 2000,
    }


def test_what_is_malformed_breaks_nothing_and_ends_nothing(sent: Message) -> None:
    for name, raw in malformed(dsn(sent)).items():
        assert note_bounce(raw, at=NOON).kind == "other", name
        assert row().state == "sent", name
    assert Contact.objects.get().mail_end == ""


def test_an_odd_character_set_of_the_words_changes_no_status(sent: Message) -> None:
    odd = dsn(sent).replace(b"text/plain", b"text/plain; charset=no-such")
    assert note_bounce(odd, at=NOON).kind == "hard"


@given(raw=st.binary(max_size=400), cut=st.integers(min_value=0, max_value=1500))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_break_the_reader(sent: Message, raw: bytes, cut: int) -> None:
    good = dsn(sent)
    assert note_bounce(good[:cut] + raw + good[cut:], at=NOON).kind in {
        "hard",
        "soft",
        "delayed",
        "known",
        "other",
    }


def test_the_reply_of_a_reporter_ends_nothing(sent: Message) -> None:
    reply = EmailMessage(policy=SMTP)
    reply["In-Reply-To"] = f"<gz.{sent.message_id.hex}@gongzhi.example.org>"
    reply.set_content("Action: failed\nStatus: 5.1.1\nThank you!")
    assert note_bounce(reply.as_bytes(), at=NOON).kind == "other"
    assert row().state == "sent"


def run(*words: str, raw: bytes = b"") -> str:
    """The command's words on both streams."""
    done = CliRunner().invoke(cli.main, ["bounces", *words], input=raw)
    return f"{done.exit_code} {done.output}"


def test_the_command_reads_standard_input_a_maildir_and_an_mbox(sent: Message, tmp_path: Path) -> None:
    assert "1 read: 0 hard, 0 soft, 1 delayed" in run(raw=dsn(sent, action="delayed", status="4.4.1"))
    box = mailbox.Maildir(tmp_path / "Maildir")
    box.add(dsn(sent))
    box.add(b"Subject: hello\n\nhello\n")
    assert "2 read: 1 hard, 0 soft, 0 delayed, 0 known, 1 other." in run(
        "--from", "maildir", str(tmp_path / "Maildir")
    )
    assert "0 read" in run("--from", "maildir", str(tmp_path / "Maildir")), "they are marked as seen"
    old = mailbox.mbox(tmp_path / "mbox")
    old.add(dsn(sent))
    old.flush()
    assert "1 read: 0 hard, 0 soft, 0 delayed, 1 known" in run("--from", "mbox", str(tmp_path / "mbox"))
    assert row().state == "bounced"


def test_the_command_says_what_it_wants(tmp_path: Path) -> None:
    assert run("--from", "mbox").startswith("2 ")
    assert run(str(tmp_path)).startswith("2 ")
    assert MARCIA not in run(raw=b"")
