"""Once a minute the worker sends the mail that is due."""

from datetime import datetime
from typing import Final

from django.conf import settings

from gongzhi.apps.channels.kinds.email import public as email
from gongzhi.apps.channels.kinds.email.public import Sender
from gongzhi.kernel.mailserver import server_from
from gongzhi.kernel.schedule import every
from gongzhi.site.mail.letters import compose

# In one run, so that other work gets its turn.
LIMIT: Final = 100


def sender() -> Sender | None:
    """The mail server and the address that mail comes from; None where the installation sends no mail."""
    url = settings.GONGZHI_SMTP_URL
    return Sender(server_from(url), settings.GONGZHI_MAIL_FROM) if url else None


@every(minutes=1)
def send_mail(*, at: datetime) -> None:
    """Send what is due. Nothing happens without a mail server."""
    set_up = sender()
    if set_up is not None:
        email.send_due(sender=set_up, compose=compose, limit=LIMIT)
