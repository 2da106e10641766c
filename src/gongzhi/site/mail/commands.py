"""The commands `gongzhi mail` and `gongzhi bounces`."""

import mailbox
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from gongzhi.apps.channels.kinds.email import public as email
from gongzhi.apps.channels.kinds.email.public import Envelope, Sender, Trouble
from gongzhi.kernel import clock
from gongzhi.site.mail.letters import test_letter
from gongzhi.site.mail.sending import sender

READ_AT_MOST: Final = 1024 * 1024
NO_SERVER: Final = "No mail server is set up: GONGZHI_SMTP_URL, GONGZHI_MAIL_FROM. See docs/operate/mail.md."
SEEN: Final = "S"


def _sender() -> Sender:
    found = sender()
    if found is None:
        raise click.ClickException(NO_SERVER)
    return found


@click.group()
def mail() -> None:
    """E-mail to reporters: is it set up, what is on its way."""


@mail.command("test")
@click.argument("address")
def send_test(address: str) -> None:
    """Send a test message to ADDRESS now. Exit code 1 where the server does not take it."""
    who = _sender()
    try:
        validate_email(address)
    except ValidationError:
        raise click.UsageError("ADDRESS must be a plain address such as name@example.org.") from None
    envelope = Envelope(who.address, address, uuid.uuid4(), clock.now())
    try:
        outcome = email.send_test(sender=who, letter=test_letter(), message=envelope)
    except Trouble as trouble:
        raise click.ClickException(f"The mail server does not work with us: {trouble.error}.") from None
    if outcome.error:
        raise click.ClickException(f"The mail server did not take it: {outcome.error}.")
    click.echo("The mail server has taken it. Look whether it arrives.")


@mail.command("status")
def show_status() -> None:
    """How many messages are in each state, over all offices. Never to whom."""
    if sender() is None:
        click.echo(NO_SERVER)
    for state, count in email.counts_by_state().items():
        click.echo(f"{count:>8} {state}")


@click.command()
@click.option("--from", "kind", type=click.Choice(["maildir", "mbox"]), help="What PATH is.")
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
def bounces(kind: str | None, path: Path | None) -> None:
    """Read mail that came back (RFC 3464) from a Maildir, an mbox or, one mail, from standard input.

    Reading the same mail twice changes nothing. In a Maildir what was read is marked as seen.
    """
    if (kind is None) != (path is None):
        raise click.UsageError("Give both --from and PATH, or neither for standard input.")
    if path is None:
        found = iter([sys.stdin.buffer.read(READ_AT_MOST)])
    else:
        found = _in_maildir(path) if kind == "maildir" else _in_mbox(path)
    counts = Counter(email.note_bounce(raw, at=clock.now()).kind for raw in found)
    said = ", ".join(f"{counts[kind]} {kind}" for kind in ("hard", "soft", "delayed", "known", "other"))
    click.echo(f"{counts.total()} read: {said}.", err=path is None)


def _in_maildir(path: Path) -> Iterator[bytes]:
    """The mails that nobody has read; each is marked as seen once it was dealt with."""
    box = mailbox.Maildir(path, create=False)
    for key in sorted(box.keys()):
        message = box.get_message(key)
        if SEEN in message.get_flags():
            continue
        yield box.get_bytes(key)[:READ_AT_MOST]
        message.set_subdir("cur")
        message.add_flag(SEEN)
        box[key] = message


def _in_mbox(path: Path) -> Iterator[bytes]:
    box = mailbox.mbox(path, create=False)
    yield from (box.get_bytes(key)[:READ_AT_MOST] for key in sorted(box.keys()))


COMMANDS: Final = (mail, bounces)
