"""An installation of its own for a test: a data folder, a database on the engine of the run, the command line."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
FROZEN = ROOT / "tests" / "frozen"
BEGIN = "from gongzhi.site import boot\nimport json\n"


@dataclass
class Installation:
    """A data folder and the address of its database ("" for SQLite in the folder)."""

    data: Path
    url: str = ""
    secret: str = ""

    def _env(self) -> dict[str, str]:
        left_out = {"DATABASE_URL", "GONGZHI_SECRET_KEY", "DJANGO_SETTINGS_MODULE", "GONGZHI_TEST_FOLDER"}
        env = {name: value for name, value in os.environ.items() if name not in left_out}
        env |= {"GONGZHI_DATA": str(self.data)}
        env |= {"DATABASE_URL": self.url} if self.url else {}
        return env | ({"GONGZHI_SECRET_KEY": self.secret} if self.secret else {})

    def _start(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words], env=self._env(), cwd=ROOT, capture_output=True, text=True, check=False
        )

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run `gongzhi` with these words, however it ends."""
        return self._start(["-m", "gongzhi.site.cli", *map(str, words)])

    def well(self, *words: str | Path) -> str:
        """Run `gongzhi` with these words; it must end well. Returns what it said."""
        ended = self.run(*words)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    def ask(self, code: str, **values: Any) -> Any:
        """Run Python in the installation; it sets `found`, which comes back. `values` are there as names."""
        given = "".join(f"{name} = json.loads({json.dumps(value)!r})\n" for name, value in values.items())
        ended = self._start(["-c", f"{BEGIN}{given}{code}\nprint(json.dumps(found))"])
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout.splitlines()[-1])


def _maintenance() -> psycopg.Connection[Any]:
    params = {**connection.get_connection_params(), "dbname": "postgres"}
    params.pop("cursor_factory", None)
    params.pop("context", None)
    return psycopg.connect(**params, autocommit=True)


@contextmanager
def empty_installation(folder: Path) -> Iterator[Installation]:
    """A new data folder and an empty database on the engine of this test run."""
    if connection.vendor == "sqlite":
        yield Installation(folder)
        return
    name = f"gongzhi_{uuid.uuid4().hex[:12]}"
    with _maintenance() as server:
        server.execute(f'CREATE DATABASE "{name}"')
    parts = urlsplit(os.environ["DATABASE_URL"])
    try:
        yield Installation(folder, urlunsplit(parts._replace(path=f"/{name}")))
    finally:
        with _maintenance() as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def frozen_names() -> list[str]:
    """The frozen databases, oldest first."""
    return sorted(path.stem for path in FROZEN.glob("*.json"))


def thaw(name: str, there: Installation) -> dict[str, Any]:
    """Fill an empty installation from a frozen database, with its key. Returns what was written down of it."""
    said = json.loads((FROZEN / f"{name}.json").read_text(encoding="utf-8"))
    there.data.mkdir(parents=True, exist_ok=True)
    if there.url:
        with psycopg.connect(there.url, autocommit=True) as server:
            server.execute(gzip.decompress((FROZEN / f"{name}.sql.gz").read_bytes()).decode())
    else:
        with gzip.open(FROZEN / f"{name}.sqlite3.gz") as packed:
            with (there.data / "gongzhi.sqlite3").open("wb") as file:
                shutil.copyfileobj(packed, file)
    told: dict[str, Any] = said["postgresql" if there.url else "sqlite"]
    (there.data / "secret_key").write_text(told["secret_key"], encoding="utf-8")
    (there.data / "secret_key").chmod(0o600)
    return told
