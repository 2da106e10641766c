"""What a figure was measured on: enough to judge it, nothing that names the machine."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def _after(path: str, name: str) -> str:
    """The value behind a name in one of /proc's tables; "" where the system has no such table."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def machine() -> dict[str, Any]:
    """Processor, cores, memory, system and Python. No host name, no path."""
    kilobytes = _after("/proc/meminfo", "MemTotal").split(" ")[0] or "0"
    return {
        "cpu": _after("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(int(kilobytes) / 1024**2, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def load() -> float:
    """How many processes wanted to run in the last minute: beyond the number of cores, others slowed the figure."""
    return round(os.getloadavg()[0], 1)


def _git(*words: str) -> str:
    said = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip() if said.returncode == 0 else ""


def commit() -> dict[str, Any]:
    """The commit measured, and whether the product's files had changed since."""
    return {
        "commit": _git("rev-parse", "--short=12", "HEAD") or "unknown",
        "changed_since": bool(_git("status", "--porcelain", "--", "src", "packs", "demo", "bench/measuring")),
    }
