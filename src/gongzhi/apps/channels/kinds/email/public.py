"""All that others may use of this kind of channel."""

from gongzhi.apps.channels.kinds.email.bounces import Noted, note_bounce
from gongzhi.apps.channels.kinds.email.letters import Envelope, Letter, build
from gongzhi.apps.channels.kinds.email.sending import Counts, Sender, counts_by_state, send_due, send_test
from gongzhi.apps.channels.kinds.email.smtp import Trouble, check_server

__all__ = [
    "Counts",
    "Envelope",
    "Letter",
    "Noted",
    "Sender",
    "Trouble",
    "build",
    "check_server",
    "counts_by_state",
    "note_bounce",
    "send_due",
    "send_test",
]
