"""The recorded figures as the tables of docs/operate/performance.md, between its marks. Nothing is measured here.

Run: python bench/measuring/table.py
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from measuring.machine import ROOT
from measuring.results import read

PAGE = ROOT / "docs" / "operate" / "performance.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
NAMES: Mapping[str, str] = {
    "report": "send a report (POST)",
    "report_with_worker": "the same with all that the worker does for it",
    "public_list": "public list, 20 matters",
    "public_filtered": "public list, filtered",
    "public_further": "public list, a page that nobody asked for lately",
    "public_radius": "public list, within 500 m or 1 km of a place",
    "staff_list": "staff: list of 20 cases",
    "staff_filtered": "staff: filtered list",
    "staff_late": "staff: what is late",
    "desk": "staff: the desk",
    "case": "staff: one case",
    "home": "home page",
    "form": "the form",
    "report_page": "a resident's report",
    "open_by_code": "open a report by its code",
    "danger": "danger words while writing",
}


def _measured_on(found: Mapping[str, Any]) -> str:
    machine = found["machine"]
    return (
        f"Measured on {found['measured_on']} at commit {found['commit']}: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_gb']} GB, Python {machine['python']}; load before {found['load']['before']}, "
        f"after {found['load']['after']}."
    )


def _web(found: Mapping[str, Any]) -> Iterator[str]:
    figures = found["figures"]
    yield f"{_measured_on(found)} {figures['clients']} clients ({figures['client']}), {figures['rounds']} rounds."
    for engine in ("sqlite", "postgresql"):
        for cases, kinds in figures.get(engine, {}).items():
            yield f"\n**{'SQLite' if engine == 'sqlite' else 'PostgreSQL'}, {int(cases):,} cases**\n"
            yield "| request | requests a second | p50 ms | p95 ms | p99 ms | CPU ms: site | database | all |"
            yield "|---|---|---|---|---|---|---|---|"
            for name, words in NAMES.items():
                if name in kinds:
                    k = kinds[name]
                    cells = (
                        k["req_s"],
                        k["p50_ms"],
                        k["p95_ms"],
                        k["p99_ms"],
                        k["app_cpu_ms"],
                        k["database_cpu_ms"],
                    )
                    yield f"| {words} | " + " | ".join(f"{c:g}" for c in (*cells, k["cpu_ms"])) + " |"


def _growth(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "\n| CPU a request, 100,000 cases against 1,000 | SQLite | PostgreSQL |\n|---|---|---|"
    for name, words in NAMES.items():
        ratios = []
        for engine in ("sqlite", "postgresql"):
            small, large = (figures.get(engine, {}).get(size, {}).get(name) for size in ("1000", "100000"))
            ratios.append(f"{large['cpu_ms'] / small['cpu_ms']:.2f}" if small and large else "–")
        yield f"| {words} | {' | '.join(ratios)} |"


def _memory(found: Mapping[str, Any]) -> Iterator[str]:
    yield _measured_on(found)
    yield "\n| database | after the start, MB | after traffic of every kind, MB | each process, MB |\n|---|---|---|---|"
    for engine, m in found["figures"].items():
        each = ", ".join(f"{value:g}" for value in m["each_mb"])
        yield f"| {engine} | {m['at_start_mb']:g} | {m['after_traffic_mb']:g} | {each} |"


def _pipeline(found: Mapping[str, Any]) -> Iterator[str]:
    yield _measured_on(found)
    yield "\n| database | rows | rows a second | CPU ms a row | statements a row | peak MB |\n|---|---|---|---|---|---|"
    for engine, p in found["figures"].items():
        w = p["whole"]
        yield (
            f"| {engine} | {p['rows']:,} | {w['rows_s']} | {w['cpu_ms_a_row']:g} | {w['statements_a_row']:g} | "
            f"{p['peak_mb']} |"
        )


def tables() -> str:
    """The tables of all results there are, as Markdown."""
    parts: list[str] = []
    if web := read("web"):
        parts += ["## Requests", "", *_web(web), *_growth(web["figures"]), ""]
    if memory := read("memory"):
        parts += ["## Memory of two web processes", "", *_memory(memory), ""]
    if pipeline := read("pipeline"):
        parts += ["## From import to hand-over and answer", "", *_pipeline(pipeline), ""]
    return "\n".join(parts)


def with_tables(page: str) -> str:
    """The page with the tables between its marks."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{tables()}\n{END}{tail}"


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
