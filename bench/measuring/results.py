"""Figures as files: one JSON a claim, with the machine, the commit and the load beside it."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from measuring.machine import ROOT, commit, load, machine

RESULTS = ROOT / "bench" / "results"


def middle(values: Iterable[float], digits: int = 2) -> float:
    """The median, rounded."""
    return round(median(values), digits)


def of_rounds(rounds: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure over the rounds."""
    rounds = list(rounds)
    return {name: middle(r[name] for r in rounds) for name in rounds[0]}


def write(claim: str, figures: Mapping[str, Any], *, load_before: float) -> Path:
    """Write bench/results/<claim>.json."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{claim}.json"
    found = {
        "claim": claim,
        "measured_on": datetime.now(UTC).date().isoformat(),
        **commit(),
        "machine": machine(),
        "load": {"before": load_before, "after": load()},
        "figures": figures,
    }
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read(claim: str) -> dict[str, Any]:
    """A claim's file; {} where it was not measured yet."""
    path = RESULTS / f"{claim}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found
