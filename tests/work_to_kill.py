"""Work in a process of its own that stops at one of its SQL statements and waits to be killed: a script.

Argument: JSON with `database`, `packs`, `work` ("import" or "merge"), `stop_before` (the how-manieth statement of the
work) and what the work needs. Says "running" when it has stopped, "ended" when the work was done without stopping.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings

WANTED = json.loads(sys.argv[1])
settings.DATABASES["default"].update(WANTED["database"])
django.setup()

from django.db import connection  # noqa: E402

from gongzhi.apps.actors.public import SYSTEM  # noqa: E402
from gongzhi.apps.cases import public as cases  # noqa: E402
from gongzhi.apps.cases.public import Case  # noqa: E402
from gongzhi.apps.channels.kinds.hotline_file import public as hotline_file  # noqa: E402
from gongzhi.apps.places.public import Jurisdiction  # noqa: E402
from gongzhi.journeys import subscriptions  # noqa: E402
from gongzhi.scenarios import loader  # noqa: E402

_SUBSCRIBED = subscriptions
AT = datetime.fromisoformat(WANTED["at"])


def say(word: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class StopBefore:
    """Counts the statements that change something; waits for ever before one of them."""

    def __init__(self, number: int) -> None:
        self.number, self.seen = number, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.split(" ", 1)[0] in {"INSERT", "UPDATE", "DELETE"}:
            self.seen += 1
            if self.seen == self.number:
                say("running")
                sys.stdin.readline()
        return execute(sql, params, many, context)


def bring_in() -> None:
    """Bring a file in."""
    hotline_file.import_file(
        path=Path(WANTED["path"]),
        mapping="hotline",
        jurisdiction=Jurisdiction.objects.get(),
        dry_run=False,
        errors_to=None,
        by=SYSTEM,
        at=AT,
    )


def merge() -> None:
    """Join the cases into the first."""
    into, *others = (Case.objects.get(pk=pk) for pk in WANTED["cases"])
    cases.join_cases(into=into, cases=others, by=SYSTEM, at=AT)


if __name__ == "__main__":
    loader.set_packs_root(Path(WANTED["packs"]))
    if "batch" in WANTED:
        from gongzhi.apps.channels.kinds.hotline_file import importing

        importing.BATCH = WANTED["batch"]  # type: ignore[misc]
    stop = StopBefore(WANTED["stop_before"])
    with connection.execute_wrapper(stop):
        {"import": bring_in, "merge": merge}[WANTED["work"]]()
    say(f"ended {stop.seen}")
    sys.stdout.flush()
    os._exit(0)
