"""Claim: a register of real requests comes in, is read, handed over and ended, at so many rows a second.

All of Boston's requests in demo/ (58,251 of July to December 2011) on SQLite and on PostgreSQL, each in an
installation of its own. Statements are counted in the program; many rows written by one call count as one.
Run: python bench/pipeline.py [--rows 5000] [--engine sqlite]
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from typing import Any

from measuring.installation import ENGINES, installation
from measuring.machine import load
from measuring.results import write

MOMENT = "--inside"


class Counter:
    """Counts statements; put around a connection's every statement."""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute: Callable[..., Any], *given: Any) -> Any:
        """Count one and let it pass."""
        self.statements += 1
        return execute(*given)


def inside(newest: int | None) -> dict[str, Any]:
    """Run all stages in this process, whose installation the environment names."""
    from django.db import connection
    from measuring import requests_2011

    office = requests_2011.office()
    wanted = requests_2011.rows(newest)
    counter, found = Counter(), {}
    with connection.execute_wrapper(counter):
        for name, stage in requests_2011.stages(office, wanted).items():
            counter.statements = 0
            began, began_cpu = time.monotonic(), time.process_time()
            stage()
            found[name] = {
                "seconds": time.monotonic() - began,
                "cpu_seconds": time.process_time() - began_cpu,
                "statements": counter.statements,
            }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": len(wanted), "stages": found, "peak_mb": round(peak)}


def _figures(found: dict[str, Any], database_cpu: float) -> dict[str, Any]:
    rows, stages = found["rows"], found["stages"]
    whole = {name: sum(s[name] for s in stages.values()) for name in ("seconds", "cpu_seconds", "statements")}
    return {
        "rows": rows,
        "peak_mb": found["peak_mb"],
        "database_cpu_ms_a_row": round(database_cpu * 1000 / rows, 3),
        **{
            name: {
                "rows_s": round(rows / s["seconds"]),
                "cpu_ms_a_row": round(s["cpu_seconds"] * 1000 / rows, 3),
                "statements_a_row": round(s["statements"] / rows, 3),
            }
            for name, s in (*stages.items(), ("whole", whole))
        },
    }


def measure(engine: str, newest: int | None) -> dict[str, Any]:
    """One engine, in a process and an installation of its own."""
    with installation(engine) as home:
        before = home.database_cpu()
        found = home.run("pipeline.py", MOMENT, *(["--rows", str(newest)] if newest else []))
        return _figures(found, home.database_cpu() - before)


def main() -> None:
    """Measure and write bench/results/pipeline.json; with fewer rows only print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, help="only the newest so many; prints, writes no result")
    parser.add_argument("--engine", choices=ENGINES, help="only this database; prints, writes no result")
    parser.add_argument(MOMENT, action="store_true", dest="inside", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        print(json.dumps(inside(given.rows)))
        return
    before = load()
    found = {e: measure(e, given.rows) for e in ([given.engine] if given.engine else ENGINES)}
    print(json.dumps(found, indent=1))
    if not given.rows and not given.engine:
        write("pipeline", found, load_before=before)


if __name__ == "__main__":
    main()
