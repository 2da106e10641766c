"""Claim: pages and reports cost so many milliseconds of CPU, hardly more with 100,000 cases than with 1,000.

For each database and each size an installation of its own is filled (real requests of Boston and their copies) and
served as `gongzhi serve` does: granian, two processes. Eight clients ask for one kind of page at a time, kinds in turn,
on the loopback. CPU is read from /proc: web processes and database apart. No worker runs while reports are sent; then
one more round with a worker, until every report is handled: all that a report costs, its reading included.
Run: python bench/web.py [--cases 1000] [--engine sqlite] [--seconds 2] [--rounds 3] [--only report,public_list]
"""

import argparse
import json
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from measuring.installation import ENGINES, Installation, Site, ended, installation, site
from measuring.machine import load
from measuring.processes import cpu_seconds
from measuring.results import of_rounds, write
from measuring.traffic import CLIENTS, Requests, client, play

SIZES = (1_000, 100_000)
MOST_SECONDS = 4.0
WARM_SECONDS = 1.0  # wrk counts whole seconds
PATIENCE = 180.0
# What each kind is answered with, where that is not 200: a report leads to its receipt.
STATUS = {"report": "302", "open_by_code": "302"}
# Sent last: they change what there is.
WRITING = ("open_by_code", "report")
WAITING = "SELECT count(*) FROM gz_kernel_outboxjob WHERE state IN ('ready', 'running')"


def requests_in(folder: Path, only: set[str]) -> list[Requests]:
    """The kinds that filling.py has written, those that only read first."""
    names = sorted(path.stem for path in folder.glob("*.requests"))
    ordered = [*(n for n in names if n not in WRITING), *(n for n in WRITING if n in names)]
    return [
        Requests(name, folder / f"{name}.requests", STATUS.get(name, "200"), once=name == "report")
        for name in ordered
        if not only or name in only
    ]


def one_round(home: Installation, running: Site, kind: Requests, seconds: float) -> dict[str, float]:
    """Ask for so many seconds; what that took."""
    app, database = running.cpu(), home.database_cpu()
    found = play(running.port, kind, seconds)
    app, database = running.cpu() - app, home.database_cpu() - database
    n = found["answered"]
    return {
        "req_s": n / found["seconds"],
        **{name: found[name] for name in ("p50_ms", "p95_ms", "p99_ms")},
        "app_cpu_ms": app * 1000 / n,
        "database_cpu_ms": database * 1000 / n,
        "cpu_ms": (app + database) * 1000 / n,
    }


def _waiting(home: Installation) -> int:
    """How many jobs the worker still has to do."""
    if home.url:
        with psycopg.connect(home.url) as connection:
            row = connection.execute(WAITING).fetchone()
    else:
        other = sqlite3.connect(home.folder / "gongzhi.sqlite3", timeout=30)
        row = other.execute(WAITING).fetchone()
        other.close()
    return int(row[0]) if row else 0


def with_worker(home: Installation, running: Site, kind: Requests, seconds: float) -> dict[str, float]:
    """Reports while a worker reads, opens and hands over; measured until nothing waits any more."""
    home.run("measuring/settling.py")
    with ended(home.start("worker")) as worker:
        time.sleep(2)  # it has loaded its programs
        app, database, work = running.cpu(), home.database_cpu(), cpu_seconds([worker.pid])
        found = play(running.port, kind, seconds)
        until = time.monotonic() + PATIENCE
        while _waiting(home):
            if time.monotonic() > until or worker.poll() is not None:
                sys.exit("The worker did not finish.")
            time.sleep(0.25)
        n = found["answered"]
        costs = {
            "app_cpu_ms": (running.cpu() - app) * 1000 / n,
            "database_cpu_ms": (home.database_cpu() - database) * 1000 / n,
            "worker_cpu_ms": (cpu_seconds([worker.pid]) - work) * 1000 / n,
        }
    times = {name: found[name] for name in ("p50_ms", "p95_ms", "p99_ms")}
    return of_rounds([{"req_s": n / found["seconds"], **times, **costs, "cpu_ms": sum(costs.values())}])


def measure(engine: str, cases: int, given: argparse.Namespace) -> dict[str, Any]:
    """All kinds at one size on one database, kinds in turn within each round."""
    with installation(engine) as home:
        home.run("measuring/filling.py", str(cases), str(home.folder))
        kinds = requests_in(home.folder, set(filter(None, given.only.split(","))))
        with site(home) as running:
            for kind in kinds:
                play(running.port, kind, WARM_SECONDS)
            rounds: dict[str, list[dict[str, float]]] = {kind.name: [] for kind in kinds}
            for _ in range(given.rounds):
                for kind in kinds:
                    rounds[kind.name].append(one_round(home, running, kind, given.seconds))
            found = {name: of_rounds(measured) for name, measured in rounds.items()}
            report = next((kind for kind in kinds if kind.name == "report"), None)
            if report is not None:
                found["report_with_worker"] = with_worker(home, running, report, given.seconds)
    return found


def main() -> None:
    """Measure and write bench/results/web.json; a part only prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, help="only this size; prints, writes no result")
    parser.add_argument("--engine", choices=ENGINES, help="only this database; prints, writes no result")
    parser.add_argument(
        "--only", default="", help="only these kinds, parted by commas; prints, writes no result"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help=f"a round, at most {MOST_SECONDS:g}")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    given.seconds = min(given.seconds, MOST_SECONDS)
    before = load()
    found: dict[str, Any] = {
        "client": client(),
        "clients": CLIENTS,
        "seconds": given.seconds,
        "rounds": given.rounds,
    }
    for engine in [given.engine] if given.engine else ENGINES:
        for cases in [given.cases] if given.cases else SIZES:
            found.setdefault(engine, {})[str(cases)] = measure(engine, cases, given)
            print(json.dumps({engine: {str(cases): found[engine][str(cases)]}}, indent=1), flush=True)
    if not (given.cases or given.engine or given.only):
        write("web", found, load_before=before)


if __name__ == "__main__":
    main()
