"""How a reporter was told, in words for staff: of what, on the page, by e-mail. Never to which address."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.apps.channels.public import Told

KINDS: Final = {
    "received": gettext_lazy("That it was received"),
    "promise": gettext_lazy("The promised day"),
    "due": gettext_lazy("That the promised day has moved"),
    "answer": gettext_lazy("The answer"),
    "retracted": gettext_lazy("That the answer was withdrawn"),
    "closed": gettext_lazy("That it was closed"),
}
MAILS: Final = {
    "waiting": gettext_lazy("e-mail waits to be sent"),
    "sending": gettext_lazy("e-mail waits to be sent"),
    "sent": gettext_lazy("e-mail sent"),
    "failed": gettext_lazy("e-mail could not be sent"),
    "bounced": gettext_lazy("e-mail came back"),
    "stopped": gettext_lazy("no e-mail sent"),
}


def what_words(told: Told) -> str:
    """What the reporter was told of."""
    return str(KINDS.get(told.kind, _("News")))


def page_words(told: Told) -> str:
    """Whether the reporter has opened the page since."""
    return _("read on the page") if told.seen_at else _("on the page, not opened since")


def mail_words(told: Told) -> str:
    """What became of the e-mail; empty where none was wished."""
    if told.perhaps:
        return _("e-mail perhaps arrived")
    return str(MAILS.get(told.mail, ""))
