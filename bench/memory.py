"""Claim: two web processes with reading on need little memory, for none of them imports what trains.

The site is served as `gongzhi serve` does. Both processes are asked for pages and sent words to read, until the reading
model is loaded in both. Then the proportional set size (PSS) of every process of the server is added up.
Run: python bench/memory.py
"""

import json
from typing import Any

from measuring.installation import ENGINES, installation, site
from measuring.machine import load
from measuring.processes import libraries, pss_mb, tree
from measuring.results import write
from measuring.traffic import Requests, play

HEAVY = ("sklearn", "scipy", "pandas", "pyarrow", "duckdb", "joblib", "rjieba")
CASES = 1_000
SECONDS = 2.0


def measure(engine: str) -> dict[str, Any]:
    """Megabytes of the server's processes after a while of traffic of every kind."""
    with installation(engine) as home:
        home.run("measuring/filling.py", str(CASES), str(home.folder))
        with site(home) as running:
            at_start = sum(pss_mb(pid) for pid in tree(running.pid))
            for name in ("danger", "public_list", "desk", "case", "report_page"):
                play(running.port, Requests(name, home.folder / f"{name}.requests"), SECONDS)
            processes = tree(running.pid)
            return {
                "at_start_mb": round(at_start, 1),
                "after_traffic_mb": round(sum(pss_mb(pid) for pid in processes), 1),
                "each_mb": sorted((pss_mb(pid) for pid in processes), reverse=True),
                "trains": sorted(set().union(*(libraries(pid, HEAVY) for pid in processes))),
            }


def main() -> None:
    """Measure and write bench/results/memory.json."""
    before = load()
    found = {engine: measure(engine) for engine in ENGINES}
    print(json.dumps(found, indent=1))
    write("memory", found, load_before=before)


if __name__ == "__main__":
    main()
