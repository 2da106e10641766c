"""What a tree of processes costs, from /proc: seconds of CPU, megabytes."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """A process and all that it started, as far as they live."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        try:
            tasks = list(Path(f"/proc/{one}/task").iterdir())
            for task in tasks:
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
        found.append(one)
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these trees, children that have ended and were waited for included."""
    total = 0
    for pid in {one for root in pids for one in tree(root)}:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / _TICKS


def pss_mb(pid: int) -> float:
    """Proportional memory of one process: what it shares with others counts by its share."""
    table = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", table, re.MULTILINE)
    return round(int(found.group(1)) / 1024, 1) if found else 0.0


def libraries(pid: int, names: Iterable[str]) -> set[str]:
    """Which of these packages the process has opened compiled parts of."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    return {name for name in names if f"/site-packages/{name}/" in maps}
