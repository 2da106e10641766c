"""A process that sends the mail that is due, for the tests to kill: a script.

Argument: JSON with `database` and `stop_before` (the how-manieth change of a message; 0: none). It says "running" when it
has stopped there and waits; "ended" when it has sent everything.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

WANTED = json.loads(sys.argv[1])
settings.DATABASES["default"].update(WANTED["database"])
django.setup()

from django.db import connection  # noqa: E402

from gongzhi.apps.channels.kinds.email.public import send_due  # noqa: E402
from gongzhi.site.mail.letters import compose  # noqa: E402
from gongzhi.site.mail.sending import sender  # noqa: E402


def say(word: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class StopBefore:
    """Counts the statements that change a message; waits for ever before one of them."""

    def __init__(self, number: int) -> None:
        self.number, self.seen = number, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "gz_channels_message"'):
            self.seen += 1
            if self.seen == self.number:
                say("running")
                sys.stdin.readline()
        return execute(sql, params, many, context)


if __name__ == "__main__":
    who = sender()
    assert who is not None
    with connection.execute_wrapper(StopBefore(WANTED["stop_before"])):
        send_due(sender=who, compose=compose, limit=10)
    say("ended")
    os._exit(0)
