"""Claim: counting deadlines is more than a thousand times faster than minute by minute, with no difference.

Both sides run in this process, in turn, three times; medians. Half of the promises are in working days, the rest in
days, clock hours and office hours; one in four has a pause. Run: python bench/deadlines.py [--promises 200000]
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Any, Final
from zoneinfo import ZoneInfo

from measuring.machine import load
from measuring.results import middle, write

from gongzhi.kernel.calendar import DayChange, Promise, WorkCalendar, changed, china, due_at
from gongzhi_analysis.reference import calendar as twin

ROUNDS: Final = 3
SLOW: Final = 120  # the slow twin counts minutes: so many are enough to know its pace
UNITS: Final = ("workday", "workday", "workday", "day", "hour", "workhour")
BEGIN: Final = datetime(2025, 1, 2, tzinfo=UTC)
Asked = tuple[datetime, Promise, list[tuple[datetime, datetime]]]


def office() -> WorkCalendar:
    """The statutory calendar with a closed day and a half-day of the office's own."""
    first = BEGIN.date()
    closed = DayChange(first + timedelta(days=99), "closed")
    half = DayChange(first + timedelta(days=140), "half", time_of_day(9), time_of_day(12))
    return changed(china(), [closed, half], "bench")


def asked(amount: int) -> list[Asked]:
    """Promises of every kind over two years, whole minutes, always the same."""
    draw = random.Random(7)
    found: list[Asked] = []
    for _ in range(amount):
        received = BEGIN + timedelta(minutes=draw.randrange(600 * 24 * 60))
        unit = draw.choice(UNITS)
        promise = Promise(draw.randint(1, 20), unit)  # type: ignore[arg-type]
        pauses = []
        if draw.random() < 0.25:
            start = received + timedelta(minutes=draw.randrange(5 * 24 * 60))
            pauses = [(start, start + timedelta(minutes=draw.randrange(12 * 24 * 60)))]
        found.append((received, promise, pauses))
    return found


def timed(call: Callable[[], Sequence[datetime]]) -> tuple[float, Sequence[datetime]]:
    """Seconds of CPU, and what came of it."""
    begun = time.process_time()
    found = call()
    return time.process_time() - begun, found


def main() -> None:
    """Measure and write bench/results/deadlines.json; another number of promises is only printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--promises", type=int, default=200_000)
    given = parser.parse_args()
    before = load()
    calendar = office()
    hours = {day: (opens, closes) for day, opens, closes in calendar.short_days}
    slow_office = twin.Office(
        ZoneInfo(calendar.zone), calendar.weekend, calendar.holidays, calendar.makeup_days, calendar.opens,
        calendar.closes, hours,
    )  # fmt: skip
    every = asked(given.promises)
    few = every[:SLOW]
    fast_rounds, slow_rounds, different = [], [], 0
    for _ in range(ROUNDS):
        fast, mine = timed(lambda: [due_at(at, promise, calendar, pauses) for at, promise, pauses in every])
        slow, theirs = timed(
            lambda: [twin.due_at(at, p.amount, p.unit, slow_office, pauses) for at, p, pauses in few]
        )
        fast_rounds.append(len(every) / fast)
        slow_rounds.append(len(few) / slow)
        different += sum(a != b for a, b in zip(mine, theirs, strict=False))
    fast_pace, slow_pace = middle(fast_rounds, 0), middle(slow_rounds, 2)
    found: dict[str, Any] = {
        "promises": len(every), "compared": len(few), "fast_per_s": fast_pace, "slow_per_s": slow_pace,
        "ratio": round(fast_pace / slow_pace), "different": different,
    }  # fmt: skip
    print(json.dumps(found))
    if given.promises == 200_000:
        write("deadlines", found, load_before=before)


if __name__ == "__main__":
    main()
