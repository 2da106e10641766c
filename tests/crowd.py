"""Many people doing something at the very same moment: each in a thread and database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection

_T = TypeVar("_T")
PATIENCE = 60.0


def at_once(calls: Sequence[Callable[[], _T]]) -> list[_T | Exception]:
    """Start all calls at one moment; what each returned or raised, in order."""
    gate = threading.Barrier(len(calls))
    found: list[_T | Exception] = [AssertionError("it never ended")] * len(calls)

    def run(place: int, call: Callable[[], _T]) -> None:
        gate.wait(PATIENCE)
        try:
            found[place] = call()
        except Exception as error:
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return found


def errors_of(found: Sequence[object]) -> list[Exception]:
    """Those that raised."""
    return [one for one in found if isinstance(one, Exception)]
