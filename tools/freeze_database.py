"""Freezes a small invented office as the program of today stores it: tests/frozen/NAME.sqlite3.gz and NAME.sql.gz.

    python tools/freeze_database.py 0002-spine                   with the code of this checkout
    python tools/freeze_database.py 0002-spine --code FOLDER     with the code of another (git worktree add FOLDER COMMIT)

Once for each finished issue; tests/site/test_upgrade.py brings every one of them up to date. Needs PostgreSQL.
"""

import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import postgres

ROOT = Path(__file__).resolve().parents[1]
FROZEN = ROOT / "tests" / "frozen"
MAKER = Path(__file__).with_name("frozen_office.py")
# Not a secret: it signs nothing but the codes of the invented reports.
KEY = "an-invented-key-for-the-frozen-databases-of-the-tests-and-nothing-else"
LARGEST = 200_000


def _run(code: Path, data: Path, url: str) -> dict[str, Any]:
    """Make the office with the code of a folder, in a process of its own."""
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    env |= {
        "PYTHONPATH": os.pathsep.join([str(code), str(code / "src"), str(ROOT / "tools")]),
        "GONGZHI_DATA": str(data),
        "GONGZHI_PACKS": str(code / "packs"),
        "GONGZHI_SECRET_KEY": KEY,
        "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings",
    }
    if url:
        env["DATABASE_URL"] = url
    said = subprocess.run(
        [sys.executable, MAKER], env=env, cwd=code, capture_output=True, text=True, check=False
    )
    if said.returncode:
        sys.exit(said.stderr)
    return {**json.loads(said.stdout.splitlines()[-1]), "secret_key": KEY}


def _pack(path: Path, content: bytes) -> None:
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(content)
    size = path.stat().st_size
    if size > LARGEST:
        sys.exit(f"{path.name} has {size:,} bytes; {LARGEST:,} are allowed.")
    print(f"{path.relative_to(ROOT)}: {size:,} bytes")


def freeze_sqlite(name: str, code: Path) -> dict[str, Any]:
    """Write NAME.sqlite3.gz."""
    with tempfile.TemporaryDirectory() as made:
        data = Path(made)
        said = _run(code, data, "")
        with closing(sqlite3.connect(data / "gongzhi.sqlite3")) as database:
            database.execute("VACUUM INTO ?", [str(data / "frozen.sqlite3")])
        _pack(FROZEN / f"{name}.sqlite3.gz", (data / "frozen.sqlite3").read_bytes())
    return said


def freeze_postgres(name: str, code: Path) -> dict[str, Any]:
    """Write NAME.sql.gz: plain statements that any client can run."""
    with tempfile.TemporaryDirectory() as made, postgres.running() as url:
        said = _run(code, Path(made), url)
        options = ["--inserts", "--no-owner", "--no-privileges", "--no-comments", f"--dbname={url}"]
        dumped = subprocess.run(
            [postgres.binaries() / "pg_dump", *options], capture_output=True, text=True, check=True
        )
        # Lines that only psql, or only a newer server, understands.
        plain = re.sub(r"^(\\|SET transaction_timeout|--).*\n", "", dumped.stdout, flags=re.MULTILINE)
        _pack(FROZEN / f"{name}.sql.gz", plain.encode())
    return said


def main(words: list[str]) -> None:
    """Freeze on both engines, and write NAME.json: what a test needs to know of them."""
    if len(words) not in {1, 3} or (len(words) == 3 and words[1] != "--code"):
        sys.exit(__doc__)
    name, code = words[0], Path(words[2]).resolve() if len(words) == 3 else ROOT
    FROZEN.mkdir(exist_ok=True)
    told = {"sqlite": freeze_sqlite(name, code), "postgresql": freeze_postgres(name, code)}
    (FROZEN / f"{name}.json").write_text(
        json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
