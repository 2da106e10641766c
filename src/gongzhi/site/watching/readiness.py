"""Whether this process can serve: cheap, and asked of the database only once every few seconds."""

import time
from dataclasses import dataclass
from typing import Final

from django.db import Error as DatabaseTrouble
from django.db import connection

from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import backlog, clock
from gongzhi.site.watching.schema import missing_migrations

KEEP_SECONDS: Final = 3.0


@dataclass(frozen=True)
class Readiness:
    """The parts that fail, one word each, and for how long the oldest job waits (None: nobody could tell)."""

    failing: tuple[str, ...]
    queue_lag_seconds: float | None


_kept: list[tuple[float, Readiness]] = []


def readiness() -> Readiness:
    """What is well and what is not, at most a few seconds old."""
    now = time.monotonic()
    if not _kept or now - _kept[0][0] > KEEP_SECONDS:
        _kept[:] = [(now, _look())]
    return _kept[0][1]


def forget_readiness() -> None:
    """Look anew at the next question; for tests."""
    _kept.clear()


def _look() -> Readiness:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseTrouble:
        connection.close()
        return Readiness(("database",), None)
    try:
        if missing_migrations():
            return Readiness(("migrations",), None)
        state = understanding.model_state(None)
        failing = () if state is not None and state.readable else ("model",)
        return Readiness(failing, round(backlog.lag_seconds(clock.now()), 1))
    except DatabaseTrouble:
        connection.close()
        return Readiness(("database",), None)
