"""Runs the checks in parts, each with a heading, a time budget and its own exit code; ends with one line.

python tools/run_checks.py static         lint, format, types, floor plan, catalogues
python tools/run_checks.py static tests   these and all tests, on both databases and in a real browser
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import chromium
import postgres

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PYTEST = (str(BIN / "pytest"), "-q", "-p", "no:cacheprovider")
NO_TEST = 5  # pytest's exit code when it ran no test
PURE = ("tests/analysis", "tests/scenarios", "tests/packs", "tests/house", "tests/demo", "tests/spec")
DATABASE = ("tests/kernel", "tests/apps", "tests/journeys", "tests/site", "tests/corner", "tests/mail")


@dataclass(frozen=True)
class Part:
    """One thing to run: what it is called, its command, how many seconds it may take."""

    title: str
    command: Sequence[str]
    seconds: int
    env: dict[str, str] = field(default_factory=dict)
    also_well: tuple[
        int, ...
    ] = ()  # exit codes that say: it could not be looked at here, and the output says why


def static_parts() -> list[Part]:
    """What reads the code without running it."""
    python = sys.executable
    return [
        Part("lint", (str(BIN / "ruff"), "check"), 60),
        Part("format", (str(BIN / "ruff"), "format", "--check", "--quiet"), 60),
        Part("types", (str(BIN / "mypy"),), 400),
        Part("floor plan", (str(BIN / "lint-imports"), "--no-cache"), 120, {"PYTHONPATH": str(ROOT)}),
        Part("catalogues", (python, "tools/catalogues.py", "check"), 60),
        Part("known holes in packages", (python, "tools/audit.py"), 180, also_well=(2,)),
    ]


def _here(folders: Sequence[str]) -> list[str]:
    return [f for f in folders if any((ROOT / f).rglob("test_*.py"))]


def test_parts(database_url: str) -> list[Part]:
    """All tests; those with a database on SQLite and on PostgreSQL."""
    on_postgres = {"DATABASE_URL": database_url}
    database = _here(DATABASE)
    parts = [
        Part("pure tests", (*PYTEST, *_here(PURE)), 300),
        Part("database tests, SQLite", (*PYTEST, *database), 1200),
        Part("database tests, PostgreSQL", (*PYTEST, *database), 1200, on_postgres),
        Part("killed at random, both databases", (*PYTEST, "tests/chaos"), 400),
        Part(
            "without the shared data: these skip and say why",
            (*PYTEST, "-rs", "tests", "-m", "shared_data", "--ignore=tests/browser", "--ignore=tests/chaos"),
            60,
            {"GONGZHI_SHARED": "/nonexistent"},
        ),
    ]
    if os.environ.get("GONGZHI_SKIP_BROWSER") == "1":
        print("browser tests left out, as GONGZHI_SKIP_BROWSER asks", flush=True)
        return parts
    browser = {"CHROMIUM": chromium.chromium()}
    return [
        *parts,
        Part("browser, SQLite", (*PYTEST, "tests/browser"), 1200, browser),
        Part(
            "browser, PostgreSQL: one journey",
            (*PYTEST, "tests/browser", "-m", "postgres_journey"),
            300,
            {**browser, **on_postgres},
        ),
    ]


def run_part(part: Part) -> bool:
    """Run one part and say how it went."""
    print(f"\n== {part.title}", flush=True)
    began = time.monotonic()
    try:
        code = subprocess.run(
            part.command,
            cwd=ROOT,
            env={**os.environ, **part.env},
            stdin=subprocess.DEVNULL,
            timeout=part.seconds,
            check=False,
        ).returncode
        skipped = dict.fromkeys(part.also_well, "ok, but not looked at (see above)")
        outcome = ({NO_TEST: "NO TEST RAN", **skipped, 0: "ok"}).get(code, f"FAILED ({code})")
    except subprocess.TimeoutExpired:
        outcome = f"FAILED: more than {part.seconds} s"
    print(f"-- {part.title}: {outcome}, {time.monotonic() - began:.0f} s", flush=True)
    return outcome.startswith("ok")


def main(wanted: Sequence[str]) -> int:
    """Run the wanted groups; 0 when every part is well."""
    began = time.monotonic()
    with ExitStack() as stack:
        subprocess.run([sys.executable, "tools/catalogues.py", "compile"], cwd=ROOT, check=True)
        parts = static_parts() if "static" in wanted else []
        if "tests" in wanted:
            parts += test_parts(stack.enter_context(postgres.running()))
        results = {part.title: run_part(part) for part in parts}
    bad = [title for title, good in results.items() if not good]
    if bad:
        print("\nNot well: " + "; ".join(bad), flush=True)
    print(f"\n{time.monotonic() - began:.0f} s in all")
    print(f"parts: {len(results) - len(bad)} passed, {len(bad)} failed", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["static"]))
